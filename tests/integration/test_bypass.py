"""Ways around a filter, by class: whatever the spelling, a blocked place must not be reached, and an open one must.

The origin listens under every name; a case that reaches it has got round the filter. `blocked.test` is blocked by name,
`mixed.test/secret` by URL; requests come from a pupil.
"""
import concurrent.futures
import re
import socket
import unittest

import origins
from harness import WAY, Proxy, read_all, status_of


def get(target, host="x", version="HTTP/1.1", method="GET", extra=""):
    return f"{method} {target} {version}\r\nHost: {host}\r\n{extra}Connection: close\r\n\r\n"


WRAPPERS = (  # their names lead to the origin
    "http://translate.google.com{p}/translate?sl=en&u=", "http://translate.google.com{p}/website?tl=vi&u=", "http://google.com{p}/translate?u=", "http://www.google.com.vn{p}/search?q=cache:",
    "http://bing.com{p}/translator?url=", "http://web.archive.org{p}/web/2020/", "http://archive.ph{p}/newest/", "http://cc.bingj.com{p}/cache.aspx?q=", "http://corsproxy.io{p}/?",
    "http://thingproxy.freeboard.io{p}/fetch/", "http://images.weserv.nl{p}/?url=", "http://www.w3.org{p}/services/html2txt?url=",
)
WRAPPER_HOSTS = tuple(w.split("/")[2].replace("{p}", "") for w in WRAPPERS) + ("blocked-test.translate.goog", "www-blocked-test.translate.goog", "0-blocked-test-0.translate.goog",
                                                                               "a--b-blocked-test.translate.goog", "ok-test.translate.goog")


