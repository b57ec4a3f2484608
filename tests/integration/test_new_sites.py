"""Sites that were asked for the first time: shown from five clients on, reviewed into the school's own list; and what a tier does
with unknown ones on hosting platforms."""
import json
import unittest

import origins
from harness import Proxy, wait_until

HOSTS = ("game.github.io", "hoc.github.io", "www.hoc.github.io", "few.vercel.app", "a.truong.edu.vn")
CLIENTS = [f"127.0.1.{i}" for i in range(1, 6)]


class NewSites(unittest.TestCase):
    def setUp(self):
        self.origin = origins.Recorder()
        self.proxy = Proxy(hosts=HOSTS)
        self.addCleanup(self.proxy.close)
        self.proxy.start()

    def get(self, host, client):
        return self.proxy.curl(f"http://{host}:{self.origin.port}/", "-H", "Accept: text/html", source=client)

    def new(self, *arguments):
        said = self.proxy.command("log", "--new", "7d", "--json", *arguments).stdout
        return {row["site"]: row for row in map(json.loads, said.splitlines())}

    def test_from_five_clients_on(self):
        for client in CLIENTS:
            self.get("game.github.io", client)
            self.get("www.hoc.github.io" if client == CLIENTS[0] else "hoc.github.io", client)
        for client in CLIENTS[:4]:
            self.get("few.vercel.app", client)
        self.assertTrue(wait_until(lambda: len(self.new()) == 2, 20), self.new())
        self.assertEqual(set(self.new()), {"game.github.io", "hoc.github.io"})  # sites of their own
        self.assertEqual({row["clients"] for row in self.new().values()}, {"five or more"})
        self.get("few.vercel.app", CLIENTS[4])
        self.assertTrue(wait_until(lambda: "few.vercel.app" in self.new(), 20))
        said = self.proxy.command("log", "--new", "7d").stdout
        self.assertRegex(said, r"(?m)^20\d\d-\d\d-\d\d  game\.github\.io +five or more +not reviewed$")

    def test_the_others_are_for_the_safeguarding_group(self):
        self.get("few.vercel.app", CLIENTS[0])

        def told():
            done = self.proxy.command("log", "--new", "7d", "--json", "--safeguarding", "--why", "a call", check=False)
            return done.returncode == 0 and "few.vercel.app" in done.stdout
        # The tests' proxy runs as nobody: who asks is neither root nor in the group.
        done = self.proxy.command("log", "--new", "7d", "--safeguarding", "--why", "a call", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertNotIn("few.vercel.app", done.stdout)
        self.assertFalse(told())
        self.assertEqual(self.new(), {})

    def test_a_review_makes_the_schools_own_list(self):
        self.assertEqual(self.get("game.github.io", CLIENTS[0]).status, 200)
        said = self.proxy.command("log", "review", "www.game.github.io", "--category", "gambling").stdout
        self.assertIn("game.github.io stands in", said)
        self.proxy.command("log", "review", "hoc.github.io", "--category", "ok")
        self.assertEqual(self.proxy.command("check").returncode, 0)
        self.proxy.command("reload")
        got = self.get("game.github.io", CLIENTS[0])
        self.assertEqual(got.status, 403)
        self.assertEqual(self.get("hoc.github.io", CLIENTS[0]).status, 200)
        row = self.proxy.log_rows("--host", "game.github.io", wanted=2)[-1]
        self.assertEqual((row["category"], row["action"]), ("gambling", "block"))
        for client in CLIENTS:
            self.get("hoc.github.io", client)
        self.assertTrue(wait_until(lambda: "hoc.github.io" in self.new(), 20))
        self.assertEqual(self.new()["hoc.github.io"]["category"], "ok")
        self.assertRegex(self.new()["hoc.github.io"]["reviewed"], r"^20\d\d-\d\d-\d\d uid \d+")
        done = self.proxy.command("log", "review", "github.io", "--category", "games", check=False)
        self.assertEqual(done.returncode, 1)

    def test_unknown_sites_on_hosting_platforms(self):
        pupil = self.proxy.read("tiers.d/pupil.yaml")
        self.proxy.write("tiers.d/pupil.yaml", pupil.replace("default: allow\n", "default: allow\nunknown_on_hosting: block\n")
                         .replace("allow:\n", "allow:\n  - hoc.github.io\n"))
        self.proxy.command("reload")
        for host, status in (("game.github.io", 403), ("hoc.github.io", 200), ("www.hoc.github.io", 200), ("a.truong.edu.vn", 200)):
            with self.subTest(host=host):
                self.assertEqual(self.get(host, CLIENTS[0]).status, status)
        row = self.proxy.log_rows("--host", "game.github.io")[-1]
        self.assertEqual((row["reason"], row["layer"]), ("unknown_on_hosting", "tier_default"))
        self.assertRegex(row["rule"], r"tiers\.d/pupil\.yaml:7$")
        said = self.proxy.command("explain", "http://game.github.io/", "--tier", "pupil").stdout
        self.assertIn("unknown_on_hosting: no line and no list names a site of github.io", said)


if __name__ == "__main__":
    unittest.main()
