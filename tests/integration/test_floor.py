"""The sealed floor: built from lists, signed by Debian's minisign, in force whatever else the school's files say."""
import glob
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import unittest
import zipfile

import origins
from harness import Proxy, _folder, as_nobody, program, wait_until

SEALED = ("sealed.test", "half.test", "newer.test")
HOSTS = (*SEALED, "www.sealed.test", "ok.test", "blocked.test")


class School(Proxy):
    """Its folder is root's, as /etc/schoolgate is: trusted keys are believed nowhere else."""

    def write_config(self, *arguments):
        config = super().write_config(*arguments)
        self.write("schoolgate.yaml", self.read("schoolgate.yaml").replace("control_socket: control.sock", "control_socket: state/control.sock"))
        return config

    def write(self, name, text):
        super().write(name, text)
        self.belong_to_root()

    def belong_to_root(self):
        for name in (".", "floor_keys"):
            if os.path.exists(self.path(name)):
                os.chown(self.path(name), 0, 0)
        os.chmod(self.folder, 0o755)


@unittest.skipUnless(os.geteuid() == 0, "trusted keys belong to root")
class Floor(unittest.TestCase):
    def setUp(self):
        self.origin = origins.Recorder()
        self.proxy = School(ports=[self.origin.port], hosts=HOSTS)
        self.addCleanup(self.proxy.close)
        self.desk = tempfile.mkdtemp(prefix="desk-", dir=_folder)  # where lists are handed out and signed
        for name in ("authority", "stranger"):
            self.minisign("-G", "-W", "-p", f"{name}.pub", "-s", f"{name}.key")
        with open(os.path.join(self.desk, "authority.pub"), encoding="utf-8") as key:
            self.proxy.write("floor_keys", key.read())

    def minisign(self, *words):
        subprocess.run(["minisign", *words], cwd=self.desk, check=True, capture_output=True, stdin=subprocess.DEVNULL)

    def build(self, *words, key="authority", code=0):
        signed = ("--key", f"{key}.key") if key else ()
        done = subprocess.run([program(), "floor", "build", *words, *signed], cwd=self.desk, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=60, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for name in SEALED:
            self.assertNotIn(name, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def hand_out(self, name, text):
        with open(os.path.join(self.desk, name), "w", encoding="utf-8") as out:
            out.write(text)
        return name

    def install(self):
        for name in ("floor.sealed", "floor.sealed.minisig"):
            if os.path.exists(os.path.join(self.desk, name)):
                shutil.copy(os.path.join(self.desk, name), self.proxy.path(name))
                os.chmod(self.proxy.path(name), 0o644)

    def a_floor(self):
        self.build("--csam", self.hand_out("csam.txt", "sealed.test\n"), "--unlawful",
                   self.hand_out("decision.csv", "STT;Tên miền;Ghi chú\n1;http://half.test/bad;x\n"))
        self.install()

    def start(self):
        self.proxy.start("--state", self.proxy.path("state"))
        self.assertTrue(wait_until(lambda: json.loads(self.ask("status", "--json"))["last_good"]["set"]))

    def ask(self, *arguments, code=0):
        done = self.proxy.command(*arguments, "--state", self.proxy.path("state"), check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def statuses(self, *addresses):
        return [self.proxy.curl(f"http://{address.replace('/', f':{self.origin.port}/', 1)}").status for address in addresses]

    def in_force(self):
        self.assertEqual(self.statuses("sealed.test/", "www.sealed.test/x", "half.test/bad/y", "half.test/", "ok.test/"),
                         [403, 403, 403, 200, 200])

    def test_without_entries_all_say_so(self):
        self.start()
        for words in (("status",), ("check",)):
            self.assertIn("thin: The sealed floor has no entries", self.ask(*words))
        self.assertIn("no entries", self.ask("floor", "info"))
        self.assertEqual(self.statuses("sealed.test/"), [200])

    def test_built_signed_and_in_force_whatever_the_policy_opens(self):
        self.a_floor()
        with open(self.proxy.path("floor.sealed"), encoding="ascii") as built:
            text = built.read()
        self.assertNotIn("test", text)
        self.assertEqual(sorted(os.listdir(self.desk)), ["authority.key", "authority.pub", "csam.txt", "decision.csv", "floor.sealed",
                                                         "floor.sealed.minisig", "stranger.key", "stranger.pub"])
        self.minisign("-V", "-p", "authority.pub", "-m", "floor.sealed")
        self.proxy.write("tiers.d/pupil.yaml", self.proxy.read("tiers.d/pupil.yaml").replace("  - school.blocked.test", "  - blocked.test"))
        self.start()
        self.in_force()
        self.assertNotIn("sealed floor has no entries", self.ask("status") + self.ask("check"))
        info = json.loads(self.proxy.command("floor", "info", "--json").stdout)
        self.assertEqual((info["state"], info["kinds"]), ("signed", {"csam": 1, "terrorism": 0, "intimate": 0, "unlawful": 1}))
        verified = json.loads(self.proxy.command("floor", "verify", self.proxy.path("floor.sealed"), "--json").stdout)
        self.assertEqual(verified, info)
        proof = json.loads(self.proxy.command("floor", "prove", "--rounds", "5", "--json").stdout)
        self.assertTrue(proof["ok"] and proof["asked"] > 1000, proof)

    def test_a_hit_is_logged_without_host_or_path(self):
        self.a_floor()
        self.start()
        self.in_force()
        self.proxy.curl(f"https://sealed.test:{self.origin.port}/")
        rows = [row for row in self.proxy.log_rows(wanted=6) if row["layer"] == "sealed_floor"]
        self.assertEqual(len(rows), 4)
        self.assertEqual({(row["host"], row["path"], row["port"], row["reason"]) for row in rows}, {("", None, 0, "floor_hash")})
        self.assertIn(" floor ", self.proxy.command("log", "--blocked").stdout)
        self.proxy.stop()
        for file in glob.glob(self.proxy.path("log/*")):
            with open(file, "rb") as log:
                self.assertEqual(b"sealed.test" in log.read(), "/safeguarding" in file, file)
        database, = glob.glob(self.proxy.path("log/safeguarding-*.db"))
        with sqlite3.connect(database) as log:
            self.assertEqual(log.execute("SELECT host, path FROM log WHERE layer = 'sealed_floor' AND host LIKE '%sealed.test'").fetchall(),
                             [("sealed.test", None), ("www.sealed.test", None), ("sealed.test", None)])

    def refused(self, code):
        """By check and reload; at a start too, and the floor of before stays."""
        self.assertIn(code, self.ask("check", code=3))
        self.assertIn(code, self.ask("reload", "--accept-shrunk", code=3) if code != "start" else code)
        self.in_force()
        self.proxy.stop(signal.SIGKILL)
        self.start()
        self.assertIn("STARTED WITH THE LAST GOOD CONFIGURATION", self.proxy.said())
        self.assertIn(code, self.proxy.said())
        self.in_force()

    def test_what_is_damaged_foreign_older_or_gone_is_refused_and_the_old_stays(self):
        self.a_floor()
        self.start()
        good = {name: self.read_bytes(name) for name in ("floor.sealed", "floor.sealed.minisig")}
        old = dict(good)

        def put(name, data):
            if data is None:
                os.remove(self.proxy.path(name))
            else:
                with open(self.proxy.path(name), "wb") as out:
                    out.write(data)

        def again():
            for name, data in good.items():
                put(name, data)
            self.assertEqual(os.stat(self.proxy.path("floor_keys")).st_uid, 0)
            self.ask("reload")

        cases = {"an added line": ("SG1524", {"floor.sealed": good["floor.sealed"] + b"x\n"}),
                 "cut": ("SG1524", {"floor.sealed": good["floor.sealed"][:-3]}),
                 "no signature": ("SG1522", {"floor.sealed.minisig": None}),
                 "a signature that is none": ("SG1524", {"floor.sealed.minisig": b"untrusted comment: x\n"}),
                 "the file is gone": ("SG1520", {"floor.sealed": None}),
                 "both are gone": ("SG1520", {"floor.sealed": None, "floor.sealed.minisig": None})}
        for name, (code, files) in cases.items():
            with self.subTest(name):
                for file, data in files.items():
                    put(file, data)
                self.refused(code)
                again()
        with self.subTest("somebody else's"):
            self.build("--csam", self.hand_out("other.txt", "newer.test\n"), key="stranger")
            self.install()
            self.refused("SG1525")
            again()
        with self.subTest("keys that others may write"):
            os.chmod(self.proxy.path("floor_keys"), 0o666)
            self.refused("SG1523")
            os.chmod(self.proxy.path("floor_keys"), 0o644)
        with self.subTest("an older one"):
            self.build("--csam", self.hand_out("new.txt", "sealed.test\nnewer.test\n"), "--unlawful", "decision.csv")
            self.install()
            self.ask("reload")
            self.assertEqual(self.statuses("newer.test/"), [403])
            for file, data in old.items():
                put(file, data)
            self.assertIn("SG1527", self.ask("reload", code=3))
            self.assertEqual(self.statuses("newer.test/"), [403])

    def read_bytes(self, name):
        with open(self.proxy.path(name), "rb") as source:
            return source.read()

    def test_what_was_never_accepted_does_not_start(self):
        self.proxy.write("floor.txt", "a" * 64 + "\n")
        with self.assertRaisesRegex(RuntimeError, "SG1522(.|\n)*not started"):
            self.start()
        os.remove(self.proxy.path("floor.txt"))
        self.build("--csam", self.hand_out("csam.txt", "sealed.test\n"), key="stranger")
        self.install()
        with self.assertRaisesRegex(RuntimeError, "SG1525(.|\n)*not started"):
            self.start()
        self.a_floor()
        self.start()
        self.in_force()

    def test_killed_while_a_new_floor_is_taken(self):
        self.a_floor()
        self.start()
        for number in range(5):
            self.build("--csam", self.hand_out("csam.txt", f"sealed.test\nmore{number}.test\n"), "--unlawful", "decision.csv")
            self.install()
            before = set(os.listdir(self.proxy.path("state/last-good")))
            asking = subprocess.Popen([program(), "reload", "--config", self.proxy.config], stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, **as_nobody())
            wait_until(lambda: set(os.listdir(self.proxy.path("state/last-good"))) != before or asking.poll() is not None)
            self.proxy.stop(signal.SIGKILL)
            asking.wait(20)
            if number % 2:  # and what was being taken is damaged meanwhile
                with open(self.proxy.path("floor.sealed"), "ab") as sealed:
                    sealed.write(b"x")
            self.start()
            self.in_force()

    def test_a_list_that_cannot_be_read_whole_writes_nothing(self):
        said = self.build("--csam", self.hand_out("csam.txt", "sealed.test\nhalf test bad\ncom.vn\n"), code=3)
        self.assertIn("line 2", said)
        self.assertIn("line 3", said)
        self.assertFalse(os.path.exists(os.path.join(self.desk, "floor.sealed")))
        self.assertIn("rows that were left out: 2", self.build("--csam", "csam.txt", "--skip-wrong"))
        self.install()
        self.start()
        self.assertEqual(self.statuses("sealed.test/", "ok.test/"), [403, 200])

    def test_a_workbook(self):
        with zipfile.ZipFile(os.path.join(self.desk, "list.xlsx"), "w", zipfile.ZIP_DEFLATED) as book:
            space = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
            book.writestr("xl/workbook.xml", f'<workbook {space}><sheets><sheet name="1" sheetId="1" r:id="a"/></sheets></workbook>')
            book.writestr("xl/_rels/workbook.xml.rels", '<Relationships><Relationship Id="a" Target="worksheets/sheet1.xml"/></Relationships>')
            book.writestr("xl/worksheets/sheet1.xml", '<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>URL</t></is></c></row>'
                          '<row r="2"><c r="A2" t="inlineStr"><is><t>hxxp://sealed[.]test</t></is></c></row></sheetData></worksheet>')
        self.build("--terrorism", "list.xlsx")
        self.install()
        self.start()
        self.assertEqual(self.statuses("sealed.test/", "ok.test/"), [403, 200])


if __name__ == "__main__":
    unittest.main()
