"""CONNECT: judged by its authority and by the ClientHello's SNI; tunnels carry every byte and nothing else."""
import socket
import ssl
import time
import unittest

import origins
from harness import Proxy, of_connect, read_all, status_of, wait_until


def hello_for(name):
    """A real ClientHello for `name`, taken from OpenSSL through memory BIOs."""
    context = ssl.create_default_context()
    context.check_hostname = False
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname=name)
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def split_records(hello, size):
    """The same handshake message in TLS records of `size` payload bytes."""
    payload = hello[5:]
    return b"".join(hello[:3] + len(p).to_bytes(2, "big") + p for p in (payload[i:i + size] for i in range(0, len(payload), size)))


class Connect(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = origins.TestAuthority()
        cls.secure = origins.Recorder(cls.authority.context("secure.test", "bet.test", "games.test", "sad.test", "second.test"))
        cls.plain = origins.Recorder()
        cls.proxy = Proxy(ports=[cls.secure.port, cls.plain.port], timeouts={"hello": 2}).start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()
        cls.authority.close()

    def https(self, host, path="/", *arguments, source=None):
        return self.proxy.curl(f"https://{host}:{self.secure.port}{path}", "--cacert", self.authority.certificate, *arguments,
                               source=source)

    def open_tunnel(self, host, source=None, port=None):
        """CONNECT, then the raw connection after the 200; None with the status when refused."""
        connection = self.proxy.connect(source)
        connection.sendall(f"CONNECT {host}:{port or self.secure.port} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        answer = connection.recv(4096)
        if not answer.startswith(b"HTTP/1.1 200"):
            connection.close()
            return status_of(answer), None
        return 200, connection

    def first_bytes_pass(self, host, data, source=None):
        """True when the origin's handshake answer comes back."""
        status, connection = self.open_tunnel(host, source)
        self.assertEqual(status, 200)
        with connection:
            connection.sendall(data)
            try:
                return connection.recv(5)[:1] in (b"\x16", b"\x15")
            except ConnectionResetError:
                return False

    def test_allowed(self):
        got = self.https("secure.test", "/size/5000000")
        self.assertEqual((got.status, got.connect_status), (200, of_connect(200)))
        self.assertEqual(got.body_bytes, origins.pattern(5000000))

    def test_blocked_by_authority(self):
        got = self.https("bet.test")
        self.assertEqual((got.connect_status, got.status), (of_connect(403), 0))

    def test_staff_are_warned_but_pass(self):
        self.assertEqual(self.https("bet.test", source="127.0.0.2").status, 200)

    def test_warn_without_page_blocks_pupils(self):
        got = self.https("games.test")
        self.assertEqual((got.connect_status, got.status), (of_connect(403), 0))

    def test_a_site_of_help_is_not_opened_and_kept_private(self):
        for host in ("sad.test", "blocked.test"):
            got = self.https(host)
            self.assertEqual((got.connect_status, got.status), (of_connect(403), 0))
        self.proxy.log_rows("--host", "blocked.test")  # what came before is written too
        self.assertEqual(self.proxy.log_rows("--host", "sad.test", wanted=0), [])

    def test_sni_must_be_the_authority(self):
        self.assertTrue(self.first_bytes_pass("secure.test", hello_for("secure.test")))
        self.assertTrue(self.first_bytes_pass("SECURE.test.", hello_for("secure.test")))
        for name in ("second.test", "bet.test"):
            with self.subTest(name=name):
                self.assertFalse(self.first_bytes_pass("secure.test", hello_for(name)))

    def test_staff_may_differ_but_not_to_a_locked_name(self):
        self.assertTrue(self.first_bytes_pass("secure.test", hello_for("second.test"), source="127.0.0.2"))
        self.assertFalse(self.first_bytes_pass("secure.test", hello_for("adult.test"), source="127.0.0.2"))

    def test_no_name_at_all(self):
        hello = hello_for(None)
        self.assertFalse(self.first_bytes_pass("secure.test", hello))
        self.assertTrue(self.first_bytes_pass("secure.test", hello, source="127.0.0.2"))

    def test_hello_in_small_records_and_segments(self):
        hello = hello_for("secure.test")
        bad = hello_for("bet.test")
        for size in (1, 7, 100):
            with self.subTest(size=size):
                self.assertTrue(self.first_bytes_pass("secure.test", split_records(hello, size)))
                self.assertFalse(self.first_bytes_pass("secure.test", split_records(bad, size)))
        status, connection = self.open_tunnel("secure.test")
        self.assertEqual(status, 200)
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for i in range(0, len(hello), 50):
                connection.sendall(hello[i:i + 50])
            self.assertEqual(connection.recv(5)[:1], b"\x16")

    def test_what_is_not_tls(self):
        for data in (b"SSH-2.0-OpenSSH_9.2\r\n", b"GET / HTTP/1.1\r\nHost: bet.test\r\n\r\n", b"\x00\x0e\x38\x28\x00", bytes(64)):
            with self.subTest(data=data[:10]):
                self.assertFalse(self.first_bytes_pass("secure.test", data))

    def test_a_silent_client_is_closed(self):
        status, connection = self.open_tunnel("secure.test")
        self.assertEqual(status, 200)
        begin = time.time()
        with connection:
            self.assertEqual(read_all(connection), b"")
        self.assertLess(time.time() - begin, 8)

    def test_addresses_and_ports(self):
        for host in ("127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "127.1"):
            with self.subTest(host=host):
                self.assertIn(self.open_tunnel(host)[0], (400, 403))
        self.assertIn(self.open_tunnel("secure.test", port=22)[0], (400, 403))
        for authority in ("secure.test", "secure.test:0", "secure.test:99999", "u@secure.test:443", "secure.test:443/x"):
            with self.subTest(authority=authority):
                raw = self.proxy.raw(f"CONNECT {authority} HTTP/1.1\r\nHost: x\r\n\r\n")
                self.assertEqual(status_of(raw), 400)

    def test_half_close_keeps_the_tail(self):
        """A client that shuts its sending side still gets every byte."""
        def serve(connection):
            while connection.recv(65536):
                pass
            origins.send_pattern(connection, 8_000_000)
        late = origins.Origin(serve)
        self.proxy_for_half_close(late)

    def proxy_for_half_close(self, origin):
        with Proxy(ports=[origin.port]) as proxy:
            with proxy.connect("127.0.0.2") as connection:
                connection.sendall(f"CONNECT ok.test:{origin.port} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                self.assertIn(b" 200 ", connection.recv(4096))
                connection.sendall(b"\x00not tls, staff may\n")
                connection.shutdown(socket.SHUT_WR)
                self.assertEqual(len(read_all(connection)), 8_000_000)

    def test_port_80_tunnel_is_judged_as_http(self):
        """Chromium sends ws:// as CONNECT host:80; this origin listens elsewhere, so only the verdicts are seen."""
        with self.proxy.connect() as connection:
            connection.sendall(b"CONNECT bet.test:80 HTTP/1.1\r\nHost: bet.test:80\r\n\r\n")
            self.assertEqual(status_of(connection.recv(4096)), 403)
        with self.proxy.connect() as connection:
            connection.sendall(b"CONNECT mixed.test:80 HTTP/1.1\r\nHost: mixed.test:80\r\n\r\n")
            self.assertEqual(status_of(connection.recv(4096)), 200)
            connection.sendall(b"GET /secret HTTP/1.1\r\nHost: mixed.test\r\nConnection: close\r\n\r\n")
            self.assertEqual(status_of(read_all(connection)), 403)

    def test_log_tells_bytes_of_a_tunnel(self):
        self.https("secure.test", "/size/1000000")
        rows = wait_until(lambda: [r for r in self.proxy.log_rows("--host", "secure.test") if r.get("bytes_down", 0) > 1000000])
        self.assertTrue(rows)
        self.assertEqual(rows[-1]["seen"], "sni")


if __name__ == "__main__":
    unittest.main()
