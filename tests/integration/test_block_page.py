"""https: block-page: what is blocked or warned about is answered with our page; nothing allowed is ever opened."""
import os
import re
import ssl
import subprocess
import unittest

import origins
from harness import Browser, Proxy, of_connect, read_all, wait_until


def inside(proxy, host, port, request, source=None, sni=None, context=None):
    """CONNECT, TLS with the school's authority trusted, one request; the certificate and everything that comes back."""
    connection = proxy.connect(source)
    connection.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    answer = connection.recv(4096)
    if not answer.startswith(b"HTTP/1.1 200"):
        connection.close()
        raise AssertionError(answer)
    context = context or ssl.create_default_context(cafile=proxy.ca)
    with context.wrap_socket(connection, server_hostname=sni or host) as secure:
        certificate = secure.getpeercert()
        secure.sendall(request.encode())
        return certificate, read_all(secure).decode()


PAGE = "Sec-Fetch-Dest: document\r\nAccept-Language: en\r\n"


class BlockPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = origins.TestAuthority()
        cls.secure = origins.Recorder(cls.authority.context("secure.test", "bet.test", "games.test", "sad.test"))
        cls.proxy = Proxy(ports=[cls.secure.port], https="block-page", timeouts={"hello": 2, "head": 2}).start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()
        cls.authority.close()

    def get(self, host, path="/", more=PAGE, **options):
        port = self.secure.port
        return inside(self.proxy, host, port, f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n{more}\r\n", **options)

    def https(self, host, *arguments, **options):
        return self.proxy.curl(f"https://{host}:{self.secure.port}/", *arguments, **options)

    def test_a_blocked_site_is_answered_with_its_page(self):
        before = self.secure.origin.connections
        certificate, answer = self.get("bet.test", "/win?money=1")
        self.assertEqual(certificate["subjectAltName"], (("DNS", "bet.test"),))
        self.assertRegex(answer, r"^HTTP/1\.1 403 ")
        self.assertIn("Gambling", answer)
        self.assertIn("Connection: close", answer)
        self.assertEqual(self.secure.origin.connections, before)
        code = re.search(r"X-Schoolgate-Code: (\S+)", answer)[1]
        row = wait_until(lambda: [r for r in self.proxy.log_rows("--host", "bet.test") if r["code"] == code])
        self.assertEqual([(r["method"], r["path"], r["action"], r["seen"]) for r in row], [("GET", "/win", "block", "url")])

    def test_names_blocked_by_line_lock_and_list(self):
        for host in ("blocked.test", "adult.test", "a.lucky.test"):
            with self.subTest(host=host):
                self.assertRegex(self.get(host)[1], r"^HTTP/1\.1 403 ")

    def test_pictures_get_nothing_and_programs_a_line(self):
        answer = self.get("bet.test", more="Sec-Fetch-Dest: image\r\nAccept: image/*\r\n")[1]
        self.assertIn("Content-Length: 0", answer)
        self.assertIn("text/plain", self.get("bet.test", more="Accept: */*\r\n")[1])

    def test_nothing_allowed_is_opened(self):
        got = self.https("secure.test", "--cacert", self.authority.certificate)
        self.assertEqual(got.status, 200)
        self.assertNotEqual(self.https("secure.test", "--cacert", self.proxy.ca).exit_code, 0)

    def test_other_tiers_stay_as_they_are(self):
        got = self.https("adult.test", source="127.0.0.2")
        self.assertEqual((got.connect_status, got.status), (of_connect(403), 0))

    def test_continue_opens_the_site_itself(self):
        _, page = self.get("games.test", "/play?level=2")
        self.assertRegex(page, r"^HTTP/1\.1 403 ")
        action = re.search(r'action="(https://schoolgate\.internal/continue)"', page)[1]
        token = re.search(r'name="token" value="([^"]+)"', page)[1]
        got = self.proxy.curl(action, "--cacert", self.proxy.ca, "--data-urlencode", "token=" + token, "--data-urlencode",
                              f"url=https://games.test:{self.secure.port}/play?level=2")
        self.assertEqual(got.status, 303, got.error)
        self.assertIn(f"Location: https://games.test:{self.secure.port}/play?level=2", got.head)
        self.assertEqual(self.https("games.test", "--cacert", self.authority.certificate).status, 200)

    def test_a_request_that_is_allowed_by_now_is_sent_round(self):
        """A connection opened before Continue was pressed on another: the client comes again, to the site itself."""
        host, port = "www.games.test", self.secure.port
        with self.proxy.connect() as connection:
            connection.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            connection.recv(4096)
            early = ssl.create_default_context(cafile=self.proxy.ca).wrap_socket(connection, server_hostname=host)
            token = re.search(r'name="token" value="([^"]+)"', self.get(host)[1])[1]
            self.proxy.curl("http://schoolgate.internal/continue", "--data-urlencode", "token=" + token)
            early.sendall(f"GET /a?b HTTP/1.1\r\nHost: {host}:{port}\r\n{PAGE}\r\n".encode())
            answer = read_all(early).decode()
        self.assertRegex(answer, r"^HTTP/1\.1 307 ")
        self.assertIn(f"Location: https://{host}:{port}/a?b", answer)

    def test_host_must_be_the_name_on_the_certificate(self):
        answer = inside(self.proxy, "bet.test", self.secure.port, f"GET / HTTP/1.1\r\nHost: secure.test\r\n{PAGE}\r\n")[1]
        self.assertRegex(answer, r"^HTTP/1\.1 421 ")

    def test_a_blocked_name_inside_an_allowed_connect(self):
        request = f"GET / HTTP/1.1\r\nHost: bet.test:{self.secure.port}\r\n{PAGE}\r\n"
        answer = inside(self.proxy, "secure.test", self.secure.port, request, sni="bet.test")[1]
        self.assertRegex(answer, r"^HTTP/1\.1 403 ")

    def test_a_device_without_the_certificate(self):
        name = "another-device.bet.test"  # of this test alone, so that its row is no other's
        got = self.https(name, "--cacert", self.authority.certificate)
        self.assertEqual((got.connect_status, got.status), (of_connect(200), 0))
        self.assertEqual(got.exit_code, 60)  # curl: the certificate is not trusted
        row = self.proxy.log_rows("--host", name)[-1]
        self.assertEqual((row["action"], row["seen"], row["ended"]), ("block", "sni", "blocked"))

    def test_sessions_resume_on_any_worker(self):
        context = ssl.create_default_context(cafile=self.proxy.ca)
        resumed = 0
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = ssl.create_default_context(cafile=self.proxy.ca)
            context.maximum_version = version
            session = None
            for _ in range(6):
                with self.proxy.connect() as connection:
                    connection.sendall(f"CONNECT bet.test:{self.secure.port} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                    connection.recv(4096)
                    with context.wrap_socket(connection, server_hostname="bet.test", session=session) as secure:
                        secure.sendall(b"GET / HTTP/1.1\r\nHost: bet.test:%d\r\n\r\n" % self.secure.port)
                        read_all(secure)
                        resumed += secure.session_reused
                        session = secure.session
        self.assertGreaterEqual(resumed, 8)

    def test_protocols_offered(self):
        for offered, chosen in ((["h2", "http/1.1"], "http/1.1"), (["http/1.1"], "http/1.1"), ([], None)):
            with self.subTest(offered=offered):
                context = ssl.create_default_context(cafile=self.proxy.ca)
                if offered:
                    context.set_alpn_protocols(offered)
                self.assertRegex(self.get("bet.test", context=context)[1], r"^HTTP/1\.1 403 ")
        context = ssl.create_default_context(cafile=self.proxy.ca)
        context.set_alpn_protocols(["h2"])
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            self.get("bet.test", context=context)

    def test_a_client_that_vanishes_in_the_handshake(self):
        before = self.proxy.lasting_descriptors()
        for size in (1, 60, 200) * 10:
            with self.proxy.connect() as connection:
                connection.sendall(f"CONNECT bet.test:{self.secure.port} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                connection.recv(4096)
                incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
                client = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="bet.test")
                with self.assertRaises(ssl.SSLWantReadError):
                    client.do_handshake()
                connection.sendall(outgoing.read()[:size] if size < 200 else outgoing.read())
        self.assertRegex(self.get("bet.test")[1], r"^HTTP/1\.1 403 ")
        self.assertTrue(wait_until(lambda: self.proxy.lasting_descriptors() <= before + 10))

    def test_own_pages_over_https(self):
        for path, words in (("/", "network gate"), ("/ca", self.fingerprint()), ("/setup", "proxy.pac")):
            with self.subTest(path=path):
                got = self.proxy.curl("https://schoolgate.internal" + path, "--cacert", self.proxy.ca, "-H", "Accept-Language: en")
                self.assertEqual(got.status, 200, got.error)
                self.assertIn(words, got.body)

    def fingerprint(self):
        shown = self.proxy.command("ca", "show").stdout
        return re.search(r"SHA-256\s+(\S+)", shown)[1]

    def test_the_certificate_can_be_fetched(self):
        got = self.proxy.curl("http://schoolgate.internal/ca.crt")
        self.assertIn("application/x-x509-ca-cert", got.head)
        with open(self.proxy.ca, encoding="ascii") as certificate:
            self.assertEqual(got.body, certificate.read())
        der = self.proxy.curl("http://schoolgate.internal/ca.der")
        shown = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-fingerprint", "-sha256"], input=der.body_bytes,
                               capture_output=True, check=True).stdout.decode()
        self.assertIn(self.fingerprint(), shown)


class BlockPageInChromium(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = origins.TestAuthority()
        cls.secure = origins.Recorder(cls.authority.context("secure.test", "bet.test"))
        cls.proxy = Proxy(ports=[cls.secure.port], https="block-page").start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()
        cls.authority.close()

    def test_a_device_of_the_school_shows_the_page(self):
        browser = Browser(self.proxy, trusts=self.proxy.ca)
        dom = browser.dom(f"https://bet.test:{self.secure.port}/")
        self.assertIn("Gambling", dom)
        picture = os.environ.get("SCREENSHOTS")
        if picture:
            browser.screenshot(f"https://bet.test:{self.secure.port}/", os.path.join(picture, "block-page-https.png"))

    def test_https_first(self):
        """A blocked name typed without a scheme is tried over https first: the page comes all the same."""
        browser = Browser(self.proxy, trusts=self.proxy.ca)
        self.assertIn("Gambling", browser.run("http://bet.test/", "--enable-features=HttpsUpgrades", "--dump-dom",
                                              "--virtual-time-budget=4000"))

    def test_another_device_shows_no_page_and_no_site(self):
        dom = Browser(self.proxy, trusts=self.authority.certificate).dom(f"https://bet.test:{self.secure.port}/")
        self.assertNotIn("Hello from the origin", dom)
        self.assertNotIn("Gambling", dom)

    def test_an_allowed_site_has_its_own_certificate(self):
        url = f"https://secure.test:{self.secure.port}/"
        self.assertIn("Hello from the origin", Browser(self.proxy, trusts=self.authority.certificate).dom(url))
        self.assertNotIn("Hello from the origin", Browser(self.proxy, trusts=self.proxy.ca).dom(url))


if __name__ == "__main__":
    unittest.main()
