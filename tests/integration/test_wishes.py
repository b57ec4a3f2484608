"""Blocked wrongly: a pupil says so on the page, a teacher answers, the page opens; and what of it is kept, limited and told."""
import json
import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import unittest
import urllib.parse

import test_overrides
from harness import ROOT, wait_until
from test_guides import DOCS, commands, read

DELEGATION = """version: 1
teachers:
  - {account: lan, tiers: [pupil], open: [games, gambling], open_minutes_max: 60}
  - {account: hoa, tiers: [pupil], lines: true, open: [gambling]}
"""
NODE_MODULES = os.environ.get("SCHOOLGATE_NODE_MODULES", os.path.join(ROOT, "build/npm/node_modules"))
FORM = 'action="http://schoolgate.internal/wish"'


class Wishes(test_overrides.Teachers):
    def setUp(self):
        super().setUp()
        self.proxy.write("delegation.yaml", DELEGATION)
        self.proxy.command("reload")

    def start(self):
        self.proxy.start()
        self.assertTrue(wait_until(lambda: self.ask("lan", "overrides").returncode == 0))

    def page(self, url, source=None):
        return self.proxy.curl(url, "-H", "Accept: text/html", source=source)

    def press(self, page, why="lesson", source=None, url="http://bet.test/"):
        """What the form on this page sends; the answer."""
        token = re.search(r'name="token" value="([^"]+)"', page.body)
        self.assertTrue(token, page.body)
        form = urllib.parse.urlencode({"token": token[1], "url": url, "why": why})
        return self.proxy.curl("http://schoolgate.internal/wish", "-H", "Accept: text/html", "-d", form, source=source)

    def wish(self, host="bet.test", source=None, why="lesson"):
        """Its code."""
        answer = self.press(self.page(f"http://{host}/", source), why, source, f"http://{host}/")
        self.assertEqual(answer.status, 303, answer.body)
        return re.search(r"Location: http://schoolgate.internal/w/(BN-[0-9A-Z]{8})\r", answer.head)[1]

    def listed(self, user="", *words):
        return json.loads(self.done(user, "wishes", *words, "--json"))

    def opens(self, host="bet.test"):
        return wait_until(lambda: self.last_row(host)["action"] == "allow")

    def test_a_pupil_wishes_and_a_teacher_grants(self):
        self.assertIn(FORM, self.page("http://bet.test/").body)
        code = self.wish()
        shown = self.page(f"http://schoolgate.internal/w/{code.lower()}")
        self.assertIn("The report is written down", shown.body)
        self.assertNotIn("set-cookie", shown.head.lower())
        (wish,) = self.listed("lan")
        self.assertEqual((wish["code"], wish["host"], wish["tier"], wish["list"], wish["devices"], wish["lesson"]),
                         (code, "bet.test", "pupil", "lists/gambling.txt", 1, 1))
        self.assertIn("needed for a lesson: 1", self.done("lan", "wishes", "show", code))
        self.assertIn("is open in tier", self.done("lan", "wishes", "grant", code, "--for", "30m", "--why", "odds"))
        self.assertTrue(self.opens())
        self.assertIn("It is open until", self.page(f"http://schoolgate.internal/w/{code}").body)
        self.assertIn("was opened", self.page("http://schoolgate.internal/").body)
        self.assertEqual(self.listed("lan"), [])
        self.assertEqual(self.listed("lan", "--all")[0]["state"], "granted")
        self.assertIn("answered already", self.refused("lan", "wishes", "deny", code, "--why", "x"))
        events = [json.loads(line)["what"] for line in self.done("", "log", "--events", "--json").splitlines()]
        for event in ("wish", "wish_granted", "override"):
            self.assertIn(event, events)

    def test_what_the_guides_type(self):
        """Each with a report of its own."""
        for guide in ("en/teacher.md", "vi/giao-vien.md"):
            lines = [line for line in commands(read(os.path.join(DOCS, guide))) if "BN-" in line]
            self.assertEqual([shlex.split(line)[2] for line in lines], ["show", "grant", "deny"])
            for line in lines:
                code = self.wish(f"{shlex.split(line)[2]}-{guide[:2]}.lucky.test")
                self.done("lan", *shlex.split(line.replace("BN-7K3Q2F9A", code))[1:])

    def test_two_devices_are_one_wish_and_a_denial_says_why(self):
        code = self.wish()
        self.assertEqual(self.wish(source="127.0.0.7", why="wrong_group"), code)
        self.assertEqual(self.wish(), code)
        (wish,) = self.listed()
        self.assertEqual((wish["devices"], wish["lesson"], wish["wrong_group"]), (2, 1, 1))
        self.done("lan", "wishes", "deny", code, "--why", "a <b>betting</b> shop")
        shown = self.page(f"http://schoolgate.internal/w/{code}").body
        self.assertIn("a &lt;b&gt;betting&lt;/b&gt; shop", shown)
        self.assertEqual(self.wish(source="127.0.0.8"), code)  # told what was answered, nothing new
        self.assertEqual(self.listed(), [])
        self.assertEqual(self.last_row("bet.test")["action"], "block")

    def test_for_good_by_a_line_within_the_delegation(self):
        code = self.wish()
        self.assertIn("for good", self.refused("lan", "wishes", "grant", code, "--line", "--why", "x"))
        self.assertIn("from now on", self.done("hoa", "wishes", "grant", code, "--line", "--why", 'our "own" page'))
        self.assertTrue(self.opens())
        self.assertIn("list of what is open", self.page(f"http://schoolgate.internal/w/{code}").body)
        self.assertIn("bet.test", self.done("", "tier", "show", "pupil"))
        self.proxy.stop()
        self.start()
        self.assertTrue(self.opens())
        self.assertIn("list of what is open", self.page(f"http://schoolgate.internal/w/{code}").body)

    def test_what_takes_no_wish(self):
        for url in ("http://adult.test/", "http://sad.test/", "http://games.test/"):
            with self.subTest(url=url):
                self.assertNotIn(FORM, self.page(url).body)
        self.assertNotIn("sad.test", self.page("http://schoolgate.internal/").body)
        code = self.wish()
        token = self.page("http://bet.test/")
        # By now it is locked: the page says so, and a grant is refused.
        self.proxy.write("tiers.d/pupil.yaml", self.proxy.read("tiers.d/pupil.yaml").replace("gambling: block", "gambling: block+locked"))
        self.proxy.write("tiers.d/pupil.yaml", self.proxy.read("tiers.d/pupil.yaml").replace("[games, gambling]", "[games]"))
        self.proxy.write("delegation.yaml", DELEGATION.replace("[games, gambling]", "[games]").replace("[gambling]", "[games]"))
        self.proxy.command("reload")
        self.assertIn("Nobody opens this page", self.press(token).body)
        self.assertIn("locked", self.refused("", "wishes", "grant", code, "--why", "x"))
        self.assertIn("bet.test", self.refused("", "wishes", "grant", code, "--line", "--why", "x"))
        self.assertEqual([wish["state"] for wish in self.listed()], ["open"])

    def test_hostile_values_and_a_flood(self):
        page = self.page("http://bet.test/")
        token = re.search(r'name="token" value="([^"]+)"', page.body)[1]
        for form in ("", "token=x&why=lesson", f"token={urllib.parse.quote(token)}x&why=lesson", f"token={urllib.parse.quote(token)}",
                     f"token={urllib.parse.quote(token)}&why=<script>", "token=%00&why=%ff", "a" * 60000, "&" * 5000):
            answer = self.proxy.curl("http://schoolgate.internal/wish", "-H", "Accept: text/html", "-d", form)
            self.assertIn(answer.status, (400, 403), form[:40])
        stolen = urllib.parse.urlencode({"token": token, "url": "http://bet.test/", "why": "lesson"})
        self.assertEqual(self.proxy.curl("http://schoolgate.internal/wish", "-d", stolen, source="127.0.0.9").status, 403)
        for code in ("%3Cscript%3E", "..%2f..%2fetc", "BN-00000000", "0000-0000", "", "x" * 500):
            answer = self.page("http://schoolgate.internal/w/" + code)
            self.assertEqual(answer.status, 404, code)
            self.assertEqual(answer.body.count("<script"), 1, "the page's own")
        self.assertEqual(self.listed(), [])
        statuses = [self.press(self.page(f"http://h{i}.lucky.test/"), url=f"http://h{i}.lucky.test/").status for i in range(12)]
        self.assertEqual(statuses, [303] * 6 + [429] * 6)
        self.assertEqual(len(self.listed()), 6)
        self.assertEqual(self.press(self.page("http://bet.test/", "127.0.0.9"), source="127.0.0.9").status, 303)

    def test_kept_over_kill_9_and_without_a_client(self):
        code = self.wish(source="127.0.0.77")
        path = self.proxy.path("log/wishes.db")

        def written():
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
                return db.execute("SELECT code, host, devices FROM wish").fetchall()
        self.assertTrue(wait_until(lambda: os.path.exists(path) and written() == [(code, "bet.test", 1)]))
        self.proxy.stop(signal.SIGKILL)
        self.start()
        self.assertEqual([wish["code"] for wish in self.listed()], [code])
        self.done("lan", "wishes", "grant", code, "--why", "x")
        self.proxy.stop(signal.SIGKILL)  # an answer is on the disk when it is given
        self.start()
        self.assertEqual(self.listed("", "--all")[0]["state"], "granted")
        for name in os.listdir(self.proxy.path("log")):
            if name.startswith("wishes.db"):
                with open(self.proxy.path("log", name), "rb") as file:
                    self.assertNotIn(b"127.0.0.77", file.read())
        self.proxy.stop()
        with open(path, "wb") as file:
            file.write(b"x" * 9000)
        self.start()
        self.assertEqual(self.listed("", "--all"), [])
        self.assertTrue(any(name.startswith("wishes.db.damaged-") for name in os.listdir(self.proxy.path("log"))))
        self.assertTrue(self.wish("a.lucky.test"))

    def test_who_may_not_answer(self):
        code = self.wish()
        self.assertIn("Permission denied", self.refused("clerk", "wishes"))
        self.proxy.write("delegation.yaml", DELEGATION.replace("account: hoa, tiers: [pupil]", "account: hoa, tiers: [staff]"))
        self.proxy.command("reload")
        self.assertEqual(self.listed("hoa"), [])
        for verb in ("show", "grant", "deny"):
            words = () if verb == "show" else ("--why", "x")
            self.assertIn("no report", self.refused("hoa", "wishes", verb, code, *words))
        self.assertIn("is of tier", self.refused("", "wishes", "grant", code, "--tier", "staff", "--why", "x"))

    @unittest.skipUnless(shutil.which("node") and shutil.which("chromium") and os.path.isdir(os.path.join(NODE_MODULES, "axe-core")),
                         "needs chromium and: npm install --prefix build/npm axe-core puppeteer-core")
    def test_in_a_browser(self):
        done = subprocess.run(["node", os.path.join(ROOT, "tests/integration/press_wish.js"), NODE_MODULES, f"http://127.0.0.1:{self.proxy.port}",
                               "http://bet.test/"], capture_output=True, text=True, timeout=120, check=False,
                              env={"PATH": os.environ["PATH"], "HOME": self.proxy.folder})
        self.assertEqual(done.returncode, 0, done.stderr)
        seen = json.loads(done.stdout)
        self.assertEqual(seen["findings"], [])
        self.assertEqual(seen["kept"], [])
        code = seen["address"].rpartition("/")[2]
        self.assertEqual([wish["code"] for wish in self.listed()], [code])
        self.done("lan", "wishes", "grant", code, "--why", "x")
        self.assertTrue(self.opens())


if __name__ == "__main__":
    unittest.main()
