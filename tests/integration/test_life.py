"""Start, reload, stop, kill: the filter never opens, the log never lies."""
import json
import os
import re
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import unittest

import origins
from dns import NameServer
from harness import NOBODY, STAFF, Proxy, as_nobody, program, read_all, status_of, wait_until


class Life(unittest.TestCase):
    def setUp(self):
        self.origin = origins.Recorder()
        self.proxy = Proxy(ports=[self.origin.port], limits={"requests_per_second_per_client": 10000}).start()
        self.addCleanup(self.proxy.close)

    def url(self, host, path="/"):
        return f"http://{host}:{self.origin.port}{path}"

    def test_reload_takes_effect_and_a_bad_file_changes_nothing(self):
        self.assertEqual(self.proxy.curl(self.url("ok.test")).status, 200)
        self.proxy.write("lists/gambling.txt", "bet.test\nok.test\n")
        self.assertEqual(self.proxy.command("reload").returncode, 0)
        self.assertEqual(self.proxy.curl(self.url("ok.test")).status, 403)
        self.proxy.write("tiers.d/pupil.yaml", "version: 1\ntier: pupil\nblok: [x.test]\n")
        refused = self.proxy.command("reload", check=False)
        self.assertEqual(refused.returncode, 3)
        self.assertIn("pupil.yaml:3:1", refused.stdout + refused.stderr)
        self.assertIn("did you mean", refused.stdout + refused.stderr)
        self.assertEqual(self.proxy.curl(self.url("ok.test")).status, 403)
        self.assertEqual(self.proxy.curl(self.url("other.test")).status, 200)

    def test_a_reload_keeps_its_locks(self):
        self.proxy.write("locked.yaml", "version: 1\nblock: [ok.test]\n")
        self.proxy.command("reload")
        self.assertEqual(self.proxy.curl(self.url("ok.test")).status, 403)
        os.remove(self.proxy.path("locked.yaml"))
        refused = self.proxy.command("reload", check=False)
        self.assertEqual(refused.returncode, 3)
        self.assertIn("locked.yaml is part of the policy that was accepted last", refused.stdout + refused.stderr)
        self.assertEqual(self.proxy.curl(self.url("ok.test")).status, 403)

    def test_a_list_that_is_gone_stays_until_that_is_accepted(self):
        """A folder of a collection vanishes under a running proxy; then an administrator accepts it, as root."""
        self.proxy.write("lists.d/ut1.yaml", "version: 1\nlists:\n  - {name: ut1, format: squidguard, path: ut1, map: {adult: adult, bets: gambling}}\n")
        self.proxy.write("ut1/adult/domains", "ok.test\n")
        self.proxy.write("ut1/bets/domains", "other.test\n")
        self.proxy.command("reload")
        shutil.rmtree(self.proxy.path("ut1/bets"))
        os.chmod(self.proxy.path("ut1/adult"), 0)
        refused = self.proxy.command("reload", check=False)
        self.assertEqual(refused.returncode, 3)
        self.assertIn("the folder bets: it holds no file", refused.stdout + refused.stderr)
        if os.geteuid() == 0:  # else the test's user is the proxy's
            self.assertIn("the folder adult: Permission denied", refused.stdout + refused.stderr)
        for strict in ([], ["--strict"]):
            self.assertEqual(self.proxy.command("check", *strict, check=False).returncode, 3)
            self.assertEqual(self.by_root("check", *strict).returncode, 3)
        os.chmod(self.proxy.path("ut1/adult"), 0o755)
        self.assertEqual([self.proxy.curl(self.url(h)).status for h in ("ok.test", "other.test")], [403, 403])

        self.proxy.stop()
        self.proxy.start()  # with the last good lists
        self.assertIn("the last good ones are in use", self.proxy.said())
        self.assertEqual([self.proxy.curl(self.url(h)).status for h in ("ok.test", "other.test")], [403, 403])

        accepted = self.by_root("lists", "compile", "--accept-shrunk")
        self.assertEqual(accepted.returncode, 0, accepted.stderr)
        before = os.stat(self.proxy.path("state/lists.sgdb"))
        self.assertEqual(before.st_uid, os.stat(self.proxy.path("state")).st_uid)
        reload = self.proxy.command("reload")
        self.assertNotIn("SG1410", reload.stdout + reload.stderr)
        self.assertEqual(os.stat(self.proxy.path("state/lists.sgdb")).st_ino, before.st_ino)
        self.assertEqual([self.proxy.curl(self.url(h)).status for h in ("ok.test", "other.test")], [403, 200])

    def by_root(self, *arguments):
        return subprocess.run([program(), *arguments, "--config", self.proxy.config], capture_output=True, text=True, timeout=60)

    def test_a_list_that_is_empty_or_cut_stays(self):
        """What a broken download left is not taken for the list, neither by a reload nor by a start."""
        whole = [f"bet{i}.test\n" for i in range(300)] + ["ok.test\n"]
        self.proxy.write("lists/gambling.txt", "".join(whole))
        self.proxy.command("reload")
        for broken in ("", "".join(whole[:150])):
            with self.subTest(lines=broken.count("\n")):
                self.proxy.write("lists/gambling.txt", broken)
                refused = self.proxy.command("reload", check=False)
                self.assertEqual(refused.returncode, 3)
                self.assertIn("SG1407", refused.stdout + refused.stderr)
                self.assertEqual(self.proxy.curl(self.url("ok.test")).status, 403)
                self.proxy.stop()
                self.proxy.start()
                self.assertIn("the last good ones are in use", self.proxy.said())
                self.assertEqual(self.proxy.curl(self.url("ok.test")).status, 403)

    def test_sighup_reloads(self):
        self.proxy.write("lists/gambling.txt", "ok.test\n")
        self.proxy.process.send_signal(signal.SIGHUP)
        end = time.time() + 10
        while self.proxy.curl(self.url("ok.test")).status != 403:
            self.assertLess(time.time(), end)

    def test_reload_under_load_misjudges_nothing(self):
        wrong, right, stop = [], [], threading.Event()

        def ask():
            while not stop.is_set():
                for host, want in (("ok.test", 200), ("bet.test", 403), ("blocked.test", 403)):
                    request = f"GET {self.url(host)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                    try:
                        got = status_of(self.proxy.raw(request))
                    except OSError as error:
                        got = error
                    (right if got == want else wrong).append((host, got))
        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(20):
            self.proxy.command("reload")
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertGreater(len(right), 20)

    def test_live_tunnel_closes_when_its_name_gets_blocked(self):
        def serve(connection):
            while data := connection.recv(65536):
                connection.sendall(data)
        echo = origins.Origin(serve)
        with Proxy(ports=[echo.port]) as proxy, proxy.connect("127.0.0.2") as connection:
            connection.sendall(f"CONNECT ok.test:{echo.port} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            self.assertIn(b" 200 ", connection.recv(4096))
            connection.sendall(b"\x00hello")
            self.assertEqual(connection.recv(100), b"\x00hello")
            proxy.write("lists/adult.txt", "ok.test\n")
            proxy.command("reload")
            begin = time.time()
            self.assertEqual(read_all(connection), b"")
            self.assertLess(time.time() - begin, 8)

    def test_live_tunnel_closes_when_what_is_behind_its_name_gets_blocked(self):
        def serve(connection):
            while data := connection.recv(65536):
                connection.sendall(data)
        echo = origins.Origin(serve)
        names = NameServer({"one.test": ["127.0.0.1"], "two.test": ["cdn.two.test"], "cdn.two.test": ["127.0.0.1"]})
        self.addCleanup(names.close)
        changes = {
            "alias": ("two.test", "lists/adult.txt", "cdn.two.test\n"),
            "address": ("one.test", "tiers.d/staff.yaml", STAFF % {"ports": echo.port} + "block: ['127.0.0.1']\n"),
        }
        with Proxy(ports=[echo.port], hosts=(), upstream={"dns_servers": [names.address]}) as proxy:
            for name, (host, file, text) in changes.items():
                with self.subTest(name), proxy.connect("127.0.0.2") as connection:
                    connection.sendall(f"CONNECT {host}:{echo.port} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                    self.assertIn(b" 200 ", connection.recv(4096))
                    connection.sendall(b"\x00hello")
                    self.assertEqual(connection.recv(100), b"\x00hello")
                    proxy.command("reload")
                    connection.sendall(b"still")
                    self.assertEqual(connection.recv(100), b"still")
                    proxy.write(file, text)
                    proxy.command("reload")
                    begin = time.time()
                    self.assertEqual(read_all(connection), b"")
                    self.assertLess(time.time() - begin, 8)

    def test_the_descriptor_limit_is_raised_and_told(self):
        proxy = Proxy()
        self.addCleanup(proxy.close)
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (300, hard))  # what the program inherits
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        proxy.start()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        with open(f"/proc/{proxy.process.pid}/limits", encoding="ascii") as source:
            limits = next(line.split()[3:5] for line in source if line.startswith("Max open files"))
        self.assertEqual(limits, [str(hard)] * 2)
        self.assertEqual(proxy.curl("http://bet.test/").status, 403)
        told = wait_until(lambda: [e["detail"] for e in proxy.log_rows("--events") if e["what"] == "descriptors"])
        self.assertEqual(told, [{"limit": hard}])
        self.assertIn(f"{hard:,} file descriptors", proxy.said())

    def test_it_speaks_the_language_of_its_school(self):
        proxy = Proxy()
        self.addCleanup(proxy.close)
        english = proxy.read("schoolgate.yaml")
        proxy.write("schoolgate.yaml", english.replace("language: en", "language: vi"))
        proxy.start()
        self.assertTrue(wait_until(lambda: " đang lọc web cho Trường thử nghiệm\n" in proxy.said()), proxy.said())
        self.assertIn("\nchính sách   bản số 1 (", proxy.command("status").stdout)
        self.assertIn("đã nạp lại: bản số 2 (", proxy.command("reload").stdout)
        self.assertEqual(json.loads(proxy.command("status", "--json").stdout)["last_reload"][:5], "taken")
        # A refused file is told in the language of the policy that stays in force.
        tier = proxy.read("tiers.d/pupil.yaml")
        proxy.write("tiers.d/pupil.yaml", tier + "blok: [x.test]\n")
        refused = proxy.command("reload", check=False)
        self.assertEqual(refused.returncode, 3)
        self.assertTrue(refused.stdout.endswith("chưa nạp lại: chính sách đang chạy vẫn có hiệu lực\n"), refused.stdout)
        self.assertIn(": chưa dùng được cấu hình này\n", proxy.command("check", check=False).stdout)
        proxy.write("tiers.d/pupil.yaml", tier)
        proxy.write("schoolgate.yaml", english)
        self.assertIn("reloaded: revision 4 (", proxy.command("reload").stdout)
        told = ["reload", "reload_refused", "reload"]
        self.assertTrue(wait_until(lambda: [e["what"] for e in proxy.log_rows("--events") if e["what"].startswith("reload")] == told))

    def test_sigterm_drains(self):
        with self.proxy.connect() as connection:
            connection.sendall(f"GET {self.url('ok.test', '/size/30000000')} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            connection.recv(1000)
            self.proxy.process.send_signal(signal.SIGTERM)
            self.assertTrue(read_all(connection).endswith(origins.pattern(30000000)[-100:]))
        self.assertEqual(self.proxy.process.wait(20), 0)

    def test_second_sigterm_ends_at_once(self):
        with self.proxy.connect() as connection:
            connection.sendall(f"GET {self.url('ok.test', '/size/300000000')} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            connection.recv(10)
            self.proxy.process.send_signal(signal.SIGTERM)
            self.assertTrue(wait_until(lambda: "Stopping:" in self.proxy.said()))
            self.proxy.process.send_signal(signal.SIGTERM)
            self.proxy.process.wait(5)

    def test_killed_nobody_answers(self):
        self.assertEqual(self.proxy.curl(self.url("ok.test")).status, 200)
        seen = len(self.origin.heads)
        self.proxy.stop(signal.SIGKILL)
        for host in ("ok.test", "bet.test"):
            for scheme in ("http", "https"):
                answer = self.proxy.curl(self.url(host).replace("http", scheme))
                self.assertEqual((answer.exit_code, answer.status), (7, 0), "nobody is there to connect to")
        self.assertEqual(len(self.origin.heads), seen)
        self.proxy.start()
        self.assertEqual([self.proxy.curl(self.url(host)).status for host in ("ok.test", "bet.test")], [200, 403])

    def test_kill_leaves_a_readable_log(self):
        for i in range(20):
            self.proxy.curl(self.url("bet.test", f"/{i}"))
        self.proxy.log_rows("--blocked", wanted=20)
        self.proxy.stop(signal.SIGKILL)
        rows = self.proxy.log_rows("--blocked", wanted=20)
        self.assertEqual(len([r for r in rows if r["host"] == "bet.test"]), 20)
        again = Proxy.__new__(Proxy)
        again.__dict__.update(self.proxy.__dict__)
        again.start()
        self.addCleanup(again.stop, signal.SIGKILL)
        self.assertEqual(again.curl(self.url("bet.test")).status, 403)
        files = [f for f in os.listdir(self.proxy.path("log")) if f.startswith("access-") and f.endswith(".db")]
        with sqlite3.connect(f"file:{self.proxy.path('log', files[0])}?mode=ro", uri=True) as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchone()[0], "ok")
            events = " ".join(str(r) for r in database.execute("SELECT * FROM event"))
            self.assertIn("unclean", events)

    def test_only_the_right_date_confirms_the_clock(self):
        today = self.proxy.command("log", "retention").stdout.split("The clock says ")[1][:10]
        refused = self.proxy.command("log", "retention", "--confirm", "2001-02-03", check=False)
        self.assertEqual((refused.returncode, today in refused.stderr), (1, True))
        self.assertIn("keep_days: 90", self.proxy.command("log", "retention", "--confirm", today).stdout)
        events = wait_until(lambda: [e for e in self.proxy.command("log", "--events").stdout.splitlines() if "clock_confirmed" in e])
        self.assertEqual(len(events), 1, events)
        self.assertIn("uid ", events[0])

    def test_who_is_behind_a_pseudonym(self):
        self.proxy.curl(self.url("bet.test"))
        code = self.proxy.log_rows("--blocked")[0]["client"]

        def reveal(asked, why, **who):
            return subprocess.run([program(), "log", "--reveal", asked, "--why", why, "--config", self.proxy.config],
                                  capture_output=True, text=True, timeout=60, **who)

        self.assertNotEqual(self.proxy.command("log", "--reveal", code, check=False).returncode, 0)  # no reason
        if os.geteuid() != 0:
            self.assertIn("only root", reveal(code, "a call").stderr)
            return
        found = reveal(code, "a call")
        self.assertIn(f"{code} is 127.0.0.1 in the log of ", found.stdout)
        self.assertIn(f"127.0.0.1 is {code} in the log of ", reveal("127.0.0.1", "another call").stdout)
        # Written before the answer came, and in the safeguarding file alone.
        [name] = [n for n in os.listdir(self.proxy.path("log")) if re.fullmatch(r"safeguarding-\d{4}-\d{2}\.db", n)]
        with sqlite3.connect(f"file:{self.proxy.path('log', name)}?mode=ro", uri=True) as database:
            events = database.execute("SELECT actor, detail FROM event WHERE what='reveal' ORDER BY id").fetchall()
        self.assertEqual([json.loads(detail)["why"] for _, detail in events], ["a call", "another call"])
        self.assertTrue(all(actor.startswith("uid 0") for actor, _ in events), events)
        self.assertNotIn("127.0.0.1", str(events))
        self.assertNotIn("reveal", self.proxy.command("log", "--events").stdout)
        told = self.proxy.command("log", "--safeguarding", "--events", "--why", "audit").stdout
        self.assertIn("another call", told)
        # Another user is refused, be he the proxy's own.
        stranger = reveal(code, "curious", **as_nobody())
        self.assertEqual((stranger.returncode, stranger.stdout), (1, ""))
        self.assertIn("only root and members of the group schoolgate-safeguarding", stranger.stderr)

    def test_log_keeps_no_query_and_no_address(self):
        self.proxy.curl(self.url("bet.test", "/path?secret=1"))
        self.proxy.curl(self.url("ok.test", "/private?secret=2"))
        rows = self.proxy.log_rows(wanted=2)
        text = str(rows)
        self.assertNotIn("secret", text)
        self.assertNotIn("private", text)
        self.assertNotIn("127.0.0.1", text)
        blocked = [r for r in rows if r["host"] == "bet.test"][0]
        self.assertEqual((blocked["action"], blocked["path"], blocked["category"]), ("block", "/path", "gambling"))
        self.assertTrue(blocked["rule"].endswith("lists/gambling.txt:1"), blocked)

    def test_files_are_private(self):
        self.proxy.curl(self.url("sad.test"))
        self.proxy.log_rows()
        self.assertTrue(wait_until(lambda: any(n.startswith("safeguarding") for n in os.listdir(self.proxy.path("log")))))
        for name in os.listdir(self.proxy.path("log")):
            mode = os.stat(self.proxy.path("log", name)).st_mode & 0o777
            if name == "seal.pub":  # for whoever verifies
                continue
            self.assertEqual(mode & 0o007, 0, name)
            if name.startswith(("safeguarding", "seals-safeguarding", "pseudonym", "seal.key")):
                self.assertEqual(mode & 0o077, 0, name)

    def test_clients_outside_are_closed_unread(self):
        with Proxy(clients=("10.0.0.0/8",)) as proxy:
            self.assertEqual(proxy.raw("GET http://schoolgate.internal/ HTTP/1.1\r\nHost: x\r\n\r\n"), b"")


if __name__ == "__main__":
    unittest.main()
