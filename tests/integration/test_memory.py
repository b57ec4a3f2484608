"""Memory that runs out, and files that go: it costs the request that met it, never the process, and lets nothing through."""
import json
import os
import random
import shutil
import signal
import ssl
import threading
import unittest

import h2
import origins
from dns import NameServer
from harness import BUILT, Proxy, status_of, wait_until
from test_inspect import NAMES, opened, share

SHIM = os.path.join(os.path.dirname(BUILT), "tests", "failing_new.so")
INSPECT = '{mode: inspect, reason: "decided by the school board"}'
NO_LIMITS = {"connections_per_client": 5000, "requests_per_second_per_client": 100000}
PAGE = "Accept: text/html\r\nSec-Fetch-Dest: document\r\n"


def statuses(proxy, urls, silence=20):
    """Of requests that follow each other, each on a connection of its own; 0 where none came within `silence` seconds."""
    got = []
    for url, more in urls:
        try:
            got.append(status_of(proxy.raw(f"GET {url} HTTP/1.1\r\nHost: x\r\n{more}Connection: close\r\n\r\n", silence=silence)))
        except OSError:
            got.append(0)
    return got


class Memory(unittest.TestCase):
    LONG = True

    @classmethod
    def setUpClass(cls):
        cls.authority = origins.TestAuthority()
        share(cls.authority.folder)
        cls.secure = origins.Recorder(cls.authority.context(*NAMES))
        cls.plain = origins.Recorder()
        cls.names = NameServer({f"n{i}.test": ["127.0.0.1"] for i in range(2000)})
        shutil.copy(SHIM, os.path.join(cls.authority.folder, "failing_new.so"))
        os.chmod(os.path.join(cls.authority.folder, "failing_new.so"), 0o755)

    @classmethod
    def tearDownClass(cls):
        cls.authority.close()
        cls.names.close()

    def proxy(self, **more):
        upstream = {"extra_ca": [self.authority.certificate], "dns_servers": [self.names.address]}
        return Proxy(ports=[self.secure.port, self.plain.port], https=INSPECT, upstream=upstream, hosts=("ok.test", "adult.test", *NAMES),
                     limits=NO_LIMITS, extra="https: {never_inspect: {categories: [], hosts: [bank.test]}}\n", **more)

    def plain_requests(self, proxy, seed, rounds, seen):
        order = random.Random(seed)
        for _ in range(rounds):
            port = self.plain.port
            urls = [(f"http://ok.test:{port}/size/10", ""), (f"http://blocked.test:{port}/", ""), (f"http://adult.test:{port}/", PAGE),
                    (f"http://games.test:{port}/", PAGE), (f"http://n{order.randrange(2000)}.test:{port}/size/70000", ""),
                    (f"http://mixed.test:{port}/secret/a", "")]
            for (url, _), status in zip(urls, statuses(proxy, urls, silence=1)):
                seen.append(("blocked" in url or "adult" in url or "games" in url or "secret" in url, status))

    def other_requests(self, proxy, rounds, seen):
        """Tunnels, inspected connections, HTTP/2, and what an admin asks."""
        for number in range(rounds):
            try:
                with opened(proxy, "secure.test", self.secure.port) as secure:
                    secure.settimeout(1)
                    secure.sendall(b"GET /size/100 HTTP/1.1\r\nHost: secure.test:%d\r\nConnection: close\r\n\r\n" % self.secure.port)
                    seen.append((False, status_of(secure.recv(65536))))
                with h2.Client(proxy, "mixed.test", self.secure.port) as client:
                    for stream in (1, 3, 5, 7):
                        client.ask(stream, "/secret/a" if stream == 7 else "/size/100")
                    client.read(lambda c: 7 in c.statuses, 1)
                    seen.append((True, (client.statuses.get(7) or [0])[-1]))
                with proxy.connect() as tunnel:
                    tunnel.settimeout(1)
                    tunnel.sendall(b"CONNECT bank.test:%d HTTP/1.1\r\nHost: x\r\n\r\n" % self.secure.port)
                    if b" 200 " in tunnel.recv(4096):
                        context = ssl.create_default_context(cafile=self.authority.certificate)
                        with context.wrap_socket(tunnel, server_hostname="bank.test") as inner:
                            seen.append((False, 200 if inner.version() else 0))
                if number % 10 == 0:
                    proxy.command("reload", check=False)
                    proxy.command("status", check=False)
            except (OSError, AssertionError):
                seen.append((False, 0))

    def begun(self, proxy):
        """It serves before all its threads are there; a start may end for lack of memory."""
        self.assertTrue(wait_until(lambda: "control socket" in proxy.said()))

    def survives(self, one_in, rounds):
        proxy = self.proxy()
        try:
            proxy.start(environment={"LD_PRELOAD": os.path.join(self.authority.folder, "failing_new.so"), "FAILING_NEW": str(one_in)})
            self.begun(proxy)
            seen = []
            proxy.process.send_signal(signal.SIGUSR1)
            work = [threading.Thread(target=self.plain_requests, args=(proxy, seed, rounds, seen)) for seed in range(3)]
            work.append(threading.Thread(target=self.other_requests, args=(proxy, rounds // 6, seen)))
            for thread in work:
                thread.start()
            for thread in work:
                thread.join()
            self.assertIsNone(proxy.process.poll(), proxy.said()[-2000:])
            proxy.process.send_signal(signal.SIGUSR1)
            self.assertEqual([s for shut, s in seen if shut and s in (101, 200)], [], "let through")
            self.assertGreater(sum(s in (200, 403) for _, s in seen), len(seen) // 20)
            # Nothing is left over, and all works again.
            port = self.plain.port
            urls = [(f"http://ok.test:{port}/size/10", ""), (f"http://blocked.test:{port}/", ""), (f"http://n1.test:{port}/size/10", "")]
            self.assertTrue(wait_until(lambda: statuses(proxy, urls, silence=1) == [200, 403, 200], 20), statuses(proxy, urls))
            self.assertEqual(proxy.command("reload").returncode, 0)
            open_now = lambda: json.loads(proxy.command("status", "--json").stdout)["server"]["connections"]
            self.assertTrue(wait_until(lambda: open_now() == 0, 20), open_now())
            self.assertIn(proxy.stop(wait=30), (0, 1), proxy.said()[-2000:])
            return len(seen)
        finally:
            proxy.close()

    def test_failed_allocations_cost_one_request_each(self):
        operations = 0
        for one_in, rounds in ((30, 60), (300, 200), (5000, 300)):
            with self.subTest(one_in=one_in):
                operations += self.survives(one_in, rounds)
        self.assertGreater(operations, 10000)

    def test_a_full_address_space_refuses_newcomers(self):
        with self.proxy() as proxy:
            port = self.plain.port
            urls = [(f"http://ok.test:{port}/size/10", ""), (f"http://blocked.test:{port}/", "")]
            self.assertEqual(statuses(proxy, urls), [200, 403])
            self.begun(proxy)
            for room_kib in (8 << 10, 24 << 10):
                with self.subTest(room_kib=room_kib):
                    before = proxy.limit("as", (proxy.memory_kib("VmSize") + room_kib) << 10)
                    kept = []
                    try:
                        for number in range(900):
                            one = proxy.connect()
                            one.setblocking(False)
                            kept.append(one)
                            try:
                                one.send(f"GET http://ok.test:{port}/ HTTP/1.1\r\nX: ".encode() + b"y" * 30000)
                            except OSError:
                                pass
                    finally:
                        for one in kept:
                            one.close()
                        self.assertIsNone(proxy.process.poll(), proxy.said()[-2000:])
                        proxy.limit("as", before)
                    self.assertTrue(wait_until(lambda: statuses(proxy, urls, silence=1) == [200, 403], 20), statuses(proxy, urls))

    def test_compiled_lists_that_are_cut_or_overwritten(self):
        with self.proxy() as proxy:
            port = self.plain.port
            urls = [(f"http://adult.test:{port}/", ""), (f"http://bet.test:{port}/", ""), (f"http://ok.test:{port}/size/10", "")]
            for _ in range(2):
                self.assertEqual(statuses(proxy, urls), [403, 403, 200])
                lists = proxy.path("state/lists.sgdb")
                with open(lists, "r+b") as file:
                    file.write(bytes(os.path.getsize(lists)))
                self.assertEqual(statuses(proxy, urls), [403, 403, 200])
                os.truncate(lists, 0)
                self.assertEqual(statuses(proxy, urls), [403, 403, 200])
                self.assertIsNone(proxy.process.poll())
                # What is compiled anew is opened from the disk by the next process.
                self.assertEqual(proxy.command("reload").returncode, 0)
                proxy.stop()
                proxy.start()


if __name__ == "__main__":
    unittest.main()
