"""What the staff change on their pages, beside the real proxy: a tier's file, rooms, cases; and that the proxy gives no account more than
delegation.yaml does, whatever a form says."""
import base64
import hashlib
import hmac
import html
import re
import struct
import time
import unittest
import urllib.parse

import origins
from harness import wait_until
from test_help import PAGE, THEME, help_proxy
from test_web import Browser, PagesCase

ROOM, OTHER = "Phòng máy 1", "Phòng máy 2"
DELEGATION = f"""version: 1
teachers:
  - {{account: teacher, tiers: [pupil], open: [games], block: [games], rooms: ["{ROOM}"], edit: lines}}
  - {{account: admin, tiers: [pupil, staff], edit: whole}}
safeguarding: {{accounts: [hoa, binh]}}
"""
BUNDLES = """version: 1
bundles:
  play: {name: Play, hosts: [ok.test], source: s, date: 2027-01-31, checked: true}
"""


def form(**fields):
    return urllib.parse.urlencode(fields)


class Desk(PagesCase):
    def setUp(self):
        super().setUp()
        self.proxy.write("delegation.yaml", DELEGATION)
        self.proxy.write("bundles.yaml", BUNDLES)
        self.proxy.write("schoolgate.yaml", self.proxy.read("schoolgate.yaml").replace(
            "who:\n", f'who:\n  - {{network: 127.0.0.0/31, tier: pupil, label: "{ROOM}"}}\n'
                       f'  - {{network: 127.0.0.4/31, tier: pupil, label: "{OTHER}"}}\n'))

    def closed(self, host):
        """By the policy; what is open has no origin here, and is answered 502."""
        status = self.proxy.curl(f"http://{host}/").status
        self.assertIn(status, (403, 502))
        return status == 403


