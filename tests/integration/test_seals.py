"""The log is sealed: what nobody edited is whole, one byte of a copy is named, and the chain outlives ends by force.

A span is ten minutes long, and no test waits for it: the program seals at each stop, and at each start what the run before left.
"""
import collections
import datetime
import glob
import json
import os
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import unittest

import origins
from harness import Proxy, as_nobody, wait_until

SCRIPT = os.path.join(os.path.dirname(__file__), "..", "..", "packaging", "auditor", "schoolgate-verify.py")


class Sealed(unittest.TestCase):
    def setUp(self):
        self.origin = origins.Recorder()
        self.addCleanup(self.origin.origin.close)
        self.proxy = Proxy(ports=[self.origin.port]).start()
        self.addCleanup(self.proxy.close)

    def ask(self, path, times=1):
        before = len(self.proxy.log_rows(wanted=0))
        for _ in range(times):
            self.proxy.curl(f"http://bet.test:{self.origin.port}{path}")
        self.assertEqual(len(self.proxy.log_rows(wanted=before + times)), before + times)

    def give(self):
        """What root made or touched is the proxy's user's."""
        self.proxy.write("given", "")

    def verify(self, *arguments):
        done = self.proxy.command("log", "verify", "--json", *arguments, check=False)
        told = json.loads(done.stdout)
        self.assertEqual(done.returncode, 0 if told["whole"] else 1, done.stderr)
        return told

    def agreed(self, folder):
        """What both say of it: kind, file and table of each finding."""
        told = self.verify("--dir", folder)
        if shutil.which("minisign"):
            done = subprocess.run(["/usr/bin/python3", SCRIPT, folder, "--key", os.path.join(folder, "seal.pub"), "--json"],
                                  capture_output=True, text=True, timeout=60, check=False, **as_nobody())
            said = json.loads(done.stdout)
            self.assertEqual(done.returncode, 0 if said["whole"] else 1, done.stderr)
            self.assertEqual(said["whole"], told["whole"])
            self.assertEqual([(c["seals"], c["rows"], c["last_digest"]) for c in said["chains"]],
                             [(c["seals"], c["rows"], c["last_digest"]) for c in told["chains"]])
            self.assertEqual(self.short(said), self.short(told))
        return told

    @staticmethod
    def short(told):
        return collections.Counter((f["kind"], f["file"], f["table"]) for f in told["findings"])

    def seals(self):
        """Kind and note of the ordinary log's seals, in their order."""
        with sqlite3.connect(f"file:{self.proxy.path('log/seals.db')}?immutable=1", uri=True) as db:  # nobody writes now
            texts = [text for (text,) in db.execute("SELECT text FROM seal ORDER BY number")]
        return [(re.search("^kind: (.*)$", text, re.M)[1], re.search("^note: (.*)$", text, re.M)[1]) for text in texts]

    def status(self):
        return json.loads(self.proxy.command("status", "--json").stdout)["log"]

    def events(self, what):
        rows = self.proxy.command("log", "--events", "--json", "--limit", "0").stdout.splitlines()
        return [row for row in map(json.loads, rows) if row.get("what") == what]


