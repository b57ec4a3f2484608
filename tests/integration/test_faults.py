"""Broken peers on both sides: each gets its answer, none disturbs the others, nothing leaks."""
import concurrent.futures
import glob
import json
import os
import signal
import socket
import sqlite3
import struct
import subprocess
import time
import unittest

import origins
from dns import NameServer
from harness import NOBODY, Proxy, free_port, read_all, status_of, wait_until


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


ANSWERS = {
    "garbage": (b"\x00\x01\x02 not http\r\n\r\n", 502),
    "both framings": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 502),
    "two lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 502),
    "equal lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 200),
    "unknown coding": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello", 502),
    "nul in a field": (b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 0\r\n\r\n", 502),
    "no reason phrase": (b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello", 200),
    "until close": (b"HTTP/1.0 200 OK\r\n\r\nhello", 200),
    "nothing": (b"", 502),
    "unasked upgrade": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", 502),
}


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.good = origins.Recorder()
        cls.proxy = Proxy(ports=[cls.good.port], timeouts={"head": 2, "response": 2, "connect": 2, "body": 3, "keep_alive": 4}).start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()

    def tearDown(self):
        """After each fault the proxy serves the next request."""
        self.assertEqual(self.proxy.curl(f"http://ok.test:{self.good.port}/").status, 200)

    def from_origin(self, serve):
        origin = origins.Origin(serve)
        self.addCleanup(origin.close)
        return self.proxy.raw(f"GET http://ok.test:{origin.port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    def test_origin_answers(self):
        for name, (answer, want) in ANSWERS.items():
            with self.subTest(name):
                def serve(connection, answer=answer):
                    origins.read_head(connection)
                    connection.sendall(answer)
                self.assertEqual(status_of(self.from_origin(serve)), want)

    def test_origin_is_silent(self):
        def failures():
            return json.loads(self.proxy.command("status", "--json").stdout)["server"]["upstream_failures"]

        before = failures()
        self.assertEqual(status_of(self.from_origin(lambda c: (origins.read_head(c), c.recv(1)))), 504)
        self.assertTrue(wait_until(lambda: failures() == before + 1))

    def test_origin_resets(self):
        self.assertEqual(status_of(self.from_origin(lambda c: (origins.read_head(c), reset(c)))), 502)

    def test_origin_closes_inside_a_chunk(self):
        def serve(connection):
            origins.read_head(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n10\r\nhalf")
        raw = self.from_origin(serve)
        self.assertEqual(status_of(raw), 200)
        self.assertFalse(raw.endswith(b"0\r\n\r\n"), "a cut body must not look complete")

    def test_endless_response_head(self):
        def serve(connection):
            origins.read_head(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            for _ in range(100000):
                connection.sendall(b"X-Filler: " + b"y" * 1000 + b"\r\n")
        self.assertEqual(status_of(self.from_origin(serve)), 502)

    def test_bytes_after_a_bodiless_response_go_nowhere(self):
        def serve(connection):
            origins.read_head(connection)
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
            time.sleep(1)
        self.assertNotIn(b"evil", self.from_origin(serve))

    def test_nothing_listens(self):
        self.assertEqual(self.proxy.curl(f"http://ok.test:{free_port()}/").status, 502)

    def test_silent_name_server(self):
        """Hundreds wait for names that never come: others are served meanwhile, each is told in time, nothing is left."""
        names = NameServer({"silent.test": None, "quick.test": ["127.0.0.1"], **{f"silent-{i}.test": None for i in range(50)}})
        self.addCleanup(names.close)
        with Proxy(upstream={"dns_servers": [names.address]}, timeouts={"connect": 2},
                   limits={"requests_per_second_per_client": 10000}) as proxy:
            ask = f"GET http://%s:{self.good.port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            self.assertEqual(status_of(proxy.raw(ask % "ok.test")), 200)
            before = proxy.lasting_descriptors()
            held = [proxy.connect() for _ in range(300)]
            begin = time.time()
            for i, connection in enumerate(held):
                connection.sendall((ask % f"silent-{i % 50}.test").encode())
            for connection in held[:50]:
                reset(connection)  # who waits for a name may leave
            self.assertEqual(status_of(proxy.raw(ask % "quick.test")), 200)
            self.assertEqual(status_of(proxy.raw(ask % "bet.test")), 403)
            for connection in held[50:]:
                with connection:
                    self.assertIn(status_of(read_all(connection)), (502, 504))
            self.assertLess(time.time() - begin, 12)
            self.assertEqual(status_of(proxy.raw(ask % "ok.test")), 200)
            # A question goes on for the cache when nobody waits any more: three tries, 14 s, a port for each.
            self.assertTrue(wait_until(lambda: proxy.lasting_descriptors() <= before + 10, seconds=40))

    def test_unknown_name(self):
        self.assertIn(self.proxy.curl("http://no-such-name.test/").status, (502, 504))

    def test_private_addresses_are_refused(self):
        for host in ("10.0.0.1", "192.168.1.1", "169.254.169.254", "[fd00::1]", "[::ffff:10.0.0.1]", "0.0.0.0", "0"):
            with self.subTest(host=host):
                raw = self.proxy.raw(f"GET http://{host}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", source="127.0.0.2")
                self.assertIn(status_of(raw), (400, 403, 502, 508))

    def test_bad_request_heads(self):
        host = f"Host: ok.test:{self.good.port}\r\n"
        line = f"GET http://ok.test:{self.good.port}/ HTTP/1.1\r\n"
        rows = {
            "no host": (line + "\r\n", 400), "two hosts": (line + host + host + "\r\n", 400),
            "bare lf": (line.replace("\r\n", "\n") + host + "\r\n", 400), "obs-fold": (line + host + "X: a\r\n b\r\n\r\n", 400),
            "space before colon": (line + host + "X : a\r\n\r\n", 400), "nul": (line + host + "X: \0\r\n\r\n", 400),
            "both framings": (line.replace("GET", "POST") + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
            "two lengths": (line.replace("GET", "POST") + host + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400),
            "length list": (line.replace("GET", "POST") + host + "Content-Length: 5, 5\r\n\r\nhello", 400),
            "gzip coding": (line.replace("GET", "POST") + host + "Transfer-Encoding: gzip\r\n\r\n", 400),
            "chunked twice": (line.replace("GET", "POST") + host + "Transfer-Encoding: chunked, chunked\r\n\r\n", 400),
            "long url": (f"GET http://ok.test/{'a' * 40000} HTTP/1.1\r\n{host}\r\n", 414),
            "long head": (line + host + "X: " + "a" * 200000 + "\r\n\r\n", 431),
            "user-info": (f"GET http://ok.test@bet.test/ HTTP/1.1\r\n{host}\r\n", 400),
            "ftp": (f"GET ftp://ok.test/ HTTP/1.1\r\n{host}\r\n", 400),
            "utf-8": ("GET http://ok.test/\u00e9 HTTP/1.1\r\n" + host + "\r\n", 400),
            "http/2": ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 505)), "http/0.9": ("GET /\r\n\r\n", 400),
        }
        for name, (request, want) in rows.items():
            with self.subTest(name):
                got = status_of(self.proxy.raw(request))
                self.assertIn(got, want if isinstance(want, tuple) else (want,))

    def test_slow_head_times_out(self):
        with self.proxy.connect() as connection:
            connection.sendall(b"GET http://ok.test/ HTTP/1.1\r\nHo")
            self.assertEqual(status_of(read_all(connection)), 408)

    def test_preconnect_gets_no_answer(self):
        with self.proxy.connect() as connection:
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(read_all(connection), b"")

    def test_vanishing_clients_leave_nothing_behind(self):
        def serve(connection):
            origins.read_head(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
            origins.send_pattern(connection, 100000000)
        big = origins.Origin(serve)
        self.addCleanup(big.close)
        self.proxy.curl(f"http://ok.test:{self.good.port}/")
        before = self.proxy.lasting_descriptors()
        for i in range(60):
            connection = self.proxy.connect()
            connection.sendall([b"GE", f"GET http://ok.test:{big.port}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
                                f"CONNECT ok.test:{self.good.port} HTTP/1.1\r\nHost: x\r\n\r\n".encode()][i % 3])
            if i % 2:
                connection.recv(1)
            reset(connection)
        self.assertTrue(wait_until(lambda: self.proxy.lasting_descriptors() <= before + 10))

    def test_clients_that_vanish_inside_a_hello(self):
        hello = bytes.fromhex("160301020001000 1fc0303".replace(" ", "")) + b"r" * 400  # says 512 bytes, sends fewer
        opening = f"CONNECT ok.test:{self.good.port} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        self.proxy.curl(f"http://ok.test:{self.good.port}/")
        self.proxy.log_rows()  # its files are open
        before, memory = self.proxy.lasting_descriptors(), self.proxy.memory_kib()
        for end in (reset, lambda c: (c.shutdown(socket.SHUT_WR), c.close())):
            for cut in (1, 5, 6, 9, 40, len(hello)) * 10:
                connection = self.proxy.connect()
                connection.sendall(opening)
                self.assertIn(b" 200 ", connection.recv(4096))
                connection.sendall(hello[:cut])
                end(connection)
        self.assertTrue(wait_until(lambda: self.proxy.lasting_descriptors() <= before + 10))
        self.assertLess(self.proxy.memory_kib() - memory, 4096)

    def test_idle_and_slow_clients_delay_nobody(self):
        held = []
        for i in range(300):
            connection = self.proxy.connect()
            if i % 2:
                connection.sendall(b"GET http://ok")
            held.append(connection)
        begin = time.time()
        for _ in range(5):
            self.assertEqual(self.proxy.curl(f"http://ok.test:{self.good.port}/").status, 200)
        self.assertLess(time.time() - begin, 8)
        for connection in held:
            connection.close()

    def test_stalled_readers_are_bounded(self):
        def serve(connection):
            origins.read_head(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            origins.send_pattern(connection, 1000000000)
        big = origins.Origin(serve)
        self.addCleanup(big.close)
        before, held = self.proxy.memory_kib(), []
        for _ in range(40):
            connection = self.proxy.connect()
            connection.sendall(f"GET http://ok.test:{big.port}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            connection.recv(1)
            held.append(connection)
        time.sleep(1)
        self.assertLess((self.proxy.memory_kib() - before) / len(held), 280)
        for connection in held:
            reset(connection)


class Log(unittest.TestCase):
    """The log cannot be written: what would be allowed waits for a while, then gets 503; blocks stay; afterwards no row is missing."""

    def setUp(self):
        self.origin = origins.Recorder()

    def ask(self, proxy, host):
        begin = time.time()
        raw = proxy.raw(f"GET http://{host}:{self.origin.port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertLess(time.time() - begin, 8, "nobody waits for the log")
        return raw

    def test_rows_that_cannot_be_written_before_the_end_are_told(self):
        with Proxy(ports=[self.origin.port]) as proxy:
            self.assertEqual(status_of(self.ask(proxy, "ok.test")), 200)
            proxy.log_rows()
            self.addCleanup(self.unlock, proxy, self.lock(proxy))
            self.assertEqual(status_of(self.ask(proxy, "bet.test")), 403)
            proxy.process.send_signal(signal.SIGTERM)
            self.assertEqual(proxy.process.wait(30), 1)
            self.assertIn("1 rows are lost", proxy.said())

    def outage(self, begin, end, prepare=lambda proxy: None):
        """One proxy through one outage. `begin(proxy)` starts it and returns what `end(proxy, that)` needs."""
        proxy = Proxy(ports=[self.origin.port])
        prepare(proxy)
        with proxy:
            self.assertEqual(status_of(self.ask(proxy, "ok.test")), 200)
            proxy.log_rows()
            descriptors = proxy.lasting_descriptors()
            held = begin(proxy)
            allowed, blocked, until = 1, 0, time.time() + 30
            while True:
                answer = self.ask(proxy, "ok.test")
                self.assertEqual(status_of(self.ask(proxy, "bet.test")), 403)
                blocked += 1
                if status_of(answer) == 503:
                    break
                self.assertEqual(status_of(answer), 200)
                allowed += 1
                self.assertLess(time.time(), until, "allowed without a row for half a minute")
                time.sleep(0.2)
            self.assertIn(b"Retry-After:", answer)
            end(proxy, held)
            until = time.time() + 20
            while status_of(self.ask(proxy, "ok.test")) != 200:
                self.assertLess(time.time(), until, "it serves again")
                time.sleep(0.1)
            allowed += 1

            def written():  # rows of 503 come between
                rows = proxy.log_rows()
                return (len([r for r in rows if r["host"] == "ok.test" and r["status"] == 200]),
                        len([r for r in rows if r["host"] == "bet.test"]))
            wait_until(lambda: written() == (allowed, blocked), 20)
            self.assertEqual(written(), (allowed, blocked))
            self.assertTrue(wait_until(lambda: proxy.lasting_descriptors() <= descriptors + 10), proxy.lasting_descriptors())

    @staticmethod
    def lock(proxy):
        connection = sqlite3.connect(glob.glob(proxy.path("log", "access-*.db"))[0], isolation_level=None, check_same_thread=False)
        connection.execute("BEGIN EXCLUSIVE")
        return connection

    @staticmethod
    def unlock(_, connection):
        connection.execute("ROLLBACK")
        connection.close()

    def test_locked_by_another_program_and_a_limit_on_file_sizes(self):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            outages = [pool.submit(self.outage, self.lock, self.unlock),
                       pool.submit(self.outage, lambda p: p.limit("fsize", 4096), lambda p, old: p.limit("fsize", old))]
            for outage in outages:
                outage.result()

    def test_disk_full(self):
        """The log lies on a file system of 1 MiB, and something else fills it."""
        def fill(proxy):
            with open(proxy.path("log/filler"), "wb", buffering=0) as out:
                try:
                    while True:
                        out.write(bytes(512))
                except OSError:
                    pass
        self.outage(fill, lambda proxy, _: os.unlink(proxy.path("log/filler")), prepare=self.small_disk)

    def small_disk(self, proxy):
        folder = proxy.path("log")
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size=1m,mode=0750,uid={NOBODY},gid={NOBODY}", "tmpfs", folder], check=False,
                          capture_output=True).returncode != 0:
            self.skipTest("may not mount a file system")
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=True)


if __name__ == "__main__":
    unittest.main()