class Editor(Desk):
    def opened(self, browser, tier="pupil"):
        """The text and the version that the page shows."""
        page = browser.get(f"/policy/edit?tier={tier}").text
        text = re.search(r"<textarea[^>]*>\n(.*)</textarea>", page, re.S)
        version = re.search(r'name="version" value="([0-9a-f]+)"', page)
        self.assertTrue(text and version, page)
        return html.unescape(text.group(1)), version.group(1)

    def send(self, browser, text, version, act="save", tier="pupil", why="lesson"):
        return browser.post("/policy/edit", form(tier=tier, version=version, text=text.replace("\n", "\r\n"), why=why, act=act)).text

    def test_a_teacher_changes_lines_and_the_policy_follows_at_once(self):
        self.start()
        teacher = self.sign_up("teacher", "teacher")
        file = self.proxy.read("tiers.d/pupil.yaml")
        text, version = self.opened(teacher)
        self.assertEqual(text, file)
        self.assertFalse(self.closed("other.test"))
        changed = text.replace("block:\n", "block:\n  - other.test\n").replace("games: warn", "games: allow")
        self.assertIn('class="told good"', self.send(teacher, changed, version, "check"))
        self.assertFalse(self.closed("other.test"), "checked, not saved")
        self.assertIn('class="told good"', self.send(teacher, changed, version))
        self.assertEqual((self.closed("other.test"), self.closed("games.test")), (True, False))
        self.assertEqual(self.proxy.read("tiers.d/pupil.yaml"), file, "the folder of the configuration is never written")
        self.assertTrue(wait_until(lambda: self.events("policy_changed")))
        event = self.events("policy_changed")[-1]
        self.assertEqual((event["actor"], event["detail"]["admin"]), ("web teacher", False))
        self.assertEqual(event["detail"]["change"], "edit tiers.d/pupil.yaml: lesson")
        self.assertEqual(self.opened(teacher)[0], changed)
        # It rules after a restart, too.
        self.proxy.stop()
        self.proxy.start()
        self.assertTrue(self.closed("other.test"))

    def test_what_is_the_admins_stays_so_whatever_a_form_says(self):
        self.start()
        teacher, admin = self.sign_up("teacher", "teacher"), self.sign_up("admin", "admin")
        text, version = self.opened(teacher)
        for old, new in (("default: allow", "default: block"), ("gambling: block", "gambling: allow"), ("adult: block+locked", "adult: block"),
                         ("may_override: [games, gambling]", "may_override: [games, gambling, self_harm]"),
                         ("self_harm: help", "self_harm: allow"), ("games: warn", "games: allow+record")):
            changed = text.replace(old, new)
            self.assertNotEqual(changed, text)
            said = self.send(teacher, changed, version)
            if old == "gambling: block":  # may_override names it
                self.assertIn('class="told good"', said)
                text, version = self.opened(teacher)
            else:
                self.assertIn('class="told bad"', said, new)
        # The admin may, but for locks.
        text, version = self.opened(admin)
        self.assertIn("only the admin", html.unescape(self.send(admin, text.replace("adult: block+locked", "adult: block"), version)))
        self.assertIn('class="told good"', self.send(admin, text.replace("default: allow", "default: block"), version))
        self.assertTrue(self.closed("other.test"))
        # Tiers of others, and accounts of which delegation.yaml says nothing.
        self.assertNotIn("<textarea", teacher.get("/policy/edit?tier=staff").text)
        self.assertIn('class="told bad"', self.send(teacher, "a", version, tier="staff"))
        other = self.sign_up("other", "teacher")
        self.assertNotIn("<textarea", other.get("/policy/edit?tier=pupil").text)
        self.assertIn('class="told bad"', self.send(other, text, version))

    def test_a_wrong_text_is_refused_with_the_diagnostics_of_check(self):
        self.start()
        admin = self.sign_up("admin", "admin")
        text, version = self.opened(admin)
        wrong = text.replace("games: warn", "gamse: warn") + "tests:\n  - {url: http://ok.test/, expect: block}\n"
        for act in ("check", "save"):
            said = html.unescape(self.send(admin, wrong, version, act))
            self.assertIn("SG1204", said)
            self.assertIn('unknown category "gamse"', said)
            self.assertIn("gamse: warn", said)
            self.assertRegex(said, r'data-line="\d+"')
        # A test of the file that fails refuses it, too; and a whole text of nonsense.
        said = html.unescape(self.send(admin, text + "tests:\n  - {url: http://ok.test/, expect: block}\n", version))
        self.assertIn('class="told bad"', said)
        for nonsense in ("", "\n", "a: [", "\t- x", "{" * 1000, "version: 1\n", "x" * 130_000):
            self.assertIn('class="told bad"', self.send(admin, nonsense, version))
        self.assertEqual(self.opened(admin), (text, version))
        self.assertEqual(admin.post("/policy/edit", form(tier="pupil", version=version, text="x" * 500_000, act="save")).status, 413)

    def test_two_editors_at_once_lose_nothing(self):
        self.start()
        teacher, admin = self.sign_up("teacher", "teacher"), self.sign_up("admin", "admin")
        text, version = self.opened(teacher)
        hers, his = (text.replace("block:\n", f"block:\n  - {host}\n") for host in ("other.test", "ok.test"))
        self.assertIn('class="told good"', self.send(admin, his, version))
        said = html.unescape(self.send(teacher, hers, version))
        self.assertIn('class="told bad"', said)
        self.assertIn("+  - other.test", said)
        self.assertIn("-  - ok.test", said)
        self.assertIn(hers + "</textarea>", said)
        self.assertEqual((self.closed("other.test"), self.closed("ok.test")), (False, True))
        # Both, deliberately, with the version that the page gave.
        now = re.search(r'name="version" value="([0-9a-f]+)"', said).group(1)
        both = his.replace("block:\n", "block:\n  - other.test\n")
        self.assertIn('class="told good"', self.send(teacher, both, now))
        self.assertEqual((self.closed("other.test"), self.closed("ok.test")), (True, True))

    def test_a_change_on_the_machine_is_seen_before_it_is_written_over(self):
        self.start()
        admin = self.sign_up("admin", "admin")
        text, version = self.opened(admin)
        self.proxy.write("tiers.d/pupil.yaml", text + "warn: [ok.test]\n")
        self.assertIn('class="told bad"', self.send(admin, text + "# mine\n", version))
        self.assertEqual(self.opened(admin)[0], text + "warn: [ok.test]\n")
        self.assertIn("nobody has loaded it", admin.get("/policy/edit?tier=pupil").text)


class History(Desk):
    def test_what_was_saved_stands_in_the_history_and_can_be_compared(self):
        self.start("--state", self.proxy.path("state"))
        teacher, auditor = self.sign_up("teacher", "teacher"), self.sign_up("auditor", "auditor")
        page = teacher.get("/policy/edit?tier=pupil").text
        text = html.unescape(re.search(r"<textarea[^>]*>\n(.*)</textarea>", page, re.S).group(1))
        version = re.search(r'name="version" value="([0-9a-f]+)"', page).group(1)
        changed = text.replace("block:\n", "block:\n  - other.test\n")
        saved = teacher.post("/policy/edit", form(tier="pupil", version=version, text=changed, why="a <lesson>", act="save")).text
        self.assertIn('class="told good"', saved)
        shown = auditor.get("/policy").text
        for word in (">teacher</td>", "edit tiers.d/pupil.yaml: a &lt;lesson&gt;"):
            self.assertIn(word, shown)
        address = html.unescape(re.search(r'href="(/policy\?from=\d+&amp;to=\d+)"', shown).group(1))
        self.assertIn("+  - other.test", auditor.get(address).text)
        self.assertIn('class="told bad"', auditor.get("/policy?from=1&to=999").text)