class Edited(Sealed):
    def test_a_byte_of_a_copy(self):
        self.ask("/only-here", times=3)
        self.assertEqual(self.proxy.stop(), 0, self.proxy.said())
        told = self.agreed(self.proxy.path("log"))
        self.assertEqual((told["whole"], told["findings"]), (True, []))
        self.assertEqual(told["chains"][0]["rows"], 3)

        copy = self.proxy.path("copy")
        shutil.copytree(self.proxy.path("log"), copy)
        name = os.path.basename(glob.glob(copy + "/access-*.db")[0])
        with sqlite3.connect(os.path.join(copy, name)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        self.give()
        with open(os.path.join(copy, name), "r+b") as file:
            content = file.read()
            self.assertEqual(content.count(b"/only-here"), 3)
            file.seek(content.index(b"/only-here") + 1)
            file.write(b"O")
        told = self.agreed(copy)
        self.assertFalse(told["whole"])
        self.assertEqual([(f["kind"], f["file"], f["table"]) for f in told["findings"]], [("changed", name, "access")])
        said = self.proxy.command("log", "verify", "--dir", copy, check=False)
        self.assertEqual(said.returncode, 1)
        self.assertIn(f"CHANGED: rows in {name} (seals ", said.stdout)
        self.assertIn("The log is NOT as it was sealed.", said.stdout)

    def read_square(self, page):
        """What a telephone reads at the foot of the page."""
        drawn = re.search('<footer>.*<svg [^>]*viewBox="0 0 ([0-9]+) [0-9]+".*?<path fill="#000" d="([^"]*)"', page, re.S)
        side, scale = int(drawn[1]), 8
        rows = [[255] * side for _ in range(side)]
        for x, y, width in re.findall("M([0-9]+) ([0-9]+)h([0-9]+)v1h-[0-9]+z", drawn[2]):
            rows[int(y)][int(x):int(x) + int(width)] = [0] * int(width)
        with open(self.proxy.path("square.pgm"), "wb") as out:
            out.write(b"P5 %d %d 255\n" % (side * scale, side * scale))
            for row in rows:
                out.write(bytes(shade for shade in row for _ in range(scale)) * scale)
        read = ["zbarimg", "-q", "--raw", self.proxy.path("square.pgm")]
        return subprocess.run(read, capture_output=True, text=True, check=True).stdout.strip()

    def test_the_seal_on_paper(self):
        self.ask("/one")
        self.proxy.stop()
        printed = self.proxy.command("log", "seal", "--print").stdout
        digest = re.search("^digest: ([0-9a-f]{64})$", printed, re.M)[1]
        self.assertIn("untrusted comment: signature", printed)
        month = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m")
        page = self.proxy.command("report", "--month", month, "--lang", "en").stdout
        self.assertIn(digest, page)
        if shutil.which("zbarimg"):
            self.assertEqual(self.read_square(page), digest)
        self.assertEqual(json.loads(self.proxy.command("report", "--month", month, "--format", "json").stdout)["seal"], digest)
        for words in (digest, digest[:16].upper(), f"{digest[:4]} {digest[4:8]} {digest[8:12]}"):
            self.assertTrue(self.verify("--seal", words)["whole"], words)
        other = digest[:-1] + ("0" if digest[-1] != "0" else "1")
        found = [f["kind"] for f in self.verify("--seal", other)["findings"]]
        self.assertEqual(found, ["no_witness", "not_sealed_yet"])  # the reports that were made, each an event
        # What minisign itself says of the last seal.
        key = self.proxy.command("log", "seal", "--key").stdout
        self.proxy.write("auditor/seal.pub", key)
        self.proxy.command("log", "seal", "--out", self.proxy.path("auditor/seal.txt"))
        self.assertTrue(self.verify("--key", self.proxy.path("auditor/seal.pub"))["whole"])
        if shutil.which("minisign"):
            check = ["minisign", "-Vm", self.proxy.path("auditor/seal.txt"), "-p", self.proxy.path("auditor/seal.pub")]
            self.assertEqual(subprocess.run(check, capture_output=True, check=False).returncode, 0)
            with open(self.proxy.path("auditor/seal.txt"), "a", encoding="ascii") as text:
                text.write(" ")
            self.assertNotEqual(subprocess.run(check, capture_output=True, check=False).returncode, 0)


class Chain(Sealed):
    def test_it_goes_on_after_an_end_by_force(self):
        self.ask("/one", times=2)
        self.proxy.stop(signal.SIGKILL)
        told = self.agreed(self.proxy.path("log"))
        self.assertTrue(told["whole"], told)
        self.assertEqual([(f["kind"], f["rows"]) for f in told["findings"]], [("not_sealed_yet", 2)])
        self.proxy.start()
        self.ask("/two")
        self.assertTrue(self.verify()["whole"])
        self.proxy.stop()
        self.assertEqual(self.seals(), [("span", "cut"), ("span", "stop")])
        told = self.agreed(self.proxy.path("log"))
        self.assertEqual((told["whole"], told["findings"], told["chains"][0]["rows"]), (True, [], 3))

    def test_a_file_that_is_gone(self):
        self.ask("/one", times=2)
        self.proxy.stop()
        name = os.path.basename(glob.glob(self.proxy.path("log/access-*.db"))[0])
        os.unlink(self.proxy.path("log", name))
        told = self.agreed(self.proxy.path("log"))
        self.assertEqual([(f["kind"], f["file"], f["rows"]) for f in told["findings"]], [("no_file", name, 2)])


class Failing(Sealed):
    def test_the_log_goes_on_without_seals_and_says_so(self):
        key = self.proxy.path("log/seal.key")
        self.assertTrue(wait_until(lambda: os.path.exists(key)))
        self.assertEqual(stat.S_IMODE(os.stat(key).st_mode), 0o600)
        self.assertIsNone(self.status()["seal_error"])
        self.proxy.stop()
        book = self.proxy.path("log/seals.db")

        def key_is_open():
            os.chmod(key, 0o644)
            return lambda: os.chmod(key, 0o600)

        def book_is_newer():
            with sqlite3.connect(book) as db:
                db.execute("PRAGMA user_version = 99")
            db.close()
            self.give()

            def back():
                with sqlite3.connect(book) as again:
                    again.execute("PRAGMA user_version = 1")
                again.close()
                self.give()
            return back

        for number, (what, words) in enumerate(((key_is_open, "can be read by others"), (book_is_newer, "newer"))):
            with self.subTest(what=what.__name__):
                mend = what()
                self.proxy.start()
                self.ask(f"/{what.__name__}")
                self.assertIn(words, self.status()["seal_error"])
                self.assertIn("NOT SEALED: ", self.proxy.command("status").stdout)
                self.assertTrue(wait_until(lambda: len(self.events("seals_fail")) == number + 1))
                self.assertIn("cannot be sealed", self.proxy.said())
                mend()
                self.assertTrue(wait_until(lambda: self.status()["seal_error"] is None, seconds=60), self.proxy.said())
                self.assertTrue(wait_until(lambda: len(self.events("seals_recovered")) == number + 1))
                self.proxy.stop()
                told = self.agreed(self.proxy.path("log"))
                self.assertEqual((told["whole"], told["findings"]), (True, []))

    def test_a_lost_key_is_a_new_one_and_is_named(self):
        self.ask("/one")
        self.proxy.stop()
        old = self.proxy.path("old.pub")
        shutil.copy(self.proxy.path("log/seal.pub"), old)
        os.unlink(self.proxy.path("log/seal.key"))
        self.proxy.start()
        self.ask("/two")
        self.assertTrue(wait_until(lambda: len(self.events("seal_key_new")) == 1))
        self.proxy.stop()
        self.assertEqual([f["kind"] for f in self.agreed(self.proxy.path("log"))["findings"]], ["key_changed"])
        self.assertTrue(self.verify("--key", old, "--key", self.proxy.path("log/seal.pub"))["whole"])
