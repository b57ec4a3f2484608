"""Every byte arrives, in order and once; what was cut off looks cut off."""
import hashlib
import socket
import struct
import threading
import time
import unittest

import origins
from harness import Proxy, read_all, status_of, wait_until

BIG = 64 << 20


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def blocks(size):
    """`size` bytes of which no two stretches are alike."""
    number = 0
    while size > 0:
        block = hashlib.sha512(b"%d" % number).digest() * 1024
        yield block[:size]
        size -= min(size, len(block))
        number += 1


def digest_of(parts):
    sum_ = hashlib.md5()
    for part in parts:
        sum_.update(part)
    return sum_.hexdigest()


class Reader:
    """Reads responses from a connection, strictly."""

    def __init__(self, connection):
        self.connection, self.rest = connection, b""

    def more(self):
        data = self.connection.recv(1 << 18)
        if not data:
            raise EOFError
        self.rest += data

    def line(self):
        while b"\r\n" not in self.rest:
            self.more()
        line, _, self.rest = self.rest.partition(b"\r\n")
        return line

    def take(self, size):
        while size > 0:
            if not self.rest:
                self.more()
            part, self.rest = self.rest[:size], self.rest[size:]
            size -= len(part)
            yield part

    def head(self):
        while b"\r\n\r\n" not in self.rest:
            self.more()
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        return int(head[9:12]), origins.fields_of(head)

    def chunks(self):
        while size := int(self.line(), 16):
            yield from self.take(size)
            assert self.line() == b""
        assert self.line() == b"", "the proxy sends no trailers"

    def body(self, fields):
        if fields.get("transfer-encoding") == "chunked":
            return self.chunks()
        return self.take(int(fields["content-length"]))


