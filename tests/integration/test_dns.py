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
        return status_of(self.proxy.raw(f"CONNECT {host}:{self.origin.port} HTTP/1.1\r\nHost: x\r\n\r\n", source, silence=0.3))

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


if __name__ == "__main__":
    unittest.main()