class RoomSwitch(Desk):
    def test_a_teacher_switches_her_room_and_no_other(self):
        self.start()
        teacher, head = self.sign_up("teacher", "teacher"), self.sign_up("head", "head")
        self.assertFalse(self.closed("other.test"))
        until = {"end": "time", "time": "23:59", "why": "maths"}
        self.assertIn('class="told good"', teacher.post("/rooms", form(room=ROOM, state="off", **until)).text)
        self.assertTrue(wait_until(lambda: self.closed("other.test")))
        self.assertIn("23:59", head.get("/rooms").text)
        self.assertNotIn("other.test", head.get("/rooms").text)
        self.assertIn('class="told good"', teacher.post("/rooms", form(room=ROOM, state="only", only="play", **until)).text)
        self.assertTrue(wait_until(lambda: not self.closed("ok.test")))
        self.assertTrue(self.closed("other.test"))
        self.assertIn('class="told bad"', teacher.post("/rooms", form(room=OTHER, state="off", **until)).text)
        self.assertEqual(head.post("/rooms", form(room=ROOM, state="normal", why="x")).status, 403)
        self.assertIn('class="told good"', teacher.post("/rooms", form(room=ROOM, state="normal", why="done")).text)
        self.assertTrue(wait_until(lambda: not self.closed("other.test")))
        self.assertTrue(wait_until(lambda: {event["actor"] for event in self.events("override")} == {"web teacher"}))


class TeachersLog(Desk):
    def test_it_is_of_her_rooms_with_the_label_and_no_pseudonym(self):
        self.proxy.write("delegation.yaml", DELEGATION.replace("teachers:\n", "teachers:\n  - {account: minh, tiers: [pupil]}\n"))
        self.proxy.write("schoolgate.yaml", self.proxy.read("schoolgate.yaml").replace(
            "who:\n", "who:\n  - {network: 127.0.0.8/31, tier: pupil}\n"))
        self.start()
        teacher, minh, other = (self.sign_up(name, "teacher") for name in ("teacher", "minh", "other"))
        for source, path in (("127.0.0.1", "own-room"), ("127.0.0.4", "other-room"), ("127.0.0.8", "no-room")):
            self.assertEqual(self.proxy.curl(f"http://bet.test/{path}", source=source).status, 403)
        self.assertTrue(wait_until(lambda: "no-room" in teacher.get("/log").text))
        shown = teacher.get("/log?range=7d&action=allow").text
        self.assertIn("own-room", shown)
        self.assertNotIn("other-room", shown)
        self.assertIn(f"<bdi>{ROOM}</bdi>", shown)
        self.assertIn("/log", minh.get("/log").text)
        self.assertIn("other-room", minh.get("/log").text)
        self.assertNotIn("own-room", other.get("/log").text)
        for page in (shown, minh.get("/log").text):
            self.assertNotRegex(page, r"[A-Z]{2}-[0-9A-Z]{8}|127\.0\.0\.\d|/log/take|/log/clients")
        # A form gives no more than the page.
        self.assertEqual(teacher.post("/log/take", "form=csv").status, 403)


class Phone:
    """An app for codes; each code is of a later step than the one before."""

    def __init__(self, key):
        self.key, self.step = base64.b32decode(key), 0

    def code(self):
        now = int(time.time()) // 30
        self.step = max(self.step + 1, now - 1)
        assert self.step <= now + 1, "no code is left for this half minute"
        digest = hmac.new(self.key, struct.pack(">Q", self.step), hashlib.sha1).digest()
        at = digest[-1] & 15
        return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 1_000_000:06}"


class CasesDesk(Desk):
    def setUp(self):
        origin = origins.Recorder()
        self.addCleanup(origin.origin.close)
        self.origin = origin
        super().setUp()

    def make_proxy(self):
        return help_proxy([self.origin.port])

    def ring(self):
        self.proxy.curl(f"http://ok.test:{self.origin.port}/search?q={urllib.parse.quote_plus(THEME)}", *PAGE)

    def with_phone(self, browser):
        browser.post("/account", "act=totp_new")
        page = browser.get("/account").text
        phone = Phone(re.search(r'<code class="big">([A-Z2-7 ]+)</code>', page).group(1).replace(" ", ""))
        self.assertIn('class="told good"', browser.post("/account", f"act=totp_confirm&code={phone.code()}").text)
        return phone


