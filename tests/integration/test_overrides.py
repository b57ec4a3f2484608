"""For this lesson: what teachers open and block over their own socket, by the machine's own users and groups, in a mount namespace with
files of users of its own; and that this socket gives them nothing else."""
import json
import os
import shutil
import subprocess
import unittest

from harness import Proxy, program, wait_until

GROUP = "schoolgate-teachers"
GROUP_ID, LAN, HOA, CLERK = 45880, 45881, 45882, 45883  # nobody's on the machine itself
MOUNTED = 'mount --bind "$1" /etc/passwd && mount --bind "$2" /etc/group && shift 2 && exec "$@"'
DELEGATION = """version: 1
teachers:
  - {account: lan, tiers: [pupil], open: [games, gambling], block: [games], open_minutes_max: 60}
"""


def can_mount():
    return os.geteuid() == 0 and shutil.which("setpriv") and subprocess.run(
        ["unshare", "--mount", "mount", "--bind", "/etc/group", "/etc/group"], check=False, capture_output=True).returncode == 0


@unittest.skipUnless(can_mount(), "users of its own are given to a mount namespace by root, with setpriv of util-linux")
class Teachers(unittest.TestCase):
    """A running proxy, and accounts of a machine: lan and hoa may ask, lan alone has something to do, clerk may not ask."""

    def make_proxy(self):
        return Proxy()

    def setUp(self):
        self.proxy = self.make_proxy()
        self.addCleanup(self.proxy.close)
        os.chmod(self.proxy.folder, 0o755)  # as /etc/schoolgate and /run/schoolgate are
        self.proxy.write("tiers.d/pupil.yaml", self.proxy.read("tiers.d/pupil.yaml") + "may_override: [games, gambling]\n")
        self.proxy.write("delegation.yaml", DELEGATION)
        accounts = {"lan": LAN, "hoa": HOA, "clerk": CLERK}
        self.users("passwd", *(f"{name}:x:{number}:{number}::/:/bin/sh" for name, number in accounts.items()))
        self.users("group", f"{GROUP}:x:{GROUP_ID}:lan,hoa", *(f"{name}:x:{number}:" for name, number in accounts.items()))
        self.proxy.launcher = self.as_user("nobody", "--regid=nogroup", "--init-groups")
        self.start()

    def start(self):
        """Until teachers may ask, which is a moment after the proxy listens."""
        self.proxy.start()
        self.assertTrue(wait_until(lambda: "gives the account \"hoa\" nothing to do" in self.ask("hoa", "overrides").stderr))

    def users(self, name, *lines):
        """The machine's own file with these lines in place of those of the same names."""
        names = {line.partition(":")[0] for line in lines}
        with open("/etc/" + name, encoding="utf-8") as source:
            kept = [line.rstrip("\n") for line in source if line.partition(":")[0] not in names]
        self.proxy.write("users/" + name, "\n".join([*kept, *lines]) + "\n")

    def as_user(self, user, *groups):
        groups = groups or (f"--regid={user}", "--init-groups")
        return ["unshare", "--mount", "sh", "-c", MOUNTED, "sh", self.proxy.path("users/passwd"), self.proxy.path("users/group"), "setpriv",
                f"--reuid={user}", *groups]

    def ask(self, user, *words):
        who = self.as_user(user) if user else []
        return subprocess.run([*who, program(), *words, "--config", self.proxy.config], capture_output=True, text=True, timeout=60,
                              check=False)

    def done(self, user, *words):
        answer = self.ask(user, *words)
        self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)
        return answer.stdout

    def refused(self, user, *words):
        answer = self.ask(user, *words)
        self.assertEqual((answer.returncode, answer.stdout), (1, ""), answer.stderr)
        return answer.stderr

    def last_row(self, host):
        """Of a request that is made now."""
        before = len(self.proxy.log_rows("--host", host, wanted=0))
        self.proxy.curl(f"http://{host}/")
        return self.proxy.log_rows("--host", host, wanted=before + 1)[-1]


