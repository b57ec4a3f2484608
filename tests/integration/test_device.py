"""http://schoolgate.internal/test: what a device shows of the filter, by a proxy setting and through the gateway without any."""
import json
import os
import re
import signal
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

import gateway_net
from gateway_net import GATEWAY, INSIDE, ORIGIN, PUPIL, GatewayNetwork, gateway_proxy
from harness import Browser, Curl, Proxy, by_setting, program, wait_until

WHY_NOT = gateway_net.why_not()
PAGE = "http://schoolgate.internal/test"
ANDROID = "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36"
ROOM = "Phòng máy 1"


def run_of(page):
    return re.search(r"/test\?run=([0-9a-f]{32})", page)[1]


def pictures_of(page):
    """What a browser asks for, by its short name."""
    found = re.findall(r'<img src="([^"]+)"', page)
    names = {"http://": "blocked_page", "https://": "blocked_secure"}
    kind = {}
    for url in found:
        if ".gambling." in url:
            kind[names[url.split("//")[0] + "//"]] = url
        else:
            kind[{"allowed": "allowed_page", "0": "by_address", "icloud": "relay_canary"}.get(url.split(".")[1], "doh_canary")] = url
    return kind


def marks(page):
    """The state of each line, in its order."""
    return re.findall(r'<li class="(good|bad|noted)">', page)[:7]  # then the same in the other language


def tests_in(proxy):
    return [json.loads(row["detail"]) if isinstance(row["detail"], str) else row["detail"]
            for row in proxy.log_rows("--events") if row["what"] == "device_test"]


def seen_by_chromium(test, proxy, flags, wrapper, passed=True, page=PAGE, refused=None):
    """The page is opened and left alone, as a teacher does; the event that comes of it. `refused`: what it says the firewall did."""
    profile = tempfile.mkdtemp()
    test.addCleanup(shutil.rmtree, profile, True)
    browser = subprocess.Popen([*wrapper, "chromium", *Browser.FLAGS, "--remote-debugging-port=0", f"--user-data-dir={profile}", *flags, page],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                               env={"PATH": os.environ["PATH"], "HOME": profile})
    try:
        return wait_until(lambda: [one for one in tests_in(proxy) if one["kind"] == "linux" and one["passed"] == passed
                                   and one.get("refused") == refused], 40)
    finally:
        os.killpg(browser.pid, signal.SIGKILL)
        browser.wait()


