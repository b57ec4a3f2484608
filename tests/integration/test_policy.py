"""Accepted policies are kept, and come back: what commands change lies over the files, and survives whatever happens."""
import json
import os
import random
import signal
import subprocess
import threading
import time
import unittest

import origins
from harness import Proxy, program, wait_until


class Policy(unittest.TestCase):
    def setUp(self):
        self.origin = origins.Recorder()
        self.proxy = Proxy(ports=[self.origin.port], hosts=("ok.test", "other.test", "bet.test", "locked.test", "new.test"))
        self.addCleanup(self.proxy.close)
        self.pupil = self.proxy.read("tiers.d/pupil.yaml")
        self.staff = self.proxy.read("tiers.d/staff.yaml")

    def start(self):
        self.proxy.start("--state", self.proxy.path("kept"))
        self.assertTrue(wait_until(lambda: self.status()["last_good"]["set"]))

    def again(self, sig=signal.SIGTERM):
        self.proxy.stop(sig)
        self.start()

    def ask(self, *arguments, code=0, root=False):
        command = [program(), *arguments, "--config", self.proxy.config, "--state", self.proxy.path("kept")]
        if root:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        else:
            done = self.proxy.command(*command[1:-4], "--state", self.proxy.path("kept"), check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def status(self):
        return json.loads(self.ask("status", "--json").splitlines()[0])

    def history(self):
        return json.loads(self.ask("policy", "history", "--json").splitlines()[0])

    def code(self, host, source=None):
        return self.proxy.curl(f"http://{host}:{self.origin.port}/", source=source).status

    def events(self, what):
        rows = self.proxy.command("log", "--events", "--json", check=False).stdout.splitlines()
        return [row for row in map(json.loads, rows) if row.get("what") == what]

    def block(self, host):
        self.proxy.write("tiers.d/pupil.yaml", self.pupil.replace("  - blocked.test\n", f"  - blocked.test\n  - {host}\n"))

    def test_history_diff_and_the_way_back(self):
        self.start()
        self.block("ok.test")
        changed = self.proxy.read("tiers.d/pupil.yaml")
        self.ask("reload")
        self.ask("reload")  # the same once more is no new policy
        self.assertEqual(self.code("ok.test"), 403)
        history = self.history()
        self.assertEqual([(one["number"], one["why"], one["changed"]) for one in history[:1]], [(2, "reload", ["tiers.d/pupil.yaml"])])
        self.assertEqual(len(history), 2)
        self.assertIn("uid 65534", history[0]["who"])
        self.assertEqual(history[0]["policy"], self.status()["digest"])
        diff = json.loads(self.ask("policy", "diff", "--json"))
        self.assertEqual([(one["file"], one["state"], one["removed"], one["added"]) for one in diff["files"]],
                         [("tiers.d/pupil.yaml", "changed", 0, 1)])
        self.assertIn("+  - ok.test", self.ask("policy", "diff", "1", "2"))
        self.assertIn("the texts are the same", self.ask("policy", "diff", "2", "2"))
        self.assertIn("reload", self.ask("policy", "history"))

        self.ask("policy", "rollback", "1", "--why", "too strict")
        self.assertEqual(self.code("ok.test"), 200)
        self.assertEqual(self.proxy.read("tiers.d/pupil.yaml"), changed)  # the service never writes the files
        self.assertEqual(self.history()[0]["why"], "rollback 1: too strict")
        self.assertEqual(self.history()[0]["policy"], history[1]["policy"])  # the same texts are the same policy
        self.assertEqual([(one["file"], one["below_changed"]) for one in self.status()["laid_over"]], [("tiers.d/pupil.yaml", False)])
        self.assertTrue(wait_until(lambda: len(self.events("policy_changed")) == 1))
        for sig in (signal.SIGTERM, signal.SIGKILL):
            self.again(sig)
            self.assertEqual(self.code("ok.test"), 200)
            self.assertFalse(self.status()["last_good"]["in_use"])
        self.ask("reload")
        self.assertEqual(self.code("ok.test"), 200)
        self.assertIn("SG1703", self.ask("check"))
        self.assertIn("there is no accepted policy 77", self.ask("policy", "rollback", "77", code=3))

    def test_a_change_of_the_file_below_is_told_and_not_lost(self):
        self.start()
        self.block("ok.test")
        self.ask("reload")
        self.ask("policy", "rollback", "1")
        self.block("other.test")
        self.ask("reload")
        self.assertEqual((self.code("ok.test"), self.code("other.test")), (200, 200))
        self.assertIn("SG1702", self.ask("check", "--strict", code=4))
        self.assertIn("THE FILE BELOW HAS CHANGED", self.ask("status"))
        self.assertTrue(self.status()["laid_over"][0]["below_changed"])
        self.assertIn("- other.test", self.proxy.read("tiers.d/pupil.yaml"))
        self.ask("policy", "drop", "tiers.d/pupil.yaml")
        self.assertEqual((self.code("ok.test"), self.code("other.test")), (200, 403))
        self.assertEqual(self.status()["laid_over"], [])
        self.assertIn("nothing is laid over", self.ask("policy", "drop", "tiers.d/pupil.yaml", code=3))
        self.again()
        self.assertEqual(self.code("other.test"), 403)

    def test_export_brings_it_back(self):
        self.start()
        self.block("ok.test")
        self.ask("reload")
        self.ask("policy", "rollback", "1")
        elsewhere = self.proxy.path("log", "out")
        self.ask("policy", "export", elsewhere)
        with open(os.path.join(elsewhere, "tiers.d/pupil.yaml"), encoding="utf-8") as out:
            self.assertEqual(out.read(), self.pupil)
        self.block("other.test")
        mine = self.proxy.read("tiers.d/pupil.yaml")
        self.ask("policy", "export")
        self.assertEqual(self.proxy.read("tiers.d/pupil.yaml"), self.pupil)
        self.assertEqual(self.proxy.read("tiers.d/pupil.yaml.before-export"), mine)
        self.ask("reload")
        self.assertEqual(self.status()["laid_over"], [])
        self.assertEqual(self.code("ok.test"), 200)
        self.assertIn("no command changed anything", self.ask("policy", "export"))

    @unittest.skipUnless(os.geteuid() == 0, "root is the admin")
    def test_only_the_admin_loosens_a_lock(self):
        self.start()
        self.proxy.write("locked.yaml", "version: 1\nblock: [locked.test]\n")
        self.ask("reload")
        self.assertEqual(self.code("locked.test"), 403)
        refused = self.ask("policy", "rollback", "1", "--accept-shrunk", code=3)
        self.assertIn("locked.yaml", refused)
        self.assertEqual(self.code("locked.test"), 403)
        self.proxy.write("locked.yaml", "version: 1\nblock: [locked.test, new.test]\n")
        self.ask("reload")
        self.assertIn("only the admin may do that: the file of locks would be another", self.ask("policy", "rollback", "2", code=3))
        self.assertEqual(self.code("new.test"), 403)
        self.assertTrue(wait_until(lambda: len(self.events("policy_change_refused")) == 2))
        self.again()
        self.assertEqual((self.code("locked.test"), self.code("new.test")), (403, 403))
        self.ask("policy", "rollback", "2", root=True)
        self.assertEqual((self.code("locked.test"), self.code("new.test")), (403, 200))
        self.ask("policy", "rollback", "1", "--accept-shrunk", root=True)
        self.assertEqual(self.code("locked.test"), 200)
        self.assertIn("rollback 1", self.ask("policy", "history", root=True))

    def test_pins_and_what_must_work(self):
        self.start()
        self.assertEqual(self.code("bet.test"), 403)
        code = self.proxy.log_rows("--blocked")[-1]["code"]
        self.ask("policy", "history")
        self.assertIn("pinned: http://bet.test", self.ask("pin", code, "--tier", "pupil", "--why", "never"))
        self.ask("pin", f"http://ok.test:{self.origin.port}/", "--tier", "pupil", "--why", "homework")
        self.assertEqual(self.history()[0]["why"], "pin")
        self.assertEqual(self.status()["laid_over"][0]["file"], "pins.yaml")
        self.block("ok.test")
        self.assertIn("this test wants allow, and the policy says block (tiers.d/pupil.yaml", self.ask("reload", code=3))
        self.proxy.write("tiers.d/pupil.yaml", self.pupil)
        self.proxy.write("lists/gambling.txt", "lucky.test\n")
        self.assertIn("policy/current/pins.yaml", self.ask("reload", code=3))
        self.assertEqual(self.code("bet.test"), 403)
        self.proxy.write("lists/gambling.txt", "bet.test\nlucky.test\n")
        self.again()
        self.assertFalse(self.status()["last_good"]["in_use"])
        self.ask("pin", f"http://ok.test:{self.origin.port}/", "--tier", "pupil", "--remove")
        self.assertIn("is not pinned", self.ask("pin", f"http://ok.test:{self.origin.port}/", "--tier", "pupil", "--remove", code=3))
        self.assertIn("--why is needed", self.ask("pin", "http://ok.test/", "--tier", "pupil", code=2))
        self.assertIn("no page was decided", self.ask("pin", "7KQ2-M4XH", "--tier", "pupil", "--why", "x", code=1))
        self.proxy.write("expect.yaml", "version: 1\nmust_work: [ok.test]\n")
        self.ask("reload")
        self.block("ok.test")
        self.assertIn('ok.test must work, and tier "pupil" closes it (tiers.d/pupil.yaml', self.ask("reload", code=3))
        self.assertEqual(self.code("ok.test"), 200)
        self.assertIn("SG1711", self.ask("check", code=3))
        # What was closed before refuses nothing.
        self.proxy.write("tiers.d/pupil.yaml", self.pupil)
        self.proxy.write("expect.yaml", "version: 1\nmust_work: [bet.test]\n")
        self.assertIn("warning SG1711", self.ask("reload"))
        self.assertIn("warning SG1711", self.ask("check"))
        self.again()
        self.assertFalse(self.status()["last_good"]["in_use"])

    def test_a_plan_says_what_would_change(self):
        self.start()
        # The pupils' tier has a pattern on whole addresses, of which the log does not say enough; the staff's has none.
        for host in ("ok.test", "ok.test", "bet.test", "ok.test"):
            self.code(host, source="127.0.0.2")
        self.proxy.log_rows(wanted=4)

        def plan(*arguments):
            return json.loads(self.proxy.command("plan", "--json", *arguments).stdout)

        before = plan()
        self.assertEqual((before["changed"], before["alike"] + before["cannot_be_said"], before["groups"]), (0, 4, []))
        draft = [(name, self.proxy.read(name)) for name in ("schoolgate.yaml", "categories.yaml", "tiers.d/pupil.yaml", "hosts")]
        draft += [(f"lists/{name}.txt", self.proxy.read(f"lists/{name}.txt")) for name in ("adult", "gambling", "games", "self_harm")]
        for name, text in draft:
            self.proxy.write("draft/" + name, text)
        self.proxy.write("draft/tiers.d/staff.yaml", self.staff + "block: [ok.test]\n")
        after = plan(self.proxy.path("draft"))
        self.assertEqual(after["changed"], 3)
        # One device is nobody's business: neither its site nor how many there are.
        self.assertEqual([(g["tier"], g["host"], g["was"], g["would_be"], g["requests"], g["clients"]) for g in after["groups"]],
                         [("staff", None, "allow", "block", 3, None)])
        self.assertIn("tiers.d/staff.yaml:", after["groups"][0]["rule"])
        self.assertEqual(self.code("ok.test", source="127.0.0.2"), 200)
        self.assertIn("would be decided otherwise", self.proxy.command("plan", self.proxy.path("draft")).stdout)
        self.proxy.write("draft/tiers.d/staff.yaml", "version: [\n")
        self.assertEqual(self.proxy.command("plan", self.proxy.path("draft"), check=False).returncode, 3)

    def test_killed_in_the_middle_of_a_save_one_policy_rules_whole(self):
        self.start()
        # Two files change together: in no moment does one of them rule without the other.
        self.block("ok.test")
        self.proxy.write("tiers.d/staff.yaml", self.staff + "block: [ok.test]\n")
        self.ask("reload")
        chance = random.Random(15)
        for _ in range(8):
            stop = threading.Event()

            def turn():
                while not stop.is_set():
                    for number in ("1", "2"):
                        self.proxy.command("policy", "rollback", number, "--state", self.proxy.path("kept"), check=False)

            asker = threading.Thread(target=turn)
            asker.start()
            try:
                before = len(self.history())
                wait_until(lambda: len(self.history()) > before)
                time.sleep(chance.random() * 0.1)
                self.proxy.stop(signal.SIGKILL)
            finally:
                stop.set()
                asker.join()
            self.start()
            self.assertFalse(self.status()["last_good"]["in_use"], self.proxy.said())
            self.assertEqual(self.code("ok.test"), self.code("ok.test", source="127.0.0.2"))

    def test_what_lies_over_the_files_damaged_is_never_passed_over(self):
        self.start()
        self.block("ok.test")
        self.ask("reload")
        self.proxy.write("tiers.d/pupil.yaml", self.pupil)
        self.ask("policy", "rollback", "2")
        self.assertEqual(self.code("ok.test"), 403)
        laid = self.proxy.path("state/policy/current/tiers.d/pupil.yaml")
        with open(laid, "w", encoding="utf-8") as out:
            out.write(self.pupil)
        self.assertIn("SG1701", self.ask("reload", code=3))
        self.assertEqual(self.code("ok.test"), 403)
        self.again()
        self.assertIn("STARTED WITH THE LAST GOOD CONFIGURATION", self.proxy.said())
        self.assertEqual(self.code("ok.test"), 403)
        self.ask("policy", "rollback", "2")  # lays it anew
        self.again()
        self.assertEqual(self.code("ok.test"), 403)
        self.assertFalse(self.status()["last_good"]["in_use"])


if __name__ == "__main__":
    unittest.main()
