"""The school's clock and its bundles, on the shipped configuration: what `check`, `explain` and `tier show` say of them."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from harness import ROOT, program

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