@by_setting("ThroughTheGateway is the other way")
class BySetting(unittest.TestCase):
    """A browser that knows its proxy."""

    @classmethod
    def setUpClass(cls):
        cls.proxy = Proxy().start()
        cls.addClassCleanup(cls.proxy.close)

    def test_all_arrives(self):
        page = self.proxy.curl(PAGE, "-A", ANDROID)
        self.assertEqual(page.status, 200)
        self.assertIn('content="5; url=/test?run=', page.body)
        pictures = pictures_of(page.body)
        self.assertEqual(len(pictures), 6)
        for name, url in pictures.items():
            got = self.proxy.curl(url)
            wanted = {"blocked_page": 403, "allowed_page": 200, "by_address": 200}
            self.assertEqual(got.connect_status if name == "blocked_secure" else got.status, wanted.get(name, 403), name)
        # As a browser does that knows it for a site of https alone.
        self.assertEqual(self.proxy.curl("https://mask.icloud.com/").connect_status, 403)
        run = run_of(page.body)
        result = self.proxy.curl(f"{PAGE}?run={run}", "-A", ANDROID)
        self.assertIn("pupils passed", result.body)
        self.assertIn("PASSED", result.body)
        self.assertNotIn("http-equiv", result.body)
        self.assertEqual(marks(result.body), ["good"] * 6 + ["noted"])
        found = wait_until(lambda: tests_in(self.proxy))
        self.assertEqual(found, [{"passed": True, "kind": "android", "room": None, "tier": "pupil", "way": "setting", "missing": [],
                                  "asks_elsewhere": False}])
        # Another device cannot read it: it begins one of its own.
        other = self.proxy.curl(f"{PAGE}?run={run}", source="127.0.0.2").body
        self.assertNotIn(run, other)
        self.assertIn("http-equiv", other)
        # Nothing of it is a row, or counted.
        hosts = {row["host"] for row in self.proxy.log_rows()}
        self.assertEqual({host for host in hosts if "schoolgate.test" in host or host in ("192.0.2.80", "mask.icloud.com")}, set())
        self.assertEqual(json.loads(self.proxy.command("status", "--json").stdout)["server"]["blocked"], 0)

    def test_ordinary_names_stay_ordinary(self):
        """The same names without a run."""
        self.proxy.curl("http://use-application-dns.net/" + "a" * 32)
        self.proxy.curl("http://lesson.gambling.schoolgate.test/")
        self.assertTrue(wait_until(lambda: {"use-application-dns.net", "lesson.gambling.schoolgate.test"} <=
                                   {row["host"] for row in self.proxy.log_rows()}))

    @unittest.skipUnless(shutil.which("chromium"), "not installed: chromium")
    def test_chromium(self):
        self.assertTrue(seen_by_chromium(self, self.proxy, [f"--proxy-server=http://127.0.0.1:{self.proxy.port}"], []))
        self.proxy.curl("http://after.test/")
        rows = wait_until(lambda: (lambda hosts: hosts if "after.test" in hosts else None)({row["host"] for row in self.proxy.log_rows()}))
        self.assertNotIn("mask.icloud.com", rows)


