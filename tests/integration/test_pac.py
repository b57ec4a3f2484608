"""The proxy configuration, as a browser's engine runs it (libpacparser), as browsers find it, under any name, and as they go by it when a
proxy is down."""
import ctypes
import shutil
import signal
import unittest

import origins
from chromium import Chromium
from firefox import Firefox
from harness import Proxy, free_port, wait_until


def library():
    try:
        pac = ctypes.CDLL("libpacparser.so.1")
    except OSError:
        return None
    pac.pacparser_find_proxy.restype = ctypes.c_char_p
    return pac


class Pac(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.proxy = Proxy(extra='pac: {proxies: ["192.168.10.1:3128", "192.168.10.2:3128"], direct: [noibo.truong.vn]}').start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()

    def fetch(self, path, host, method="GET"):
        return self.proxy.raw(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").decode()

    def test_under_every_name(self):
        for host in ("wpad", "wpad.truong.lan", f"127.0.0.1:{self.proxy.port}", "gate.truong.vn:3128"):
            for path in ("/wpad.dat", "/proxy.pac"):
                with self.subTest(host=host, path=path):
                    answer = self.fetch(path, host)
                    self.assertTrue(answer.startswith("HTTP/1.1 200 "), answer[:200])
                    self.assertIn("application/x-ns-proxy-autoconfig", answer)
                    self.assertIn("FindProxyForURL", answer)
        self.assertTrue(self.fetch("/", "wpad").startswith("HTTP/1.1 400 "))
        self.assertTrue(self.fetch("/proxy.pac", "wpad", "POST").startswith("HTTP/1.1 400 "))

    @unittest.skipUnless(library(), "libpacparser1 is not installed")
    def test_what_it_says(self):
        script = self.fetch("/proxy.pac", "wpad").split("\r\n\r\n", 1)[1]
        pac = library()
        self.assertTrue(pac.pacparser_init())
        self.addCleanup(pac.pacparser_cleanup)
        self.assertTrue(pac.pacparser_parse_pac_string(script.encode()))
        proxies = "PROXY 192.168.10.1:3128; PROXY 192.168.10.2:3128"
        for host, wanted in {
            "olm.vn": proxies, "OLM.VN": proxies, "10.example.com": proxies, "8.8.8.8": proxies, "172.15.0.1": proxies, "172.32.0.1": proxies,
            "192.169.0.1": proxies, "xnoibo.truong.vn": proxies, "noibo.truong.vn.evil.test": proxies, "truong.vn": proxies, "wpad": proxies,
            "fdx.example": proxies, "2001:db8::1": proxies, "10.1.2.3.evil.test": proxies, "1.10.1.2.3": proxies, "10.0.0": proxies,
            "noibo.truong.vn": "DIRECT", "a.NOIBO.truong.vn": "DIRECT", "noibo.truong.vn.": "DIRECT", "10.1.2.3": "DIRECT",
            "172.16.0.1": "DIRECT", "172.31.255.255": "DIRECT", "192.168.1.1": "DIRECT", "127.0.0.1": "DIRECT", "169.254.1.1": "DIRECT",
            "fd00::1": "DIRECT", "fe80::1": "DIRECT", "[fd00::1]": "DIRECT", "::1": "DIRECT", "localhost": "DIRECT",
        }.items():
            with self.subTest(host):
                said = pac.pacparser_find_proxy(f"http://{host}/x".encode(), host.encode())
                self.assertEqual(said.decode(), wanted)


class FailOver(unittest.TestCase):
    """Two proxies, of which the first is down, then both. The names of origins are known to the browsers too: the way past is open."""

    def setUp(self):
        self.origin = origins.Recorder()
        self.addCleanup(self.origin.origin.close)
        self.proxy = Proxy(ports=[self.origin.port])
        self.addCleanup(self.proxy.close)
        two = f'pac: {{proxies: ["127.0.0.1:{free_port()}", "127.0.0.1:{self.proxy.port}"]}}\n'
        self.proxy.write("schoolgate.yaml", self.proxy.read("schoolgate.yaml") + two)
        self.proxy.start()
        self.pac = f"http://127.0.0.1:{self.proxy.port}/proxy.pac"

    def url(self, path):
        return f"http://ok.test:{self.origin.port}/{path}"

    def came_through(self):
        self.assertEqual({row["host"] for row in self.proxy.log_rows() if row["port"] == self.origin.port}, {"ok.test"})

    @unittest.skipUnless(shutil.which("firefox-esr"), "firefox-esr is not installed")
    def test_firefox(self):
        names = {"network.dns.localDomains": "ok.test"}
        with Firefox(preferences={**names, "network.proxy.type": 0}) as firefox:
            self.assertIn("Hello from the origin", firefox.page(self.url("past")))
        with Firefox(preferences={**names, "network.proxy.type": 2, "network.proxy.autoconfig_url": self.pac}) as firefox:
            self.assertIn("Hello from the origin", firefox.page(self.url("second")))
            self.came_through()
            self.proxy.stop(signal.SIGKILL)
            seen = len(self.origin.heads)
            for path in ("none", "none-again"):
                self.assertIn("proxyConnectFailure", firefox.page(self.url(path)))
            self.assertEqual(len(self.origin.heads), seen)

    @unittest.skipUnless(shutil.which("chromium"), "chromium is not installed")
    def test_chromium(self):
        names = "--host-resolver-rules=MAP ok.test 127.0.0.1"
        with Chromium(flags=[names, "--no-proxy-server"]) as chromium:
            chromium.open(self.url("past"))
            self.assertTrue(wait_until(lambda: "Hello from the origin" in chromium.text()))
        with Chromium(flags=[names, f"--proxy-pac-url={self.pac}"]) as chromium:
            chromium.open(self.url("second"))
            self.assertTrue(wait_until(lambda: "Hello from the origin" in chromium.text()))
            self.came_through()
            self.proxy.stop(signal.SIGKILL)
            seen = len(self.origin.heads)
            for path in ("none", "none-again"):
                chromium.open(self.url(path))
                self.assertTrue(wait_until(lambda: "ERR_PROXY_CONNECTION_FAILED" in chromium.text()))
            self.assertEqual(len(self.origin.heads), seen)


if __name__ == "__main__":
    unittest.main()
