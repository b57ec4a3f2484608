"""Request smuggling: whatever a client sends, each request that an origin sees was judged, and no head can be read in two ways.

Some 1,500 messages, each a request for an allowed page with a blocked request hidden behind it. The origin is a strict reader: it
notes every head that is not in canonical form and every request for a place that the proxy must not reach.
"""
import concurrent.futures
import re
import socket
import threading
import unittest

import origins
from harness import Proxy, read_all

LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ (/[\x21-\x7e]*|\*) HTTP/1\.1")
FIELD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+: ([\x21-\x7e\x80-\xff]([\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?")
CHUNK = re.compile(rb"([0-9a-f]{1,16})\r\n")


class StrictOrigin:
    """Reads requests as strictly as can be, answers each with 200, and keeps what is wrong with them."""

    def __init__(self):
        self.faults, self.requests, self.lock = [], 0, threading.Lock()
        self.origin = origins.Origin(self._serve)
        self.port = self.origin.port
        self.host = f"ok.test:{self.port}".encode()

    def note(self, fault, data):
        with self.lock:
            self.faults.append((fault, bytes(data[:300])))

    def _serve(self, connection):
        rest = b""
        while True:
            head, rest = origins.read_head(connection, rest)
            if head is None:
                return
            self.requests += 1
            framing = self.check(head)
            try:
                rest = self.skip_body(connection, framing, rest)
            except OSError:
                return  # cut off: the proxy gave it up
            connection.sendall(origins.response(b"fine"))

    def check(self, head):
        line, *fields = head.split(b"\r\n")
        if not LINE.fullmatch(line):
            self.note("request line", head)
        if re.search(rb" (http:|/hidden)", line):
            self.note("smuggled", head)
        names = {}
        for field in fields:
            if not FIELD.fullmatch(field):
                self.note("field", head)
            name, _, value = field.partition(b": ")
            names.setdefault(name.lower(), []).append(value)
        if names.get(b"host") != [self.host]:
            self.note("host", head)
        length, coding = names.get(b"content-length", []), names.get(b"transfer-encoding", [])
        if len(length) + len(coding) > 1 or any(v != b"chunked" for v in coding) or any(not v.isdigit() for v in length):
            self.note("framing", head)
        return "chunked" if coding else int(length[0]) if length else 0

    def skip_body(self, connection, framing, rest):
        def more(rest):
            data = connection.recv(65536)
            if not data:
                raise OSError("end")
            return rest + data
        if framing != "chunked":
            while len(rest) < framing:
                rest = more(rest)
            return rest[framing:]
        while True:
            while b"\r\n" not in rest:
                rest = more(rest)
            size = CHUNK.match(rest)
            if not size:
                self.note("chunk", rest)
                raise OSError("bad chunk")
            need = int(size[1], 16) + 2
            rest = rest[size.end():]
            while len(rest) < need:
                rest = more(rest)
            if rest[need - 2:need] != b"\r\n":
                self.note("chunk end", rest)
            rest = rest[need:]
            if need == 2:
                return rest


CODINGS = {
    "plain": "Transfer-Encoding: chunked", "lower": "transfer-encoding: chunked", "upper": "TRANSFER-ENCODING: CHUNKED",
    "mixed": "tRaNsFeR-eNcOdInG: cHuNkEd", "no blank": "Transfer-Encoding:chunked", "two blanks": "Transfer-Encoding:  chunked",
    "tab": "Transfer-Encoding:\tchunked", "blank after": "Transfer-Encoding: chunked ", "tab after": "Transfer-Encoding: chunked\t",
    "blank before": " Transfer-Encoding: chunked", "blank before colon": "Transfer-Encoding : chunked",
    "tab before colon": "Transfer-Encoding\t: chunked", "space in name": "Transfer Encoding: chunked",
    "underscore": "Transfer_Encoding: chunked", "dot": "Transfer.Encoding: chunked", "no hyphen": "TransferEncoding: chunked",
    "no colon": "Transfer-Encoding chunked", "two colons": "Transfer-Encoding:: chunked", "quotes": 'Transfer-Encoding: "chunked"',
    "apostrophes": "Transfer-Encoding: 'chunked'", "identity": "Transfer-Encoding: identity", "then identity": "Transfer-Encoding: chunked, identity",
    "identity before": "Transfer-Encoding: identity, chunked", "gzip before": "Transfer-Encoding: gzip, chunked",
    "twice": "Transfer-Encoding: chunked, chunked", "two lines": "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "other line before": "Transfer-Encoding: cow\r\nTransfer-Encoding: chunked", "other line after": "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow",
    "empty": "Transfer-Encoding:", "commas": "Transfer-Encoding: ,chunked,", "parameter": "Transfer-Encoding: chunked;q=1",
    "prefix": "Transfer-Encoding: xchunked", "suffix": "Transfer-Encoding: chunkedx", "cut": "Transfer-Encoding: chunk",
    "words": "Transfer-Encoding: cow chunked bar", "folded": "Transfer-Encoding:\r\n chunked", "folded by tab": "Transfer-Encoding:\r\n\tchunked",
    "folded bare": "Transfer-Encoding:\n chunked", "folded after": "Transfer-Encoding: chunked\r\n , identity", "in another": "X: y\r\n Transfer-Encoding: chunked",
    "content coding": "Content-Encoding: chunked", "te": "TE: chunked", "escape": "Transfer-Encoding: chunke%64", "kelvin": "Transfer-Encoding: chun\xe2\x84\xaaed",
    "accent": "Transf\xe9r-Encoding: chunked", "cr in name": "Tran\rsfer-Encoding: chunked", "lf in name": "Tran\nsfer-Encoding: chunked",
    "nul in name": "Tran\0sfer-Encoding: chunked", "nul in value": "Transfer-Encoding: chu\0nked", "nul after": "Transfer-Encoding: chunked\0",
    "cr line": "X: y\rTransfer-Encoding: chunked", "lf line": "X: y\nTransfer-Encoding: chunked", "crcr": "X: y\r\r\nTransfer-Encoding: chunked",
    "connection": "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked", "connection te": "Connection: close, TE\r\nTransfer-Encoding: chunked",
    "long": "Transfer-Encoding: " + "chunked, " * 500 + "chunked", "unicode dash": "Transfer\xe2\x80\x91Encoding: chunked",
}
LENGTHS = ("+{}", "-{}", "0x{}", "{},{}", "{}, {}", "{} {}", "{}.0", "{}e0", "{};", "0{}", "00000000000000000000000{}", "'{}'", '"{}"', "{}\r\nContent-Length: {}",
           "{}\r\nContent-Length: 0", "0\r\nContent-Length: {}", "{}\r\n Content-Length: 0", "0\r\n {}", "{}\r\n 0", "", " ", "{}\x0b", "{}\x0c", "\x0b{}",
           "{}\x00", "\xa0{}", "18446744073709551616", "18446744073709551{}", "9223372036854775808", "4294967296", "{}_0", "\uff11".encode().decode("latin-1"),
           "{}\r\nContent_Length: 0", "{}\r\nContent-Length : 0", "{}\r\nConnection: Content-Length", "{}\r\ncontent-length: {}", "0{}\r\nContent-Length: {}",
           "{}\r\nContent-Length\t: 0", "{}\r\nContent-Length: ", "identity")
CHUNKS = ("{h}", "0\r\n\r\n{h}", "0\r\n\r\n\r\n{h}", "0\n\n{h}", "0\r\n\n{h}", "0\n\r\n{h}", "0\r\r\n\r\n{h}", "00\r\n\r\n{h}", "0;\r\n\r\n{h}", "0;x\r\n\r\n{h}", "0;x=\"\r\n\r\n{h}",
          "0;x=\"\n\"\r\n\r\n{h}", "0;\n\r\n\r\n{h}", "0 \r\n\r\n{h}", " 0\r\n\r\n{h}", "\t0\r\n\r\n{h}", "0\t\r\n\r\n{h}", "+0\r\n\r\n{h}", "-0\r\n\r\n{h}", "0x0\r\n\r\n{h}", "0_0\r\n\r\n{h}",
          "\r\n0\r\n\r\n{h}", "0\x00\r\n\r\n{h}", "0\x0b\r\n\r\n{h}", "0,0\r\n\r\n{h}", "g\r\n\r\n{h}", "\r\n\r\n{h}", ";\r\n\r\n{h}", "5\r\nhello\r\n0\r\n\r\n{h}", "5\r\nhello0\r\n\r\n{h}",
          "5\r\nhello\n0\r\n\r\n{h}", "5\r\nhelloxx0\r\n\r\n{h}", "5\nhello\r\n0\r\n\r\n{h}", "5\rhello\r\n0\r\n\r\n{h}", "5\r\nhello\r\n\r\n0\r\n\r\n{h}", "5;a=b;c\r\nhello\r\n0\r\n\r\n{h}",
          "5\r\nhello!\r\n0\r\n\r\n{h}", "6\r\nhello\r\n0\r\n\r\n{h}", "00000000000000005\r\nhello\r\n0\r\n\r\n{h}", "10000000000000005\r\nhello\r\n0\r\n\r\n{h}", "ffffffffffffffff\r\nhello\r\n0\r\n\r\n{h}",
          "fffffffffffffff5\r\nhello\r\n0\r\n\r\n{h}", "8000000000000000\r\n{h}", "7fffffffffffffff\r\n{h}", "100000000\r\nhello\r\n0\r\n\r\n{h}", "5 5\r\nhello\r\n0\r\n\r\n{h}", "5h\r\nhello\r\n0\r\n\r\n{h}",
          "0\r\nX: y\r\n\r\n{h}", "0\r\nHost: blocked.test\r\n\r\n{h}", "0\r\nContent-Length: 50\r\n\r\n{h}", "0\r\nX\r\n\r\n{h}", "0\r\n X: y\r\n\r\n{h}", "0\r\nX: y\n\n{h}", "0\r\nX: y\r\r\n{h}", "0\r\nX: \0\r\n\r\n{h}",
          "0\r\nGET http://blocked.test/hidden HTTP/1.1\r\n\r\n", "0\r\nTransfer-Encoding: chunked\r\n\r\n{h}", "0\r\n" + "X: y\r\n" * 3000 + "\r\n{h}", "0" * 20 + "\r\n\r\n{h}", "0;" + "x" * 5000 + "\r\n\r\n{h}",
          "A\r\n0123456789\r\n0\r\n\r\n{h}", "a\r\n0123456789\r\n0\r\n\r\n{h}", "1\r\nZ\r\nQ\r\n\r\n{h}", "3\r\nx=\r\n0\r\n\r\n{h}", "0\r\n\rx{h}", "0\r\n{h}")
# The byte stands where %c is; every family with every byte that has no place in a head.
BYTE_FAMILIES = ("%cTransfer-Encoding: chunked", "Transfer-Encoding%c: chunked", "Transfer-Encoding:%cchunked", "Transfer-Encoding: chunked%c",
                 "Transfer-%cEncoding: chunked", "X: x%cTransfer-Encoding: chunked", "Transfer-Encoding: chunked%cX: x",
                 "X: x\r%cTransfer-Encoding: chunked", "X: x%c\nTransfer-Encoding: chunked", "X: x\r\n%cTransfer-Encoding: chunked",
                 "Content-Length%c: 3", "Content-Length: 3%c", "Content-Length:%c3", "X: a%cb", "X%c: ab")
BYTES = (*range(0x00, 0x21), 0x22, 0x28, 0x2c, 0x3a, 0x3b, 0x7f, 0x80, 0x85, 0xa0, 0xad, 0xff)
OTHER_HEADS = (
    "X: y\r\n", "X: y\n", "X: y\r", "X\r\n", ": y\r\n", "X: y\r\n Z: w\r\n", "X:\r\n y\r\n", "Host: blocked.test\r\n", "Host: ok.test\r\n", "Host : blocked.test\r\n", " Host: blocked.test\r\n",
    "Connection: Host\r\n", "Connection: Via\r\n", "Connection: close, X\r\nX: y\r\n", "Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n", "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
    "Expect: 100-continue\r\n", "Expect: 100-continue, x\r\n", "Expect: x\r\n", "Upgrade: websocket\r\nConnection: Upgrade\r\n", "Proxy-Connection: keep-alive\r\n", "Proxy-Authorization: Basic eA==\r\n",
    "Trailer: X\r\n", "TE: trailers, chunked\r\n", "X-Forwarded-Host: blocked.test\r\n", "X-HTTP-Method-Override: CONNECT\r\n", "X-Original-URL: /hidden\r\n", "Max-Forwards: 0\r\n", "X: " + "\x80\xff\xa0" + "\r\n", "X: \x7f\r\n",
)
LINES = (
    "GET {u} HTTP/1.1", "GET  {u} HTTP/1.1", "GET {u}  HTTP/1.1", "GET\t{u} HTTP/1.1", "GET {u}\tHTTP/1.1", " GET {u} HTTP/1.1", "GET {u} HTTP/1.1 ", "GET {u} HTTP/1.1\t", "GET {u} HTTP/1.1 x", "GET {u}\x0bHTTP/1.1",
    "GET {u}\x0cHTTP/1.1", "GET {u}\xa0HTTP/1.1", "GET {u} HTTP/1.1\r", "GET {u} HTTP/1.1\nX: y", "GET {u}\nHTTP/1.1", "GET {u}", "GET {u} HTTP/1.0", "GET {u} HTTP/0.9", "GET {u} HTTP/1.2", "GET {u} HTTP/2.0", "GET {u} HTTP/3",
    "GET {u} http/1.1", "GET {u} HTTP/1.1.1", "GET {u} HTTP/11", "GET {u} HTTP/1.01", "GET {u} HTTP/+1.1", "GET {u} HTTP /1.1", "GET {u} HTTPS/1.1", "GET {u} RTSP/1.0", "GET {u} ICAP/1.0", "GET {u} x HTTP/1.1", "GET {u}%20x HTTP/1.1",
    "GET {u}\x00 HTTP/1.1", "GET {u}\x01 HTTP/1.1", "GET {u}\x7f HTTP/1.1", "GET {u}\xe9 HTTP/1.1", "GET {u}\"<>^`{{|}} HTTP/1.1", "G\x00ET {u} HTTP/1.1", "G(T {u} HTTP/1.1", "\x16GET {u} HTTP/1.1", "get {u} HTTP/1.1", "{u} HTTP/1.1",
    "\r\nGET {u} HTTP/1.1", "\r\n\r\nGET {u} HTTP/1.1", "\r\n\r\n\r\nGET {u} HTTP/1.1", "\nGET {u} HTTP/1.1", "\rGET {u} HTTP/1.1", "GET /x HTTP/1.1\r\nX: {u}", "GET * HTTP/1.1", "OPTIONS * HTTP/1.1", "OPTIONS {u} HTTP/1.1",
    "GET {u}#x HTTP/1.1", "GET {u}?x HTTP/1.1", "GET {u}%0d%0aX:%20y HTTP/1.1", "GET {u}%0aGET%20/hidden HTTP/1.1", "PRI * HTTP/2.0", "GET {u} HTTP/1.1\r\n\r\nGET {u}/2 HTTP/1.1",
)


class Messages:
    def __init__(self, port):
        self.url = f"http://ok.test:{port}/case"
        self.hidden = f"GET http://blocked.test:{port}/hidden HTTP/1.1\r\nHost: blocked.test\r\n\r\n"
        self.relative = "GET /hidden HTTP/1.1\r\nHost: blocked.test\r\n\r\n"

    def post(self, fields, body):
        return f"POST {self.url} HTTP/1.1\r\nHost: ok.test\r\n{fields}\r\n\r\n{body}"

    def coded(self, coding):
        """The coding with a length around it that says otherwise, both ways round."""
        for hidden in (self.hidden, self.relative):
            body = "0\r\n\r\n" + hidden
            yield self.post(f"{coding}\r\nContent-Length: {len(body)}", body)
            yield self.post(f"Content-Length: 3\r\n{coding}", f"{len(hidden):x}\r\n{hidden}\r\n0\r\n\r\n")
        yield self.post(coding, "0\r\n\r\n" + self.relative)
        yield f"GET {self.url} HTTP/1.0\r\n{coding}\r\n\r\n0\r\n\r\n{self.hidden}"

    def all(self):
        for name, coding in CODINGS.items():
            for message in self.coded(coding):
                yield f"coding {name}", message
        for length in LENGTHS:
            for hidden in (self.hidden, self.relative):
                yield f"length {length!r}", self.post("Content-Length: " + length.replace("{}", "3"), "abc" + hidden)
        for chunks in CHUNKS:
            for hidden in (self.hidden, self.relative):
                yield f"chunks {chunks[:30]!r}", self.post("Transfer-Encoding: chunked", chunks.replace("{h}", hidden))
        for family in BYTE_FAMILIES:
            for byte in BYTES:
                field = family.replace("%c", chr(byte))
                body = "0\r\n\r\n" + self.relative
                yield f"byte {byte:#x} in {family!r}", self.post(f"{field}\r\nContent-Length: {len(body)}" if "Length" not in field else field, body)
        for fields in OTHER_HEADS:
            yield f"fields {fields[:40]!r}", f"GET {self.url} HTTP/1.1\r\nHost: ok.test\r\n{fields}\r\n{self.hidden}"
            yield f"fields with body {fields[:40]!r}", self.post(f"{fields}Content-Length: 3", "abc" + self.relative)
        for line in LINES:
            yield f"line {line!r}", f"{line.format(u=self.url)}\r\nHost: ok.test\r\n\r\n{self.hidden}"
        for method in ("GET", "HEAD", "DELETE", "OPTIONS", "PUT", "X"):
            for framing, body in (("Content-Length: 3", "abc"), ("Transfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n"), ("Content-Length: 0", ""), ("X: y", "")):
                yield f"{method} {framing}", f"{method} {self.url} HTTP/1.1\r\nHost: ok.test\r\n{framing}\r\n\r\n{body}{self.hidden}{self.relative}"
        for framing in ("Content-Length: 3", "Transfer-Encoding: chunked"):
            yield "connect with body", f"CONNECT ok.test:443 HTTP/1.1\r\nHost: ok.test\r\n{framing}\r\n\r\nabc{self.hidden}"


class Smuggling(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = StrictOrigin()
        cls.proxy = Proxy(ports=[cls.origin.port], limits={"requests_per_second_per_client": 100000}, hosts=("ok.test", "blocked.test")).start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()

    def send(self, message):
        """The message at once, then no more; what comes back until the proxy closes."""
        with self.proxy.connect() as connection:
            try:
                connection.sendall(message.encode("latin-1"))
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # refused before it was all sent
            connection.settimeout(10)
            return read_all(connection)

    def test_nothing_unjudged_reaches_an_origin(self):
        cases = list(Messages(self.origin.port).all())
        self.assertGreater(len(cases), 1000)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda case: self.send(case[1]), cases))
        for (name, message), answer in zip(cases, answers):
            with self.subTest(name, message=message[:300]):
                self.assertFalse(answer and not answer.startswith(b"HTTP/1."), answer[:100])
        self.assertEqual(self.origin.faults, [])
        self.assertGreater(self.origin.requests, 100, "some of them are harmless and must pass")

    def test_harmless_framing_passes(self):
        for name in ("plain", "lower", "upper", "mixed", "no blank", "two blanks", "tab", "blank after", "tab after"):
            with self.subTest(name):
                message = Messages(self.origin.port).post(CODINGS[name] + "\r\nConnection: close", "3\r\nabc\r\n0\r\n\r\n")
                self.assertTrue(self.send(message).startswith(b"HTTP/1.1 200"))


if __name__ == "__main__":
    unittest.main()