class Overrides(Teachers):
    def test_a_teacher_opens_a_site_and_ends_it(self):
        self.assertEqual(self.last_row("bet.test")["action"], "block")
        self.assertIn('bet.test is open in tier "pupil" until ',
                      self.done("lan", "allow", "bet.test", "--tier", "pupil", "--for", "30m", "--why", "how odds are made"))
        row = wait_until(lambda: (r := self.last_row("bet.test"))["action"] == "allow" and r)
        self.assertTrue(row)
        self.assertEqual(row["reason"], "override_line")
        self.assertIn("lan", self.done("lan", "overrides"))
        listed = json.loads(self.done("", "overrides", "--json"))
        self.assertEqual([(o["id"], o["site"], o["account"], o["without_effect"]) for o in listed], [(1, "bet.test", "lan", None)])
        self.assertIn("override 1 of lan until ", self.done("", "explain", "https://bet.test/", "--tier", "pupil"))
        self.assertIn("override 1 of lan until ", self.done("lan", "explain", "https://bet.test/", "--tier", "pupil", "--running"))
        self.done("lan", "overrides", "revoke", "1")
        self.assertTrue(wait_until(lambda: self.last_row("bet.test")["action"] == "block"))

    def test_what_is_not_hers(self):
        allow = ("--tier", "pupil", "--why", "x")
        self.assertIn("is locked", self.refused("lan", "allow", "adult.test", *allow))
        self.assertIn("is locked", self.refused("", "allow", "adult.test", *allow))
        self.assertIn("may not lift", self.refused("lan", "allow", "blocked.test", *allow))
        self.assertIn("nothing to do in tier", self.refused("lan", "allow", "bet.test", "--tier", "staff", "--why", "x"))
        self.assertIn("longer than the 60 minutes", self.refused("lan", "allow", "bet.test", *allow, "--for", "61m"))
        self.assertIn("may block", self.refused("lan", "block", "gambling", *allow))
        self.assertIn("nothing to do", self.refused("hoa", "allow", "bet.test", *allow))
        self.assertIn("nothing to do", self.refused("hoa", "overrides"))
        self.assertIn("Permission denied", self.refused("clerk", "allow", "bet.test", *allow))
        self.done("", "block", "other.test", *allow)
        self.assertIn("is another's", self.refused("lan", "overrides", "revoke", "1"))
        self.assertEqual(self.last_row("other.test")["action"], "block")

    def test_her_group_gives_nothing_else(self):
        self.proxy.curl("http://bet.test/")
        self.assertTrue(wait_until(lambda: self.proxy.log_rows("--blocked")))
        self.done("lan", "block", "other.test", "--tier", "pupil", "--why", "x")
        for words in (["reload"], ["status"], ["stop"], ["upgrade"], ["log", "retention"]):
            with self.subTest(words=words):
                self.assertNotEqual(self.ask("lan", *words).returncode, 0)
        self.assertIsNone(self.proxy.process.poll())
        kept = [os.path.join(folder, name) for part in ("log", "state") for folder, _, names in os.walk(self.proxy.path(part))
                for name in names]
        secret = [path for path in kept if path.endswith((".db", ".key", "/overrides"))]
        for ending in (".db", ".key", "/overrides"):
            self.assertTrue(any(path.endswith(ending) for path in secret), kept)
        for path in [*kept, self.proxy.path("control.sock")]:
            self.assertNotEqual(os.stat(path).st_gid, GROUP_ID, path)
        for path in [*secret, self.proxy.path("control.sock")]:
            with self.subTest(path=path):
                self.assertNotEqual(subprocess.run([*self.as_user("lan"), "test", "-r", path], check=False).returncode, 0)

    def test_kept_over_a_restart_unless_damaged(self):
        self.done("lan", "allow", "games", "--tier", "pupil", "--why", "chess")
        self.done("lan", "block", "other.test", "--tier", "pupil", "--why", "x")
        self.proxy.stop()
        self.start()
        self.assertEqual(len(json.loads(self.done("lan", "overrides", "--json"))), 2)
        self.assertEqual(self.last_row("other.test")["reason"], "override_line")
        self.assertEqual(self.last_row("games.test")["reason"], "override_category")
        self.proxy.stop()
        with open(self.proxy.path("state/overrides"), "a", encoding="utf-8") as kept:
            kept.write("x")
        self.start()
        self.assertTrue(wait_until(lambda: "no override is in force: " in self.proxy.said()))
        self.assertIn("no override is in force", self.done("lan", "overrides"))
        self.assertEqual(self.last_row("other.test")["action"], "allow")

    def test_a_delegation_that_is_taken_back_ends_what_it_gave(self):
        self.done("lan", "allow", "games.test", "--tier", "pupil", "--why", "chess")
        self.proxy.write("delegation.yaml", "version: 1\n")
        self.proxy.command("reload")
        self.assertTrue(wait_until(lambda: self.last_row("games.test")["action"] == "warn"))
        self.assertIn("nothing to do", self.refused("lan", "overrides"))
        self.assertIn("nothing to do", self.done("", "overrides"))


if __name__ == "__main__":
    unittest.main()