class CasesPage(CasesDesk):
    def test_from_the_list_to_who_is_behind_the_device(self):
        self.start()
        hoa, binh, other = (self.sign_up(name, "safeguarding") for name in ("hoa", "binh", "other"))
        self.ring()
        self.assertTrue(wait_until(lambda: "/cases/one?code=" in hoa.get("/cases").text))
        code = re.search(r"code=(CA-[0-9A-Z]{8})", hoa.get("/cases?state=new").text).group(1)
        self.assertNotIn(code, other.get("/cases").text)
        self.assertNotIn("ok.test", other.get(f"/cases/one?code={code}").text)
        shown = hoa.get(f"/cases/one?code={code}").text
        for word in ("ok.test", "terms.yaml:", ROOM, "Of a device, not of a person"):
            self.assertIn(word, shown)
        self.assertNotIn("127.0.0.1", shown)
        hoa.post("/cases/step", form(code=code, state="seen", note="spoke <b>"))
        self.assertIn("spoke &lt;b&gt;", hoa.get(f"/cases/one?code={code}").text)
        self.assertIn(code, hoa.get("/cases?state=seen").text)
        self.assertNotIn(code, hoa.get("/cases?state=new").text)
        # Who is behind it: never without the phone, never alone.
        ask = {"code": code, "why": "a call"}
        self.assertNotIn("127.0.0.1", hoa.post("/cases/reveal", form(act="ask", totp="123456", **ask)).text)
        phones = self.with_phone(hoa), self.with_phone(binh)
        self.assertIn('class="told good"', hoa.post("/cases/reveal", form(act="ask", totp=phones[0].code(), **ask)).text)
        self.assertIn("a call", binh.get(f"/cases/one?code={code}").text)
        self.assertIn('class="told good"', binh.post("/cases/reveal", form(act="agree", code=code, totp=phones[1].code())).text)
        self.assertTrue(wait_until(lambda: int(time.time()) // 30 >= phones[0].step, 60))
        self.assertIn("127.0.0.1", hoa.post("/cases/reveal", form(act="show", code=code, totp=phones[0].code())).text)
        # A false alarm in one click, with what keeps it from ringing again.
        self.assertIn("unless:", hoa.post("/cases/step", form(code=code, state="wrong")).text)
        # Nothing of it in the ordinary log.
        said = self.proxy.command("log", "--json", "-n", "0").stdout + self.proxy.command("log", "--events", "-n", "0").stdout
        for word in (code, "abuse", "case_", "a call", '"reveal'):
            self.assertNotIn(word, said)

    def test_that_nobody_could_be_told_is_red_for_those_who_can_do_something(self):
        self.proxy.write("schoolgate.yaml", self.proxy.read("schoolgate.yaml") + "alerts: {hook: [/bin/false]}\n")
        self.start()
        hoa, admin, head = (self.sign_up(name, role) for name, role in (("hoa", "safeguarding"), ("admin", "admin"), ("head", "head")))
        self.assertNotIn("You are not told", hoa.get("/cases").text)
        self.ring()
        self.assertTrue(wait_until(lambda: "You are not told of new cases: hook: it ended with exit code 1" in hoa.get("/cases").text))
        fault = "Messages do not go out: hook: it ended with exit code 1"
        self.assertIn(f'<section class="faults"><h2>Faults</h2><ul><li>{fault}', admin.get("/now").text)
        self.assertIn(fault, admin.get("/health").text)
        for page in ("/now", "/now/part"):
            self.assertNotIn(fault, head.get(page).text + hoa.get(page).text)
        for page in ("/readyz", "/healthz", "/metrics"):
            self.assertNotRegex(Browser(self.port).get(page).text, "essage|hook|case")

    def test_a_school_that_lets_one_alone_look_is_on_record(self):
        self.proxy.write("delegation.yaml", DELEGATION.replace("binh]", "binh], reveal_alone: true"))
        self.start()
        self.assertTrue(wait_until(lambda: self.events("reveal_alone_on")))
        self.proxy.write("delegation.yaml", DELEGATION)
        self.proxy.command("reload")
        self.assertTrue(wait_until(lambda: self.events("reveal_alone_off")))


if __name__ == "__main__":
    unittest.main()
