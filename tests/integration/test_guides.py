"""The guides in packaging/docs: each command of schoolgate in them is run on the shipped configuration, each piece of a configuration is
loaded, each file and test they name is there, and both languages type the same."""
import glob
import importlib.machinery
import importlib.util
import os
import pwd
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest
import zipfile

from harness import NOBODY, ROOT, Proxy, _folder, as_nobody, free_port, program

DOCS = os.path.join(ROOT, "packaging/docs")
PAIRS = (("en/admin.md", "vi/quan-tri.md"), ("en/teacher.md", "vi/giao-vien.md"), ("en/auditor.md", "vi/kiem-tra.md"),
         ("en/safeguarding.md", "vi/an-toan-hoc-sinh.md"), ("en/head.md", "vi/hieu-truong.md"),
         ("en/data-protection.md", "vi/bao-ve-du-lieu.md"),
         ("en/regulation.md", "vi/quy-che.md"), ("en/config-reference.md", "vi/tham-chieu-cau-hinh.md"))
# What only a gateway has: `tools/dev field` installs the package and drives its service; test_transparent loads the rules.
OF_A_GATEWAY = ("tools/dev deb", "sudo apt install ./build/deb/schoolgate_*.deb", "sudo systemctl status schoolgate",
                "sudo schoolgate gateway rules --check", "sudo sh -c 'schoolgate gateway rules > /etc/schoolgate/gateway.nft'",
                "sudo nft -f /etc/schoolgate/gateway.nft", "sudo apt install nftables dnsmasq", "sudo schoolgate setup",
                "sudo schoolgate setup --phone \"0280 123 456\" --dry-run",  # test_setup types these three
                "sudo schoolgate setup --phone \"0280 123 456\"",
                # test_floor does what these two do.
                "sudo install -o root -g root -m 0644 /media/usb/authority.pub /etc/schoolgate/floor_keys",
                "sudo install -o root -g schoolgate -m 0640 /media/usb/floor.sealed /media/usb/floor.sealed.minisig /etc/schoolgate/",
                # Asks a folder of the user schoolgate-web; test_web runs both commands.
                "sudo schoolgate backup --keys --recipient /root/backup.pub -o school.age",  # test_backup has such keys
                "sudo schoolgate restore --identity /mnt/usb/backup.key school.age",
                "sudo schoolgate user add nam --role admin", "sudo systemctl enable --now schoolgate-web")


def read(path):
    with open(path, encoding="utf-8") as source:
        return source.read()


def blocks(text):
    """The indented blocks of a guide, without their indent."""
    found, block = [], []
    for line in [*text.split("\n"), "end"]:
        if line.startswith("    ") or (block and not line):
            block.append(line[4:])
        elif block:
            found.append("\n".join(block).strip("\n") + "\n")
            block = []
    return found


def commands(text):
    return [line for block in blocks(text) if re.match(r"(sudo|schoolgate|tools/)", block) for line in block.splitlines()]


def pieces(text):
    return [block for block in blocks(text) if not re.match(r"(sudo|schoolgate|tools/)", block)]


class Shipped(Proxy):
    """The shipped configuration in a folder of its own, with a small collection to import."""

    def write_config(self, ports, timeouts, limits, extra, clients, hosts):
        shutil.copytree(os.path.join(ROOT, "config/defaults"), self.folder, dirs_exist_ok=True)
        text = read(os.path.join(ROOT, "config/defaults/quickstart.yaml"))
        redirected = f'{{http: ["0.0.0.0:{free_port()}"], tls: ["0.0.0.0:{free_port()}"]}}'
        text = re.sub(r"(?m)^  proxy: .*", f'  proxy: ["127.0.0.1:{self.port}"]\n  transparent: {redirected}', text)
        text = re.sub(r"(?m)^log: .*", "log: {directory: log, key_file: state/pseudonym.keys, keep_days: 30}", text)
        text = re.sub(r"(?m)^state_directory: .*", "state_directory: state", text)
        text = re.sub(r"(?m)^control_socket: .*", "control_socket: control.sock", text)
        text = text.replace("who:\n", 'who:\n  - {network: 10.99.0.0/24, tier: thcs, label: "Phòng máy 1"}\n')
        self.write("schoolgate.yaml", text)
        self.write("usb/decision.csv", "no,URL\n1,http://unlawful.example/page\n")
        with zipfile.ZipFile(self.path("usb/csam.xlsx"), "w") as book:
            book.writestr("xl/workbook.xml", '<workbook xmlns:r="r"><sheets><sheet name="1" sheetId="1" r:id="a"/></sheets></workbook>')
            book.writestr("xl/_rels/workbook.xml.rels", '<Relationships><Relationship Id="a" Target="worksheets/sheet1.xml"/></Relationships>')
            book.writestr("xl/worksheets/sheet1.xml", '<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>csam.example</t></is>'
                          '</c></row></sheetData></worksheet>')
        subprocess.run(["minisign", "-G", "-W", "-p", self.path("usb/authority.pub"), "-s", self.path("usb/authority.key")], check=True,
                       capture_output=True)
        self.write("ut1/games/domains", "".join(f"game{i}.example\n" for i in range(30)))
        account = pwd.getpwuid(NOBODY if os.geteuid() == 0 else os.getuid()).pw_name  # who types what the guides say
        self.write("delegation.yaml", "version: 1\nteachers:\n"
                   f"  - {{account: {account}, tiers: [thcs], open: [games], block: [social], lines: true, unknown: true, "
                   "rooms: [\"Phòng máy 1\"]}\n")
        for folder in ("state", "log"):
            os.makedirs(self.path(folder), exist_ok=True)
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "nobody", self.folder], check=True)
        return self.path("schoolgate.yaml")


