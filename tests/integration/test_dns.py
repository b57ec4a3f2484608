"""Names that lead elsewhere: aliases, several addresses, answers that change, addresses that are not what they seem.

The origin of the open names listens on 127.0.0.9, the only address that may be reached; `inner` on 127.0.0.1 stands for the
school's own machines, and 127.0.0.7 is blocked by a line of the pupils' tier.
"""
import unittest

import origins
from dns import NameServer
from harness import Proxy, status_of

OPEN, SHUT = "127.0.0.9", "127.0.0.7"
ZONE = {
    "ok.test": [OPEN],
    "blocked.test": [OPEN],
    "bet.test": [OPEN],
    "open-alias.test": ["ok.test"],
    "alias.test": ["blocked.test"],
    "alias-upper.test": ["BLOCKED.Test"],
    "chain.test": ["step.test"],
    "step.test": ["www.blocked.test"],
    "www.blocked.test": ["ok.test"],
    "listed.test": ["www.bet.test"],
    "www.bet.test": [OPEN],
    "loop.test": ["loop.test"],
    "endless.test": ["a0.endless.test"],
    **{f"a{i}.endless.test": [f"a{i + 1}.endless.test"] for i in range(20)},
    "a20.endless.test": [OPEN],
    "deep.test": ["d0.deep.test"],
    **{f"d{i}.deep.test": [f"d{i + 1}.deep.test"] for i in range(10)},
    "d10.deep.test": [OPEN],
    "school.blocked.test": ["blocked.test"],
    "shut.test": [SHUT],
    "shut-too.test": [OPEN, SHUT],
    "mixed.test": ["127.0.0.1", OPEN],
    "mixed-late.test": [OPEN, "127.0.0.1"],
    "rebound.test": lambda number, kind: [OPEN] if number == 1 else ["127.0.0.1"],
    "inner.test": ["127.0.0.1"],
    "nothing.test": [],
    "zero.test": ["0.0.0.0"],
    "broadcast.test": ["255.255.255.255"],
    "multicast.test": ["224.0.0.1"],
    "private.test": ["10.0.0.1"],
    "metadata.test": ["169.254.169.254"],
    "mapped.test": ["::ffff:127.0.0.1"],
    "compatible.test": ["::127.0.0.1"],
    "nat64.test": ["64:ff9b::127.0.0.1"],
    "6to4.test": ["2002:7f00:1::"],
    "loopback6.test": ["::1"],
    "zero6.test": ["::"],
    "local6.test": ["fe80::1"],
    "short.test": b"\x81\x80\x00",
    "counts.test": b"\x81\x80\xff\xff\xff\xff\xff\xff\xff\xff",
    "pointer-loop.test": b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\xc0\x0c\x00\x01\x00\x01",
    "pointer-out.test": b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\xff\xff\x00\x01\x00\x01",
    "truncated.test": b"\x83\x80\x00\x00\x00\x00\x00\x00\x00\x00",
    "servfail.test": b"\x81\x82\x00\x00\x00\x00\x00\x00\x00\x00",
    "alias-bytes.test": ["bl\x00cked.test"],
}
POLICY_SAYS = {"alias.test", "alias-upper.test", "chain.test", "listed.test", "shut.test", "shut-too.test"}
REFUSED = ("inner.test", "zero.test", "broadcast.test", "multicast.test", "private.test", "metadata.test", "mapped.test", "compatible.test",
           "nat64.test", "6to4.test", "loopback6.test", "zero6.test", "local6.test", "nothing.test", "short.test", "counts.test",
           "pointer-loop.test", "pointer-out.test", "truncated.test", "servfail.test", "loop.test", "endless.test", "unknown.test", "alias-bytes.test")


