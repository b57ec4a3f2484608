"""The school's clock and its bundles, on the shipped configuration: what `check`, `explain` and `tier show` say of them."""
import datetime
import glob
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import unittest
import zoneinfo

from harness import ROOT, Proxy, program

TIER = """version: 1
tier: probe
name: Probe
extends: thcs
default: block
open_categories: [education]
allow:
  - {bundle: youtube, why: "Video bài học"}
timetable:
  - {when: "T2-T6 tiết 1-2", categories: [games], action: block}
  - {when: breaks, categories: [games], action: allow}
tests:
  - {url: "https://rr1.googlevideo.com/", expect: allow}
  - {url: "https://www.gstatic.com/", expect: allow}
"""


# In lessons games are closed, and in breaks one site is open; of all hours of the day, so that this runs at any.
ALWAYS = """timetable:
  - {when: "00:00-24:00", sites: [blocked.test], action: allow}
  - {when: "00:00-24:00", categories: [gambling], action: allow}
"""
NEVER = """timetable:
  - {when: "%s", sites: [ok.test], action: block}
  - {when: "%s", categories: [games], action: block}
"""


BUNDLES = """version: 1
bundles:
  play: {name: Play, hosts: [www.ok.test], source: s, date: 2027-01-31, checked: true}
"""


