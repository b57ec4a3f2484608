"""A backup of a whole school, what is in it and what never is, and the way back: after a wipe, beside a running proxy, and after an end
in the middle."""
import glob
import gzip
import itertools
import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import tarfile
import threading
import unittest
import urllib.parse

import origins
import test_guides
from harness import BUILT, Proxy, as_nobody, free_port, program, wait_until
from test_web import PASSWORD, Browser

SHIM = os.path.join(os.path.dirname(BUILT), "tests", "killing_rename.so")


class School(unittest.TestCase):
    """A school with an authority, an overlay, accounts, figures."""

    def setUp(self):
        self.origin = origins.Recorder()
        self.web = None
        self.proxy = Proxy(ports=[self.origin.port], https="block-page")
        self.addCleanup(self.proxy.close)
        self.addCleanup(self.stop_pages)
        self.port = free_port()
        text = self.proxy.read("schoolgate.yaml")
        self.proxy.write("schoolgate.yaml", text.replace("listen:\n", f'listen:\n  admin: {{address: "127.0.0.1:{self.port}"}}\n'))
        self.outside = self.proxy.folder + "-kept"
        os.makedirs(self.outside, exist_ok=True)
        self.addCleanup(shutil.rmtree, self.outside, True)
        if os.geteuid() == 0:
            os.chown(self.outside, 65534, 65534)
        self.accounts = self.proxy.path("state/accounts")

    def start(self):
        self.proxy.start("--state", self.proxy.path("state"))
        return self.proxy

    def command(self, *words, code=0, **more):
        more = {"input": "", "env": os.environ, **more}
        done = subprocess.run([program(), *words, "--config", self.proxy.config], capture_output=True, text=True, timeout=120, check=False,
                              **as_nobody(), **more)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def backup(self, name, *words, code=0, **more):
        path = os.path.join(self.outside, name)
        done = self.command("backup", "--accounts", self.accounts, "-o", path, *words, code=code, **more)
        return path if code == 0 else done

    def restore(self, path, *words, code=0, **more):
        return self.command("restore", path, "--accounts", self.accounts, *words, code=code, **more)

    def key(self):
        """A key of `age`: its file, and what to encrypt for."""
        path = os.path.join(self.outside, "key.txt")
        subprocess.run(["age-keygen", "-o", path], check=True, capture_output=True, **as_nobody())
        with open(path, encoding="utf-8") as text:
            return path, re.search(r"age1\w+", text.read())[0]

    def live(self):
        """Requests that are counted, a pin that is laid over, an account with a password."""
        self.start()
        self.assertEqual(self.proxy.curl(f"http://ok.test:{self.origin.port}/").status, 200)
        self.assertEqual(self.proxy.curl(f"http://blocked.test:{self.origin.port}/").status, 403)
        self.command("pin", f"http://ok.test:{self.origin.port}/", "--tier", "pupil", "--why", "used each Monday")
        made = self.command("user", "add", "lan", "--role", "head", "--accounts", self.accounts)
        self.start_pages()
        path = re.search(r"/first\?code=[0-9a-f]{64}", made.stdout).group(0)
        words = urllib.parse.quote_plus(PASSWORD)
        self.assertEqual(Browser(self.port).ask("POST", "/first", f"code={path[-64:]}&password={words}&again={words}").status, 303)
        self.stop_pages()
        self.proxy.log_rows(wanted=2)
        self.assertTrue(wait_until(lambda: os.path.exists(self.proxy.path("log/totals.db")) and self.figures()))

    def start_pages(self):
        self.web = subprocess.Popen([program(), "web", "--config", self.proxy.config, "--accounts", self.accounts],
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **as_nobody())
        self.assertIn("pages", self.web.stdout.readline())

    def stop_pages(self):
        if self.web:
            self.web.terminate()
            self.web.wait(30)
            self.web.stdout.close()
            self.web = None

    def sign_in(self):
        """The status of signing in with the password."""
        self.start_pages()
        words = urllib.parse.quote_plus(PASSWORD)
        answer = Browser(self.port).ask("POST", "/sign-in", f"account=lan&password={words}")
        self.stop_pages()
        return answer.status

    def figures(self):
        done = subprocess.run(["sqlite3", "-readonly", self.proxy.path("log/totals.db"),
                               "SELECT hour, tier, action, sum(requests) FROM totals GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"],
                              capture_output=True, text=True, check=False, **as_nobody())
        return done.stdout

    def wipe(self):
        self.proxy.stop()
        for name in os.listdir(self.proxy.folder):
            path = self.proxy.path(name)
            shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.remove(path)

    def events(self, what):
        rows = self.command("log", "--events", "--json", "--limit", "0").stdout.splitlines()
        return [row for row in map(json.loads, rows) if row.get("what") == what]

    def trusts(self, authority):
        """Whether a blocked https site shows its page under that authority."""
        page = self.proxy.curl("https://blocked.test/", "--cacert", authority)
        return page.exit_code == 0 and page.status == 403


