"""What passes between client and origin as it is: large heads, logins of a connection, letters in addresses, ends of TLS."""
import os
import socket
import ssl
import subprocess
import time
import unittest

import origins
from harness import Proxy, free_port, status_of, wait_until
from test_inspect import NAMES, inspecting, opened, share

SETTINGS_FRAME = b"\0\0\0\x04\0\0\0\0\0"


def odd_heads(connection):
    """/bighead?N: a field of N bytes; /cookies?N: N cookies of 300; /hints?N: 103 with N bytes, then a small page; /endless: no end."""
    rest = b""
    while True:
        head, rest = origins.read_head(connection, rest)
        if head is None:
            return
        what, _, number = head.split(b" ")[1].decode().partition("?")
        fields = []
        if what == "/bighead":
            fields = ["X-Big: " + "b" * int(number)]
        elif what == "/cookies":
            fields = [f"Set-Cookie: n{i}=" + "c" * 300 for i in range(int(number))]
        elif what == "/hints":
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: " + b"l" * int(number) + b"\r\n\r\n")
        elif what == "/endless":
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300000)
            connection.recv(1)
            return
        connection.sendall(origins.response("hello", headers=fields))


class Heads(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = origins.TestAuthority()
        share(cls.authority.folder)
        cls.origin = origins.Origin(odd_heads, cls.authority.context(*NAMES))
        cls.proxy = inspecting(cls.authority, [cls.origin.port]).start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()
        cls.authority.close()

    def get(self, version, path):
        return self.proxy.curl(f"https://secure.test:{self.origin.port}{path}", "--cacert", self.proxy.ca, "--" + version, timeout=8)

    def test_large_heads_pass_alike(self):
        for path in ("/bighead?32000", "/bighead?33000", "/bighead?60000", "/cookies?190", "/hints?40000", "/hints?60000"):
            for version in ("http2", "http1.1"):
                with self.subTest(path=path, version=version):
                    got = self.get(version, path)
                    self.assertEqual((got.exit_code, got.status, got.body), (0, 200, "hello"), got.error)

    def test_beyond_the_limit_502_at_once(self):
        for path in ("/bighead?70000", "/cookies?250", "/hints?70000", "/endless"):
            for version in ("http2", "http1.1"):
                with self.subTest(path=path, version=version):
                    began = time.monotonic()
                    self.assertEqual(self.get(version, path).status, 502)
                    self.assertLess(time.monotonic() - began, 8)


class Http2Only(unittest.TestCase):
    def test_has_a_page_and_a_cause_of_its_own(self):
        authority = origins.TestAuthority()
        self.addCleanup(authority.close)
        share(authority.folder)
        context = authority.context(*NAMES)

        def speaks_first(connection):
            connection.sendall(SETTINGS_FRAME)
            origins.read_head(connection)
            connection.recv(1)

        first = origins.Origin(speaks_first, context)
        strict = free_port()
        server = subprocess.Popen(["openssl", "s_server", "-accept", f"127.0.0.1:{strict}", "-alpn", "h2", "-quiet", "-cert",
                                   NAMES[0] + ".crt", "-key", NAMES[0] + ".key"], cwd=authority.folder, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)

        def listens():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", strict)) == 0

        self.assertTrue(wait_until(listens))
        with inspecting(authority, [first.port, strict], timeouts={"response": 20}) as proxy:
            for port in (first.port, strict):
                got = proxy.curl(f"https://secure.test:{port}/", "--cacert", proxy.ca, "-H", "Accept: text/html", "-H",
                                 "Accept-Language: en", timeout=10)
                self.assertEqual(got.status, 502)
                self.assertIn("speaks HTTP/2 alone", got.body)
            rows = proxy.log_rows(wanted=2)
            self.assertEqual([(r["ended"], r["cause"]) for r in rows], [("upstream-failed", "http2_only")] * 2)


class LoginOrigin(origins.Origin):
    """Its login belongs to the connection, as NTLM's and Negotiate's do. `open`: connections of now."""

    def __init__(self, scheme="NTLM", challenge="WWW-Authenticate: NTLM"):
        self.scheme, self.challenge, self.open, self.opened = scheme, challenge, 0, 0
        super().__init__(self._serve)

    def _serve(self, connection):
        self.open += 1
        self.opened += 1
        try:
            self._speak(connection)
        finally:
            self.open -= 1

    def _speak(self, connection):
        user, begun, rest = None, False, b""
        while True:
            head, rest = origins.read_head(connection, rest)
            if head is None:
                return
            fields = origins.fields_of(head)
            body, rest = origins.read_body(connection, head, rest)
            said = fields.get("authorization", "")
            if said == self.scheme + " type1":
                begun = True
                answer = origins.response("", "401 Unauthorized", [f"WWW-Authenticate: {self.scheme} type2"])
            elif begun and said.startswith(self.scheme + " type3="):
                user = said.split("=")[1]
            if user:
                answer = origins.response(f"hello {user} {len(body)}")
            elif not begun or not said:
                answer = origins.response("login", "401 Unauthorized", [self.challenge])
            connection.sendall(answer)


class Login(unittest.TestCase):
    def ask(self, client, port, authorization=None, host="ok.test", body=None):
        head = f"{'GET' if body is None else 'POST'} http://{host}:{port}/ HTTP/1.1\r\nHost: {host}:{port}\r\n"
        head += f"Authorization: {authorization}\r\n" if authorization else ""
        head += f"Content-Length: {len(body)}\r\n" if body is not None else ""
        client.sendall((head + "\r\n" + (body or "")).encode())
        head, rest = origins.read_head(client)
        length = int(origins.fields_of(head)["content-length"])
        while len(rest) < length:
            rest += client.recv(65536)
        return status_of(head), rest.decode()

    def test_completes_on_a_connection_that_is_nobody_elses(self):
        for scheme, challenge in (("NTLM", "WWW-Authenticate: NTLM"), ("Negotiate", "www-authenticate: Basic realm=\"x\", nEGOTIATE")):
            with self.subTest(scheme=scheme):
                origin = LoginOrigin(scheme, challenge)
                other = origins.Recorder()
                with Proxy(ports=[origin.port, other.port]) as proxy:
                    with proxy.connect() as teacher:
                        self.assertEqual(self.ask(teacher, origin.port)[0], 401)
                        self.assertEqual(self.ask(teacher, origin.port, scheme + " type1")[0], 401)
                        self.assertEqual(self.ask(teacher, origin.port, scheme + " type3=teacher"), (200, "hello teacher 0"))
                        self.assertEqual(self.ask(teacher, origin.port), (200, "hello teacher 0"))
                        self.assertEqual(self.ask(teacher, origin.port, body="12345"), (200, "hello teacher 5"))
                        self.assertEqual(origin.opened, 1)
                        for source in ("127.0.0.2", None, None):
                            with proxy.connect(source) as stranger:
                                self.assertEqual(self.ask(stranger, origin.port), (401, "login"))
                        self.assertEqual(self.ask(teacher, origin.port), (200, "hello teacher 0"))
                    # It ends with the client's connection.
                    self.assertTrue(wait_until(lambda: origin.open == 0))
                    with proxy.connect() as again:
                        self.assertEqual(self.ask(again, origin.port)[0], 401)

    def test_one_at_a_time_and_none_after_a_reload(self):
        origin, other = LoginOrigin(), origins.Recorder()
        with Proxy(ports=[origin.port, other.port]) as proxy, proxy.connect() as client:
            self.ask(client, origin.port, "NTLM type1")
            self.assertEqual(self.ask(client, origin.port, "NTLM type3=teacher")[0], 200)
            self.assertEqual(self.ask(client, other.port)[0], 200)  # one place holds one connection
            self.assertTrue(wait_until(lambda: origin.open == 0))
            self.ask(client, origin.port, "NTLM type1")
            self.assertEqual(self.ask(client, origin.port, "NTLM type3=teacher")[0], 200)
            proxy.command("reload")
            self.assertEqual(self.ask(client, origin.port)[0], 401)


class Letters(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = origins.Recorder()
        cls.proxy = Proxy(ports=[cls.origin.port], block=["ok.test/cấm"]).start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()

    def get(self, target, more=b"", source=None):
        request = b"GET " + target + b" HTTP/1.1\r\nHost: ok.test\r\nAccept: text/html\r\nAccept-Language: en\r\nConnection: close\r\n" + more
        return self.proxy.raw(request + b"\r\n", source=source)

    def test_utf8_reaches_the_origin_percent_encoded(self):
        base = f"http://ok.test:{self.origin.port}"
        self.assertEqual(status_of(self.get((base + "/trò?q=chữ&x=%20").encode())), 200)
        self.assertEqual(self.origin.heads[-1].split(b"\r\n")[0], b"GET /tr%C3%B2?q=ch%E1%BB%AF&x=%20 HTTP/1.1")

    def test_and_is_judged_so(self):
        base = f"http://ok.test:{self.origin.port}"
        for path in ("/cấm", "/c%E1%BA%A5m", "/ca\u0302\u0301m", "/x/../cấm"):
            with self.subTest(path=path):
                self.assertEqual(status_of(self.get((base + path).encode())), 403)

    def test_what_cannot_be_read_says_why(self):
        for i, (target, word) in enumerate(((b"http://ok.test/tr\xf2", b"target_not_utf8"), ("http://trường.test/".encode(), b"host_not_ascii"),
                             (b"ftp://ok.test/x", b"does not begin with http"))):
            with self.subTest(target=target):
                got = self.get(target, source=f"127.0.1.{i + 1}")  # the first of a client has its own row
                self.assertEqual(status_of(got), 400)
                self.assertIn(word, got)
                self.assertTrue(wait_until(lambda: word.decode() in (self.proxy.log_rows()[-1]["cause"] or "")))


class LettersInspected(unittest.TestCase):
    def test_over_http2_and_http1(self):
        authority = origins.TestAuthority()
        self.addCleanup(authority.close)
        share(authority.folder)
        origin = origins.Recorder(authority.context(*NAMES))
        with inspecting(authority, [origin.port]) as proxy:
            for version in ("--http2", "--http1.1"):
                got = proxy.curl(f"https://secure.test:{origin.port}/trò?q=chữ", "--cacert", proxy.ca, version)
                self.assertEqual(got.status, 200)
                # curl writes a path so by itself, and a query as it is.
                self.assertEqual(origin.heads[-1].split(b"\r\n")[0].upper(), b"GET /TR%C3%B2?Q=CH%E1%BB%AF HTTP/1.1")


class Ends(unittest.TestCase):
    """TLS that ends without close_notify: handed on as such where the end of the connection ends the body, a failure elsewhere."""

    def test_as_the_origin_ends(self):
        authority = origins.TestAuthority()
        self.addCleanup(authority.close)
        share(authority.folder)

        def serve(connection):
            head, _ = origins.read_head(connection)
            what = head.split(b" ")[1]
            if what == b"/head":
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            elif what == b"/counted":
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
            else:
                connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nhalf")
            if what == b"/whole":
                connection.unwrap()
            with socket.socket(fileno=os.dup(connection.fileno())) as beneath:
                beneath.shutdown(socket.SHUT_RDWR)

        origin = origins.Origin(serve, authority.context(*NAMES))
        with inspecting(authority, [origin.port]) as proxy:
            strict = ssl.create_default_context(cafile=proxy.ca)  # Python takes any end for a goodbye unless told
            strict.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
            for path, status, clean, body in (("/whole", 200, True, b"half"), ("/cut", 200, False, b"half"), ("/head", 502, True, None)):
                with self.subTest(path=path), opened(proxy, "secure.test", origin.port, strict) as client:
                    client.suppress_ragged_eofs = False
                    client.settimeout(10)
                    client.sendall(f"GET {path} HTTP/1.1\r\nHost: secure.test:{origin.port}\r\nConnection: close\r\n\r\n".encode())
                    said, goodbye = b"", True
                    try:
                        while part := client.recv(65536):
                            said += part
                    except ssl.SSLError:
                        goodbye = False
                    self.assertEqual((status_of(said), goodbye), (status, clean))
                    if body is not None:
                        head, _, rest = said.partition(b"\r\n\r\n")
                        self.assertEqual(rest, body)
                        self.assertNotIn(b"chunked", head.lower())
            with opened(proxy, "secure.test", origin.port, strict) as client:
                client.suppress_ragged_eofs = False
                client.sendall(f"GET /counted HTTP/1.1\r\nHost: secure.test:{origin.port}\r\n\r\n".encode())
                with self.assertRaises(OSError):
                    while client.recv(65536):
                        pass


if __name__ == "__main__":
    unittest.main()