def blocked_cases(port):
    """(class, bytes) for requests that must not reach the origin."""
    p = f":{port}"
    for host in ("blocked.test", "BLOCKED.TEST", "bLoCkEd.tEsT", "blocked.test.", "www.blocked.test", "a.b.c.blocked.test",
                 "%62locked.test", "blocked%2Etest", "%62%6C%6F%63%6B%65%64%2E%74%65%73%74", "blocked.test%2E", "blocked.test..",
                 ".blocked.test", "blocked.test%00", "blocked.test%00.ok.test", "blocked.test%20", "blocked.test%09",
                 "blocked%E3%80%82test", "blocked%EF%BC%8Etest", "%EF%BD%82locked.test", "blo%C2%ADcked.test", "blocked.test%23",
                 "xn--blocked-.test", "blocked.test,ok.test", "blocked_.test%08"):
        yield "host-spelling", get(f"http://{host}{p}/", host)
    for port_text in (f":0{port}", f":{port}/..", f":{port} ", f":+{port}", f":{port}a", ":", f":{port + 65536}", f":{port}:{port}"):
        yield "host-spelling", get(f"http://blocked.test{port_text}/")
    for target in (f"http://ok.test@blocked.test{p}/", f"http://ok.test:80@blocked.test{p}/", f"http://ok.test%40blocked.test{p}/",
                   f"http://blocked.test{p}#@ok.test/", f"http://blocked.test{p}?@ok.test/", f"http://blocked.test{p}\\@ok.test/",
                   f"http://ok.test\\@blocked.test{p}/", f"http:blocked.test{p}/", f"http:/blocked.test{p}/", f"http:///blocked.test{p}/",
                   f"http:\\\\blocked.test{p}\\", f"//blocked.test{p}/", f"http://[blocked.test]{p}/", f"http://blocked.test{p};/",
                   f"HTTP://blocked.test{p}/", f"hTTp://blocked.test{p}", f"http://blocked.test{p}?x", f"http://blocked.test{p}#x"):
        yield "authority", get(target)
    ok = f"http://ok.test{p}/"
    for extra in (f"Host: blocked.test\r\n", "X-Forwarded-Host: blocked.test\r\nHost: x\r\n"):
        yield "host-mismatch", f"GET {ok} HTTP/1.1\r\nHost: ok.test\r\n{extra}Connection: close\r\n\r\n"
    for line in ("Host: blocked.test", "host:blocked.test", "HOST: ok.test", "Host:\tblocked.test", "Host: ok.test, blocked.test",
                 "Host : blocked.test", " Host: blocked.test", "Host: ok.test\r\n blocked.test", "Host: ok.test\r\n\tblocked.test"):
        yield "host-mismatch", f"GET http://blocked.test{p}/ HTTP/1.1\r\n{line}\r\nConnection: close\r\n\r\n"
        yield "host-mismatch", f"GET / HTTP/1.1\r\n{line}{p}\r\nConnection: close\r\n\r\n"
    for address in ("127.0.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "127.1", "127.0.1", "127.0.0.1.",
                    "0", "0.0.0.0", "0x0", "00000177.1", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]",
                    "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "%31%32%37.0.0.1", "127%2E0%2E0%2E1", "[::1%25lo]",
                    "%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1", "127.0.0.01", "127.0.0.256", "4294967296", "localhost"):
        yield "ip-literal", f"CONNECT {address}{p} HTTP/1.1\r\nHost: x\r\n\r\n"
    for path in ("/secret", "/secret/", "/secret?x", "/secret/x", "/SECRET", "/Secret", "/%73ecret", "/%53ECRET", "/s%65cre%74",
                 "/./secret", "/x/../secret", "/x/%2e%2e/secret", "/x/%2E./secret", "/x/.%2e/secret", "//secret", "///secret",
                 "/%2fsecret", "/%2Fsecret", "\\secret", "/\\secret", "/%5Csecret", "/../secret", "/../../secret", "/x/y/../../secret",
                 "/secret/.", "/secret/..%2fsecret", "/secret%2f", "/secret%3f", "/secret;x", "/%2e/secret"):
        yield "url-spelling", get(f"http://mixed.test{p}{path}")
    for host in ("b%C3%BCcher.test", "B%C3%9CCHER.test", "bu%CC%88cher.test", "b\xfccher.test", "b\xc3\xbccher.test", "xn--bcher-kva.test", "XN--BCHER-KVA.TEST", "xn--bcher-kva.test.",
                 "www.xn--bcher-kva.test", "b%C3%BCcher%E3%80%82test", "b%C3%BCcher%EF%BC%8Etest", "b%C3%BCcher%EF%BD%A1test", "b%C2%AD%C3%BCcher.test", "%F0%9D%90%9B%C3%BCcher.test",
                 "b%C3%BCche%E2%93%A1.test", "b%c3%bc%63her.test", "xn--bcher-kvA.test", "b%E2%80%8B%C3%BCcher.test", "b%C3%BCcher.%EF%BD%94est", "xn--bcher-kva%2Etest", "xn%2D%2Dbcher-kva.test",
                 "b%FCcher.test", "xn--xn--bcher-kva-.test", "b%25C3%25BCcher.test"):
        yield "idn", get(f"http://{host}{p}/", "x")
    for place in WRAPPERS:
        for inner in (f"http://blocked.test{p}/", "https://www.blocked.test/x", "blocked.test/", "http%3A%2F%2Fblocked.test%2F", "http%253A%252F%252Fblocked.test", "HTTPS%3A%2F%2FBLOCKED.test",
                      "http:blocked.test/", "http://ok.test@blocked.test/", "aHR0cDovL2Jsb2NrZWQudGVzdC8", "http://mixed.test/secret"):
            yield "wrapper", get(place.format(p=p) + inner)
    for name in ("blocked-test", "www-blocked-test", "BLOCKED-test", "0-blocked-test-0", "a--b-blocked-test"):
        yield "wrapper", get(f"http://{name}.translate.goog{p}/")
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "TRACE", "X-ANY", "get", "GE T", "G\x00T", "GET\t"):
        yield "method", get(f"http://blocked.test{p}/", method=method, extra="Content-Length: 0\r\n")
    for version in ("HTTP/1.0", "HTTP/1.1", "HTTP/1.2", "HTTP/0.9", "HTTP/2.0", "http/1.1", "HTTP/1.10", "HTTP/01.1", "HTTP/1,1", ""):
        yield "method", get(f"http://blocked.test{p}/", version=version)
    for scheme in ("ftp", "ws", "wss", "gopher", "file", "urn", "cache_object", "data", "javascript", "https2", "htt p"):
        yield "scheme", get(f"{scheme}://blocked.test{p}/")
    for authority in (f"blocked.test{p}", f"BLOCKED.test.{p}", f"ok.test@blocked.test{p}", f"blocked.test{p}/", f"http://blocked.test{p}",
                      f"%62locked.test{p}", "blocked.test", "blocked.test:", f"blocked.test:0{port}", f"blocked.test {port}", f"[blocked.test]{p}",
                      f"blocked.test{p}?", f"blocked.test{p}#", f" blocked.test{p}", f"blocked.test:{port}:443"):
        yield "connect", f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n"
    for bad_port in ("22", "25", "0", "65536", "-1", "+443", "443 ", "0x1bb", "99999999999", "8444", "443a", ""):
        yield "connect-port", f"CONNECT ok.test:{bad_port} HTTP/1.1\r\nHost: x\r\n\r\n"
    for extra in ("Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
                  "Upgrade: TLS/1.0\r\nConnection: Upgrade\r\n",
                  "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"):
        yield "upgrade", get(f"http://blocked.test{p}/", extra=extra)


