"""HTTP/2 from clients on inspected connections: the same judgement, bounded, and nothing that a flood gains."""
import hashlib
import os
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import h2
import origins
from harness import Browser, wait_until
from test_inspect import NAMES, inspecting, share


class Endless(origins.Origin):
    """Sends without end until its client goes; `gone` counts those that went."""

    def __init__(self, tls):
        self.gone = self.sent = 0
        super().__init__(self._serve, tls)

    def _serve(self, connection):
        origins.read_head(connection)
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                connection.sendall(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
                self.sent += 0x4000
        except OSError:
            self.gone += 1


class Silent(origins.Origin):
    """Reads a head, says nothing; `waiting` are those that are still there."""

    def __init__(self, tls):
        self.waiting = self.asked = 0
        super().__init__(self._serve, tls)

    def _serve(self, connection):
        origins.read_head(connection)
        self.asked += 1
        self.waiting += 1
        try:
            while connection.recv(1000):
                pass
        finally:
            self.waiting -= 1


class Http2(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = origins.TestAuthority()
        share(cls.authority.folder)
        tls = cls.authority.context(*NAMES)
        cls.secure = origins.Recorder(tls)
        cls.endless = Endless(tls)
        cls.silent = Silent(tls)
        cls.port = cls.secure.port
        cls.proxy = inspecting(cls.authority, [cls.port, cls.endless.port, cls.silent.port], timeouts={"keep_alive": 3, "body": 5},
                               limits={"requests_per_second_per_client": 100000}).start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()
        cls.authority.close()

    def curl(self, host, path="/", *arguments, **options):
        return self.proxy.curl(f"https://{host}:{self.port}{path}", "--cacert", self.proxy.ca, "--http2", *arguments, **options)

    def client(self, host="secure.test", port=None, **options):
        client = h2.Client(self.proxy, host, port or self.port, **options)
        self.addCleanup(client.socket.close)
        self.assertEqual(client.protocol, "h2")
        return client

    def healthy(self):
        self.assertEqual(self.curl("secure.test").status, 200)

    def test_pages_downloads_and_uploads(self):
        for path in ("/size/0", "/size/1", "/size/67108864", "/chunked/3000000"):
            with self.subTest(path=path):
                got = self.curl("secure.test", path)
                self.assertIn("HTTP/2 200", got.head)
                size = int(path.split("/")[2])
                self.assertEqual(hashlib.sha256(got.body_bytes).digest(), hashlib.sha256(origins.pattern(size)).digest())
        with tempfile.NamedTemporaryFile() as body:
            body.write(origins.pattern(8_000_000))
            body.flush()
            for more in (("--data-binary", "@" + body.name), ("-T", body.name, "-X", "POST"),
                         ("-H", "Content-Length:", "-T", body.name, "-X", "POST"), ("-H", "Expect: 100-continue", "-T", body.name)):
                with self.subTest(more=more[:2]):
                    got = self.curl("secure.test", "/echo", *more)
                    self.assertEqual(got.status, 200, got.error)
                    self.assertEqual(hashlib.sha256(got.body_bytes).digest(), hashlib.sha256(origins.pattern(8_000_000)).digest())
        self.assertEqual(self.curl("secure.test", "/size/5", "-I").status, 200)

    def test_both_protocols(self):
        self.assertIn("HTTP/1.1 200 OK", self.curl("secure.test", "/", "--http1.1").head)
        self.assertIn("HTTP/1.1 200 OK", self.curl("secure.test", "/", "--no-alpn").head)

    def test_each_stream_is_judged_and_logged(self):
        with self.client("mixed.test") as client:
            for i, path in enumerate(("/", "/secret", "/casino-77", "/public", "/%73ecret")):
                client.ask(2 * i + 1, path, more=[("sec-fetch-dest", "document"), ("cookie", "a=1"), ("cookie", "b=2")])
            client.read(lambda c: len(c.ended) == 5)
            self.assertEqual({i: s for i, s in client.statuses.items()}, {1: [200], 3: [403], 5: [403], 7: [200], 9: [403]})
            self.assertIn(b"Gambling", self.curl("bet.test", "/", "-H", "Sec-Fetch-Dest: document").body_bytes)
        rows = self.proxy.log_rows("--host", "mixed.test", wanted=5)
        self.assertEqual(sorted((r["action"], r["path"]) for r in rows if r["action"] == "block"),
                         [("block", "/%73ecret"), ("block", "/casino-77"), ("block", "/secret")])
        self.assertEqual({r["seen"] for r in rows}, {"url"})
        self.assertTrue(any(b"cookie: a=1; b=2" in head and b"Via: 2.0 " in head for head in self.secure.heads))

    def test_another_authority_is_misdirected(self):
        asked = len(self.secure.heads)
        with self.client() as client:
            for i, authority in enumerate(("bet.test", f"bet.test:{self.port}", "secure.test", "secure.test:1", "schoolgate.internal")):
                client.ask(2 * i + 1, authority=authority)
            client.ask(101)
            client.read(lambda c: len(c.ended) == 6)
            self.assertEqual({s[0] for i, s in client.statuses.items() if i < 100}, {421})
            self.assertEqual(client.statuses[101], [200])
        self.assertEqual(len(self.secure.heads), asked + 1)

    def test_malformed_requests(self):
        authority = f"secure.test:{self.port}"
        good = h2.request(authority)
        cases = {
            "upper case": (good + [("Accept", "x")], 400), "connection": (good + [("connection", "close")], 400),
            "te": (good + [("te", "gzip")], 400), "coding": (good + [("transfer-encoding", "chunked")], 400),
            "two paths": (good + [(":path", "/")], 400), "late pseudo": (good[:3] + [("a", "b")] + good[3:], 400),
            "host": (good + [("host", "bet.test")], 400), "crlf": (good + [("a", "b\r\nc: d")], 400),
            "path": (h2.request(authority, "/ HTTP/1.1\r\nX: y"), 400), "connect": (h2.request(authority, method="CONNECT"), 405),
            "trace": (h2.request(authority, method="TRACE"), 405), "scheme": ([good[0], (":scheme", "http"), *good[2:]], 400),
            "length": (good + [("content-length", "5")], 400), "large": (good + [("a", "x" * 4000)] * 17, 431),
        }
        asked = len(self.secure.heads)
        for name, (fields, status) in cases.items():
            with self.subTest(name), self.client() as client:
                whole = h2.block(fields)
                pieces = [whole[i:i + 16000] for i in range(0, len(whole), 16000)]
                for i, piece in enumerate(pieces):
                    flags = (h2.END_HEADERS if i == len(pieces) - 1 else 0) | (h2.END_STREAM if i == 0 else 0)
                    client.send(h2.frame(h2.CONTINUATION if i else h2.HEADERS, flags, 1, piece))
                client.read(lambda c: c.ended)
                self.assertEqual(client.statuses.get(1), [status])
                client.ask(3, "/size/1")
                self.assertTrue(client.read(lambda c: 3 in c.ended))
        self.assertEqual(len(self.secure.heads), asked + len(cases))
        self.assertTrue(wait_until(lambda: {400, 405, 431} <= {r["status"] for r in self.proxy.log_rows() if r["ended"] == "refused"}))

    def test_bodies_that_are_not_as_announced(self):
        for sent, error in ((3, h2.PROTOCOL_ERROR), (9, h2.PROTOCOL_ERROR)):
            with self.subTest(sent=sent), self.client() as client:
                client.ask(1, "/echo", "POST", [("content-length", "6")], ends=False)
                client.send(h2.frame(h2.DATA, h2.END_STREAM, 1, b"x" * sent))
                client.read(lambda c: c.resets)
                self.assertEqual(client.resets, {1: error})
                client.ask(3)
                self.assertTrue(client.read(lambda c: 3 in c.ended))

    def test_trailers(self):
        def serve(connection):
            head, rest = origins.read_head(connection)
            body, _ = origins.read_body(connection, head, rest)
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\nX-Sum: 1\r\n\r\n" % (len(body), body))

        origin = origins.Origin(serve, self.authority.context("other.test"))
        with inspecting(self.authority, [origin.port]) as proxy, h2.Client(proxy, "other.test", origin.port) as client:
            client.ask(1, "/echo", "POST", [("trailer", "x-sum")], ends=False)
            client.send(h2.frame(h2.DATA, 0, 1, b"hello"))
            client.send(h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, 1, h2.block([("x-sum", "5")])))
            self.assertTrue(client.read(lambda c: 1 in c.ended))
            self.assertEqual((client.statuses[1], client.bodies[1]), ([200, "trailers"], b"hello"))
            got = proxy.curl(f"https://other.test:{origin.port}/", "--cacert", proxy.ca, "--http2", "-d", "hello")
            self.assertIn("x-sum: 1", got.head)

    def test_many_in_parallel(self):
        sizes = [1000 * i for i in range(120)]
        folder = tempfile.mkdtemp()
        arguments = []
        for size in sizes:
            arguments += ["-o", os.path.join(folder, str(size)), f"https://secure.test:{self.port}/size/{size}"]
        before = self.secure.origin.connections
        done = subprocess.run(["curl", "-sS", "-q", "--noproxy", "", "-x", f"http://127.0.0.1:{self.proxy.port}", "--cacert", self.proxy.ca,
                               "--http2", "-Z", "--parallel-max", "60", "--max-time", "30", *arguments], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        for size in sizes:
            with open(os.path.join(folder, str(size)), "rb") as body:
                self.assertEqual(body.read(), origins.pattern(size), size)
        self.assertLessEqual(self.secure.origin.connections, before + 100)

    def test_a_client_that_does_not_read_is_not_read_for(self):
        before, memory = self.endless.sent, self.proxy.memory_kib()
        with self.client(port=self.endless.port) as client:
            for i in range(50):
                client.ask(2 * i + 1)
            client.read(lambda c: sum(len(b) for b in c.bodies.values()) >= 65535)
            self.assertEqual(sum(len(b) for b in client.bodies.values()), 65535)
            # What the 50 origins have sent stands in their sockets, not in the proxy.
            self.assertLess(self.proxy.memory_kib() - memory, 32 * 1024)
            # And those that take nothing are given up.
            self.assertTrue(client.read(lambda c: len(c.resets) == 50, seconds=15))
        self.assertTrue(wait_until(lambda: self.endless.gone >= 50))
        self.healthy()

    def test_a_cancelled_download_frees_its_origin(self):
        gone = self.endless.gone
        with self.client(port=self.endless.port, settings=(4).to_bytes(2, "big") + (1 << 30).to_bytes(4, "big")) as client:
            client.window(0, 1 << 30)
            client.ask(1)
            client.ask(3)
            client.read(lambda c: all(len(c.bodies.get(i, b"")) > 100_000 for i in (1, 3)))
            client.reset(1)
            self.assertTrue(wait_until(lambda: self.endless.gone == gone + 1, 4))
            had = len(client.bodies[3])
            client.read(lambda c: len(c.bodies[3]) > had + 1_000_000)
        self.assertTrue(wait_until(lambda: self.endless.gone == gone + 2, 4))
        self.assertTrue(wait_until(lambda: len([r for r in self.proxy.log_rows("--host", "secure.test")
                                                if r["ended"] == "client-gone" and r["port"] == self.endless.port]) >= 2))

    def test_a_cancelled_question_frees_its_origin_at_once(self):
        with self.client(port=self.silent.port) as client:
            for i in range(20):
                client.ask(2 * i + 1)
            self.assertTrue(wait_until(lambda: self.silent.waiting == 20))
            for i in range(20):
                client.reset(2 * i + 1)
            self.assertTrue(wait_until(lambda: self.silent.waiting == 0, 4))
            client.read(lambda c: c.closed, 0.2)
            self.assertIsNone(client.goaway)

    def test_no_more_streams_than_said(self):
        with self.client(port=self.silent.port) as client:
            client.read(lambda c: False, 0.3)  # its settings, which are acknowledged
            for i in range(100):
                client.ask(2 * i + 1)
            self.assertTrue(wait_until(lambda: self.silent.waiting == 100))
            client.ask(201)
            self.assertTrue(client.read(lambda c: 201 in c.resets or c.goaway is not None))
            self.assertLessEqual(self.silent.waiting, 100)
        self.assertTrue(wait_until(lambda: self.silent.waiting == 0))

    def flood(self, feed, seconds=10, error=h2.ENHANCE_YOUR_CALM):
        """`feed(client, i)` sends, again and again, until the proxy has enough."""
        memory = self.proxy.memory_kib()
        with self.client(port=self.silent.port) as client:
            end = time.time() + seconds
            i = 0
            while time.time() < end and not client.closed and feed(client, i):
                i += 1
            # Long before the connection is ended for being idle.
            self.assertTrue(client.read(lambda c: c.goaway is not None or c.closed, 1))
            if error is not None and client.goaway is not None:
                self.assertEqual(client.goaway, error)
            self.assertTrue(client.read(lambda c: c.closed, 10) or client.closed)
        self.assertLess(self.proxy.memory_kib() - memory, 48 * 1024)
        self.assertTrue(wait_until(lambda: self.silent.waiting == 0))
        self.healthy()

    def test_rapid_reset(self):
        asked = self.silent.asked
        self.flood(lambda c, i: c.ask(2 * i + 1) and c.reset(2 * i + 1) and i < 20_000)
        self.assertLess(self.silent.asked - asked, 400)
        asked = self.silent.asked
        self.flood(lambda c, i: c.ask(2 * i + 1) and c.reset(2 * i + 1, h2.NO_ERROR) and i < 20_000)
        self.assertLess(self.silent.asked - asked, 400)

    def test_heads_that_are_refused(self):
        """In HTTP/1.1 each of them ends its connection."""
        self.flood(lambda c, i: c.ask(2 * i + 1, more=[("connection", "x")]) and i < 20_000)

    def test_made_to_reset(self):
        """CVE-2025-8671: frames that are wrong make the server take the request back."""
        asked = self.silent.asked
        self.flood(lambda c, i: c.ask(2 * i + 1) and c.window(2 * i + 1, 0x7fffffff) and i < 20_000)
        self.assertLess(self.silent.asked - asked, 400)

    def test_continuation_flood(self):
        def feed(client, i):
            kind = h2.CONTINUATION if i else h2.HEADERS
            return client.send(h2.frame(kind, 0, 1, h2.block([(f"a{i}", "x" * 1000)]))) and i < 100_000

        self.flood(feed)

    def test_ping_and_settings_floods(self):
        self.flood(lambda c, i: c.send(h2.frame(h2.PING, 0, 0, b"12345678") * 100) and i < 100_000, error=None)
        self.flood(lambda c, i: c.send(h2.frame(h2.SETTINGS, 0, 0) * 100) and i < 100_000, error=None)

    def test_what_says_nothing_is_closed(self):
        """Pings and half a head do not keep a connection."""
        for feed in (lambda c: c.send(h2.frame(h2.PING, 0, 0, b"12345678")), lambda c: c.send(h2.frame(h2.WINDOW_UPDATE, 0, 0, b"\0\0\0\1"))):
            with self.client() as client:
                client.ask(1)
                client.read(lambda c: 1 in c.ended)
                began = time.time()
                while time.time() < began + 10 and client.goaway is None and not client.closed:
                    feed(client)
                    client.read(lambda c: c.goaway is not None, 0.2)
                self.assertEqual(client.goaway, h2.NO_ERROR)
                self.assertLess(time.time() - began, 8)
        with self.client() as client:
            client.send(h2.frame(h2.HEADERS, 0, 1, h2.block(h2.request("x"))))
            self.assertTrue(client.read(lambda c: c.closed, 10))

    def test_not_http2_at_all(self):
        for noise in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\0" * 100, h2.PREFACE[:10]):
            client = self.client(hello=False)
            client.send(noise)
            self.assertTrue(client.read(lambda c: c.closed, 10))
        self.healthy()

    def test_the_connection_goes_and_all_its_origins(self):
        client = self.client(port=self.silent.port)
        for i in range(30):
            client.ask(2 * i + 1)
        self.assertTrue(wait_until(lambda: self.silent.waiting == 30))
        client.socket.close()
        self.assertTrue(wait_until(lambda: self.silent.waiting == 0, 4))

    def test_drain_lets_a_download_end(self):
        with inspecting(self.authority, [self.port]) as proxy:
            client = h2.Client(proxy, "secure.test", self.port)
            client.ask(1, "/size/1000000")
            client.read(lambda c: len(c.bodies.get(1, b"")) == 65535)
            proxy.process.send_signal(signal.SIGTERM)
            self.assertTrue(client.read(lambda c: c.goaway is not None))
            client.window(0, 1 << 24)
            client.window(1, 1 << 24)
            self.assertTrue(client.read(lambda c: 1 in c.ended))
            self.assertEqual(client.bodies[1], origins.pattern(1_000_000))
            self.assertTrue(client.read(lambda c: c.closed))
            self.assertEqual(proxy.process.wait(10), 0)
            client.socket.close()

    def test_chromium(self):
        self.secure.pages["/h2"] = "<!doctype html><p id=out>waiting</p><img src=/held>" + "".join(
            f"<img src=/pixel{i}>" for i in range(40)) + """<script>
            const socket = new WebSocket(`wss://${location.host}/ws`);
            socket.onopen = () => socket.send("ping");
            socket.onmessage = async event => {
              const sent = "y".repeat(300000);
              const echo = await (await fetch("/echo", {method: "POST", body: sent})).text();
              const hop = performance.getEntriesByType("navigation")[0].nextHopProtocol;
              out.textContent = `${hop} ${event.data} ${echo === sent}`;
              fetch("/release");
            };</script>"""
        browser = Browser(self.proxy, trusts=self.proxy.ca)
        self.assertIn("h2 ping true", browser.dom(f"https://secure.test:{self.port}/h2"))
        self.assertTrue(all(any(f"/pixel{i} ".encode() in head for head in self.secure.heads) for i in range(40)))


if __name__ == "__main__":
    unittest.main()
