"""An upgrade takes the very listening sockets of the running process: nobody who connects meanwhile notices."""
import glob
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import unittest

import origins
from harness import NOBODY, Proxy, as_nobody, program, read_all, status_of, wait_until

# Connects, asks for a blocked page, reads to the end; says how many were answered and what went wrong.
CLIENT = """
import signal, socket, sys
port, done, wrong = int(sys.argv[1]), 0, []
request = b"GET http://blocked.test/ HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n"
running = True
def end(*_):
    global running
    running = False
signal.signal(signal.SIGTERM, end)
while running:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as c:
            c.sendall(request)
            data = b""
            while part := c.recv(65536):
                data += part
        if not data.startswith(b"HTTP/1.1 403 "):
            wrong.append(repr(data[:40]))
        done += 1
    except OSError as error:
        wrong.append(repr(error))
print(done, len(wrong), wrong[:5])
"""


class Upgrade(unittest.TestCase):
    def setUp(self):
        self.origin = origins.Recorder()
        self.proxy = Proxy(ports=[self.origin.port], limits={"requests_per_second_per_client": 1000000}).start()
        self.addCleanup(self.proxy.close)

    def take_over(self):
        """Starts a new process in place of the running one; returns the old one once it has ended by itself."""
        old = self.proxy.process
        new = subprocess.Popen([program(), "run", "--take-over", "--config", self.proxy.config], stdout=self.proxy.output,
                               stderr=self.proxy.output, stdin=subprocess.DEVNULL, **as_nobody())
        self.addCleanup(lambda: (new.poll() is None and new.kill(), new.wait()))
        self.proxy.process = new
        return old

    def test_no_connection_is_lost_across_three_upgrades(self):
        clients = [subprocess.Popen([sys.executable, "-c", CLIENT, str(self.proxy.port)],
                                    stdout=subprocess.PIPE, text=True) for _ in range(3)]
        try:
            for _ in range(3):
                time.sleep(1)
                self.assertEqual(self.take_over().wait(20), 0, self.proxy.said())
            time.sleep(1)
        finally:
            for client in clients:
                client.send_signal(signal.SIGTERM)
        said = [client.communicate(timeout=30)[0].split(" ", 2) for client in clients]
        self.assertEqual([s[1] for s in said], ["0"] * 3, said)
        print(f"{sum(int(s[0]) for s in said)} connections across three upgrades", file=sys.stderr)
        self.assertGreater(sum(int(s[0]) for s in said), 300, said)
        self.assertIn("connections", self.proxy.command("status").stdout)  # the newest answers

    def test_the_running_one_puts_the_new_one_in_its_place(self):
        old = self.proxy.process
        client = subprocess.Popen([sys.executable, "-c", CLIENT, str(self.proxy.port)], stdout=subprocess.PIPE, text=True)
        try:
            time.sleep(0.5)
            done = self.proxy.command("upgrade")
            new = int(re.fullmatch(r"process (\d+) has taken over\n", done.stdout)[1])
            self.addCleanup(self.end, new)
            self.assertEqual(old.wait(20), 0, self.proxy.said())
            time.sleep(0.5)
        finally:
            client.send_signal(signal.SIGTERM)
        answered, wrong = client.communicate(timeout=30)[0].split(" ", 2)[:2]
        self.assertEqual(wrong, "0")
        self.assertGreater(int(answered), 100)
        self.assertIn("connections", self.proxy.command("status").stdout)
        self.proxy.command("reload")
        self.proxy.command("stop")
        self.assertTrue(wait_until(lambda: not os.path.exists(self.proxy.path("control.sock")), 20))

    @staticmethod
    def end(process):
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def test_an_upgrade_that_cannot_start_changes_nothing(self):
        text = self.proxy.read("schoolgate.yaml")
        self.proxy.write("schoolgate.yaml", text + "colour: red\n")
        done = self.proxy.command("upgrade", check=False)
        self.assertEqual((done.returncode, done.stdout),
                         (1, "not upgraded: the new process ended (exit code 3, its output says why); the running one goes on\n"))
        self.assertIn('this file has no key "colour"', self.proxy.said())
        self.assertIsNone(self.proxy.process.poll())
        self.assertEqual(self.proxy.curl("http://blocked.test/").status, 403)

    @unittest.skipUnless(os.geteuid() == 0, "asks as another user")
    def test_only_its_own_user_may_upgrade_it(self):
        os.chmod(self.proxy.folder, 0o755)
        os.chmod(self.proxy.path("control.sock"), 0o666)
        done = subprocess.run([program(), "upgrade", "--config", self.proxy.config], capture_output=True, text=True, timeout=60,
                              user=NOBODY - 1, group=NOBODY, extra_groups=[], check=False)
        self.assertEqual((done.returncode, done.stdout), (1, "only this proxy's user may upgrade it\n"))

    def test_open_transfers_end_in_the_old_process(self):
        with self.proxy.connect() as connection:
            connection.sendall(f"GET http://ok.test:{self.origin.port}/size/30000000 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            connection.recv(1000)
            old = self.take_over()
            end = time.time() + 20
            while "taken over" not in self.proxy.said():
                self.assertLess(time.time(), end, self.proxy.said())
                time.sleep(0.05)
            self.assertIsNone(old.poll())
            self.assertEqual(self.proxy.curl("http://blocked.test/").status, 403)
            self.assertTrue(read_all(connection).endswith(origins.pattern(30000000)[-100:]))
        self.assertEqual(old.wait(20), 0)
        events = self.events()
        self.assertIn(("start", "handed over"), events)
        self.assertNotIn("unclean", str(events))

    def events(self):
        rows = []
        for file in glob.glob(self.proxy.path("log", "access-*.db")):
            with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
                rows += [(what, json.loads(detail or "{}").get("last_run", ""))
                         for what, detail in database.execute("SELECT what, detail FROM event")]
        return rows

    def test_a_new_process_that_cannot_start_changes_nothing(self):
        self.proxy.write("tiers.d/pupil.yaml", "version: 1\ntier: pupil\nblok: [x.test]\n")
        old = self.take_over()
        self.assertEqual(self.proxy.process.wait(20), 3)
        self.proxy.process = old
        self.assertEqual(self.proxy.curl("http://blocked.test/").status, 403)
        self.assertIn("connections", self.proxy.command("status").stdout)

    def test_without_a_running_one_it_is_an_error(self):
        self.proxy.stop()
        done = self.proxy.command("run", "--take-over", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is it running?", done.stderr)

    def test_the_sockets_of_systemd(self):
        self.proxy.stop()
        with socket.create_server(("127.0.0.1", self.proxy.port), backlog=128) as listener, \
                socket.create_server(("127.0.0.1", 0)) as other:
            waiting = socket.create_connection(("127.0.0.1", self.proxy.port))  # before there is a process
            waiting.sendall(b"GET http://blocked.test/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

            def hand_over():  # systemd's convention: descriptors from 3 on
                copies = [os.dup(listener.fileno()), os.dup(other.fileno())]
                for number, copy in enumerate(copies, 3):
                    os.dup2(copy, number)
                    os.set_inheritable(number, True)
            command = ["sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=2 exec "$@"', "sh", program(), "run", "--config", self.proxy.config]
            self.proxy.output = open(self.proxy.path("output.txt"), "wb")
            self.proxy.process = subprocess.Popen(command, stdout=self.proxy.output, stderr=self.proxy.output, close_fds=False,
                                                  stdin=subprocess.DEVNULL, preexec_fn=hand_over, **as_nobody())
            self.assertEqual(status_of(read_all(waiting)), 403)
            waiting.close()
        self.assertEqual(self.proxy.curl("http://blocked.test/").status, 403)
        self.assertIn("does not name it", self.proxy.said())


if __name__ == "__main__":
    unittest.main()
