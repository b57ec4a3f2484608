"""Behind a provider's proxy: everything public goes through it, nothing private does."""
import unittest

import origins
from harness import Proxy, of_connect


class Parent(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = origins.TestAuthority()
        cls.origin = origins.Recorder()
        cls.secure = origins.Recorder(tls=cls.authority.context("far.example"))
        cls.parent = origins.ParentProxy(refuse=("inside.example",))
        cls.proxy = Proxy(ports=[cls.secure.port], upstream={"parent": f"http://127.0.0.1:{cls.parent.port}"}).start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()
        cls.authority.close()

    def setUp(self):
        self.parent.lines.clear()

    def test_http(self):
        got = self.proxy.curl(f"http://far.example:{self.origin.port}/echo", "-d", "hello")
        self.assertEqual((got.status, got.body), (200, "hello"))
        self.assertEqual(self.parent.lines, [f"POST http://far.example:{self.origin.port}/echo HTTP/1.1"])

    def test_https(self):
        got = self.proxy.curl(f"https://far.example:{self.secure.port}/size/3000000", "--cacert", self.authority.certificate)
        self.assertEqual((got.connect_status, got.status, got.size), (of_connect(200), 200, 3000000), got.error)
        self.assertEqual(got.body_bytes, origins.pattern(3000000))
        self.assertEqual(self.parent.lines, [f"CONNECT far.example:{self.secure.port} HTTP/1.1"])

    def test_what_is_blocked_or_private_never_reaches_the_parent(self):
        self.assertEqual(self.proxy.curl("http://never.bet.test/").status, 403)
        for url in ("http://printer/", "http://nas.lan/", "http://10.0.0.1/", "http://[fd00::1]/", "http://169.254.169.254/latest/"):
            with self.subTest(url):
                self.assertIn(self.proxy.curl(url, "-g", source="127.0.0.2").status, (403, 502))
        self.assertEqual(self.parent.lines, [])

    def test_what_the_hosts_file_names_goes_directly(self):
        self.assertEqual(self.proxy.curl(f"http://ok.test:{self.origin.port}/").status, 200)
        self.assertEqual(self.parent.lines, [])

    def test_the_parents_refusal(self):
        got = self.proxy.curl(f"https://inside.example:{self.secure.port}/")
        self.assertEqual((got.connect_status, got.status), (of_connect(502), 0))
        self.assertEqual(self.proxy.curl("http://inside.example/").status, 403)  # its answer, as any origin's

    def test_check_says_what_the_parent_must_guard(self):
        done = self.proxy.command("check")
        self.assertIn("SG1116", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
