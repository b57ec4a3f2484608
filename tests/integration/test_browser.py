"""A real browser behind the proxy: headless Chromium loads pages, WebSockets and blocked sites."""
import unittest

import origins
from harness import Browser, Proxy


class ChromiumBehindTheProxy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = origins.TestAuthority()
        cls.plain = origins.Recorder()
        cls.secure = origins.Recorder(cls.authority.context("secure.test", "bet.test"))
        cls.proxy = Proxy(ports=[cls.plain.port, cls.secure.port]).start()
        cls.browser = Browser(cls.proxy)

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()
        cls.authority.close()

    def test_allowed_http(self):
        self.assertIn("Hello from the origin", self.browser.dom(f"http://ok.test:{self.plain.port}/"))

    def test_blocked_http_shows_our_page(self):
        dom = self.browser.dom(f"http://bet.test:{self.plain.port}/")
        self.assertNotIn("Hello from the origin", dom)
        self.assertIn("Gambling", dom)

    def test_allowed_https_with_a_real_hello(self):
        self.assertIn("Hello from the origin", self.browser.dom(f"https://secure.test:{self.secure.port}/"))

    def test_blocked_https_is_closed(self):
        self.assertNotIn("Hello from the origin", self.browser.dom(f"https://bet.test:{self.secure.port}/"))

    def test_websocket(self):
        """Chromium sends ws:// as CONNECT host:80; an echo comes back through it, and none from a blocked name."""
        try:
            sockets = origins.Recorder(address=("127.0.0.3", 80))
        except OSError as error:
            self.skipTest(f"port 80 of 127.0.0.3: {error}")
        self.addCleanup(sockets.origin.close)
        page = """<!doctype html><p id=out>waiting</p><img src=/held><script>
            const say = text => { out.textContent = text; fetch("/release"); };
            const socket = new WebSocket("ws://%s/echo");
            socket.onopen = () => socket.send("ping-pong");
            socket.onmessage = event => say("echoed " + event.data);
            socket.onerror = () => say("refused");</script>"""
        self.plain.pages.update({"/open": page % "sockets.test", "/shut": page % "bet.sockets.test"})
        with Proxy(ports=[self.plain.port]) as proxy:
            proxy.write("hosts", "127.0.0.1 ok.test\n127.0.0.3 sockets.test bet.sockets.test\n")
            proxy.write("lists/gambling.txt", "bet.sockets.test\n")
            proxy.command("reload")
            browser = Browser(proxy)
            self.assertIn("echoed ping-pong", browser.dom(f"http://ok.test:{self.plain.port}/open"))
            self.assertIn("refused", browser.dom(f"http://ok.test:{self.plain.port}/shut"))

    def test_own_page(self):
        self.assertIn("Schoolgate", self.browser.dom("http://schoolgate.internal/"))


if __name__ == "__main__":
    unittest.main()
