"""What the log says of requests that were never judged, and of origins that failed."""
import os
import socket
import threading
import unittest

import bad_tls
import dns
import origins
from harness import Proxy, free_port, of_connect, read_all, status_of, wait_until


class Record(unittest.TestCase):
    """Tier "pupil" is the first of the policy; the client here is of the other one."""

    @classmethod
    def setUpClass(cls):
        cls.origin = origins.Recorder()
        cls.proxy = Proxy(ports=[cls.origin.port], timeouts={"head": 1}, limits={"head_bytes": 8192, "url_bytes": 4096}).start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()

    def last(self, before, *arguments):
        rows = self.proxy.log_rows(*arguments, wanted=before + 1)
        self.assertEqual(len(rows), before + 1)
        return rows[-1]

    def test_refused_before_judging(self):
        url = f"http://ok.test:{self.origin.port}"
        host = f"Host: ok.test:{self.origin.port}\r\n"
        for what, request, status, reason, seen_host in (
                ("another scheme", f"GET ftp://ok.test/x HTTP/1.1\r\n{host}\r\n", 400, "bad_request", "ok.test"),
                ("no version", f"GET {url}/\r\n\r\n", 400, "bad_request", "ok.test"),
                ("garbage", "GARBAGE\r\n\r\n", 400, "bad_request", ""),
                ("not for a proxy", f"GET / HTTP/1.1\r\n{host}\r\n", 400, "bad_request", "ok.test"),
                ("https in the clear", f"GET https://ok.test/ HTTP/1.1\r\n{host}\r\n", 400, "bad_request", "ok.test"),
                ("TRACE", f"TRACE {url}/ HTTP/1.1\r\n{host}\r\n", 405, "method_not_allowed", "ok.test"),
                ("unfinished", f"GET {url}/ HTTP/1.1\r\n{host}", 408, "request_timeout", "ok.test"),
                ("a long address", f"GET {url}/{'a' * 5000} HTTP/1.1\r\n{host}\r\n", 414, "uri_too_long", "ok.test"),
                ("an endless address", f"GET {url}/{'a' * 9000}", 414, "uri_too_long", "ok.test"),
                ("a large head", f"GET {url}/ HTTP/1.1\r\n{host}X: {'a' * 9000}\r\n\r\n", 431, "head_too_large", "ok.test"),
                ("expectation", f"GET {url}/ HTTP/1.1\r\n{host}Expect: tea\r\n\r\n", 417, "expectation_failed", "ok.test"),
                ("version", f"GET {url}/ HTTP/2.0\r\n{host}\r\n", 505, "http_version", "ok.test")):
            with self.subTest(what=what):
                before = len(self.proxy.log_rows(wanted=0))
                self.assertEqual(status_of(self.proxy.raw(request, source="127.0.0.2")), status)
                row = self.last(before)
                self.assertEqual((row["tier"], row["action"], row["reason"], row["status"], row["host"]),
                                 ("staff", "refused", reason, status, seen_host))
        self.assertEqual(self.proxy.log_rows("--blocked", wanted=0), [])

    def test_a_loop(self):
        with self.proxy.connect("127.0.0.2") as client:
            client.sendall(f"GET http://ok.test:{self.origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            client.recv(65536)
        via = [l for l in self.origin.heads[-1].decode().split("\r\n") if l.startswith("Via:")][0]
        before = len(self.proxy.log_rows())
        raw = self.proxy.raw(f"GET http://ok.test:{self.origin.port}/ HTTP/1.1\r\nHost: x\r\n{via}\r\n\r\n", source="127.0.0.2")
        self.assertEqual(status_of(raw), 508)
        row = self.last(before)
        self.assertEqual((row["tier"], row["action"], row["reason"], row["host"]), ("staff", "refused", "loop", "ok.test"))

    def test_left_before_the_head_was_whole(self):
        before = len(self.proxy.log_rows(wanted=0))
        with self.proxy.connect("127.0.0.2") as client:
            client.sendall(b"GET http://ok.test/ HT")
        row = self.last(before)
        self.assertEqual((row["tier"], row["action"], row["reason"], row["ended"]),
                         ("staff", "refused", "unfinished_request", "client-gone"))

    def test_memory_is_for_nobody_else(self):
        # The kernel gives what belongs to a process to root when it may not be dumped.
        self.assertEqual(os.stat(f"/proc/{self.proxy.process.pid}/environ").st_uid, 0)
        with open(f"/proc/{self.proxy.process.pid}/limits", encoding="ascii") as limits:
            core = [line.split() for line in limits if line.startswith("Max core file size")][0]
        self.assertEqual(core[4:6], ["0", "0"])


class Visits(unittest.TestCase):
    def setUp(self):
        self.origin = origins.Recorder()
        self.addCleanup(self.origin.origin.close)
        self.proxy = Proxy(ports=[self.origin.port]).start()
        self.addCleanup(self.proxy.close)

    def test_a_blocked_page_counts_as_one(self):
        def blocked(*more):
            return self.proxy.log_rows("--host", "bet.test", *more, wanted=0)

        def lucky():
            return self.proxy.log_rows("--host", "a.lucky.test", wanted=0)

        url = f"http://bet.test:{self.origin.port}/"
        self.proxy.curl(url, "-H", "Sec-Fetch-Dest: document")
        for part in range(6):
            self.proxy.curl(f"{url}{part}.png", "-H", "Sec-Fetch-Dest: image")
        wait_until(lambda: len(blocked()) == 7)
        self.assertEqual([row["visit"] for row in blocked()], [True] + 6 * [False])
        self.assertEqual(len(blocked("--visits", "--blocked")), 1)
        # By name alone: browsers open several tunnels for a page.
        for _ in range(3):
            self.proxy.answer_to_connect("CONNECT a.lucky.test:443 HTTP/1.1\r\nHost: a.lucky.test\r\n\r\n")
        wait_until(lambda: len(lucky()) == 3)
        self.assertEqual([row["visit"] for row in lucky()], [True, False, False])


class TooMany(unittest.TestCase):
    def test_over_the_rate(self):
        origin = origins.Recorder()
        with Proxy(ports=[origin.port], limits={"requests_per_second_per_client": 2, "request_burst_per_client": 1}) as proxy:
            request = f"GET http://ok.test:{origin.port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
            clients = [proxy.connect("127.0.0.2") for _ in range(60)]
            for client in clients:
                client.sendall(request)
            statuses = [status_of(read_all(client)) for client in clients]
            for client in clients:
                client.close()
            self.assertEqual(set(statuses), {200, 429})  # some waited for their turn
            self.assertGreaterEqual(statuses.count(200), 4)
            rows = [r for r in proxy.log_rows() if r["status"] == 429]
            self.assertTrue(rows)
            self.assertLessEqual(len(rows), 8)  # two for each second
            self.assertEqual({(r["tier"], r["action"], r["reason"], r["host"]) for r in rows},
                             {("staff", "refused", "too_many_requests", "ok.test")})


class Causes(unittest.TestCase):
    """Each way in which an origin fails has its own word in the row, and a true page."""

    def page(self, proxy, url, *more):
        return proxy.curl(url, "-H", "Accept: text/html", "-H", "Accept-Language: en", *more)

    def cause(self, proxy, wanted):
        wait_until(lambda: proxy.log_rows()[-1]["cause"] == wanted)
        row = proxy.log_rows()[-1]
        self.assertEqual((row["action"], row["cause"]), ("allow", wanted))
        return row

    def test_of_names_and_connections(self):
        server = dns.NameServer({"silent.test": None})
        self.addCleanup(server.close)
        closed = free_port()
        with Proxy(ports=[closed], upstream={"dns_servers": [server.address]}, timeouts={"connect": 2}) as proxy:
            for url, title, cause in (("http://mistyped.test/", "Page not found", "dns: no such name"),
                                      ("http://silent.test/", "The network gate cannot look up names", "dns: no answer"),
                                      (f"http://ok.test:{closed}/", "The site cannot be reached", "refused")):
                with self.subTest(url=url):
                    self.assertIn(title, self.page(proxy, url).body)
                    self.cause(proxy, cause)
            got = proxy.curl(f"https://ok.test:{closed}/")
            self.assertEqual((got.connect_status, got.status), (of_connect(502), 0))
            self.cause(proxy, "refused")

    def test_a_dead_name_server_is_the_gateways_fault(self):
        with Proxy(timeouts={"connect": 3}) as proxy:  # the harness' own: nobody answers there
            got = self.page(proxy, "http://anything.test/")
            self.assertEqual(got.status, 502)
            self.assertIn("The network gate cannot look up names", got.body)
            self.assertNotIn("may be mistyped", got.body)
            self.cause(proxy, "dns: no answer")

    def test_of_silence_and_cuts(self):
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        answers = iter((b"", None, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", b"HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n"))
        held = []

        def serve():
            for answer in answers:
                connection, _ = listener.accept()
                connection.recv(65536)
                if answer is None:
                    held.append(connection)
                    continue
                connection.sendall(answer)
                connection.close()

        threading.Thread(target=serve, daemon=True).start()
        with Proxy(ports=[port], timeouts={"response": 1}) as proxy:
            for status, cause in ((502, "closed: no response"), (504, "timeout: no response"), (200, "closed: response cut"),
                                  (502, "bad_name")):
                got = self.page(proxy, f"http://ok.test:{port}/{status}", "-X", "POST")
                self.assertEqual(got.status, status)
                self.cause(proxy, cause)
        listener.close()

    def test_of_certificates(self):
        good = origins.TestAuthority()
        os.chmod(good.folder, 0o755)
        zoo = bad_tls.Zoo(good)
        self.addCleanup(zoo.close)
        server = origins.Recorder(tls=zoo.self_signed("self", "secure.test"))
        with Proxy(ports=[server.port], https="{mode: inspect, reason: test}", upstream={"extra_ca": [good.certificate]}) as proxy:
            got = self.page(proxy, f"https://secure.test:{server.port}/", "--cacert", proxy.ca)
            self.assertEqual(got.status, 502)
            row = self.cause(proxy, "certificate: self-signed certificate")
            self.assertEqual(row["ended"], "upstream-failed")


if __name__ == "__main__":
    unittest.main()