class Integrity(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.good = origins.Recorder()
        cls.tunnelled = origins.Origin(lambda connection: cls.in_tunnel(connection))
        cls.proxy = Proxy(ports=[cls.good.port, cls.tunnelled.port], timeouts={"head": 5, "response": 5, "connect": 2, "body": 5}).start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()

    def origin(self, serve):
        origin = origins.Origin(serve)
        self.addCleanup(origin.close)
        return origin.port

    def answering(self, answer, then=None):
        """An origin that reads one head and sends those bytes."""
        def serve(connection):
            origins.read_head(connection)
            connection.sendall(answer)
            if then:
                then(connection)
        return self.origin(serve)

    def open(self, port, method="GET", fields="", version="HTTP/1.1", path="/"):
        connection = self.proxy.connect()
        self.addCleanup(connection.close)
        connection.sendall(f"{method} http://ok.test:{port}{path} {version}\r\nHost: x\r\n{fields}\r\n".encode())
        return connection

    def get(self, port, **how):
        reader = Reader(self.open(port, **how))
        status, fields = reader.head()
        return status, fields, b"".join(reader.body(fields))

    def test_big_downloads(self):
        def by_length(connection):
            origins.read_head(connection)
            connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {BIG}\r\n\r\n".encode())
            for block in blocks(BIG):
                connection.sendall(block)

        def by_chunks(connection):
            origins.read_head(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for block in blocks(BIG):
                connection.sendall(b"%X;x=y\r\n" % len(block) + block + b"\r\n")
            connection.sendall(b"0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n")

        def until_close(connection):
            origins.read_head(connection)
            connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
            for block in blocks(BIG):
                connection.sendall(block)
        want = digest_of(blocks(BIG))
        for serve in (by_length, by_chunks, until_close):
            with self.subTest(serve.__name__):
                reader = Reader(self.open(self.origin(serve)))
                _, fields = reader.head()
                self.assertEqual(digest_of(reader.body(fields)), want)

    def test_big_uploads(self):
        def serve(connection):
            head, rest = origins.read_head(connection)
            reader = Reader(connection)
            reader.rest = rest
            sum_ = digest_of(reader.body(origins.fields_of(head)))
            connection.sendall(origins.response(sum_))
        port, want = self.origin(serve), digest_of(blocks(BIG))
        for chunked in (False, True):
            with self.subTest(chunked=chunked):
                framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {BIG}"
                connection = self.open(port, "POST", framing + "\r\n")
                for block in blocks(BIG):
                    connection.sendall(b"%x\r\n%s\r\n" % (len(block), block) if chunked else block)
                if chunked:
                    connection.sendall(b"0\r\nX-Trailer: 1\r\n\r\n")
                reader = Reader(connection)
                _, fields = reader.head()
                self.assertEqual(b"".join(reader.body(fields)).decode(), want)

    def test_up_and_down_at_once(self):
        size = 16 << 20

        def serve(connection):
            head, rest = origins.read_head(connection)
            reader = Reader(connection)
            reader.rest = rest
            connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
            for part in reader.body(origins.fields_of(head)):
                connection.sendall(part)
        connection = self.open(self.origin(serve), "POST", f"Content-Length: {size}\r\n")
        threading.Thread(target=lambda: [connection.sendall(b) for b in blocks(size)], daemon=True).start()
        reader = Reader(connection)
        _, fields = reader.head()
        self.assertEqual(digest_of(reader.body(fields)), digest_of(blocks(size)))

    def tunnel(self, serve):
        type(self).in_tunnel = staticmethod(serve)
        return self.open_tunnel(self.tunnelled.port)

    def open_tunnel(self, port):
        connection = self.proxy.connect("127.0.0.2")
        self.addCleanup(connection.close)
        connection.sendall(f"CONNECT ok.test:{port} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        self.assertEqual(Reader(connection).head()[0], 200)
        return connection

    def test_tunnel_client_closes_its_side(self):
        size = 32 << 20

        def serve(connection):
            sum_ = hashlib.md5()
            while data := connection.recv(1 << 18):
                sum_.update(data)
            connection.sendall(sum_.digest())
            for block in blocks(size):
                connection.sendall(block)
        connection = self.tunnel(serve)
        connection.sendall(b"\0")
        for block in blocks(size):
            connection.sendall(block)
        connection.shutdown(socket.SHUT_WR)
        got = read_all(connection)
        self.assertEqual(got[:16], hashlib.md5(b"\0" + b"".join(blocks(size))).digest())
        self.assertEqual(digest_of([got[16:]]), digest_of(blocks(size)))

    def test_tunnel_origin_closes_its_side(self):
        got = []

        def serve(connection):
            connection.recv(1)
            connection.sendall(b"first and last")
            connection.shutdown(socket.SHUT_WR)
            got.append(read_all(connection))
        connection = self.tunnel(serve)
        connection.sendall(b"\0")
        self.assertEqual(read_all(connection), b"first and last")
        for block in blocks(4 << 20):
            connection.sendall(block)
        connection.close()
        self.assertTrue(wait_until(lambda: got))
        self.assertEqual(digest_of(got), digest_of(blocks(4 << 20)))

    def test_chunks_of_every_size(self):
        body = b"".join(blocks(20000))
        for sizes in ([1], [1, 2, 3, 4096, 5], [32768], [16384, 1], [65536, 100]):
            with self.subTest(sizes=sizes):
                out, at, i = b"", 0, 0
                while at < len(body):
                    part = body[at:at + sizes[i % len(sizes)]]
                    out += b"%x\r\n%s\r\n" % (len(part), part)
                    at, i = at + len(part), i + 1
                port = self.answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + out + b"0\r\n\r\n")
                self.assertTrue(self.get(port)[2] == body)

    def test_chunk_sizes_of_old_origins(self):
        """Padded with blanks; what is passed on is not."""
        port = self.answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5     \r\nhello\r\n6\t \r\n world\r\n0     \r\n\r\n")
        self.assertEqual(self.get(port)[2], b"hello world")
        raw = read_all(self.open(port, fields="Connection: close\r\n"))
        self.assertTrue(raw.endswith(b"\r\n0\r\n\r\n") and b" \r\n" not in raw.partition(b"\r\n\r\n")[2], raw[-60:])

    def test_old_clients_get_no_chunks(self):
        port = self.answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
        raw = read_all(self.open(port, version="HTTP/1.0"))
        head, _, body = raw.partition(b"\r\n\r\n")
        self.assertEqual(body, b"hello world")
        self.assertNotIn(b"chunked", head)

    def test_no_body_where_none_can_be(self):
        """And the next request on that connection is answered as if nothing had been."""
        stray = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
        rows = {
            "head": ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), "head with body": ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" + stray),
            "head chunked": ("HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + stray), "204": ("GET", b"HTTP/1.1 204 No Content\r\n\r\n" + stray),
            "204 with length": ("GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nevil" + stray), "304": ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 40\r\n\r\n" + stray),
            "204 chunked": ("GET", b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n"), "more than the length": ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + stray),
            "after the last chunk": ("GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + stray), "205": ("GET", b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n" + stray),
        }
        for name, (method, answer) in rows.items():
            with self.subTest(name):
                connection = self.open(self.answering(answer), method)
                reader = Reader(connection)
                self.assertIn(reader.head()[0], (200, 204, 205, 304))
                if method == "GET" and b"chunked" in answer and b"204" not in answer:
                    self.assertEqual(reader.line() + reader.line(), b"0")
                connection.sendall(f"GET http://ok.test:{self.good.port}/size/3 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                status, fields = reader.head()
                self.assertEqual((status, fields.get("content-length")), (200, "3"))
                self.assertEqual(b"".join(reader.take(3)), origins.pattern(3))

    def looks_whole(self, raw):
        head, _, body = raw.partition(b"\r\n\r\n")
        fields = origins.fields_of(head)
        if fields.get("transfer-encoding") == "chunked":
            return body.endswith(b"0\r\n\r\n")
        return "content-length" in fields and len(body) == int(fields["content-length"])

    def test_what_was_cut_off_looks_cut_off(self):
        rows = {
            "length": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789", "before a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
            "in a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n10\r\nhalf", "in a size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1",
            "in the last chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", "in a trailer": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n",
            "bad size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nxyz\r\n", "negative size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n-1\r\n",
            "huge size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nfffffffffffffffff\r\n", "chunk without end": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n",
            "first chunk is bad": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        }
        for name, answer in rows.items():
            for end in (None, reset):
                with self.subTest(name, end=end):
                    raw = read_all(self.open(self.answering(answer, end), fields="Connection: close\r\n"))
                    self.assertTrue(status_of(raw) == 502 or not self.looks_whole(raw), raw[-60:])

    def test_until_close_that_ends_with_a_reset(self):
        port = self.answering(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000, lambda c: (time.sleep(0.2), reset(c)))
        self.assertFalse(read_all(self.open(port, fields="Connection: close\r\n")).endswith(b"0\r\n\r\n"))

    def test_a_cut_upload_does_not_look_whole(self):
        for fields, body in (("Content-Length: 100\r\n", b"0123456789"), ("Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n"), ("Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n0\r\n"),
                             ("Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\nzz\r\n")):
            for end in (lambda c: c.shutdown(socket.SHUT_WR), reset):
                with self.subTest(fields=fields, body=body):
                    got, done = [], threading.Event()

                    def serve(connection):
                        try:
                            while data := connection.recv(65536):
                                got.append(data)
                        except OSError:
                            got.append(b"reset")
                        done.set()
                    connection = self.open(self.origin(serve), "POST", fields)
                    connection.sendall(body)
                    time.sleep(0.05)
                    end(connection)
                    self.assertTrue(done.wait(10))
                    seen = b"".join(got)
                    self.assertFalse(seen.endswith(b"0\r\n\r\n") and b"zz" not in seen, seen)

    def test_continue(self):
        def asks(connection):
            head, rest = origins.read_head(connection)
            assert b"xpect: 100-continue" in head and not rest
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            body, _ = origins.read_body(connection, head, rest)
            connection.sendall(origins.response(body))

        def refuses(connection):
            origins.read_head(connection)
            connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")

        def says_nothing(connection):
            head, rest = origins.read_head(connection)
            body, _ = origins.read_body(connection, head, rest)
            connection.sendall(origins.response(body))
        for serve, first in ((asks, 100), (refuses, 413), (says_nothing, None)):
            with self.subTest(serve.__name__):
                connection = self.open(self.origin(serve), "POST", "Content-Length: 5\r\nExpect: 100-continue\r\n")
                reader = Reader(connection)
                if first:
                    status, fields = reader.head()
                    self.assertEqual(status, first)
                    if first == 413:
                        self.assertEqual(b"".join(reader.body(fields)), b"no")
                        continue
                connection.sendall(b"hello")
                status, fields = reader.head()
                self.assertEqual((status, b"".join(reader.body(fields))), (200, b"hello"))

    def test_early_answers(self):
        """An origin that answers before it has read the body, and then goes on reading, stops reading, or closes."""
        def reads_on(connection):
            origins.read_head(connection)
            connection.sendall(origins.response("early"))
            while connection.recv(65536):
                pass

        def stops(connection):
            origins.read_head(connection)
            connection.sendall(origins.response("early", headers=["Connection: close"]))
            time.sleep(2)

        def closes(connection):
            origins.read_head(connection)
            connection.sendall(origins.response("early", headers=["Connection: close"]))
        for serve in (reads_on, stops, closes):
            with self.subTest(serve.__name__):
                connection = self.open(self.origin(serve), "POST", f"Content-Length: {BIG}\r\n")

                def send():
                    try:
                        for block in blocks(BIG):
                            connection.sendall(block)
                    except OSError:
                        pass
                threading.Thread(target=send, daemon=True).start()
                reader = Reader(connection)
                status, fields = reader.head()
                self.assertEqual((status, b"".join(reader.body(fields))), (200, b"early"))

    def test_interim_answers(self):
        port = self.answering(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + origins.response("final"))
        reader = Reader(self.open(port))
        self.assertEqual([reader.head()[0] for _ in range(2)], [103, 102])
        status, fields = reader.head()
        self.assertEqual((status, b"".join(reader.body(fields))), (200, b"final"))
        raw = read_all(self.open(port, version="HTTP/1.0"))
        self.assertTrue(raw.startswith(b"HTTP/1.1 200") and raw.endswith(b"final"), "an HTTP/1.0 client knows no interim answers")

    def test_fields_arrive(self):
        port = self.answering(b"HTTP/1.1 206 Partial\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2, c\r\nContent-Range: bytes 0-4/10\r\nETag: W/\"x\"\r\nX-Utf8: \xc3\xa9\r\nX-Empty:\r\n"
                              b"Content-Length: 5\r\n\r\nhello")
        connection = self.open(port, fields="Range: bytes=0-4\r\n")
        reader = Reader(connection)
        while b"\r\n\r\n" not in reader.rest:
            reader.more()
        for field in (b"Set-Cookie: a=1\r\nSet-Cookie: b=2, c\r\n", b"Content-Range: bytes 0-4/10\r\n", b'ETag: W/"x"\r\n', b"X-Utf8: \xc3\xa9\r\n"):
            self.assertIn(field, reader.rest)

    def websocket(self, connection, prefix):
        frames = [b"hello", b"", bytes(range(125)), b"".join(blocks(60000))]
        connection.sendall(f"GET {prefix}/ws HTTP/1.1\r\nHost: ok.test:{self.good.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
        reader = Reader(connection)
        status, fields = reader.head()
        self.assertEqual((status, fields["sec-websocket-accept"]), (101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
        for payload in frames:
            length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
            connection.sendall(b"\x82" + length + bytes(4) + payload)
            want = b"\x82" + (bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + len(payload).to_bytes(2, "big")) + payload
            self.assertEqual(b"".join(reader.take(len(want))), want)
        connection.sendall(b"\x88\x80" + bytes(4))
        self.assertEqual(b"".join(reader.take(2)), b"\x88\x00")

    def test_websocket(self):
        connection = self.proxy.connect()
        self.addCleanup(connection.close)
        self.websocket(connection, f"http://ok.test:{self.good.port}")

    def test_websocket_in_a_tunnel(self):
        self.websocket(self.open_tunnel(self.good.port), "")

    def test_many_answers_on_one_connection(self):
        connection = self.proxy.connect()
        self.addCleanup(connection.close)
        sizes = [0, 1, 100, 8191, 8192, 8193, 32767, 32768, 32769, 65536, 200000, 0, 5]
        connection.sendall("".join(f"GET http://ok.test:{self.good.port}/{kind}/{s} HTTP/1.1\r\nHost: x\r\n\r\n" for s in sizes for kind in ("size", "chunked")).encode())
        reader = Reader(connection)
        for size in sizes:
            for _ in range(2):
                _, fields = reader.head()
                self.assertTrue(b"".join(reader.body(fields)) == origins.pattern(size), size)


if __name__ == "__main__":
    unittest.main()