class Bypass(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = origins.Recorder()
        cls.proxy = Proxy(ports=[cls.origin.port], limits={"requests_per_second_per_client": 10000}, timeouts={"hello": 1},
                          hosts=("ok.test", "blocked.test", "mixed.test", "www.blocked.test", "a.b.c.blocked.test", "localhost", "xn--bcher-kva.test", "www.xn--bcher-kva.test", *WRAPPER_HOSTS),
                          block=["bücher.test"]).start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()

    def test_blocked_places_are_not_reached(self):
        cases = list(blocked_cases(self.origin.port))
        self.assertGreater(len(cases), 300)
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda case: self.proxy.raw(case[1].encode("latin-1"), then=1), cases))
        for (kind, request), answer in zip(cases, answers):
            with self.subTest(kind, request=request[:120]):
                if kind not in ("host-mismatch", "ip-literal", "connect"):
                    self.assertGreaterEqual(status_of(answer), 400)
        self.assertEqual([h for h in self.origin.heads if b"blocked" in h.lower() or b"secret" in h.lower() or b"Host: ok.test" not in h], [])

    def test_smuggled_requests_stay_here(self):
        """A blocked request hidden in another's body must be judged or refused, never passed on as a request."""
        p = self.origin.port
        hidden = f"GET http://blocked.test:{p}/ HTTP/1.1\r\nHost: blocked.test\r\n\r\n"
        framings = (f"Content-Length: 0", f"Content-Length: {len(hidden)}", "Transfer-Encoding: chunked\r\nContent-Length: 5",
                        "Transfer-Encoding: xchunked", "Transfer-Encoding : chunked", "Transfer-Encoding: chunked, identity",
                        "Transfer-Encoding: identity", "Transfer-Encoding:\x0bchunked", "Content-Length: 0\r\nContent-Length: 5",
                        "Content-Length: +0", "Content-Length: 0x5", "Content-Length: 1e1", "Content-Length: -1", "Content-Length: ",
                        "Content_Length: 5", "Content-Length: 5;", "Connection: Content-Length\r\nContent-Length: 5",
                        "TRANSFER-ENCODING: CHUNKED", "Transfer-Encoding: \"chunked\"", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")
        bodies = (hidden, "0\r\n\r\n" + hidden, "5\r\nhello\r\n0\r\n\r\n" + hidden, "5;x=\"\n\"\r\nhello\r\n0\r\n\r\n" + hidden, "0\n\n" + hidden)
        self.origin.heads.clear()
        messages = [f"POST http://ok.test:{p}/echo HTTP/1.1\r\nHost: ok.test\r\n{framing}\r\n\r\n{body}GET http://ok.test/ HTTP/1.0\r\n\r\n" for framing in framings for body in bodies]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda message: self.proxy.raw(message.encode("latin-1"), then=1), messages))
        self.assertEqual([h for h in self.origin.heads if b"blocked" in h], [])

    def test_every_request_of_a_connection_is_judged(self):
        """Behind allowed ones, in one go or in single bytes, with old versions, empty lines and long heads."""
        p = self.origin.port
        ok = f"GET http://ok.test:{p}/ HTTP/1.1\r\nHost: ok.test\r\n\r\n"
        blocked = f"GET http://blocked.test:{p}/ HTTP/1.1\r\nHost: ok.test\r\n\r\n"
        for name, request in {
                "second": ok + blocked, "twentieth": ok * 19 + blocked, "between": ok + blocked + ok, "after an empty line": ok + "\r\n" + blocked,
                "in HTTP/1.0": ok.replace("HTTP/1.1", "HTTP/1.0").replace("Host", "Connection: keep-alive\r\nHost") + blocked,
                "behind a body": f"POST http://ok.test:{p}/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello" + blocked,
                "behind chunks": f"POST http://ok.test:{p}/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" + blocked,
                "behind a HEAD": ok.replace("GET", "HEAD") + blocked, "in a long head": blocked[:-2] + "X: " + "y" * 60000 + "\r\n\r\n",
                "with many fields": blocked[:-2] + "X: y\r\n" * 190 + "\r\n", "with capitals": ok + blocked.replace("blocked", "BLOCKED").replace("http:", "HTTP:"),
                "behind a refused one": blocked + ok + blocked, "with LF": ok + blocked.replace("\r\n", "\n"), "with a blank before": ok + " " + blocked}.items():
            for step in (None, 1):
                if step and len(request) > 1000:
                    continue
                with self.subTest(name, step=step):
                    self.origin.heads.clear()
                    with self.proxy.connect() as connection:
                        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                        try:
                            for at in range(0, len(request), step or len(request)):
                                connection.sendall(request[at:at + (step or len(request))].encode())
                            connection.shutdown(socket.SHUT_WR)
                        except OSError:
                            pass  # refused before it was all sent
                        # HTTP/1.0 ends with its first answer, whatever it asks for.
                        self.assertRegex(read_all(connection), rb"Connection: close" if "1.0" in name else rb"HTTP/1\.1 4\d\d")
                    self.assertEqual([h for h in self.origin.heads if b"blocked" in h.lower()], [])
                    self.assertTrue(all(b"Host: ok.test" in h for h in self.origin.heads))

    def test_open_places_are_reached(self):
        p = self.origin.port
        for target in (f"http://ok.test:{p}/", f"http://OK.TEST.:{p}/", f"http://ok.test:{p}/?u=http://blocked.test/", f"http://mixed.test:{p}/",
                       f"http://mixed.test:{p}/secrets", f"http://mixed.test:{p}/x?/secret", f"http://ok.test:{p}/secret",
                       f"http://ok.test:{p}/blocked.test", f"http://translate.google.com:{p}/translate?u=http://ok.test/", f"http://web.archive.org:{p}/web/2020/http://ok.test/",
                       f"http://ok-test.translate.goog:{p}/", f"http://google.com:{p}/search?q=blocked.test", f"http://bing.com:{p}/search?q=http://blocked.test", f"http://www.w3.org:{p}/blocked.test",
                       f"http://notblocked.test.ok.test:{p}/"):
            with self.subTest(target=target):
                answer = self.proxy.raw(get(target))
                self.assertIn(status_of(answer), (200, 502, 504) if "notblocked" in target else (200,))


@unittest.skipUnless(WAY == "gateway", "run.py --gateway")
class BypassRedirected(Bypass):
    """The same spellings, methods and framings where no target names a host: Host does, as it comes from a device that knows of no proxy."""

    REQUEST = re.compile(rb"http://([^/?#\\\r\n ]*)([^ \r\n]*)( [^\r\n]*)?\r\nHost: [^\r\n]*")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.proxy.raw = lambda request, **more: cls.proxy.raw_redirected(cls.of_origin(request), cls.origin.port, **more)

    @classmethod
    def of_origin(cls, request):
        data = request if isinstance(request, bytes) else request.encode("latin-1")
        return cls.REQUEST.sub(lambda m: (b"" if m[2].startswith(b"/") else b"/") + m[2] + (m[3] or b"") + b"\r\nHost: " + m[1], data)

    test_every_request_of_a_connection_is_judged = None  # it writes to the proxy itself


if __name__ == "__main__":
    unittest.main()
