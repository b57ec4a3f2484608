"""What one client, all clients together, and the system allow: over it there is waiting, then a plain no; never silence, never a way past."""
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

    def test_out_of_descriptors_waits_and_does_not_spin(self):
        proxy = self.proxy(timeouts={"connect": 2})
        self.assertEqual(status_of(proxy.raw(self.request())), 200)
        before = proxy.descriptors()
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
        self.within(10, lambda: proxy.descriptors() <= before + 2, "descriptors were left open")

    def test_an_origin_that_cannot_be_connected_for_want_of_descriptors(self):
        proxy = self.proxy()
        self.assertEqual(status_of(proxy.raw(self.request("bet.test"))), 403)
        before = proxy.descriptors()
        with proxy.connect() as connection:
            connection.sendall(self.request("bet.test", ""))
            self.assertEqual(status_of(connection.recv(65536)), 403)
            connection.settimeout(0.3)
            read_all(connection)
            connection.settimeout(20)
            old = proxy.limit("nofile", proxy.descriptors())
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
