"""Files of the program's own that a newer version wrote: each command that meets one names the file and its form and says what to do; none
takes it for damaged, sets it aside or writes over it. After the newer version is back all is as it was."""
import contextlib
import glob
import hashlib
import json
import os
import signal
import subprocess
import unittest

import origins
from harness import Proxy, as_nobody, program, wait_until

TOLD = "a newer version of Schoolgate wrote it (form 2, and this one knows 1): install that version again, or move the file away"


class NewerFiles(unittest.TestCase):
    def setUp(self):
        self.origin = origins.Recorder()
        self.proxy = Proxy(ports=[self.origin.port])
        self.addCleanup(self.proxy.close)
        self.proxy.write("delegation.yaml", "version: 1\n")
        self.start()
        for host in ("ok.test", "blocked.test", "sad.test"):
            self.proxy.curl(f"http://{host}:{self.origin.port}/")
        self.command("pin", f"http://ok.test:{self.origin.port}/", "--tier", "pupil", "--why", "homework")
        self.command("user", "add", "lan", "--role", "head", "--accounts", self.proxy.path("state/accounts"))
        self.proxy.log_rows(wanted=2)
        self.assertTrue(wait_until(lambda: self.sql("log/totals.db", "SELECT count(*) FROM hourly").strip() not in ("", "0")))
        self.assertTrue(wait_until(lambda: os.path.exists(self.proxy.path("log/names.db"))))
        self.proxy.stop()

    def start(self):
        self.proxy.start("--state", self.proxy.path("state"))

    def command(self, *words, code=0):
        done = subprocess.run([program(), *words, "--config", self.proxy.config], capture_output=True, text=True, timeout=60, check=False,
                              stdin=subprocess.DEVNULL, **as_nobody())
        if code is not None:
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def sql(self, name, text):
        return subprocess.run(["sqlite3", self.proxy.path(name), text], capture_output=True, text=True, check=False, **as_nobody()).stdout

    def one(self, pattern):
        found = sorted(glob.glob(self.proxy.path(pattern)))
        self.assertTrue(found, pattern)
        return os.path.relpath(found[-1], self.proxy.folder)

    def raise_database(self, name):
        self.sql(name, "PRAGMA user_version=2")

    def raise_text(self, name, first):
        with open(self.proxy.path(name), "rb") as source:
            bytes_ = source.read()
        self.assertTrue(bytes_.startswith(first + b"1"), bytes_[:40])
        with open(self.proxy.path(name), "wb") as out:
            out.write(first + b"2" + bytes_[len(first) + 1:])

    def held(self, name):
        if name.endswith(".db"):
            return self.sql(name, "PRAGMA user_version; SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2") + self.sql(name, ".dump")
        with open(self.proxy.path(name), "rb") as source:
            return source.read()

    def untouched(self, name, act):
        """Whether the file holds the same behind it, and nothing was set aside."""
        path = self.proxy.path(name)
        before = self.held(name)
        said = act()
        self.assertEqual(self.held(name), before, name)
        self.assertEqual(glob.glob(path + ".damaged-*"), [])
        return said

    def starts_not(self):
        with contextlib.suppress(RuntimeError):  # it listens for a moment, perhaps
            self.start()
        self.assertTrue(wait_until(lambda: self.proxy.process.poll() is not None))
        self.assertNotEqual(self.proxy.stop(), 0)
        return self.proxy.said()

    def test_the_log_of_the_month(self):
        name = self.one("log/access-*.db")
        self.raise_database(name)
        for said in (self.untouched(name, self.starts_not), self.untouched(name, lambda: self.command("log", code=1)),
                     self.untouched(name, lambda: self.command("report", "--month", name[-10:-3], code=None)),
                     self.untouched(name, lambda: self.command("plan", code=None))):
            self.assertIn(os.path.basename(name) + ": " + TOLD, said)

    def test_the_safeguarding_file(self):
        name = self.one("log/safeguarding-*.db")
        self.raise_database(name)

        def run():
            self.start()
            self.proxy.curl(f"http://sad.test:{self.origin.port}/")
            self.assertTrue(wait_until(lambda: TOLD in self.proxy.said()))
            self.proxy.stop(signal.SIGKILL)
            return self.proxy.said()
        self.assertIn(os.path.basename(name) + ": " + TOLD, self.untouched(name, run))
        self.assertIn(TOLD, self.untouched(name, lambda: self.command("log", "--safeguarding", "--why", "x", code=1)))

    def test_the_figures(self):
        for name in ("log/totals.db", "log/names.db"):
            with self.subTest(name=name):
                self.raise_database(name)

                def run():
                    self.start()
                    self.proxy.curl(f"http://other.test:{self.origin.port}/")
                    self.assertTrue(wait_until(lambda: TOLD in self.proxy.said(), 15), self.proxy.said())
                    self.proxy.stop()
                    return self.proxy.said()
                self.assertIn(os.path.basename(name) + ": " + TOLD, self.untouched(name, run))
                asks = ("report", "--month", self.one("log/access-*.db")[-10:-3]) if "totals" in name else ("log", "--new", "7d")
                self.assertIn(TOLD, self.untouched(name, lambda: self.command(*asks, code=1)))
                self.assertIn(TOLD, self.untouched(name, lambda: self.command("backup", "-o", self.proxy.path("x.tar.gz"), code=1)))
                self.sql(name, "PRAGMA user_version=1")
        self.start()

    def test_what_commands_changed(self):
        name = self.one("state/policy/gen-*/.laid")
        self.raise_text(name, b"schoolgate overlay ")
        for said in (self.untouched(name, lambda: self.command("check", code=3)), self.untouched(name, self.last_good)):
            self.assertIn(TOLD, said)
            self.assertIn("SG1701", said)

    def last_good(self):
        """A start goes on with the configuration accepted last."""
        self.start()
        self.assertEqual(self.proxy.curl(f"http://blocked.test:{self.origin.port}/").status, 403)
        self.proxy.stop()
        return self.proxy.said()

    def test_an_accepted_policy(self):
        with open(self.proxy.path(self.one("state/last-good/set-*")), "rb") as source:
            newer = source.read().replace(b"schoolgate kept set 1", b"schoolgate kept set 2", 1)
        name = f"state/last-good/set-000000000099-{hashlib.sha256(newer).hexdigest()}"
        with open(self.proxy.path(name), "wb") as out:
            out.write(newer)
        os.chmod(self.proxy.path(name), 0o600)
        if os.geteuid() == 0:
            os.chown(self.proxy.path(name), 65534, 65534)
        texts = set(glob.glob(self.proxy.path("state/last-good/text-*")))

        def run():
            said = self.command("policy", "history", "--state", self.proxy.path("state"), code=None)
            self.start()
            self.proxy.write("locked.yaml", "version: 1\nblock: [locked.test]\n")
            self.command("reload")
            self.proxy.stop()
            return said
        self.assertIn(TOLD, self.untouched(name, run))
        self.assertEqual(texts - set(glob.glob(self.proxy.path("state/last-good/text-*"))), set(), "its texts stay")

    def test_what_was_open_for_a_lesson(self):
        name = "state/overrides"
        self.proxy.write(name, "schoolgate overrides 2\nwhatever\n")
        self.assertIn("no override is in force", self.untouched(name, self.last_good))
        self.assertIn(TOLD, self.proxy.said())

    def test_the_accounts(self):
        name = "state/accounts"
        self.raise_text(name, b"schoolgate accounts ")
        accounts = ("--accounts", self.proxy.path(name))
        for words in (("list",), ("add", "nam"), ("lock", "lan")):
            self.assertIn(TOLD, self.untouched(name, lambda words=words: self.command("user", *words, *accounts, code=1)))

    def test_compiled_lists_are_made_anew(self):
        name = "state/lists.sgdb"
        with open(self.proxy.path(name), "rb") as source:
            bytes_ = source.read()
        self.assertEqual(bytes_.count(b"SGLISTS1"), 1)
        with open(self.proxy.path(name), "wb") as out:
            out.write(bytes_.replace(b"SGLISTS1", b"SGLISTS2"))
        self.assertIn("a newer version of Schoolgate wrote them", self.last_good())


if __name__ == "__main__":
    unittest.main()
