"""Plain HTTP through the proxy: forwarding, framing, persistence, and what a pupil gets when a page is blocked."""
import socket
import time
import unittest
from email.utils import parsedate_to_datetime

import origins
from harness import Proxy, read_all, status_of


class Http(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = origins.Recorder()
        cls.proxy = Proxy(ports=[cls.origin.port]).start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()

    def url(self, host, path="/"):
        return f"http://{host}:{self.origin.port}{path}"

    def test_allowed_page(self):
        got = self.proxy.curl(self.url("ok.test", "/a?b=c"))
        self.assertEqual(got.status, 200)
        self.assertIn("origin /a?b=c", got.body)
        self.assertIn("Via:", got.head)

    def test_blocked_by_list_shows_page_with_reason_and_code(self):
        got = self.proxy.curl(self.url("www.bet.test"), "-H", "Accept: text/html", "-H", "Accept-Language: en")
        self.assertEqual(got.status, 403)
        self.assertIn("no-store", got.head)
        self.assertIn("Gambling", got.body)
        self.assertRegex(got.body, r"[0-9A-Z]{4}-[0-9A-Z]{4}")

    def test_tiers_differ(self):
        self.assertEqual(self.proxy.curl(self.url("games.test")).status, 403)
        self.assertEqual(self.proxy.curl(self.url("games.test"), source="127.0.0.2").status, 200)

    def test_longer_suffix_wins(self):
        self.assertEqual(self.proxy.curl(self.url("blocked.test")).status, 403)
        self.assertEqual(self.proxy.curl(self.url("school.blocked.test")).status, 200)

    def test_url_and_pattern_lines(self):
        self.assertEqual(self.proxy.curl(self.url("mixed.test", "/open")).status, 200)
        self.assertEqual(self.proxy.curl(self.url("mixed.test", "/secret/x")).status, 403)
        self.assertEqual(self.proxy.curl(self.url("ok.test", "/casino-42")).status, 403)

    def test_spellings_of_a_blocked_url(self):
        for path in ("/%73ecret", "/x/../secret", "//secret", "/SECRET", "/./secret", "/x/%2e%2e/secret", "\\secret"):
            with self.subTest(path=path):
                raw = self.proxy.raw(f"GET http://mixed.test:{self.origin.port}{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                self.assertIn(status_of(raw), (400, 403))

    def test_ports_that_browsers_refuse_are_not_reached(self):
        """A pupil's POST is not to become the letter of a mail server."""
        other = None
        for port in (6665, 6666, 6667, 6668, 6669, 6697, 10080):  # fixed by the standard: the first that is free
            try:
                other = origins.Recorder(address=("127.0.0.1", port))
                break
            except OSError:
                continue
        if other is None:
            self.skipTest("none of these ports is free")
        self.addCleanup(other.origin.close)
        letter = "HELO x\r\nMAIL FROM:<a@b>\r\n"
        for source in (None, "127.0.0.2"):
            for port in (other.port, 25, 22, 81):
                with self.subTest(source=source, port=port):
                    got = self.proxy.curl(f"http://ok.test:{port}/", "--data-binary", letter, source=source)
                    self.assertEqual(got.status, 403)
        self.assertEqual(other.origin.connections, 0)
        said = self.proxy.command("explain", f"http://ok.test:{other.port}/").stdout
        self.assertIn(f"port {other.port} is not among tunnel: http_ports of tier pupil", said)
        self.assertEqual(self.proxy.curl(self.url("ok.test"), "--data-binary", letter).status, 200)

    def test_an_address_instead_of_a_name_is_the_tiers_choice(self):
        self.assertEqual(self.proxy.curl(self.url("127.0.0.1")).status, 403)
        self.assertEqual(self.proxy.curl(self.url("127.0.0.1"), source="127.0.0.2").status, 200)

    def test_images_get_no_html(self):
        got = self.proxy.curl(self.url("bet.test", "/x.png"), "-H", "Sec-Fetch-Dest: image", "-H", "Accept: image/*")
        self.assertEqual(got.status, 403)
        self.assertNotIn("<html", got.body)

    def test_hop_by_hop_and_credentials_stay_here(self):
        self.origin.heads.clear()
        self.proxy.curl(self.url("ok.test"), "-H", "Proxy-Authorization: Basic c2VjcmV0", "-H", "Connection: X-Private", "-H",
                        "X-Private: 1", "-H", "Keep-Alive: 5", "-H", "X-Kept: 2")
        head = self.origin.heads[-1].decode("latin-1").lower()
        self.assertIn("x-kept: 2", head)
        for gone in ("proxy-", "x-private", "keep-alive:"):
            self.assertNotIn(gone, head)

    def test_path_reaches_the_origin_byte_for_byte(self):
        self.origin.heads.clear()
        path = "/Sign%41ture/%7Euser;p=1,2/(x)?X-Amz-Signature=AbC%2Fd+%20&&=%"
        self.proxy.raw(f"GET http://OK.test:{self.origin.port}{path} HTTP/1.1\r\nHost: ok.test\r\nConnection: close\r\n\r\n")
        self.assertEqual(self.origin.heads[-1].split(b"\r\n")[0].decode(), f"GET {path} HTTP/1.1")

    def test_post_bodies(self):
        for arguments in (["-d", "@-"], ["-H", "Transfer-Encoding: chunked", "--data-binary", "hello"],
                          ["-H", "Expect: 100-continue", "--data-binary", "hello"]):
            with self.subTest(arguments=arguments):
                got = self.proxy.curl(self.url("ok.test", "/echo"), *[a if a != "@-" else "hello" for a in arguments])
                self.assertEqual((got.status, got.body), (200, "hello"))

    def test_head_and_sizes(self):
        self.assertEqual(self.proxy.curl(self.url("ok.test", "/size/100"), "-I").status, 200)
        for path in ("/size/0", "/size/1", "/size/3000000", "/chunked/3000000"):
            with self.subTest(path=path):
                got = self.proxy.curl(self.url("ok.test", path))
                self.assertTrue(got.body_bytes == origins.pattern(int(path.split("/")[2])), "the body is not what was sent")

    def test_pipelined_requests_are_answered_in_order(self):
        requests = "".join(f"GET {self.url('ok.test', '/' + str(i))} HTTP/1.1\r\nHost: x\r\n\r\n" for i in range(20))
        requests += f"GET {self.url('bet.test')} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        raw = self.proxy.raw(requests)
        positions = [raw.find(f"origin /{i}<".encode()) for i in range(20)]
        self.assertNotIn(-1, positions)
        self.assertEqual(positions, sorted(positions))
        self.assertIn(b"403", raw[positions[-1]:])

    def test_upstream_connection_is_kept(self):
        before = self.origin.origin.connections
        for _ in range(5):
            self.proxy.curl(self.url("www.ok.test"))
        self.assertLessEqual(self.origin.origin.connections - before, 2)

    def test_an_authenticated_connection_is_nobody_elses(self):
        """NTLM and Negotiate speak for the connection, however their names are spelled."""
        for scheme in ("NTLM", "negotiate", "nTlM"):
            self.proxy.curl(self.url("www.ok.test"), "-H", f"Authorization: {scheme} TlRMTVNTUAAB")
            before = self.origin.origin.connections
            self.proxy.curl(self.url("www.ok.test"), "-H", f"Authorization: {scheme} TlRMTVNTUAAB")
            self.assertEqual(self.origin.origin.connections, before + 1, scheme)

    def test_options_that_goes_no_further(self):
        ask = "OPTIONS %s HTTP/1.1\r\nHost: x\r\nMax-Forwards: %d\r\nConnection: close\r\n\r\n"
        self.origin.heads.clear()
        raw = self.proxy.raw(ask % (self.url("ok.test"), 0))
        self.assertEqual(status_of(raw), 200)
        self.assertIn(b"\r\nAllow: GET, ", raw)
        self.assertEqual(self.origin.heads, [])
        self.proxy.raw(ask % (self.url("ok.test"), 3))
        self.assertIn(b"\r\nMax-Forwards: 2", self.origin.heads[0])
        self.assertEqual(status_of(self.proxy.raw(ask % (self.url("bet.test"), 0))), 403)

    def test_a_response_without_date_gets_one(self):
        got = self.proxy.curl(self.url("ok.test"))
        [date] = [line[6:] for line in got.head.split("\r\n") if line.startswith("Date: ")]
        self.assertLess(abs(parsedate_to_datetime(date).timestamp() - time.time()), 60)

    def test_an_http_1_0_client_is_not_kept(self):
        raw = self.proxy.raw(f"GET {self.url('ok.test')} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        self.assertIn(b"\r\nConnection: close\r\n", raw)

    def test_half_closed_client_still_gets_its_answer(self):
        with self.proxy.connect() as connection:
            connection.sendall(f"GET {self.url('ok.test', '/size/200000')} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            connection.shutdown(socket.SHUT_WR)
            self.assertTrue(read_all(connection).endswith(origins.pattern(200000)[-100:]))

    def test_loops_and_own_address_are_refused(self):
        own = f"http://127.0.0.1:{self.proxy.port}/"
        self.assertEqual(status_of(self.proxy.raw(f"GET {own} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", source="127.0.0.2")), 508)

    def test_own_page(self):
        self.proxy.curl(self.url("bet.test"), "-H", "Accept: text/html")
        got = self.proxy.curl("http://schoolgate.internal/", "-H", "Accept: text/html")
        self.assertEqual(got.status, 200)
        self.assertIn("bet.test", got.body)

    def test_continue_lifts_a_warning(self):
        got = self.proxy.curl(self.url("www.games.test"), "-H", "Accept: text/html")
        self.assertEqual(got.status, 403)
        token = got.body.split('name="token" value="')[1].split('"')[0]
        posted = self.proxy.curl("http://schoolgate.internal/continue", "--data-urlencode", "token=" + token,
                                 "--data-urlencode", "url=" + self.url("www.games.test", "/level/2"))
        self.assertEqual(posted.status, 303)
        self.assertIn(self.url("www.games.test", "/level/2"), posted.head)
        self.assertEqual(self.proxy.curl(self.url("www.games.test")).status, 200)
        self.assertEqual(self.proxy.curl(self.url("games.test")).status, 403)
        self.assertEqual(self.proxy.curl(self.url("bet.test")).status, 403)

    def test_continue_is_no_open_redirect(self):
        got = self.proxy.curl(self.url("m.games.test"), "-H", "Accept: text/html")
        token = got.body.split('name="token" value="')[1].split('"')[0]
        posted = self.proxy.curl("http://schoolgate.internal/continue", "--data-urlencode", "token=" + token, "-d", "url=http://bet.test/")
        self.assertNotIn("bet.test", posted.head)

    def test_a_forged_token_lifts_nothing(self):
        got = self.proxy.curl("http://schoolgate.internal/continue", "-d", "token=AAAA")
        self.assertEqual(got.status, 403)


if __name__ == "__main__":
    unittest.main()
