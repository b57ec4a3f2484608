"""Hostile and broken peers by the hundred: others are served meanwhile, and afterwards nothing is left of them."""
import concurrent.futures
import socket
import struct
import threading
import time
import unittest

import origins
from harness import Proxy, read_all, status_of, wait_until

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def interim(count):
    return b"HTTP/1.1 100 Continue\r\n\r\n" * count


# What an origin says, and which statuses the client may see (0: closed without any).
HOSTILE = {
    "200,000 chunks of one byte": (CHUNKED + b"1\r\nx\r\n" * 200000 + b"0\r\n\r\n", (200,)),
    "200,000 chunks, endless": (CHUNKED + b"1\r\nx\r\n" * 200000, (200,)),
    "10,000 interim answers": (interim(10000) + OK + b"Content-Length: 0\r\n\r\n", (100, 502)),
    "many kinds of interim": (b"".join(b"HTTP/1.1 1%02d X\r\n\r\n" % i for i in range(2, 30)) + OK + b"Content-Length: 2\r\n\r\nok", (102,)),
    "interim with a length": (b"HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nok", (100,)),
    "interim, then nothing": (interim(1), (100,)),
    "unasked 101": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", (502,)),
    "5,000 fields": (OK + b"X: y\r\n" * 5000 + b"\r\n", (502,)),
    "a field of 1 MiB": (OK + b"X: " + b"y" * (1 << 20) + b"\r\n\r\n", (502,)),
    "a reason of 1 MiB": (b"HTTP/1.1 200 " + b"y" * (1 << 20) + b"\r\n\r\n", (502,)),
    "a name of 60,000 bytes": (OK + b"X" * 60000 + b": y\r\nContent-Length: 0\r\n\r\n", (200, 502)),
    "a line without end": (b"HTTP/1.1 200 OK" + b" " * 200000, (502,)),
    "60,000 vias": (OK + b"Via: " + b"1.1 a, " * 8000 + b"1.1 b\r\nContent-Length: 0\r\n\r\n", (200, 502)),
    "30,000 connection options": (OK + b"Connection: " + b"a," * 30000 + b"close\r\n" + b"X: y\r\n" * 150 + b"Content-Length: 0\r\n\r\n", (200, 502)),
    "connection names everything": (OK + b"Connection: Content-Length, Content-Type, Date, Set-Cookie, Transfer-Encoding\r\nContent-Length: 2\r\n\r\nok", (200,)),
    "Content-Range nonsense": (b"HTTP/1.1 206 P\r\nContent-Range: bytes 18446744073709551615-0/-1\r\nContent-Length: 2\r\n\r\nok", (206,)),
    "several Content-Ranges": (b"HTTP/1.1 206 P\r\nContent-Range: bytes 0-1/2\r\nContent-Range: bytes 5-1/2\r\nContent-Length: 2\r\n\r\nok", (206,)),
    "206 unasked, multipart": (b"HTTP/1.1 206 P\r\nContent-Type: multipart/byteranges; boundary=" + b"b" * 5000 + b"\r\nContent-Length: 2\r\n\r\n--", (206,)),
    "416": (b"HTTP/1.1 416 R\r\nContent-Range: bytes */-5\r\nContent-Length: 0\r\n\r\n", (416,)),
    "negative length": (OK + b"Content-Length: -1\r\n\r\nx", (502,)),
    "huge length": (OK + b"Content-Length: 9223372036854775807\r\n\r\nx", (200,)),
    "overflowing length": (OK + b"Content-Length: 18446744073709551617\r\n\r\nx", (502,)),
    "lengths that differ": (OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nx", (502,)),
    "length and chunks": (OK + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (502,)),
    "chunked twice": (OK + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", (502,)),
    "gzip, chunked": (OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", (502,)),
    "a chunk of 2^64": (CHUNKED + b"10000000000000000\r\nx", (502,)),
    "a chunk of 2^63": (CHUNKED + b"8000000000000000\r\nx", (502,)),
    "an extension without end": (CHUNKED + b"1;" + b"x" * 100000, (200, 502)),
    "trailers without end": (CHUNKED + b"0\r\n" + b"X: y\r\n" * 50000, (200, 502)),
    "a trailer with a length": (CHUNKED + b"2\r\nok\r\n0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", (200,)),
    "HTTP/0.9": (b"<html>hello</html>", (502,)),
    "HTTP/2": (b"HTTP/2.0 200 OK\r\n\r\n", (502,)),
    "ICY": (b"ICY 200 OK\r\n\r\n", (502,)),
    "gopher": (b"iWelcome\tfake\t(NULL)\t0\r\n.\r\n", (502,)),
    "FTP": (b"220 ready\r\n331 who\r\n", (502,)),
    "SSH": (b"SSH-2.0-x\r\n", (502,)),
    "TLS": (b"\x15\x03\x01\x00\x02\x02\x46", (502,)),
    "HTTP/2 frames": (b"\x00\x00\x00\x04\x00\x00\x00\x00\x00", (502,)),
    "zeros": (bytes(100000), (502,)),
    "status 000": (b"HTTP/1.1 000 X\r\n\r\n", (502,)),
    "status 99999": (b"HTTP/1.1 99999 X\r\n\r\n", (502,)),
    "status -1": (b"HTTP/1.1 -01 X\r\n\r\n", (502,)),
    "status 999": (b"HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n", (999,)),
    "two status lines": (OK + OK + b"Content-Length: 0\r\n\r\n", (502,)),
    "NUL in a value": (OK + b"X: a\0b\r\nContent-Length: 0\r\n\r\n", (502,)),
    "bare CR": (OK + b"X: a\rSet-Cookie: b\r\nContent-Length: 0\r\n\r\n", (502,)),
    "bare LF": (b"HTTP/1.1 200 OK\nContent-Length: 0\n\n", (502,)),
    "folded": (OK + b"X: a\r\n b\r\n" * 50 + b"Content-Length: 0\r\n\r\n", (200,)),
    "folded length": (OK + b"Content-Length:\r\n 2\r\n\r\nok", (200, 502)),
    "empty name": (OK + b": y\r\nContent-Length: 0\r\n\r\n", (502,)),
    "blank before colon": (OK + b"Content-Length : 2\r\n\r\nok", (502,)),
    "nothing": (b"", (502,)),
    "a byte": (b"H", (502,)),
    "half a head": (OK + b"Content-Length: 2", (502,)),
    "Location with control bytes": (b"HTTP/1.1 302 F\r\nLocation: http://x/\x01\r\nContent-Length: 0\r\n\r\n", (502,)),
    "a redirect to the proxy's own pages": (b"HTTP/1.1 302 F\r\nLocation: http://schoolgate.internal/continue\r\nContent-Length: 0\r\n\r\n", (302,)),
    "authentication of a proxy": (b"HTTP/1.1 407 P\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", (407,)),
    "500 with nothing": (b"HTTP/1.1 500\r\n\r\n", (500,)),
    "answer to a request never sent": (OK + b"Content-Length: 0\r\n\r\n" + OK + b"Content-Length: 4\r\n\r\nevil", (200,)),
}


class Robust(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.good = origins.Recorder()
        cls.silent = origins.Origin(lambda connection: (origins.read_head(connection), connection.recv(1)))
        cls.proxy = Proxy(ports=[cls.good.port, cls.silent.port], timeouts={"head": 5, "response": 5, "connect": 2, "body": 5, "hello": 5},
                          limits={"requests_per_second_per_client": 100000, "connections_per_client": 3000}).start()
        cls.pid = cls.proxy.process.pid

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()

    def setUp(self):
        self.held = []
        self.assert_served()
        self.before = self.proxy.lasting_descriptors()

    def tearDown(self):
        """The same process serves on, and holds no more descriptors than before (a few kept connections apart)."""
        for connection in self.held:
            reset(connection)
        self.assert_served()
        self.assertIsNone(self.proxy.process.poll())
        self.assertTrue(wait_until(lambda: self.proxy.lasting_descriptors() <= self.before + 16))

    def url(self, path="/", port=None):
        return f"http://ok.test:{port or self.good.port}{path}"

    def request(self, path="/", port=None, fields="Connection: close\r\n"):
        return f"GET {self.url(path, port)} HTTP/1.1\r\nHost: x\r\n{fields}\r\n".encode()

    def assert_served(self):
        """At once: within less than any deadline of this proxy."""
        begin = time.time()
        for _ in range(3):
            self.assertEqual(status_of(self.proxy.raw(self.request())), 200)
            self.assertEqual(status_of(self.proxy.raw(self.request().replace(b"ok.test", b"bet.test"))), 403)
        self.assertLess(time.time() - begin, 4.5)

    def hold(self, count, data):
        for _ in range(count):
            connection = self.proxy.connect()
            connection.sendall(data)
            self.held.append(connection)

    def test_hostile_answers(self):
        def ask(case):
            name, (answer, wanted) = case

            def serve(connection):
                origins.read_head(connection)
                connection.sendall(answer)
            origin = origins.Origin(serve)
            begin = time.time()
            raw = self.proxy.raw(self.request(port=origin.port))
            origin.close()
            return name, wanted, status_of(raw), time.time() - begin, raw
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for name, wanted, got, took, raw in pool.map(ask, HOSTILE.items()):
                with self.subTest(name):
                    self.assertIn(got, wanted)
                    self.assertLess(took, 4.5)
                    self.assertNotIn(b"evil", raw)
                    self.assertNotIn(b"roxy-Authenticate", raw)
        self.assert_served()

    def test_slow_and_silent_clients(self):
        rows = {
            "nothing": b"", "half a request line": b"GET http://ok", "half a head": self.request()[:-2], "half a CONNECT": b"CONNECT ok.test",
            "half a body": f"POST {self.url('/echo')} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc".encode(),
            "half a chunk": f"POST {self.url('/echo')} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc".encode(),
            "no ClientHello": f"CONNECT ok.test:{self.good.port} HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
            "half a ClientHello": f"CONNECT ok.test:{self.good.port} HTTP/1.1\r\nHost: x\r\n\r\n\x16\x03\x01\x02\x00\x01".encode("latin-1"),
            "no answer": self.request(port=self.silent.port),
        }
        for name, data in rows.items():
            with self.subTest(name):
                self.hold(300, data)
                self.assert_served()
                for connection in self.held:
                    reset(connection)
                self.held.clear()

    def test_drip(self):
        """One byte now and then keeps nobody longer than the deadline of the whole head."""
        with self.proxy.connect() as connection:
            begin = time.time()
            try:
                for byte in self.request("/" + "x" * 200):
                    connection.sendall(bytes([byte]))
                    connection.settimeout(0.1)
                    try:
                        if not connection.recv(100):
                            break
                        break
                    except TimeoutError:
                        pass
            except OSError:
                pass
            self.assertLess(time.time() - begin, 8)

    def test_stalled_readers(self):
        def endless(connection):
            origins.read_head(connection)
            connection.sendall(OK + b"Content-Length: 10000000000\r\n\r\n")
            origins.send_pattern(connection, 10000000000)
        origin = origins.Origin(endless)
        self.addCleanup(origin.close)
        memory = self.proxy.memory_kib()
        self.hold(60, self.request(port=origin.port))
        for connection in self.held:
            connection.recv(1)
        self.assert_served()
        time.sleep(0.5)
        self.assertLess((self.proxy.memory_kib() - memory) / 60, 280)

    def test_stalled_origins(self):
        """Uploads to origins that stop reading."""
        origin = origins.Origin(lambda c: (origins.read_head(c), time.sleep(5)))
        self.addCleanup(origin.close)
        memory = self.proxy.memory_kib()
        self.hold(60, f"POST {self.url(port=origin.port)} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n".encode())
        for connection in self.held:
            connection.settimeout(0.01)
            try:
                connection.sendall(bytes(1 << 20))
            except OSError:
                pass
        self.assert_served()
        self.assertLess((self.proxy.memory_kib() - memory) / 60, 280)

    def test_endless_request_head(self):
        for start, piece in ((b"GET http://ok.test/", b"x" * 4096), (self.request()[:-2], b"X: " + b"y" * 4000 + b"\r\n"), (b"", b"\r\n" * 2000), (b"", b"x" * 4096),
                             (self.request()[:-2] + b"X: ", b"y" * 4096), (self.request()[:-2], b"a:b\r\n" * 800)):
            with self.subTest(start=start[:40], piece=piece[:10]), self.proxy.connect() as connection:
                sent = 0
                try:
                    connection.sendall(start)
                    while sent < (64 << 20):
                        sent += connection.send(piece)
                except OSError:
                    pass
                self.assertLess(sent, 16 << 20)  # what the kernel holds on both sides included

    def test_endless_response_head(self):
        for piece in (b"X: " + b"y" * 4000 + b"\r\n", b"y" * 4096, b" \r\n" * 1000):
            sent = [0]

            def serve(connection, piece=piece, sent=sent):
                origins.read_head(connection)
                connection.sendall(OK)
                while sent[0] < (64 << 20):
                    sent[0] += connection.send(piece)
            origin = origins.Origin(serve)
            self.addCleanup(origin.close)
            with self.subTest(piece=piece[:10]):
                self.assertEqual(status_of(self.proxy.raw(self.request(port=origin.port))), 502)
                self.assertLess(sent[0], 16 << 20)

    def test_costly_requests(self):
        """What could cost more than its length: each takes next to no time of the processor."""
        filler = "".join(f"X-{i}: y\r\n" for i in range(180))
        rows = {
            "connection options": "Connection: " + "a," * 30000 + "close\r\n", "options and fields": filler + "Connection: " + "ab," * 19000 + "close\r\n",
            "forwarded for": "X-Forwarded-For: " + "1.1.1.1, " * 7000 + "\r\n", "vias": "Via: " + "1.1 a, " * 9000 + "1.1 b\r\n", "accept": "Accept: " + "a/b;q=0.1," * 6000 + "text/html\r\n",
            "languages": "Accept-Language: " + "vi;q=0.1," * 6000 + "en\r\n", "ranges": "Range: bytes=" + "0-1," * 15000 + "5-\r\n", "cookies": "Cookie: " + "a=b; " * 12000 + "\r\n",
        }
        for name, fields in rows.items():
            for host in ("ok.test", "bet.test"):
                with self.subTest(name, host=host):
                    message = self.request(fields="Connection: close\r\n" + fields).replace(b"ok.test", host.encode())
                    self.assertLess(len(message), 65536)
                    begin = self.proxy.cpu_seconds()
                    self.assertIn(status_of(self.proxy.raw(message)), (200, 403, 431))
                    self.assertLess(self.proxy.cpu_seconds() - begin, 0.5)
        for target in ("/" + "../" * 4000, "/" + "%2e%2e%2f" * 1500, "/" + "a/" * 7000, "/" + "%25" * 4000, "/?" + "&" * 15000, "/" + "//" * 7000, "/casino-" * 1500, "/" + "%e1%bb%ab" * 1600):
            with self.subTest(target=target[:12]):
                begin = self.proxy.cpu_seconds()
                self.assertIn(status_of(self.proxy.raw(self.request(target))), (200, 403, 414))
                self.assertLess(self.proxy.cpu_seconds() - begin, 0.5)

    def test_resets_in_every_state(self):
        def endless(connection):
            origins.read_head(connection)
            connection.sendall(CHUNKED)
            while True:
                connection.sendall(b"400\r\n" + bytes(1024) + b"\r\n")
        origin = origins.Origin(endless)
        self.addCleanup(origin.close)
        post = f"POST {self.url('/echo')} HTTP/1.1\r\nHost: x\r\n"
        connect = f"CONNECT ok.test:{self.good.port} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        states = {
            "idle": (b"", False), "in a head": (b"GET http://ok", False), "waiting for an answer": (self.request(port=self.silent.port), False),
            "in an answer": (self.request(port=origin.port), True), "in a body": ((post + "Content-Length: 100\r\n\r\nx").encode(), False),
            "in a chunk": ((post + "Transfer-Encoding: chunked\r\n\r\nff\r\nx").encode(), False), "connecting": (f"GET http://ok.test:1/ HTTP/1.1\r\nHost: x\r\n\r\n".encode(), False),
            "tunnel": (connect, True), "in a hello": (connect + b"\x16\x03\x01", True), "kept alive": (self.request(fields=""), True), "refused": (b"\0\r\n\r\n", True),
            "blocked": (self.request(fields="").replace(b"ok.test", b"bet.test"), False), "pipelined": (self.request("/size/100000", fields="") * 20, True),
        }
        for name, (data, wait) in states.items():
            for end in (reset, lambda c: (c.shutdown(socket.SHUT_WR), c.close())):
                with self.subTest(name, end=end):
                    for _ in range(25):
                        connection = self.proxy.connect()
                        connection.sendall(data)
                        if wait:
                            connection.recv(10)
                        end(connection)
        self.assertTrue(wait_until(lambda: self.proxy.lasting_descriptors() <= self.before + 16))

    def test_churn(self):
        """Thousands of short connections leave neither descriptors nor memory behind."""
        messages = [(self.request(), 200), (self.request().replace(b"ok.test", b"bet.test"), 403), (b"\x16\x03\x01\r\n\r\n", 400), (b"GET / HTTP/1.1\r\n\r\n", 400)]

        def ask(i):
            message, want = messages[i % len(messages)]
            return status_of(self.proxy.raw(message)) == want
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            self.assertTrue(all(pool.map(ask, range(2000))))
            memory = self.proxy.memory_kib()
            self.assertTrue(all(pool.map(ask, range(6000))))
        self.assertLess(self.proxy.memory_kib() - memory, 8 * 1024)

    def test_more_connections_than_allowed(self):
        with Proxy(limits={"connections_per_client": 50}) as proxy:
            held = [proxy.connect() for _ in range(50)]
            with proxy.connect() as connection:
                self.assertIn(status_of(read_all(connection)), (0, 503))
            for connection in held:
                connection.close()
            end = time.time() + 5
            while status_of(proxy.raw(self.request())) != 200:
                self.assertLess(time.time(), end)


if __name__ == "__main__":
    unittest.main()