class RestoreDrill(School):
    def test_a_school_that_was_wiped_answers_as_before(self):
        self.live()
        identity, recipient = self.key()
        authority = os.path.join(self.outside, "ca.crt")
        shutil.copy(self.proxy.ca, authority)
        self.assertTrue(self.trusts(authority))
        self.proxy.stop()
        figures, history = self.figures(), self.command("policy", "history", "--state", self.proxy.path("state")).stdout
        key_line = self.proxy.read("log/pseudonym.key").splitlines()[-1]
        saved = self.backup("school.age", "--keys", "--recipient", recipient)
        with open(saved, "rb") as source:
            self.assertTrue(source.read().startswith(b"age-encryption.org/v1"))
        self.assertEqual(stat.S_IMODE(os.stat(saved).st_mode), 0o600)

        self.wipe()
        shown = self.restore(saved, "--identity", identity, "--dry-run")
        self.assertIn("Nothing was changed", shown.stdout)
        self.assertEqual(os.listdir(self.proxy.folder), [])
        done = self.restore(saved, "--identity", identity, "--yes")
        self.assertIn("The proxy does not run", done.stdout)
        self.assertEqual(self.figures(), figures)
        self.assertEqual(self.command("policy", "history", "--state", self.proxy.path("state")).stdout, history)
        self.assertIn(key_line, self.proxy.read("log/pseudonym.key"))
        self.assertEqual(stat.S_IMODE(os.stat(self.proxy.path("log/pseudonym.key")).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(self.proxy.path("ca/ca.key")).st_mode), 0o600)

        self.start()
        self.assertEqual(self.proxy.curl(f"http://ok.test:{self.origin.port}/").status, 200)
        page = self.proxy.curl(f"http://blocked.test:{self.origin.port}/")
        self.assertEqual(page.status, 403)
        self.assertTrue(self.trusts(authority))
        self.assertIn("used each Monday", self.proxy.read("state/policy/current/pins.yaml"))
        self.assertEqual(self.sign_in(), 303)
        restored = self.events("restored")
        self.assertEqual(len(restored), 1)

    def test_without_keys_no_key_is_in_it_and_another_authority_is_made(self):
        self.live()
        authority = os.path.join(self.outside, "ca.crt")
        shutil.copy(self.proxy.ca, authority)
        with open(self.proxy.path("log/pseudonym.key"), encoding="utf-8") as source:
            secret = source.read().split()[-1]
        saved = self.backup("school.tar.gz")  # while it runs
        with tarfile.open(saved) as archive:
            names = archive.getnames()
            everything = b"".join(archive.extractfile(name).read() for name in names)
        self.assertEqual(names[0], "manifest")
        self.assertEqual(names[1:], sorted(names[1:]))
        for never in ("ca.key", "ca.crt", "accounts", "pseudonym", "access-", "safeguarding", "keys/"):
            self.assertFalse([name for name in names if never in name], never)
        for never in (b"PRIVATE KEY", secret.encode(), b"$y$", b"HS-"):
            self.assertNotIn(never, everything)
        self.assertIn("log/totals.db", names)
        self.wipe()
        done = self.restore(saved, "--yes")
        self.assertIn("Not in this backup, and not on this machine: config/ca/ca.key", done.stdout)
        with self.assertRaises(RuntimeError):
            self.start()
        self.command("ca", "create", "--user", "nobody")
        self.start()
        self.assertTrue(self.trusts(self.proxy.ca))
        self.assertFalse(self.trusts(authority))
        self.assertNotEqual(self.sign_in(), 303)


