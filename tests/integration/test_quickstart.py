"""What tools/quickstart does with the configuration that lies there from the last run, and what it says."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from harness import ROOT, program


class Quickstart(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="schoolgate-qs-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.ship({"a.yaml": "1", "tiers.d/b.yaml": "1", "gone.yaml": "1", "mine.yaml": "1"})
        self.update()

    def ship(self, files):
        shutil.rmtree(os.path.join(self.folder, "defaults"), ignore_errors=True)
        for name, text in files.items():
            self.write("defaults/" + name, text)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)

    def update(self):
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", f'. "{ROOT}/tools/common.sh"; update_config "$1/defaults" "$1"', "-",
                               self.folder], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr

    def config(self):
        top = os.path.join(self.folder, "config")
        found = {}
        for folder, _, files in os.walk(top):
            for name in files:
                with open(os.path.join(folder, name), encoding="utf-8") as text:
                    found[os.path.relpath(os.path.join(folder, name), top)] = text.read()
        return found

    def test_edits_stay_and_what_nobody_changed_is_renewed(self):
        self.write("config/tiers.d/b.yaml", "1, edited")
        self.write("config/tiers.d/new.yaml", "my own")
        os.remove(os.path.join(self.folder, "config/mine.yaml"))
        self.ship({"a.yaml": "2", "tiers.d/b.yaml": "2", "more.yaml": "2", "mine.yaml": "2"})
        want = {"a.yaml": "2", "tiers.d/b.yaml": "1, edited", "tiers.d/new.yaml": "my own", "more.yaml": "2"}
        for _ in range(2):
            said = self.update()
            self.assertEqual(self.config(), want)
            self.assertIn("tiers.d/b.yaml", said)

    def test_edits_of_a_run_that_kept_no_record_stay(self):
        shutil.rmtree(os.path.join(self.folder, "shipped"))
        self.write("config/a.yaml", "edited")
        self.update()
        self.assertEqual(self.config()["a.yaml"], "edited")

    def test_each_file_names_a_schema_that_is_there(self):
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", f'. "{ROOT}/tools/common.sh"; with_schemas "$1" "{ROOT}/config/defaults" "$2"',
                               "-", program(), self.folder], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.update()
        named = {name: re.search(r"(?m)^# yaml-language-server: \$schema=(.*)$", text)
                 for name, text in self.config().items() if name.endswith(".yaml") and not name.startswith("pages/")}
        self.assertGreater(len(named), 15)
        for name, found in named.items():
            with self.subTest(name=name), open(found[1], encoding="utf-8") as schema:
                self.assertIn("properties", json.load(schema))
        with open(os.path.join(ROOT, "tools/quickstart"), encoding="utf-8") as script:
            self.assertIn('update_config "$place/defaults" "$place"', script.read())

    def test_it_installs_what_its_own_lines_need_and_says_how_to_call_the_program(self):
        with open(os.path.join(ROOT, "tools/quickstart"), encoding="utf-8") as script:
            text = script.read()
        self.assertIn('need_packages "${build_packages[@]}" curl', text)
        self.assertIn("quickstart.env", text)
        self.assertNotIn('rm -rf "$place/config"', text)


if __name__ == "__main__":
    unittest.main()