@unittest.skipIf(WHY_NOT, WHY_NOT)
@unittest.skipUnless(shutil.which("dnsmasq"), "not installed: dnsmasq-base")
class ThroughTheGateway(unittest.TestCase):
    """A telephone without any setting: the school's resolver, the school's firewall."""

    @classmethod
    def setUpClass(cls):
        cls.network = GatewayNetwork()
        cls.addClassCleanup(cls.network.close)
        cls.proxy = gateway_proxy(cls.network, {"ok.test": ORIGIN}, extra="gateway: {masquerade: outside}\n")
        cls.addClassCleanup(cls.proxy.close)
        text = cls.proxy.read("schoolgate.yaml")
        cls.proxy.write("schoolgate.yaml", text.replace("who:\n", f"who:\n  - {{network: {INSIDE[0]}.0/24, tier: pupil, label: {ROOM}}}\n"))
        with cls.network.inside("gateway"):
            cls.proxy.start()
            names = ("schoolgate.internal/" + GATEWAY[0], "schoolgate.test/192.0.2.80")
            resolver = subprocess.Popen(["dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--pid-file=", "--user=root",
                                         "--conf-file=/dev/null", "--filter-AAAA", *("--address=/" + name for name in names),
                                         "--local=/use-application-dns.net/", "--local=/mask.icloud.com/"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(resolver.wait)
        cls.addClassCleanup(resolver.kill)
        cls.rules = cls.proxy.command("gateway", "rules").stdout
        folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, folder)
        cls.resolv = os.path.join(folder, "resolv.conf")
        with open(cls.resolv, "w", encoding="utf-8") as out:
            out.write(f"nameserver {GATEWAY[0]}\noptions timeout:1 attempts:2\n")
        # As in the school's network, with its resolver.
        cls.as_phone = ["unshare", "--mount", "sh", "-c", 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"', "sh", cls.resolv]

    def setUp(self):
        self.network.nft(self.rules)

    def counted(self):
        """systemd holds the socket where the firewall's counters are asked for, as the package's units have it."""
        path = self.proxy.path("counts.sock")
        with self.network.inside("gateway"):
            holder = subprocess.Popen(["systemd-socket-activate", "--accept", "--inetd", f"--listen={path}", shutil.which("nft"), "list", "table", "inet",
                                       "schoolgate"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: os.path.exists(path) and os.unlink(path))
        self.addCleanup(holder.wait)
        self.addCleanup(holder.kill)
        # What the page knocks at is somewhere in the world.
        self.network.run("ip", "-netns", self.network.names["gateway"], "route", "add", "192.0.2.0/24", "via", ORIGIN[0])
        self.addCleanup(self.network.run, "ip", "-netns", self.network.names["gateway"], "route", "del", "192.0.2.0/24")
        self.assertTrue(wait_until(lambda: os.path.exists(path)))
        os.chmod(path, 0o666)

    def curl(self, url, *words, seconds=5):
        with self.network.inside("school"):
            found = shutil.which("curl")
            done = subprocess.run([*self.as_phone, found, "-sSq", "-A", ANDROID, "--max-time", str(seconds), *words, "-w", "\n%{http_code}", url],
                                  capture_output=True, text=True, check=False)
        body, _, status = done.stdout.rpartition("\n")
        return body, int(status or 0)

    def begin(self, page=PAGE):
        self.assertTrue(wait_until(lambda: self.curl(page)[1] == 200))
        body, _ = self.curl(page)
        return pictures_of(body), run_of(body)

    def test_all_green(self):
        pictures, run = self.begin()
        for url in pictures.values():
            self.curl(url)
        body, _ = self.curl(f"{PAGE}?run={run}")
        self.assertIn("pupils passed", body)
        self.assertEqual(marks(body), ["good"] * 6 + ["noted"])
        self.assertIn("(the device needs no setting)", body)
        wanted = {"passed": True, "kind": "android", "room": ROOM, "tier": "pupil", "way": "gateway", "missing": [], "asks_elsewhere": False}
        self.assertTrue(wait_until(lambda: wanted in tests_in(self.proxy)), tests_in(self.proxy))
        status = json.loads(self.proxy.command("status", "--json").stdout)["device_tests"]
        room = [one for one in status if one["room"] == ROOM][0]
        self.assertEqual(room["kinds"], ["android"])
        self.assertIsNotNone(room["passed_at"])
        self.assertIn(f"{ROOM}: passed 20", self.proxy.command("status").stdout)
        hosts = {row["host"] for row in self.proxy.log_rows()}
        self.assertFalse([host for host in hosts if "schoolgate.test" in host])

    def test_by_the_gateways_address(self):
        for page in (f"http://{GATEWAY[0]}/test", f"http://{GATEWAY[0]}:{self.proxy.port}/test"):
            with self.subTest(page):
                pictures, run = self.begin(page)
                for url in pictures.values():
                    self.curl(url)
                self.assertIn("pupils passed", self.curl(f"{page}?run={run}")[0])

    @unittest.skipUnless(shutil.which("chromium"), "not installed: chromium")
    def test_chromium(self):
        self.assertTrue(wait_until(lambda: self.curl(PAGE)[1] == 200))
        with self.network.inside("school"):
            self.assertTrue(seen_by_chromium(self, self.proxy, [], self.as_phone))

    @unittest.skipUnless(shutil.which("chromium"), "not installed: chromium")
    def test_chromium_and_a_hole_that_swallows(self):
        """Nothing answers the pictures, not even an error: the page looks again all the same."""
        self.network.nft("""delete table inet schoolgate
table inet hole {
  chain forward {
    type filter hook forward priority filter; policy drop;
  }
}
""")
        self.addCleanup(self.network.nft, "delete table inet hole\n")
        with self.network.inside("gateway"):
            self.network.run("ip", "route", "add", "192.0.2.0/24", "via", ORIGIN[0])
            self.addCleanup(self.network.run, "ip", "-netns", self.network.names["gateway"], "route", "del", "192.0.2.0/24")
        page = f"http://{GATEWAY[0]}:{self.proxy.port}/test"
        with self.network.inside("school"):
            self.assertTrue(seen_by_chromium(self, self.proxy, [], self.as_phone, passed=False, page=page))

    def settled(self, page, run):
        """The last page of a run: what did not arrive does not."""
        last = wait_until(lambda: (body := self.curl(f"{page}?run={run}")[0]) and "http-equiv" not in body and body, 30)
        self.assertIn("pupils failed", last)
        return last

    def test_a_hole(self):
        """No rules, and a direct way out."""
        self.network.nft("delete table inet schoolgate\n")
        page = f"http://{GATEWAY[0]}:{self.proxy.port}/test"
        pictures, run = self.begin(page)
        for url in pictures.values():
            self.curl(url, seconds=1)
        body = self.curl(f"{page}?run={run}")[0]
        self.assertIn("pupils failed", body)
        self.assertEqual(marks(body), ["good"] + ["bad"] * 4 + ["noted"] * 2)
        self.assertIn("http-equiv", body, "it may still come")
        self.settled(page, run)
        missing = ["blocked_page", "blocked_secure", "allowed_page", "by_address"]
        self.assertTrue(wait_until(lambda: [one for one in tests_in(self.proxy) if not one["passed"]]))
        self.assertIn(missing, [one["missing"] for one in tests_in(self.proxy)])

    def test_https_alone_goes_another_way(self):
        rules = re.sub(r".*tcp dport 443 counter redirect.*\n", "", self.rules)
        self.network.nft(rules.replace("policy drop;", "policy drop;\n    tcp dport 443 accept"))
        pictures, run = self.begin()
        for url in pictures.values():
            self.curl(url, seconds=1)
        self.assertEqual(marks(self.curl(f"{PAGE}?run={run}")[0]), ["good", "good", "bad", "good", "good", "good", "noted"])

    def test_names_asked_for_elsewhere(self):
        pictures, run = self.begin()
        self.curl(pictures["by_address"])
        self.assertEqual(marks(self.curl(f"{PAGE}?run={run}")[0]), ["good", "bad", "bad", "bad", "good", "bad", "noted"])
        pictures, run = self.begin()
        for name, url in pictures.items():  # whom it asks knows a name that the school's resolver denies
            self.curl(url, *(["--resolve", "use-application-dns.net:80:" + ORIGIN[0]] if name == "doh_canary" else []))
        self.assertEqual(marks(self.curl(f"{PAGE}?run={run}")[0]), ["good"] * 5 + ["bad", "noted"])

    def test_quic_and_dns_over_tls_are_counted(self):
        with self.network.inside("school"):
            quic, dot = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket()
        with quic, dot:
            quic.connect((ORIGIN[0], 443))
            quic.send(b"\xc0" + bytes(1199))
            self.assertNotEqual(dot.connect_ex((ORIGIN[0], 853)), 0)
        with self.network.inside("gateway"):
            done = subprocess.run([program(), "doctor", "--json", "--config", self.proxy.config], capture_output=True, text=True, timeout=120,
                                  check=False)
        found = {one["key"]: one for one in json.loads(done.stdout)["findings"]}
        self.assertIn(f"{PUPIL[0]} (QUIC 1, DoT 1)", found["refused"]["what"])
        self.assertEqual(found["firewall"]["state"], "good", "what is counted does not make another table of it")

    def asked_once_more(self, run, what):
        return wait_until(lambda: (body := self.curl(f"{PAGE}?run={run}")[0]) and what in body and body, 20)

    @unittest.skipUnless(shutil.which("systemd-socket-activate"), "not installed: systemd")
    def test_what_was_refused_is_told_on_the_page(self):
        self.counted()
        pictures, run = self.begin()
        for url in pictures.values():
            self.curl(url)
        body = self.asked_once_more(run, "has not tried it within a day")
        self.assertTrue(body, self.curl(f"{PAGE}?run={run}")[0])
        self.assertIn("http-equiv", body, "one look more")
        self.assertEqual(re.findall(r'<li class="(good|bad|noted)">', body)[:8], ["good"] * 6 + ["noted"] * 2)
        knock = re.search(r'<img src="(http://192\.0\.2\.80:853/[0-9a-f]{32})"', body)[1]
        begin = time.monotonic()
        self.assertEqual(self.curl(knock)[1], 0)
        self.assertLess(time.monotonic() - begin, 1, "it is refused, not left to wait")
        body = self.asked_once_more(run, "tried just now, and refused by the firewall")
        self.assertTrue(body)
        self.assertIn("vừa thử và bị tường lửa từ chối", body)
        self.assertNotIn("http-equiv", body)
        self.assertIn("has not tried it within a day", body, "QUIC")
        with self.network.inside("school"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as quic:
            quic.connect((ORIGIN[0], 443))
            quic.send(b"\xc0" + bytes(1199))
        pictures, run = self.begin()
        for url in pictures.values():
            self.curl(url)
        self.assertTrue(self.asked_once_more(run, "refused by the firewall earlier"))
        with self.network.inside("school"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as quic:
            quic.connect((ORIGIN[0], 443))
            quic.send(b"\xc0" + bytes(1199))
        self.curl(knock)
        self.assertTrue(wait_until(lambda: self.curl(f"{PAGE}?run={run}")[0].count("tried just now, and refused") == 2, 20))

    @unittest.skipUnless(shutil.which("chromium"), "not installed: chromium")
    @unittest.skipUnless(shutil.which("systemd-socket-activate"), "not installed: systemd")
    def test_chromium_knocks_at_a_closed_door(self):
        self.counted()
        self.assertTrue(wait_until(lambda: self.curl(PAGE)[1] == 200))
        with self.network.inside("school"):
            found = seen_by_chromium(self, self.proxy, [], self.as_phone, refused=["dot"])
        self.assertTrue(found)

    @unittest.skipUnless(shutil.which("systemd-socket-activate"), "not installed: systemd")
    def test_what_went_through_a_hole_is_counted(self):
        before = self.proxy.read("schoolgate.yaml")
        self.addCleanup(lambda: (self.proxy.write("schoolgate.yaml", before), self.proxy.command("reload")))
        hole = f'{{proto: udp, ports: 3478, to: {ORIGIN[0]}, why: "calls", review_by: 2099-01-31}}'
        self.proxy.write("schoolgate.yaml", before.replace("masquerade: outside", f"masquerade: outside, open: [{hole}]"))
        self.proxy.command("reload")

        def held():
            return json.loads(self.proxy.command("status", "--json").stdout)["holes"]
        self.assertEqual(held(), [{"tier": None, "why": "calls", "review_by": "2099-01-31"}], "nobody tells")
        self.counted()
        self.assertEqual((held()[0]["in_force"], held()[0]["packets"]), (False, 0))
        self.assertIn("NOT IN FORCE", self.proxy.command("status").stdout)
        self.network.nft(self.proxy.command("gateway", "rules").stdout)
        with self.network.inside("school"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as call:
            for _ in range(3):
                call.sendto(b"x", (ORIGIN[0], 3478))
        self.assertTrue(wait_until(lambda: held()[0] == {"tier": None, "why": "calls", "review_by": "2099-01-31", "in_force": True, "packets": 3}),
                        held())
        self.assertIn("since the firewall was loaded: 3", self.proxy.command("status").stdout)
        with self.network.inside("gateway"):
            done = subprocess.run([program(), "doctor", "--json", "--config", self.proxy.config], capture_output=True, text=True, timeout=120,
                                  check=False)
        found = {one["key"]: one for one in json.loads(done.stdout)["findings"]}
        self.assertEqual(found["firewall"]["state"], "good", found["firewall"])


if __name__ == "__main__":
    unittest.main()
