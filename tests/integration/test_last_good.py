"""A start whose files are broken begins with the configuration that was accepted last; a served address is refused."""
import glob
import json
import os
import shutil
import signal
import subprocess
import unittest

import origins
from harness import Proxy, as_nobody, program, wait_until

LOCKED = "version: 1\nblock: [locked.test]\n"


class LastGood(unittest.TestCase):
    def setUp(self):
        self.origin = origins.Recorder()
        self.proxy = Proxy(ports=[self.origin.port], hosts=("ok.test", "other.test", "bet.test", "locked.test", "new.test"))
        self.proxy.write("locked.yaml", LOCKED)
        self.addCleanup(self.proxy.close)

    def start(self):
        """Until it serves, and its configuration is kept: that is a moment later."""
        self.proxy.start("--state", self.proxy.path("kept"))
        self.assertTrue(wait_until(lambda: json.loads(self.ask("status", "--json"))["last_good"]["set"]))
        return self.proxy

    def again(self, sig=signal.SIGTERM):
        self.proxy.stop(sig)
        return self.start()

    def statuses(self, *hosts):
        return [self.proxy.curl(f"http://{host}:{self.origin.port}/").status for host in hosts]

    def ask(self, *arguments, code=0):
        done = self.proxy.command(*arguments, "--state", self.proxy.path("kept"), check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def events(self, what):
        rows = self.proxy.command("log", "--events", "--json", check=False).stdout.splitlines()
        return [row for row in map(json.loads, rows) if row.get("what") == what]

    def test_a_start_with_a_broken_file_begins_with_the_last_good_configuration(self):
        self.start()
        self.assertEqual(self.statuses("ok.test", "bet.test", "locked.test"), [200, 403, 403])
        kept = json.loads(self.ask("status", "--json"))["last_good"]
        self.assertFalse(kept["in_use"])
        good = {name: self.proxy.read(name) for name in ("schoolgate.yaml", "categories.yaml", "tiers.d/pupil.yaml", "locked.yaml")}
        for name, text in good.items():
            for broken in ("version: 1\n\tx: [\n", "", None):
                with self.subTest(name=name, broken=broken):
                    if broken is None:
                        os.remove(self.proxy.path(name))
                    else:
                        self.proxy.write(name, broken)
                    self.again(signal.SIGKILL)
                    self.assertEqual(self.statuses("ok.test", "bet.test", "locked.test"), [200, 403, 403])
                    self.assertIn("STARTED WITH THE LAST GOOD CONFIGURATION", self.proxy.said())
                    self.assertIn(name, self.proxy.said())
                    self.assertIn("LAST GOOD", self.ask("status"))
                    status = json.loads(self.ask("status", "--json"))["last_good"]
                    self.assertEqual((status["in_use"], status["set"]), (True, kept["set"]))
                    self.assertIn("LAST GOOD", self.ask("check", code=3))
                    self.ask("reload", code=3)
                    self.proxy.write(name, text)
                    self.ask("reload")
                    self.assertFalse(json.loads(self.ask("status", "--json"))["last_good"]["in_use"])
        self.assertNotIn("LAST GOOD", self.ask("check"))

    def test_a_way_back_loosens_no_lock(self):
        self.start()
        self.proxy.write("locked.yaml", "version: 1\ncategories: [games]\nblock: [new.test]\n")
        self.proxy.write("schoolgate.yaml", "version: [\n")
        self.again()
        self.assertEqual(self.statuses("ok.test", "locked.test", "new.test"), [200, 403, 403])

    def test_what_a_reload_took_is_the_last_good(self):
        self.start()
        self.proxy.write("lists/gambling.txt", "bet.test\nother.test\n")
        self.proxy.write("tiers.d/pupil.yaml", self.proxy.read("tiers.d/pupil.yaml").replace("  - blocked.test\n", "  - ok.test\n"))
        self.ask("reload")
        digest = json.loads(self.ask("status", "--json"))["last_good"]["set"]
        self.proxy.write("tiers.d/pupil.yaml", "nothing\n")
        self.again()
        self.assertEqual(self.statuses("ok.test", "other.test", "new.test"), [403, 403, 200])
        self.assertEqual(json.loads(self.ask("status", "--json"))["last_good"]["set"], digest)

    def test_an_altered_set_is_not_used_and_without_one_nothing_starts(self):
        self.start()
        self.proxy.stop()
        for file in glob.glob(self.proxy.path("kept/last-good/text-*")):
            with open(file, "ab") as text:
                text.write(b"# more\n")
        self.proxy.write("categories.yaml", "nothing\n")
        with self.assertRaisesRegex(RuntimeError, "not started(.|\n)*no configuration accepted earlier is kept"):
            self.start()
        self.assertEqual(self.proxy.process.wait(10), 3)

    def test_another_main_file_without_a_state_folder_keeps_none_and_says_so(self):
        self.proxy.start()
        self.assertTrue(wait_until(lambda: "none kept" in self.proxy.said()))
        self.assertIn("run --state DIR", self.proxy.command("status").stdout)
        self.proxy.stop()
        self.proxy.write("categories.yaml", "nothing\n")
        with self.assertRaisesRegex(RuntimeError, "run --state DIR"):
            self.proxy.start()

    def test_killed_while_a_set_is_kept(self):
        self.start()
        tier = self.proxy.read("tiers.d/pupil.yaml")
        for number in range(8):
            self.proxy.write("tiers.d/pupil.yaml", tier + f"  - host{number}.test\n")
            asking = subprocess.Popen([program(), "reload", "--config", self.proxy.config], stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, **as_nobody())
            before = set(os.listdir(self.proxy.path("kept/last-good")))
            wait_until(lambda: set(os.listdir(self.proxy.path("kept/last-good"))) != before or asking.poll() is not None)
            self.proxy.stop(signal.SIGKILL)
            asking.wait(20)
            self.proxy.write("tiers.d/pupil.yaml", "nothing\n")
            self.start()
            self.assertIn("STARTED WITH THE LAST GOOD CONFIGURATION", self.proxy.said())
            self.assertEqual(self.statuses("ok.test", "bet.test", "locked.test"), [200, 403, 403])

    def test_events_name_the_set(self):
        self.start()
        digest = json.loads(self.ask("status", "--json"))["last_good"]["set"]
        self.assertTrue(wait_until(lambda: any(digest in json.dumps(e) for e in self.events("last_good_kept"))))
        self.proxy.write("locked.yaml", "blok: 1\n")
        self.again()
        self.assertTrue(wait_until(lambda: any(digest in json.dumps(e) for e in self.events("last_good_used"))))


class Waiting(unittest.TestCase):
    def test_a_reload_names_the_keys_that_wait_for_the_next_start(self):
        with Proxy() as proxy:
            text = proxy.read("schoolgate.yaml")
            self.assertNotIn("waits for the next start", proxy.command("reload").stdout)
            changed = text.replace("workers: 2", "workers: 3").replace("control_socket: control.sock", "control_socket: other.sock")
            changed = changed.replace("log: {directory: log, key_file: log/pseudonym.key}",
                                      "log: {directory: log2, key_file: log/other.key, keep_days: 32, min_days: 31, max_megabytes: 30}")
            changed = changed.replace(f'["127.0.0.1:{proxy.port}"]', f'["127.0.0.1:{proxy.port}", "127.0.0.3:{proxy.port}"]')
            # Asked at the old socket: the new name is nobody's yet.
            proxy.write("schoolgate.yaml", changed)
            shutil.copy(proxy.path("schoolgate.yaml"), proxy.path("new.yaml"))
            proxy.write("ask.yaml", text)
            asked = subprocess.run([program(), "reload", "--config", proxy.path("ask.yaml")], capture_output=True, text=True,
                                   **as_nobody())
            self.assertEqual(asked.returncode, 0, asked.stdout + asked.stderr)
            for key in ("workers", "control_socket", "log: directory", "log: key_file", "log: keep_days", "log: min_days", "log: max_megabytes",
                        "listen: proxy"):
                self.assertIn(f"{key}", asked.stdout)
            self.assertEqual(asked.stdout.count("waits for the next start"), 8, asked.stdout)
            status = subprocess.run([program(), "status", "--config", proxy.path("ask.yaml")], capture_output=True, text=True,
                                    **as_nobody())
            self.assertEqual(status.stdout.count("for the next start"), 8, status.stdout)


@unittest.skipUnless(os.geteuid() == 0, "root looks as the proxy's user")
class CheckAsRoot(unittest.TestCase):
    def check(self, *arguments):
        done = subprocess.run([program(), "check", "--config", self.proxy.config, *arguments], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def both(self, code, says):
        """`check` as root and `reload` say the same; so does `check` when nothing runs."""
        reload = self.proxy.command("reload", check=False)
        for code_seen, said in (self.check(), (reload.returncode, reload.stdout + reload.stderr)):
            self.assertEqual(code_seen, code, said)
            self.assertIn(says, said)

    def test_check_as_root_and_reload_agree(self):
        self.proxy = Proxy()
        self.addCleanup(self.proxy.close)
        self.proxy.write("lists/gambling.txt", "".join(f"bet{i}.test\n" for i in range(100)))
        self.proxy.start()
        self.both(0, "")
        self.assertNotIn("looked at as root", self.check()[1])
        self.proxy.write("lists/gambling.txt", "bet1.test\n")
        self.both(3, "SG1407")
        self.proxy.write("lists/gambling.txt", "".join(f"bet{i}.test\n" for i in range(100)))
        self.both(0, "")
        lists = self.proxy.path("lists")
        os.chown(lists, 0, 0)
        os.chmod(lists, 0o700)
        self.both(3, "permission denied")
        self.proxy.stop()
        self.assertEqual(self.check()[0], 3)
        self.assertEqual(self.check("--json")[0], 3)
        code, said = self.check("--user", "no-such-user")
        self.assertEqual((code, "no user" in said), (1, True))

    def test_what_root_could_not_look_at_is_said(self):
        self.proxy = Proxy()
        self.addCleanup(self.proxy.close)
        subprocess.run(["chown", "-R", "0", self.proxy.folder], check=True)
        code, said = self.check()
        self.assertEqual(code, 0, said)
        self.assertIn("looked at as root", said)
        code, said = self.check("--user", "nobody")  # the folder is root's alone
        self.assertEqual(code, 3, said)


class Second(unittest.TestCase):
    def test_a_second_instance_on_a_served_address_is_refused(self):
        with Proxy() as proxy:
            for address in ("127.0.0.1", "0.0.0.0", "[::]"):
                with self.subTest(address=address):
                    other = Proxy()
                    self.addCleanup(other.close)
                    text = other.read("schoolgate.yaml").replace(f"127.0.0.1:{other.port}", f"{address}:{proxy.port}")
                    other.write("schoolgate.yaml", text)
                    done = subprocess.run([program(), "run", "--config", other.config], capture_output=True, text=True, timeout=30,
                                          **as_nobody())
                    self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                    self.assertIn("another process serves it already", done.stderr)
                    self.assertFalse(os.path.exists(other.path("control.sock")))
            self.assertEqual(proxy.curl("http://blocked.test/").status, 403)


if __name__ == "__main__":
    unittest.main()
