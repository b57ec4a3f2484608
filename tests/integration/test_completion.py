"""What bash offers behind `schoolgate`, asked in a real bash with the completion that the package installs."""
import os
import shutil
import subprocess
import tempfile
import unittest

from harness import BUILT, ROOT, program
from test_schema import BESIDE, GOOD


class Completion(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        maker = os.path.join(os.path.dirname(BUILT), "schoolgate_manual")
        subprocess.run([maker, os.path.join(ROOT, "packaging/man"), os.path.join(cls.folder, "manual")], check=True)
        cls.script = os.path.join(cls.folder, "manual/schoolgate.bash")
        for name, text in {**GOOD, **BESIDE}.items():
            cls.write(name, text)
        cls.write("tiers.d/odd.yaml", "version: 1\ntier: $(touch ran)\nname: x\nextends: pupil\n")
        cls.write("schoolgate.yaml", GOOD["schoolgate.yaml"].replace("label: Lab", "label: Phòng máy 1"))

    @classmethod
    def write(cls, name, text):
        path = os.path.join(cls.folder, "school", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)

    def offered(self, *words):
        """For the last word; the program's own name goes before."""
        quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in (program(), *words))
        text = (f"source '{self.script}'; COMP_WORDS=({quoted}); COMP_CWORD={len(words)}; _schoolgate; "
                'printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-c", text], cwd=self.folder, capture_output=True, text=True, check=True,
                              env={**os.environ, "LC_ALL": "C.UTF-8", "SCHOOLGATE_CONFIG": os.path.join(self.folder, "school/schoolgate.yaml")})
        self.assertEqual(done.stderr, "")
        return sorted(word for word in done.stdout.split("\n") if word)

    def test_commands_and_options(self):
        self.assertEqual(self.offered("sta"), ["status"])
        self.assertEqual(self.offered("__"), [])  # what is for shells alone
        self.assertIn("schema", self.offered(""))
        self.assertEqual(self.offered("schema", "ti"), ["tier"])
        self.assertEqual(self.offered("schema", "tier", "--lang", ""), ["en", "vi"])
        self.assertEqual(self.offered("check", "--str"), ["--strict"])

    def test_names_of_the_configuration(self):
        self.assertEqual(self.offered("tier", "show", "p"), ["pupil"])
        self.assertEqual(self.offered("allow", "one.test", "--tier", "st"), ["staff"])
        self.assertEqual(self.offered("log", "--category", "g"), ["gambling", "games"])
        self.assertEqual(self.offered("lists", "update", "be"), ["bets"])
        self.assertEqual(self.offered("lists", "disable", "fu"), ["fun"])
        self.assertEqual(self.offered("allow", "bun"), ["bundle:"])
        self.assertEqual(self.offered("allow", "bundle", ":"), ["video", "video2", "video3"])  # as bash parts the words
        self.assertEqual(self.offered("allow", "bundle", ":", "video2"), ["video2"])
        self.assertEqual(self.offered("room", "Lab", "only", "vid"), ["video", "video2", "video3"])
        self.assertEqual(self.offered("block", "gam"), ["gambling", "games"])
        self.assertEqual(self.offered("room", "Ph"), ["Phòng\\ máy\\ 1"])
        self.assertEqual(self.offered("room", "Phòng\\ m"), ["Phòng\\ máy\\ 1"])

    def test_the_configuration_that_the_line_names(self):
        other = os.path.join(self.folder, "other")
        shutil.copytree(os.path.join(self.folder, "school"), other)
        with open(os.path.join(other, "tiers.d/third.yaml"), "w", encoding="utf-8") as out:
            out.write("version: 1\ntier: third\nname: x\nextends: pupil\n")
        self.assertEqual(self.offered("tier", "show", "-c", os.path.join(other, "schoolgate.yaml"), "t"), ["third"])
        self.assertEqual(self.offered("tier", "show", "-c", os.path.join(other, "nowhere.yaml"), "t"), [])

    def test_a_name_is_never_run(self):
        self.offered("tier", "show", "")
        self.offered("tier", "show", "$")
        self.assertFalse(os.path.exists(os.path.join(self.folder, "ran")))


if __name__ == "__main__":
    unittest.main()