class Secrets(School):
    """The password of the mail server: where it lies, and what is said of it."""

    def named(self, place, mode):
        text = self.proxy.read("schoolgate.yaml")
        self.proxy.write("schoolgate.yaml", text + "alerts: {mail: {server: smtp.test, user: gate, from: a@b.test, to: [c@b.test], "
                         f"password_file: {place}}}}}\n")
        path = self.proxy.path(place)
        with open(path, "w", encoding="utf-8") as out:
            out.write("the-mail-s-password\n")
        os.chmod(path, mode)
        if os.geteuid() == 0:
            os.chown(path, 65534, 65534)
        return path

    def everything(self, path):
        with tarfile.open(path) as archive:
            return b"".join(archive.extractfile(name).read() for name in archive.getnames())

    def test_a_main_file_with_an_error_makes_no_backup(self):
        """Others can read the password, which is an error: what the section names is not known, and nothing of it is taken for a file like
        others."""
        path = self.named("mail.password", 0o644)
        for words in ([], ["--list"]):
            refused = self.backup("school.tar.gz", *words, code=3)
            self.assertIn("SG1551", refused.stderr)
            self.assertIn("not certain which files hold keys and passwords", refused.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.outside, "school.tar.gz")))
        os.chmod(path, 0o600)
        self.assertNotIn(b"the-mail-s-password", self.everything(self.backup("school.tar.gz")))
        identity, recipient = self.key()
        opened = os.path.join(self.outside, "opened.tar.gz")
        subprocess.run(["age", "--decrypt", "--identity", identity, "-o", opened, self.backup("school.age", "--keys", "--recipient", recipient)],
                       check=True)
        self.assertIn(b"the-mail-s-password", self.everything(opened))

    def test_a_list_file_with_an_error_does_not_hinder_one(self):
        self.proxy.write("lists.d/own.yaml", "version: 1\nlists: [\n")
        self.backup("school.tar.gz")

    def test_keys_that_lie_elsewhere_are_named(self):
        password = self.named(os.path.join(self.outside, "mail.password"), 0o600)
        state = os.path.join(self.outside, "state")
        key = os.path.join(state, "ca/ca.key")
        text = self.proxy.read("schoolgate.yaml").replace("state_directory: state", f"state_directory: {state}")
        self.proxy.write("schoolgate.yaml", text + f"https: {{ca: {state}/ca}}\n")
        os.makedirs(os.path.dirname(key))
        with open(key, "w", encoding="utf-8") as out:
            out.write("a key")
        for words in ([], ["--keys", "--recipient", self.key()[1]]):
            said = self.command("backup", "--accounts", self.accounts, "-o", os.path.join(self.outside, f"school{len(words)}"), *words).stderr
            for path in (password, key):
                self.assertIn(f"{path} is named in the configuration and lies elsewhere: it is not in the backup", said)


class Meanwhile(School):
    def test_the_policy_changes_while_a_backup_is_made(self):
        """It holds the policy of one moment, whole."""
        self.start()
        self.command("pin", f"http://ok.test:{self.origin.port}/", "--tier", "pupil", "--why", "the first")
        self.proxy.write("lists/long.txt", "# a line\n" * 2_000_000)
        stop, failed = threading.Event(), []

        def change():
            for number in itertools.count():
                if stop.is_set():
                    return
                done = subprocess.run([program(), "pin", f"http://ok.test:{self.origin.port}/{number}", "--tier", "pupil", "--why", "x", "--config",
                                       self.proxy.config], capture_output=True, text=True, check=False, **as_nobody())
                if done.returncode != 0:
                    failed.append(done.stdout + done.stderr)
        changer = threading.Thread(target=change)
        changer.start()
        try:
            for number in range(8):
                with tarfile.open(self.backup(f"school{number}.tar.gz")) as archive:
                    self.assertLessEqual({"state/policy/.laid", "state/policy/pins.yaml"}, set(archive.getnames()))
                self.restore(os.path.join(self.outside, f"school{number}.tar.gz"), "--dry-run")
        finally:
            stop.set()
            changer.join()
        self.assertEqual(failed, [])


