"""What one client, all clients together, and the system allow: over it there is waiting, then a plain no; never silence, never a way past."""
import os
import socket
import time
import unittest

import origins
from harness import Proxy, read_all, status_of


class Limits(unittest.TestCase):
    def setUp(self):
        self.origin = origins.Recorder()

    def request(self, host="ok.test", fields="Connection: close\r\n"):
        return f"GET http://{host}:{self.origin.port}/ HTTP/1.1\r\nHost: x\r\n{fields}\r\n".encode()

    def proxy(self, **options):
        proxy = Proxy(ports=[self.origin.port], **options)
        self.addCleanup(proxy.close)
        return proxy.start()

    def within(self, seconds, condition, message):
        end = time.time() + seconds
        while not condition():
            self.assertLess(time.time(), end, message)
            time.sleep(0.05)

    def test_a_network_behind_one_address_is_not_one_client(self):
        limits = {"connections_per_client": 8, "requests_per_second_per_client": 3}
        proxy = self.proxy(limits=limits, extra="")
        with open(proxy.config, encoding="utf-8") as source:
            text = source.read()
        proxy.write("schoolgate.yaml", text.replace("who:\n", "who:\n  - {network: 127.0.0.3/32, tier: pupil, shared: true}\n"))
        self.assertEqual(proxy.command("reload").returncode, 0)

        def ask(source):
            held = [proxy.connect(source) for _ in range(20)]
            statuses = []
            for connection in held:
                with connection:
                    try:
                        connection.sendall(self.request())
                        statuses.append(status_of(read_all(connection)))
                    except OSError:
                        statuses.append(503)  # refused and closed before it could ask
            return statuses
        self.assertEqual(set(ask("127.0.0.3")), {200})
        alone = ask("127.0.0.1")
        self.assertTrue({503, 429, 0} & set(alone), alone)

    def test_who_takes_every_place_gives_way(self):
        proxy = self.proxy(limits={"connections": 120})
        quiet = [proxy.connect("127.0.0.3") for _ in range(8)]
        for connection in quiet:
            connection.sendall(self.request("bet.test", ""))  # idle between two requests, as browsers leave them
            self.assertEqual(status_of(connection.recv(65536)), 403)
        greedy = []

        def grab():  # eight addresses that come again for whatever they lost
            for address in range(10, 18):
                for _ in range(16):
                    greedy.append(proxy.connect(f"127.0.0.{address}"))
        grab()
        for newcomer in range(20, 26):
            begin = time.time()
            self.assertEqual(status_of(proxy.raw(self.request("bet.test"), source=f"127.0.0.{newcomer}")), 403)
            self.assertLess(time.time() - begin, 8, "a newcomer gets a place at once")
            grab()
        for connection in quiet:
            connection.sendall(self.request("bet.test", ""))
            self.assertEqual(status_of(connection.recv(65536)), 403, "it still lives")
        for connection in quiet + greedy:
            connection.close()

    def test_a_flood_of_refused_requests_is_a_few_rows(self):
        proxy = self.proxy()
        sent = 300
        begin = time.time()
        for _ in range(sent):
            self.assertEqual(status_of(proxy.raw("GARBAGE\r\n\r\n", source="127.0.0.3")), 400)
        seconds = time.time() - begin
        self.assertEqual(status_of(proxy.raw(self.request("bet.test"), source="127.0.0.4")), 403)
        self.within(10, lambda: proxy.log_rows("--blocked"), "another client's block is in the log")
        self.within(10, lambda: sum(r.get("count", 1) for r in self.refused(proxy)) == sent, "every one is counted")
        self.assertLessEqual(len(self.refused(proxy)), 2 * (seconds + 2))

    @staticmethod
    def refused(proxy):
        return [r for r in proxy.log_rows() if r["status"] == 400]

    def test_idle_and_slow_clients_delay_nobody(self):
        proxy = self.proxy()
        held = [proxy.connect("127.0.0.3") for _ in range(600)]
        for connection in held[300:]:
            connection.sendall(b"GET http://ok")
        took = []
        for round_ in range(60):
            for connection in held[300 + round_::60]:  # one more byte each, as slow clients do
                connection.sendall(b"x")
            begin = time.time()
            self.assertEqual(status_of(proxy.raw(self.request())), 200)
            self.assertEqual(status_of(proxy.raw(self.request("bet.test"))), 403)
            took.append(time.time() - begin)
        self.assertLess(sorted(took)[30], 1, "half of the requests")
        for connection in held:
            connection.close()

    def settled_descriptors(self, proxy):
        """Once the log has opened the files of its totals and of new sites: some seconds after the first row."""
        self.within(20, lambda: all(os.path.exists(proxy.path(f"log/{name}.db-shm")) for name in ("totals", "names")),
                    "the totals are counted, and new sites noted")
        return proxy.descriptors()

    @staticmethod
    def lowest_free(proxy):
        """The number that the next file would get; the writer of the log opens and closes some now and then."""
        def now():
            taken = {int(number) for number in os.listdir(f"/proc/{proxy.process.pid}/fd")}
            return next(number for number in range(len(taken) + 1) if number not in taken)
        lowest, end = now(), time.time() + 1
        while time.time() < end:
            lowest = min(lowest, now())
        return lowest

    def test_out_of_descriptors_waits_and_does_not_spin(self):
        proxy = self.proxy(timeouts={"connect": 2})
        self.assertEqual(status_of(proxy.raw(self.request())), 200)
        before = self.settled_descriptors(proxy)
        old = proxy.limit("nofile", before + 3)
        held = [proxy.connect() for _ in range(40)]
        asking = [socket.socket(socket.AF_UNIX) for _ in range(3)]  # the control socket has no descriptor for them either
        for connection in asking:
            connection.connect(proxy.path("control.sock"))
        self.within(5, lambda: proxy.descriptors() >= before + 3, "the descriptors were not used up")
        begin = proxy.cpu_seconds()
        time.sleep(2)
        self.assertLess(proxy.cpu_seconds() - begin, 0.6, "seconds of CPU in two seconds of waiting")
        for connection in held + asking:
            connection.close()
        self.within(10, lambda: status_of(proxy.raw(self.request(), silence=1)) == 200, "it serves again when there is one")
        proxy.limit("nofile", old)
        self.assertEqual(proxy.command("reload").returncode, 0)
        self.within(10, lambda: proxy.descriptors() <= before + 10, "descriptors were left open")

    def test_an_origin_that_cannot_be_connected_for_want_of_descriptors(self):
        proxy = self.proxy()
        self.assertEqual(status_of(proxy.raw(self.request("bet.test"))), 403)
        before = self.settled_descriptors(proxy)
        with proxy.connect() as connection:
            connection.sendall(self.request("bet.test", ""))
            self.assertEqual(status_of(connection.recv(65536)), 403)
            connection.settimeout(0.3)
            read_all(connection)
            connection.settimeout(20)
            old = proxy.limit("nofile", self.lowest_free(proxy))
            connection.sendall(self.request())
            answer = read_all(connection)
            self.assertEqual(status_of(answer), 503)
            self.assertIn(b"Retry-After:", answer)
        self.assertEqual(self.origin.heads, [])
        proxy.limit("nofile", old)
        self.within(10, lambda: status_of(proxy.raw(self.request(), silence=1)) == 200, "it serves again")
        self.within(10, lambda: proxy.descriptors() <= before + 2, "descriptors were left open")


if __name__ == "__main__":
    unittest.main()
