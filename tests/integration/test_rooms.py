"""For this lesson: rooms that teachers switch off or to one thing alone, exams that need nobody, bundles, and who may do what."""
import datetime
import json
import unittest

import origins
import test_overrides
from harness import Proxy, wait_until
from test_connect import hello_for

ROOM, OTHER = "Phòng máy 1", "Phòng máy 2"
WHO = f"""who:
  - {{network: 127.0.0.0/31, tier: pupil, label: "{ROOM}"}}
  - {{network: 127.0.0.4/31, tier: pupil, label: "{OTHER}"}}
"""
DELEGATION = f"""version: 1
teachers:
  - {{account: lan, tiers: [pupil], open: [games], block: [games], rooms: ["{ROOM}"], open_minutes_max: 60}}
  - {{account: hoa, tiers: [pupil], rooms: ["{OTHER}"]}}
"""
BUNDLES = """version: 1
bundles:
  play: {name: Play, hosts: [games.test, ok.test], source: s, date: 2027-01-31, checked: true}
  odds: {name: Odds, hosts: [bet.test], source: s, date: 2027-01-31, checked: true}
"""


class Rooms(test_overrides.Teachers):
    def make_proxy(self):
        self.authority = origins.TestAuthority()
        self.addCleanup(self.authority.close)
        self.secure = origins.Recorder(self.authority.context("secure.test"))
        proxy = Proxy(ports=[self.secure.port])
        proxy.write("schoolgate.yaml", proxy.read("schoolgate.yaml").replace("who:\n", WHO))
        proxy.write("bundles.yaml", BUNDLES)
        proxy.write("only.d/de-thi.txt", "# the test\nother.test\n")
        return proxy

    def start(self):
        self.proxy.write("delegation.yaml", DELEGATION)
        self.proxy.start()
        self.assertTrue(wait_until(lambda: self.ask("hoa", "rooms").returncode == 0))

    def row(self, host, source=None):
        """Of a request that is made now."""
        before = len(self.proxy.log_rows("--host", host, wanted=0))
        self.proxy.curl(f"http://{host}/", source=source)
        return self.proxy.log_rows("--host", host, wanted=before + 1)[-1]

    def switches(self):
        """The events about rooms."""
        events = [(e["what"], e["detail"] if isinstance(e["detail"], dict) else json.loads(e["detail"] or "{}"))
                  for e in self.proxy.log_rows("--events")]
        return [(what, detail["room"]) for what, detail in events if what in ("override", "override_revoked")]

    def open_tunnel(self):
        connection = self.proxy.connect()
        self.addCleanup(connection.close)
        connection.sendall(f"CONNECT secure.test:{self.secure.port} HTTP/1.1\r\nHost: secure.test\r\n\r\n".encode())
        self.assertTrue(connection.recv(4096).startswith(b"HTTP/1.1 200"))
        connection.sendall(hello_for("secure.test"))
        self.assertTrue(connection.recv(4096))
        return connection

    def test_off_closes_the_room_its_tunnels_too_and_nothing_else(self):
        tunnel = self.open_tunnel()
        self.assertIn("is off until", self.done("lan", "room", "phong may 1", "off", "--for", "60m", "--why", "they listen"))
        tunnel.settimeout(5)  # closed within these
        try:
            while tunnel.recv(4096):
                pass
        except ConnectionResetError:
            pass
        row = self.row("other.test")
        self.assertEqual((row["action"], row["reason"]), ("block", "room_off"))
        page = self.proxy.curl("http://second.test/", "-H", "Accept: text/html").body
        self.assertIn("Phòng này đang tạm tắt Internet", page)
        self.assertIn("The Internet is off in this room now", page)
        self.assertEqual(self.proxy.curl("http://schoolgate.internal/").status, 200)
        self.assertEqual(self.row("other.test", "127.0.0.4")["action"], "allow")
        self.assertIn("override 1 of lan until ", self.done("", "explain", "http://other.test/", "--room", ROOM))
        self.assertIn("override 1 of lan until ", self.done("lan", "explain", "http://other.test/", "--room", ROOM, "--running"))
        self.assertIn("override 1 of lan until ", self.done("", "explain", "http://other.test/", "--client", "127.0.0.1"))
        self.assertNotIn("override 1", self.done("", "explain", "http://other.test/", "--client", "127.0.0.4"))
        states = {one["room"]: (one["state"], one["yours"]) for one in json.loads(self.done("lan", "rooms", "--json"))}
        self.assertEqual(states, {ROOM: ("off", True), OTHER: ("normal", False)})
        self.proxy.stop()
        self.start()
        self.assertEqual(self.row("other.test")["reason"], "room_off")
        self.done("lan", "room", ROOM, "normal")
        self.assertTrue(wait_until(lambda: self.row("other.test")["action"] == "allow"))
        self.assertTrue(wait_until(lambda: self.switches() == [("override", ROOM), ("override_revoked", ROOM)]), self.switches())

    def test_only_opens_what_is_hers_and_nothing_else(self):
        self.done("lan", "room", ROOM, "only", "play", "--for", "30m", "--why", "chess")
        self.assertEqual(self.row("other.test")["reason"], "room_only")
        self.assertEqual(self.row("games.test")["action"], "allow")
        self.assertEqual(self.row("ok.test")["action"], "allow")
        self.assertEqual(self.row("adult.test")["reason"], "locked_category")
        self.assertIn("Play", self.proxy.curl("http://second.test/", "-H", "Accept: text/html").body)
        # One state at a time; a file of hosts; a site that is not hers to open stays closed.
        self.done("lan", "room", ROOM, "only", "de-thi.txt", "--for", "30m", "--why", "test")
        self.assertEqual([one["id"] for one in json.loads(self.done("lan", "overrides", "--json"))], [2])
        self.assertTrue(wait_until(lambda: self.row("other.test")["action"] == "allow"))
        self.assertEqual(self.row("games.test")["reason"], "room_only")
        self.done("lan", "room", ROOM, "only", "odds", "--for", "30m", "--why", "x")
        self.assertTrue(wait_until(lambda: self.row("bet.test")["reason"] == "category"))
        self.done("lan", "overrides", "revoke", "3")
        self.assertTrue(wait_until(lambda: self.row("other.test")["action"] == "allow"))

    def test_what_is_not_hers(self):
        why = ("--why", "x")
        self.assertIn("does not let", self.refused("lan", "room", OTHER, "off", *why))
        self.assertIn("there is no room", self.refused("lan", "room", "Phòng 9", "off", *why))
        self.assertIn("no bundle and no file", self.refused("lan", "room", ROOM, "only", "zalo.me", *why))
        self.assertEqual(self.ask("lan", "room", ROOM, "only", *why).returncode, 2)
        self.assertEqual(self.ask("lan", "room", ROOM, "normal", "--for", "5m", *why).returncode, 2)
        self.assertIn("Permission denied", self.refused("clerk", "room", ROOM, "off", *why))
        self.assertIn("longer than", self.refused("lan", "room", ROOM, "off", "--for", "25h", *why))
        self.done("", "room", ROOM, "off", "--for", "5m", *why)
        self.assertIn("the admin has switched this room", self.refused("lan", "room", ROOM, "normal", *why))
        self.assertIn("is another's", self.refused("lan", "overrides", "revoke", "1"))
        self.assertEqual(self.row("other.test")["reason"], "room_off")
        for words in (["reload"], ["status"], ["stop"], ["log"]):
            with self.subTest(words=words):
                self.assertNotEqual(self.ask("lan", *words).returncode, 0)
        self.assertIsNone(self.proxy.process.poll())

    def test_a_bundle_for_a_lesson(self):
        self.assertIn("bundle:play is open", self.done("lan", "allow", "bundle:play", "--tier", "pupil", "--why", "chess"))
        self.assertTrue(wait_until(lambda: self.row("games.test")["action"] == "allow"))
        self.assertIn("may not lift", self.refused("lan", "allow", "bundle:odds", "--tier", "pupil", "--why", "x"))
        self.assertIn("did you mean play?", self.refused("lan", "allow", "bundle:plai", "--tier", "pupil", "--why", "x"))
        self.assertEqual([(one["bundle"], one["id"]) for one in json.loads(self.done("lan", "overrides", "--json"))], [("play", 1)])
        self.done("lan", "overrides", "revoke", "1")
        self.assertTrue(wait_until(lambda: self.row("games.test")["action"] == "warn"))

    def test_an_exam_needs_nobody(self):
        today = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=7)))
        exam = f"{{name: Mock, date: {today:%Y-%m-%d}, times: \"00:00-23:59\", room: \"{ROOM}\", only: [play, de-thi.txt]}}"
        self.proxy.write("periods.yaml", f"version: 1\nexams:\n  - {exam}\n")
        self.assertEqual(self.row("www.ok.test")["action"], "allow")
        self.proxy.command("reload")
        self.assertTrue(wait_until(lambda: self.row("blocked.test")["reason"] == "room_only"))
        self.assertEqual(self.row("other.test")["action"], "allow")
        self.assertEqual(self.row("games.test")["action"], "allow")  # the admin's: what warns is lifted
        self.assertEqual(self.row("blocked.test", "127.0.0.4")["reason"], "host_line")
        told = self.done("", "explain", "http://blocked.test/", "--room", ROOM)
        self.assertIn("exam Mock until 23:59: only Play, de-thi.txt", told)
        self.assertIn("periods.yaml:3", told)
        self.assertIn("exam Mock until 23:59", self.done("lan", "rooms"))


if __name__ == "__main__":
    unittest.main()