class Guides(unittest.TestCase):
    LONG = True

    @classmethod
    def setUpClass(cls):
        cls.proxy = Shipped().start()
        cls.proxy.curl("http://gambling.schoolgate.test/")
        cls.code = cls.proxy.log_rows()[-1]["code"]

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()

    def run_line(self, line):
        line = line.removeprefix("sudo ").replace("7KQ2-M4XH", self.code)
        line = line.replace("/var/lib/schoolgate/lists/ut1", self.proxy.path("ut1")).replace("/media/usb", self.proxy.path("usb"))
        words = shlex.split(line, comments=True)
        self.assertEqual(words[0], "schoolgate")
        return subprocess.run([program(), *words[1:]], capture_output=True, text=True, timeout=60, cwd=self.proxy.folder,
                              env={**os.environ, "SCHOOLGATE_CONFIG": self.proxy.config}, **as_nobody())

    def test_every_command_works(self):
        for pair in PAIRS:
            for guide in pair:
                for line in commands(read(os.path.join(DOCS, guide))):
                    # test_cases has a case, test_wishes a report.
                    if line in OF_A_GATEWAY or line.startswith("sudo schoolgate cases") or "BN-" in line:
                        continue
                    if "ca create" in line:
                        shutil.rmtree(self.proxy.path("ca"), ignore_errors=True)
                    if "setup pcs" in line:
                        shutil.rmtree(self.proxy.path("pcs"), ignore_errors=True)
                    if "--out week.jsonl" in line and os.path.exists(self.proxy.path("week.jsonl")):
                        os.remove(self.proxy.path("week.jsonl"))
                    if "backup -o" in line and os.path.exists(self.proxy.path("school.tar.gz")):
                        os.remove(self.proxy.path("school.tar.gz"))
                    with self.subTest(guide=guide, line=line):
                        done = self.run_line(line)
                        # What doctor finds of this machine is no mistake of the guide.
                        self.assertIn(done.returncode, (0, 1) if "doctor" in line else (0,), done.stdout + done.stderr)

    def test_commands_within_sentences_are_known(self):
        for guide in glob.glob(DOCS + "/*/*.md"):
            for line in re.findall(r"`((?:sudo )?schoolgate [^`]+)`", read(guide)):
                with self.subTest(guide=guide, line=line):
                    words = line.split(" --help")[0] + " --help"  # in a sentence stands a name, not the whole of it
                    self.assertEqual(self.run_line(words.replace(" --out --help", " --help")).returncode, 0)

    def test_pieces_of_a_configuration_load(self):
        for pair in PAIRS:
            for guide in pair:
                for piece in pieces(read(os.path.join(DOCS, guide))):
                    with self.subTest(guide=guide, piece=piece), tempfile.TemporaryDirectory(dir=_folder) as folder:
                        shutil.copytree(os.path.join(ROOT, "config/defaults"), folder, dirs_exist_ok=True)
                        main = read(os.path.join(folder, "quickstart.yaml"))
                        if piece.startswith("who:"):
                            main = re.sub(r"(?ms)^who:\n(  .*?\n)+unknown_tier: .*?\n", piece, main)
                            self.assertIn(piece, main)
                        elif piece.startswith("teachers:"):
                            main = main.replace("who:\n", 'who:\n  - {network: 10.99.0.0/24, tier: thcs, label: "Phòng máy 1"}\n')
                            with open(os.path.join(folder, "delegation.yaml"), "w", encoding="utf-8") as delegation:
                                delegation.write("version: 1\n" + piece)
                        elif piece.startswith(("vi:", "en:")):
                            with open(os.path.join(folder, "pages.yaml"), "w", encoding="utf-8") as pages:
                                pages.write("version: 1\n" + piece)
                        elif piece.startswith("listen:"):
                            main = re.sub(r"(?m)^listen:\n(  .*\n)+", lambda _, new=piece: new, main)
                            self.assertIn(piece, main)
                        elif piece.startswith(("gateway:", "alerts:")):
                            main += piece
                        else:
                            with open(os.path.join(folder, "tiers.d/99-probe.yaml"), "w", encoding="utf-8") as tier:
                                tier.write("version: 1\ntier: probe\nname: Probe\nextends: thcs\n" + piece)
                        with open(os.path.join(folder, "schoolgate.yaml"), "w", encoding="utf-8") as out:
                            out.write(main)
                        if piece.startswith("https:"):
                            made = subprocess.run([program(), "ca", "create", "--user", "nobody", "--config", os.path.join(folder, "schoolgate.yaml")],
                                                  capture_output=True, text=True, timeout=60)
                            self.assertEqual(made.returncode, 0, made.stdout + made.stderr)
                        done = subprocess.run([program(), "check", "--config", os.path.join(folder, "schoolgate.yaml")],
                                              capture_output=True, text=True, timeout=60)
                        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_both_languages_type_the_same(self):
        for english, vietnamese in PAIRS:
            self.assertEqual(commands(read(os.path.join(DOCS, english))), commands(read(os.path.join(DOCS, vietnamese))))
        self.assertEqual(sorted(sum(PAIRS, ())), sorted(os.path.relpath(p, DOCS) for p in glob.glob(DOCS + "/*/*.md")))

    def test_the_reference_is_what_the_schemas_say(self):
        loader = importlib.machinery.SourceFileLoader("config_reference", os.path.join(ROOT, "tools/config_reference"))
        reference = importlib.util.module_from_spec(importlib.util.spec_from_loader("config_reference", loader))
        loader.exec_module(reference)
        for language, name in reference.PAGES.items():
            with self.subTest(name):
                self.assertTrue(reference.page(program(), language) == read(os.path.join(ROOT, name)), "tools/config_reference makes it anew")

    def test_each_line_of_what_never_fails_open_has_its_test(self):
        """... which test_what_they_name_is_there looks for; the same in both languages."""
        named = {}
        for guide in PAIRS[0]:
            section = re.search(r"(?ms)^## 8\. .*?(?=^## )", read(os.path.join(DOCS, guide)))[0]
            rows = [row.strip("|").split("|")[-1] for row in re.findall(r"(?m)^\|.*\|$", section)][2:]
            self.assertGreater(len(rows), 15)
            for row in rows:
                self.assertRegex(row, r"`test_\w+\.\w+\.test_\w+`")
            named[guide] = rows
        self.assertEqual(*named.values())

    def test_what_they_name_is_there(self):
        for guide in glob.glob(DOCS + "/*/*.md"):
            text = read(guide)
            for name in re.findall(r"`(test_\w+\.\w+\.\w+)`", text):
                with self.subTest(guide=guide, test=name):
                    module, case, test = name.split(".")
                    source = read(os.path.join(ROOT, "tests/integration", module + ".py"))
                    self.assertRegex(source, rf"(?ms)^class {case}\(.*?^    def {test}\(self")
            for name in re.findall(r"`tools/dev field (\w+)`", text):
                with self.subTest(guide=guide, stage=name):
                    self.assertTrue(re.search(rf"(?m)^def {name}\(\)", read(os.path.join(ROOT, "tests/packaging/stages.py"))))
            for name in re.findall(r"!\[[^\]]+\]\(\.\./([^)]+)\)", text):
                with self.subTest(guide=guide, picture=name):
                    self.assertTrue(os.path.exists(os.path.join(DOCS, name)))
                    self.assertIn(f"packaging/docs/{name}\n", read(os.path.join(ROOT, "packaging/debian/schoolgate.docs")))
            for name in re.findall(r"/etc/schoolgate/([\w./-]+\.yaml)", text):
                with self.subTest(guide=guide, file=name):
                    self.assertTrue(os.path.exists(os.path.join(ROOT, "config/defaults", name)))


if __name__ == "__main__":
    unittest.main()
