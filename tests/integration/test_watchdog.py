"""A worker that is stuck is noticed: the manager, who else starts nothing anew, no longer hears that all is well."""
import os
import shutil
import signal
import sqlite3
import time
import unittest

import origins
from harness import BUILT, Manager, Proxy, status_of, wait_until

SHIM = os.path.join(os.path.dirname(BUILT), "tests", "stuck_worker.so")
LIMIT = 6  # seconds; half of it is how long a worker may be silent
BLOCKED = "GET http://blocked.test/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


class Watchdog(unittest.TestCase):
    def setUp(self):
        self.origin = origins.Recorder()
        self.proxy = Proxy(ports=[self.origin.port])
        self.addCleanup(self.proxy.close)
        shim = self.proxy.path("stuck_worker.so")
        shutil.copy(SHIM, shim)
        os.chmod(shim, 0o755)
        self.manager = self.proxy.manager = Manager(self.proxy.path("notify"))
        self.addCleanup(self.manager.close)
        self.proxy.start(environment={"WATCHDOG_USEC": str(LIMIT * 1000000), "LD_PRELOAD": shim})

    def silence(self, seconds):
        """What is heard in this time."""
        self.manager.hear()
        before = len(self.manager.heard)
        time.sleep(seconds)
        return self.manager.hear()[before:]

    def ask(self):
        try:
            return status_of(self.proxy.raw(BLOCKED, silence=1))
        except OSError:
            return 0

    def test_a_stuck_worker(self):
        self.assertTrue(wait_until(lambda: self.manager.hear().count("WATCHDOG=1") >= 2, 20), self.manager.heard)
        self.proxy.process.send_signal(signal.SIGUSR1)
        answers = [self.ask() for _ in range(12)]
        self.assertEqual(set(answers), {0, 403}, "the other worker serves on")
        self.assertTrue(wait_until(lambda: "is STUCK: it has not moved for " in self.proxy.said(), 20), self.proxy.said())
        self.assertEqual(self.silence(LIMIT / 2), [])
        self.assertRegex(self.proxy.command("status").stdout, r"(?m)^STUCK        a worker has not moved for \d+ s$")
        self.assertIsNone(self.proxy.process.poll())
        self.proxy.process.send_signal(signal.SIGUSR1)
        self.assertTrue(wait_until(lambda: "every worker moves again" in self.proxy.said(), 20), self.proxy.said())
        self.assertIn("WATCHDOG=1", self.silence(LIMIT / 2))
        self.assertEqual([self.ask() for _ in range(8)], [403] * 8)
        self.assertNotIn("STUCK", self.proxy.command("status").stdout)
        self.proxy.stop()
        self.assertIn("STOPPING=1", self.manager.hear())
        [name] = [n for n in os.listdir(self.proxy.path("log")) if n.startswith("access-") and n.endswith(".db")]
        with sqlite3.connect(self.proxy.path("log", name)) as database:
            events = [what for (what,) in database.execute("SELECT what FROM event ORDER BY id")]
        self.assertLess(events.index("worker_stuck"), events.index("workers_move_again"))
        self.assertEqual(events.count("worker_stuck"), 1)

    def test_a_drain_asks_for_time(self):
        with self.proxy.connect() as asking:  # and reads no more than the beginning
            asking.sendall(f"GET http://ok.test:{self.origin.port}/size/30000000 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            self.assertEqual(status_of(asking.recv(1000)), 200)
            self.proxy.process.send_signal(signal.SIGTERM)
            self.assertTrue(wait_until(lambda: "EXTEND_TIMEOUT_USEC=30000000" in self.manager.hear(), 20), self.manager.heard)
            self.assertIn("WATCHDOG=1", self.silence(LIMIT / 2))  # who drains is well


if __name__ == "__main__":
    unittest.main()