class Rows(unittest.TestCase):
    """Rows of a timetable on the running proxy, and what becomes of them where its clock may be wrong."""

    def setUp(self):
        self.proxy = Proxy()
        self.addCleanup(self.proxy.close)

    def action(self, host):
        """Of a request that is made now: rows of before may stand behind it by their time."""
        before = {row["code"] for row in self.proxy.log_rows("--host", host, wanted=0)}
        self.proxy.curl(f"http://{host}/")
        rows = self.proxy.log_rows("--host", host, wanted=len(before) + 1)
        return next(row["action"] for row in rows if row["code"] not in before)

    def log_half_an_hour_later(self):
        """As if all that the log has had been half an hour later: the clock is behind it."""
        for path in glob.glob(self.proxy.path("log/access-*.db")):
            with sqlite3.connect(path) as rows:
                rows.execute("UPDATE access SET ts_ms = ts_ms + 1800000")
            rows.close()

    def test_sites_at_their_times(self):
        pupil = self.proxy.read("tiers.d/pupil.yaml")
        self.proxy.write("tiers.d/pupil.yaml", pupil + ALWAYS)
        self.proxy.start()
        self.assertEqual([self.action(host) for host in ("blocked.test", "bet.test")], ["allow", "allow"])
        said = self.proxy.command("explain", "http://blocked.test/", "--tier", "pupil").stdout
        self.assertRegex(said, r"> explicit_line +allow +line allow blocked\.test, at [^\n]*00:00-24:00")
        self.assertIn("a line with times of its own wins while they last", said)
        self.assertIn("at these times: ", self.proxy.command("tier", "show", "pupil").stdout)
        hour = (datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh")).hour + 12) % 24
        self.proxy.write("tiers.d/pupil.yaml", pupil + ALWAYS.replace("00:00-24:00", f"{hour:02}:00-{hour:02}:30"))
        self.assertEqual(self.proxy.command("reload").returncode, 0)
        self.assertEqual([self.action(host) for host in ("blocked.test", "bet.test")], ["block", "block"])
        self.assertIn("it holds at other times", self.proxy.command("explain", "http://blocked.test/", "--tier", "pupil").stdout)

    def test_a_clock_behind_the_log_takes_the_stricter_side(self):
        pupil = self.proxy.read("tiers.d/pupil.yaml").replace("games: warn", "games: allow")
        hour = (datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh")).hour + 12) % 24
        other = f"{hour:02}:00-{hour:02}:30"
        self.proxy.write("tiers.d/pupil.yaml", pupil + ALWAYS + (NEVER % (other, other)).replace("timetable:\n", ""))
        self.proxy.write("delegation.yaml", "version: 1\nteachers:\n  - {account: nobody, tiers: [pupil], block: [games]}\n")
        self.proxy.start()
        hosts = ("blocked.test", "bet.test", "ok.test", "games.test")
        self.assertEqual([self.action(host) for host in hosts], ["allow", "allow", "allow", "allow"])
        self.proxy.stop()
        self.log_half_an_hour_later()
        self.proxy.start()
        self.assertEqual([self.action(host) for host in hosts], ["block", "block", "block", "block"])
        status = self.proxy.command("status")
        self.assertIn("CLOCK        the clock is behind the newest row of the log", status.stdout)
        self.assertIs(json.loads(self.proxy.command("status", "--json").stdout)["server"]["clock_doubted"], True)
        self.assertIn("clock_doubted", self.proxy.command("log", "--events").stdout)
        for way in ([], ["--running"]):
            said = self.proxy.command("explain", "http://games.test/", "--tier", "pupil", *way).stdout
            self.assertIn("clock    the clock is behind the newest row of the log", said)
            self.assertRegex(said, "(?m)^verdict  block ")
        today = datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh")).strftime("%Y-%m-%d")
        self.assertEqual(self.proxy.command("log", "retention", "--confirm", today).returncode, 0)
        self.assertEqual([self.action(host) for host in hosts], ["allow", "allow", "allow", "allow"])
        self.assertNotIn("CLOCK", self.proxy.command("status").stdout)
        said = self.proxy.command("explain", "http://games.test/", "--tier", "pupil").stdout
        self.assertNotIn("clock  ", said)
        self.assertRegex(said, "(?m)^verdict  allow ")

    def test_a_clock_behind_the_log_holds_the_exams_of_the_month(self):
        self.proxy.write("bundles.yaml", BUNDLES)
        today = datetime.datetime.now(zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh"))
        exams = [f"  - {{name: {name}, date: {today + datetime.timedelta(days):%Y-%m-%d}, times: \"08:00-09:00\", tier: {tier}, only: play}}\n"
                 for name, days, tier in (("past", -3, "staff"), ("near", 3, "pupil"), ("far", 60, "staff"))]
        self.proxy.write("periods.yaml", "version: 1\nexams:\n" + "".join(exams))
        self.proxy.start()
        self.assertEqual([self.action(host) for host in ("ok.test", "www.ok.test")], ["allow", "allow"])
        self.proxy.stop()
        self.log_half_an_hour_later()
        self.proxy.start()
        self.assertEqual([self.action(host) for host in ("ok.test", "www.ok.test")], ["block", "allow"])
        said = self.proxy.command("explain", "http://ok.test/", "--tier", "pupil").stdout
        self.assertIn("exam near until 09:00", said)
        self.assertRegex(self.proxy.command("explain", "http://ok.test/", "--tier", "staff").stdout, "(?m)^verdict  allow ")
        self.assertEqual(self.proxy.command("log", "retention", "--confirm", f"{today:%Y-%m-%d}").returncode, 0)
        self.assertEqual([self.action(host) for host in ("ok.test", "www.ok.test")], ["allow", "allow"])


class Clock(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copytree(os.path.join(ROOT, "config/defaults"), self.folder, dirs_exist_ok=True)
        self.config = os.path.join(self.folder, "schoolgate.yaml")
        main = re.sub(r"(?m)^log: .*", "log: {directory: log, key_file: state/pseudonym.keys, keep_days: 30}", self.read("quickstart.yaml"))
        self.write("schoolgate.yaml", main.replace("../", "").replace("language: vi", "language: en"))
        self.write("tiers.d/99-probe.yaml", TIER)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as out:
            out.write(text)

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as source:
            return source.read()

    def run_command(self, *words, code=0):
        done = subprocess.run([program(), *words, "--config", self.config], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def test_check_asks_for_holidays_where_a_row_goes_by_them(self):
        # Every holiday stands in the next twelve months, whenever this runs.
        self.write("periods.yaml", re.sub(r"(?ms)^holidays:.*", "holidays:\n" + "".join(
            f"  - {{name: Tết, from: {year}-01-20, to: {year}-02-22, unconfirmed: true}}\n" for year in range(2026, 2099)),
            self.read("periods.yaml")))
        self.assertIn("SG1233", self.run_command("check"))
        self.write("tiers.d/99-probe.yaml", TIER.replace("tiết 1-2", "07:00-08:00").replace("when: breaks", "when: 09:00-10:00"))
        self.assertNotIn("SG1233", self.run_command("check"))

    def test_explain_names_the_period_and_the_row(self):
        said = self.run_command("explain", "http://games.schoolgate.test/", "--tier", "probe", "--at", "2027-03-01 07:10")
        self.assertIn("time     T2 07:10, period 1 of the morning", said)
        self.assertIn("T2-T6 tiết 1-2", said)
        self.assertIn("verdict  block", said)
        said = self.run_command("explain", "http://games.schoolgate.test/", "--tier", "probe", "--at", "2027-09-02 07:10")
        self.assertIn("holiday: Quốc khánh", said)
        self.assertNotIn("tiết 1-2", said)

    def test_a_bundle_is_named_as_one(self):
        said = json.loads(self.run_command("explain", "https://rr1.googlevideo.com/", "--tier", "probe", "--json"))
        self.assertEqual(said["action"], "allow")
        self.assertIn("bundle youtube", json.dumps(said["steps"]))
        self.assertTrue(said["file"].endswith("99-probe.yaml"))
        shown = self.run_command("tier", "show", "probe")
        self.assertRegex(shown, r"bundle youtube +allow[^\n]*\n[^\n]*\n[^\n]*googlevideo\.com")
        self.assertIn("breaks (", shown)

    def test_a_wrong_row_is_told(self):
        self.write("tiers.d/99-probe.yaml", TIER.replace("tiết 1-2", "tiết 1-99"))
        done = subprocess.run([program(), "check", "--config", self.config], capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("SG1231", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