class Dns(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.names = NameServer(ZONE)
        cls.origin, cls.shut, cls.inner = origins.on_one_port(OPEN, SHUT, "127.0.0.1")
        upstream = {"allow_networks": [OPEN + "/32", SHUT + "/32"], "dns_servers": [cls.names.address], "hosts_file": "hosts"}
        cls.proxy = Proxy(ports=[cls.origin.port], upstream=upstream, hosts=(), block=[SHUT], timeouts={"connect": 1}).start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()
        cls.names.close()

    def ask(self, host, source=None):
        return status_of(self.proxy.raw(f"GET http://{host}:{self.origin.port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", source))

    def connect(self, host, source=None):
        return status_of(self.proxy.answer_to_connect(f"CONNECT {host}:{self.origin.port} HTTP/1.1\r\nHost: x\r\n\r\n", source))

    def tearDown(self):
        self.assertEqual(self.inner.heads, [], "a machine of the school was reached")
        self.assertEqual(self.shut.heads, [], "a blocked address was reached")

    def test_open_names(self):
        for host in ("ok.test", "open-alias.test", "school.blocked.test", "deep.test"):
            with self.subTest(host):
                self.assertEqual(self.ask(host), 200)
                self.assertEqual(self.connect(host), 200)

    def test_what_stands_behind_a_name_is_judged(self):
        for host in sorted(POLICY_SAYS):
            with self.subTest(host):
                self.origin.heads.clear()
                self.assertEqual(self.ask(host), 403)
                self.assertEqual(self.connect(host), 403)
                self.assertEqual(self.origin.heads, [])

    def test_the_log_names_the_rule_behind_it(self):
        self.ask("listed.test")
        rows = [r for r in self.proxy.log_rows("--host", "listed.test") if r["host"] == "listed.test"]
        self.assertEqual((rows[-1]["action"], rows[-1]["category"]), ("block", "gambling"))

    def test_a_connection_kept_for_one_tier_is_not_used_by_a_stricter_one(self):
        for _ in range(4):
            kept = f"GET http://alias.test:{self.origin.port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            self.assertEqual(status_of(self.proxy.raw(kept, "127.0.0.2")), 200)
            self.assertEqual(self.ask("alias.test"), 403)

    def test_addresses_that_may_not_be_reached(self):
        for host in REFUSED:
            with self.subTest(host):
                self.assertIn(self.ask(host), (403, 502, 504))
                self.assertNotEqual(self.connect(host), 200)

    def test_of_several_addresses_only_the_open_ones_are_tried(self):
        for host in ("mixed.test", "mixed-late.test"):
            for _ in range(3):
                self.assertIn(self.ask(host), (200, 403))

    def test_an_answer_that_changes(self):
        for _ in range(5):
            self.assertIn(self.ask("rebound.test"), (200, 403))
            self.proxy.command("reload")

    def test_the_proxy_itself_by_name(self):
        raw = self.proxy.raw(f"GET http://inner.test:{self.proxy.port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertEqual(status_of(raw), 508)


class Networks(unittest.TestCase):
    """Networks of a list and of lines, and names that lead into them. 127.0.40.0/24 is the school's own and opened by a line alone."""

    LISTED, LINE, ALLOWED = "127.0.20.7", "127.0.30.7", "127.0.40.7"
    ZONE = {
        "ok.test": [OPEN],
        "listed.test": [LISTED],
        "listed-too.test": [OPEN, LISTED],
        "listed-alias.test": ["listed.test"],
        "line.test": [LINE],
        "cure.test": [LISTED],
        "allowed.test": [ALLOWED],
        "staff-room.test": ["127.0.30.130"],
    }

    @classmethod
    def setUpClass(cls):
        cls.names = NameServer(cls.ZONE)
        addresses = (OPEN, cls.LISTED, cls.LINE, cls.ALLOWED, "127.0.30.130")
        cls.origin, cls.listed, cls.line, cls.allowed, cls.room = cls.all = origins.on_one_port(*addresses)
        upstream = {"allow_networks": [OPEN + "/32", "127.0.20.0/24", "127.0.30.0/24"], "dns_servers": [cls.names.address]}
        cls.proxy = Proxy(ports=[cls.origin.port], upstream=upstream, hosts=(), block=["127.0.30.0/24"], timeouts={"connect": 1})
        cls.proxy.write("lists/gambling.txt", cls.proxy.read("lists/gambling.txt") + "127.0.20.0/24\n127.0.20.7/24\n0.0.0.0/0\n")
        tier = cls.proxy.read("tiers.d/pupil.yaml")
        cls.proxy.write("tiers.d/pupil.yaml", tier + "  - 127.0.40.0/24\n  - 127.0.30.128/25\n  - cure.test\n")
        cls.proxy.start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()
        cls.names.close()

    def setUp(self):
        for origin in self.all:
            origin.heads.clear()

    def statuses(self, host, source=None):
        """Of plain http, and of a CONNECT."""
        get = f"GET http://{host}:{self.origin.port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        connect = f"CONNECT {host}:{self.origin.port} HTTP/1.1\r\nHost: x\r\n\r\n"
        return [status_of(self.proxy.raw(get, source)), status_of(self.proxy.answer_to_connect(connect, source))]

    def test_a_name_that_leads_into_a_blocked_network_is_not_reached(self):
        for host in ("listed.test", "listed-too.test", "listed-alias.test", "line.test"):
            with self.subTest(host):
                self.assertEqual(self.statuses(host), [403, 403])
        for origin in self.all:
            self.assertEqual(origin.heads, [])

    def test_an_address_in_a_blocked_network_is_not_reached(self):
        for host in (self.LISTED, self.LINE, "127.0.20.255"):
            with self.subTest(host):
                self.assertEqual(self.statuses(host), [403, 403])
        for origin in self.all:
            self.assertEqual(origin.heads, [])

    def test_names_beside_it_are_open(self):
        self.assertEqual(self.statuses("ok.test"), [200, 200])
        self.assertEqual(self.statuses("cure.test"), [200, 200], "a line on the name is the closer one")
        self.assertEqual(len(self.listed.heads), 1)

    def test_a_line_opens_the_addresses_of_a_network_and_no_name_in_it(self):
        self.assertEqual(self.statuses("127.0.30.130"), [200, 200])
        self.assertEqual(len(self.room.heads), 1)
        self.assertEqual(self.statuses("staff-room.test"), [403, 403])
        self.assertEqual(len(self.room.heads), 1)

    def test_a_private_address_stays_refused_though_a_line_opens_its_network(self):
        for host in (self.ALLOWED, "allowed.test"):
            with self.subTest(host):
                for status in self.statuses(host):
                    self.assertIn(status, (403, 502, 504))
        self.assertEqual(self.allowed.heads, [])

    def test_what_another_tier_says_of_the_network_counts_for_that_tier(self):
        self.assertEqual(self.statuses("listed.test", "127.0.0.2")[0], 200)
        self.assertEqual(self.statuses("listed.test"), [403, 403], "a connection that was kept is not used")
        self.assertEqual(len(self.listed.heads), 1)

    def test_the_log_names_the_line_of_the_list_or_of_the_tier(self):
        self.statuses("listed.test")
        self.statuses("line.test")
        rows = {r["host"]: r for r in self.proxy.log_rows("--blocked", wanted=4)}
        self.assertEqual((rows["listed.test"]["action"], rows["listed.test"]["category"]), ("block", "gambling"))
        self.assertTrue(rows["listed.test"]["rule"].endswith("lists/gambling.txt:4"), rows["listed.test"])
        self.assertIn("tiers.d/pupil.yaml:", rows["line.test"]["rule"])

    def test_check_counts_them_and_tells_what_it_left_out(self):
        said = self.proxy.command("check", check=False)
        self.assertIn(" and 1 network, ", said.stdout + said.stderr)
        explained = self.proxy.command("explain", f"http://{self.LISTED}:{self.origin.port}/", "--tier", "pupil", check=False)
        self.assertIn("list gambling: network 127.0.20.0/24", explained.stdout)


if __name__ == "__main__":
    unittest.main()
