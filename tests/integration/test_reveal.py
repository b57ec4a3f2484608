"""Who may ask who is behind a pseudonym, by the machine's own users and groups: in a mount namespace with files of users of its own."""
import json
import os
import re
import shutil
import sqlite3
import subprocess
import unittest

from harness import Proxy, program, wait_until

GROUP = "schoolgate-safeguarding"
GROUP_ID, DEAN, CLERK = 45870, 45871, 45872  # nobody's on the machine itself
MOUNTED = 'mount --bind "$1" /etc/passwd && mount --bind "$2" /etc/group && shift 2 && exec "$@"'


def can_mount():
    return os.geteuid() == 0 and shutil.which("setpriv") and subprocess.run(
        ["unshare", "--mount", "mount", "--bind", "/etc/group", "/etc/group"], check=False, capture_output=True).returncode == 0


@unittest.skipUnless(can_mount(), "users of its own are given to a mount namespace by root, with setpriv of util-linux")
class Reveal(unittest.TestCase):
    def setUp(self):
        self.proxy = Proxy()
        self.addCleanup(self.proxy.close)
        os.chmod(self.proxy.folder, 0o755)  # as /etc/schoolgate and /run/schoolgate are
        self.users("passwd", f"dean:x:{DEAN}:{DEAN}::/:/bin/sh", f"clerk:x:{CLERK}:{CLERK}::/:/bin/sh")
        self.users("group", f"{GROUP}:x:{GROUP_ID}:nobody,dean", f"dean:x:{DEAN}:", f"clerk:x:{CLERK}:")
        self.proxy.launcher = self.as_user("nobody", "--regid=nogroup", "--init-groups")
        self.proxy.start()
        self.proxy.curl("http://bet.test/")
        self.code = self.proxy.log_rows("--blocked")[0]["client"]

    def users(self, name, *lines):
        """The machine's own file with these lines in place of those of the same names."""
        names = {line.partition(":")[0] for line in lines}
        with open("/etc/" + name, encoding="utf-8") as source:
            kept = [line.rstrip("\n") for line in source if line.partition(":")[0] not in names]
        self.proxy.write("users/" + name, "\n".join([*kept, *lines]) + "\n")

    def as_user(self, user, *groups):
        return ["unshare", "--mount", "sh", "-c", MOUNTED, "sh", self.proxy.path("users/passwd"), self.proxy.path("users/group"), "setpriv",
                f"--reuid={user}", *groups]

    def reveal(self, who, why, *names):
        names = [word for name in names for word in ("--with", name)]
        return subprocess.run([*who, program(), "log", "--reveal", self.code, *names, "--why", why, "--config", self.proxy.config],
                              capture_output=True, text=True, timeout=60, check=False)

    def events(self):
        names = [n for n in os.listdir(self.proxy.path("log")) if re.fullmatch(r"safeguarding-\d{4}-\d{2}\.db", n)]
        events = []
        for name in names:
            with sqlite3.connect(f"file:{self.proxy.path('log', name)}?mode=ro", uri=True) as database:
                events += database.execute("SELECT actor, detail FROM event WHERE what='reveal' ORDER BY id").fetchall()
        return [(actor, json.loads(detail)["why"]) for actor, detail in events]

    def test_new_sites_of_few_devices(self):
        def ask(who):
            return subprocess.run([*who, program(), "log", "--new", "7d", "--safeguarding", "--why", "a new game", "--config",
                                   self.proxy.config], capture_output=True, text=True, timeout=60, check=False)
        dean = self.as_user("dean", "--regid=dean", "--init-groups")
        self.assertTrue(wait_until(lambda: "bet.test" in ask(dean).stdout, 20), ask(dean))
        self.assertRegex(ask(dean).stdout, r"bet\.test +fewer than five")
        self.assertIn((f"uid {DEAN} (dean)", "a new game"), self.events())
        clerk = ask(self.as_user("clerk", "--regid=clerk", "--init-groups"))
        self.assertNotEqual(clerk.returncode, 0)
        self.assertNotIn("bet.test", clerk.stdout)

    def test_a_member_of_the_group_is_answered_and_written_down(self):
        dean = self.as_user("dean", "--regid=dean", "--init-groups")
        found = self.reveal(dean, "a call from home")
        self.assertEqual((found.returncode, found.stderr), (0, ""))
        self.assertIn(f"{self.code} is 127.0.0.1 in the log of ", found.stdout)
        self.assertEqual(self.events(), [(f"uid {DEAN} (dean)", "a call from home")])  # before the answer came

    def test_where_several_look_after_cases_two_are_named(self):
        self.proxy.write("delegation.yaml", "version: 1\nsafeguarding: {accounts: [dean, hoa]}\n")
        self.proxy.command("reload")
        dean = self.as_user("dean", "--regid=dean", "--init-groups")
        for who, names in ((dean, ()), (dean, ("dean",)), ([], ()), ([], ("hoa",)), (dean, ("eve",))):
            refused = self.reveal(who, "alone", *names)
            self.assertEqual(refused.returncode, 1, refused)
            self.assertNotIn("127.0.0.1", refused.stdout + refused.stderr)
        self.assertIn("two must know of it: name the other one, --with NAME, of: dean, hoa", self.reveal(dean, "alone").stderr)
        self.assertEqual(self.events(), [])
        for who, names in ((dean, ("hoa",)), ([], ("dean", "hoa"))):
            self.assertIn(f"{self.code} is 127.0.0.1 in the log of ", self.reveal(who, "together", *names).stdout)
        self.assertEqual(len(self.events()), 2)
        self.proxy.write("delegation.yaml", "version: 1\nsafeguarding: {accounts: [dean, hoa], reveal_alone: true}\n")
        self.proxy.command("reload")
        self.assertEqual(self.reveal(dean, "alone").returncode, 0)

    def test_who_is_not_in_the_group_is_refused(self):
        strangers = {
            "another user": ["--regid=clerk", "--init-groups"],
            "one with the group's number, who is no member any more": [f"--regid={GROUP_ID}", "--clear-groups"],
        }
        for name, groups in strangers.items():
            with self.subTest(name):
                refused = self.reveal(self.as_user("clerk", *groups), "curious")
                self.assertEqual((refused.returncode, refused.stdout), (1, ""), refused.stderr)
                self.assertIn(f"members of the group {GROUP}", refused.stderr)
                self.assertNotIn("127.0.0.1", refused.stderr)
        # A look that is allowed stands alone in the file: the refused ones gave nothing away.
        self.assertEqual(self.reveal([], "audit").returncode, 0)
        self.assertTrue(wait_until(self.events))
        self.assertEqual(self.events(), [("uid 0 (root)", "audit")])


if __name__ == "__main__":
    unittest.main()