class Restore(School):
    def test_what_the_guides_type(self):
        """With a key that `age-keygen` made, and its two files where the guides have them."""
        self.start()
        identity, recipient = self.key()
        public = os.path.join(self.outside, "backup.pub")
        with open(public, "w", encoding="utf-8") as out:
            out.write(recipient + "\n")
        for guide in ("en/admin.md", "vi/quan-tri.md"):
            lines = [line for line in test_guides.commands(test_guides.read(os.path.join(test_guides.DOCS, guide)))
                     if re.match(r"sudo schoolgate (backup|restore) .*school\.age$", line)]
            self.assertEqual(len(lines), 2)
            for line in lines:
                line = line.replace("/root/backup.pub", public).replace("/mnt/usb/backup.key", identity)
                self.command(*shlex.split(line.replace("school.age", os.path.join(self.outside, guide[:2] + ".age")))[2:],
                             "--accounts", self.accounts, input="yes\n")

    def test_for_a_key_that_is_not_named(self):
        self.start()
        saved = self.backup("school.age", "--keys", "--recipient", self.key()[1])
        self.assertIn("--identity and the file of the private key", self.restore(saved, "--yes", code=1).stderr)

    def test_on_a_machine_that_is_no_gateway_yet(self):
        """What setup wrote elsewhere is in no backup: restore names it, and what brings it back."""
        there, gone = self.proxy.path("schoolgate.yaml"), os.path.join(self.outside, "schoolgate-gateway.service")
        self.proxy.write("state/setup/answers", "")
        self.proxy.write("state/setup/written", "".join(f"{'0' * 64} {path}\n" for path in (there, gone)))
        saved = self.backup("school.tar.gz")
        said = self.restore(saved, "--yes").stdout
        self.assertIn(f"! {gone}\n", said)
        self.assertNotIn(f"! {there}\n", said)
        self.assertIn("schoolgate setup (Enter keeps each answer)", said)
        with open(gone, "wb"):
            pass
        self.assertNotIn("schoolgate setup", self.restore(saved, "--yes").stdout)

    def test_beside_a_running_proxy_it_shows_asks_and_the_proxy_takes_it(self):
        self.live()
        saved = self.backup("school.tar.gz")
        tier = self.proxy.read("tiers.d/pupil.yaml")
        self.proxy.write("tiers.d/pupil.yaml", tier.replace("  - mixed.test/secret\n", ""))
        self.proxy.write("lists/more.txt", "more.test\n")
        self.command("reload")
        secret = f"http://mixed.test:{self.origin.port}/secret"
        self.assertEqual(self.proxy.curl(secret).status, 200)
        no = self.restore(saved, code=1, input="no\n")
        self.assertIn("~ config/tiers.d/pupil.yaml", no.stdout)
        self.assertIn("- config/lists/more.txt", no.stdout)
        self.assertIn("nothing was changed", no.stderr)
        self.restore(saved, code=1)  # the end of the input is no yes
        self.assertEqual(self.proxy.curl(secret).status, 200)
        yes = self.restore(saved, input="yes\n")
        self.assertIn("The running proxy took it", yes.stdout)
        self.assertEqual(self.proxy.curl(secret).status, 403)
        aside = re.search(r"before: (\S+)", yes.stdout)[1]
        with open(os.path.join(aside, "lists/more.txt"), encoding="utf-8") as source:
            self.assertEqual(source.read(), "more.test\n")
        self.assertFalse(os.path.exists(self.proxy.path("lists/more.txt")))
        self.assertTrue(os.path.exists(self.proxy.path("ca/ca.key")), "secrets of the machine stay")

    def test_retention_is_never_loosened(self):
        self.start()
        text = self.proxy.read("schoolgate.yaml")
        self.proxy.write("schoolgate.yaml", text.replace("log: {", "log: {keep_days: 300, min_days: 30, "))
        saved = self.backup("school.tar.gz")
        self.proxy.write("schoolgate.yaml", text.replace("log: {", "log: {keep_days: 60, min_days: 45, "))
        done = self.restore(saved, "--yes")
        self.assertIn("log: keep_days: 60 on this machine, 300 in the backup; the stricter one will hold: 60", done.stdout)
        self.assertIn("log: min_days: 45 on this machine, 30 in the backup; the stricter one will hold: 45", done.stdout)
        self.assertIn("keep_days: 60, min_days: 45", self.proxy.read("schoolgate.yaml"))

    def test_retention_of_a_machine_whose_file_is_broken(self):
        """Never accepted, and broken: what a line of it says holds all the same."""
        text = self.proxy.read("schoolgate.yaml")
        self.proxy.write("schoolgate.yaml", text.replace("log: {", "log: {keep_days: 300, "))
        saved = self.backup("school.tar.gz")
        self.proxy.write("schoolgate.yaml", text.replace("log: {", "log: {keep_days: 60, ") + "who: [\n")
        self.restore(saved, "--yes")
        self.assertIn("keep_days: 60", self.proxy.read("schoolgate.yaml"))

    def test_what_is_refused_changes_nothing(self):
        self.start()
        saved = self.backup("school.tar.gz")
        before = self.proxy.read("schoolgate.yaml")
        with open(saved, "rb") as source:
            whole = source.read()
        damaged = os.path.join(self.outside, "damaged.tar.gz")
        # A byte of what a file holds: one between two files says nothing, and nobody misses it (archive_test).
        other = gzip.compress(gzip.decompress(whole).replace(b"voice: pupils", b"voice: adults", 1))
        for bytes_of_it, says in ((other, "config/tiers.d/pupil.yaml in it is not as it was written"), (whole[:len(whole) // 3], "is not used"),
                                  (whole[:-20], "is not used"), (b"", "it is no backup")):
            with open(damaged, "wb") as out:
                out.write(bytes_of_it)
            self.assertIn(says, self.restore(damaged, "--yes", code=1).stderr)
        self.assertIn("is there already", self.backup("school.tar.gz", code=1).stderr)
        # One that does not load: a tier that extends none.
        self.proxy.write("tiers.d/pupil.yaml", self.proxy.read("tiers.d/pupil.yaml") + "extends: nobody\n")
        broken = self.backup("broken.tar.gz")
        refused = self.restore(broken, "--yes", code=3)
        self.assertIn(self.proxy.path("tiers.d/pupil.yaml"), refused.stderr)
        self.assertIn("does not load: nothing was changed", refused.stderr)
        self.assertEqual(self.proxy.read("schoolgate.yaml"), before)
        # Of another place.
        other = Proxy()
        self.addCleanup(other.close)
        done = subprocess.run([program(), "restore", saved, "--yes", "--config", other.config], capture_output=True, text=True, check=False,
                              **as_nobody())
        self.assertEqual(done.returncode, 1)
        self.assertIn("this backup is of " + self.proxy.config, done.stderr)
        # No `age`.
        self.assertIn("`age` is not installed", self.backup("keys.age", "--keys", "--recipient", "age1x", code=1,
                                                            env={**os.environ, "PATH": "/nonexistent"}).stderr)
        self.assertFalse(os.path.exists(os.path.join(self.outside, "keys.age")))

    def test_killed_anywhere_the_old_rules_or_the_new(self):
        shim = os.path.join(self.outside, "killing_rename.so")
        shutil.copy(SHIM, shim)
        os.chmod(shim, 0o755)
        self.start()
        secret = f"http://mixed.test:{self.origin.port}/secret"
        self.assertEqual(self.proxy.curl(secret).status, 403)
        tier = self.proxy.read("tiers.d/pupil.yaml")
        saved = self.backup("school.tar.gz")
        for kill_at in (1, 2, 7, 14):
            with self.subTest(kill_at=kill_at):
                self.proxy.write("tiers.d/pupil.yaml", tier.replace("  - mixed.test/secret\n", ""))
                self.command("reload")
                self.assertEqual(self.proxy.curl(secret).status, 200)
                self.restore(saved, "--yes", code=-9, env={**os.environ, "LD_PRELOAD": shim, "KILL_AT_RENAME": str(kill_at)})
                self.assertIn("SG1710", self.command("reload", code=3).stdout)
                said = self.command("check", code=3)
                self.assertIn("SG1710", said.stdout + said.stderr)
                self.proxy.stop()
                self.start()  # with what was accepted last
                self.assertEqual(self.proxy.curl(secret).status, 200)
                self.assertIn("restore --finish", self.restore(saved, "--yes", code=1).stderr)
                self.command("restore", "--finish")
                self.command("check")
                self.command("reload")
                self.assertEqual(self.proxy.curl(secret).status, 403)
        self.command("restore", "--finish", code=1)


@unittest.skipUnless(os.geteuid() == 0, "files of several owners are made by root")
class RestoreByRoot(School):
    def test_every_file_belongs_again_to_whom_it_did(self):
        self.proxy.write("schoolgate.yaml", self.proxy.read("schoolgate.yaml").replace("control.sock", "state/control.sock"))
        self.start()
        self.command("pin", "http://games.test/", "--tier", "pupil", "--why", "a lesson")
        self.assertTrue(wait_until(lambda: os.path.exists(self.proxy.path("log/totals.db"))))
        self.proxy.stop()
        own = self.proxy.folder
        os.chmod(own, 0o755)
        subprocess.run(f"chown root:root {own} {own}/*.yaml; chown -R root:root {own}/tiers.d {own}/lists", shell=True, check=True)

        def owners():
            """Of all but what was set aside, and what the next start makes."""
            return {os.path.relpath(path, own): (os.lstat(path).st_uid, stat.S_IMODE(os.lstat(path).st_mode))
                    for pattern in ("*", "tiers.d/*", "lists/*", "ca/*", "state/last-good/*", "log/totals.db") for path in glob.glob(own + "/" + pattern)
                    if "output.txt" not in path}
        before = owners()
        saved = own + ".tar.gz"
        self.addCleanup(os.remove, saved)

        def as_root(*words):
            done = subprocess.run([program(), *words, "--config", self.proxy.config], capture_output=True, text=True, input="", check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            return done
        as_root("backup", "-o", saved)
        os.remove(self.proxy.path("lists/games.txt"))
        for name in ("state/policy", "state/last-good"):
            shutil.rmtree(self.proxy.path(name))
        for path in glob.glob(self.proxy.path("log/totals.db*")):
            os.remove(path)
        as_root("restore", saved, "--yes")
        self.assertEqual(owners(), before)
        self.assertEqual({os.lstat(path).st_uid for path in glob.glob(own + "/state/policy/*")}, {65534})
        self.start()
        self.assertEqual(self.proxy.curl(f"http://blocked.test:{self.origin.port}/").status, 403)
        self.assertEqual(len(self.events("restored")), 1)
        self.assertIn("a lesson", self.proxy.read("state/policy/current/pins.yaml"))


class EveryFile(School):
    def test_every_file_of_an_installation_has_its_class(self):
        self.live()
        self.proxy.curl(f"http://sad.test:{self.origin.port}/")
        self.proxy.log_rows(wanted=2)
        self.assertTrue(wait_until(lambda: glob.glob(self.proxy.path("log/safeguarding-*.db"))))
        listed = {row["file"]: row for row in
                  json.loads(self.command("backup", "--list", "--json", "--accounts", self.accounts).stdout)}
        unknown = [name for name, row in listed.items() if row["class"] == "unknown"]
        self.assertEqual(unknown, [])
        there = {os.path.join(folder, name) for folder, _, names in os.walk(self.proxy.folder) for name in names}
        self.assertEqual({name for name in there - set(listed) if os.path.lexists(name)}, set())
        by_class = {}
        for name, row in listed.items():
            by_class.setdefault(row["class"], set()).add(os.path.relpath(name, self.proxy.folder))
        self.assertIn("ca/ca.key", by_class["secret"])
        self.assertIn("state/accounts", by_class["secret"])
        self.assertIn("log/pseudonym.key", by_class["month_key"])
        self.assertIn("log/totals.db", by_class["totals"])
        self.assertIn("schoolgate.yaml", by_class["config"])
        self.assertTrue(any(name.startswith("state/policy/") for name in by_class["policy"]))
        self.assertTrue(any(name.startswith("state/last-good/") for name in by_class["history"]))
        self.assertTrue(any(name.startswith("log/safeguarding-") for name in by_class["rows"]))
        self.assertLessEqual({"log/seal.key", "log/seal.pub", "log/seals.db", "log/seals-safeguarding.db"}, by_class["seals"])
        for what in ("rows", "seals", "made_anew", "secret", "month_key"):
            self.assertFalse(any(listed[self.proxy.path(name)]["held"] for name in by_class[what]), what)


if __name__ == "__main__":
    unittest.main()
