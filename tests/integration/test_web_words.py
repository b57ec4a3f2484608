"""What staff read on their pages in Vietnamese: names of tiers, categories and events, and dates as people write them. Ids, JSON and dates of
machines stand in code alone, for those who look them up."""
import html
import re
import unittest

from harness import wait_until
from test_desks import DELEGATION, CasesDesk, ROOM, form
from test_web import ROLES, VIEW

IDS = ("pupil", "staff", "exam", "adult", "gambling", "games", "self_harm", "off", "only")
CODE = r"<(code|pre|textarea|script|title)\b.*?</\1>"


def read_by_people(page):
    """The text outside of code, tags away."""
    page = re.sub(CODE, " ", page, flags=re.S)
    return html.unescape(re.sub(r"<[^>]*>", " ", page))


class Words(CasesDesk):
    def setUp(self):
        super().setUp()
        self.proxy.write("delegation.yaml", DELEGATION.replace("[hoa, binh]", "[safeguarding, binh]").replace("tiers: [pupil", "tiers: [pupil, exam"))

    def test_no_page_shows_an_id_json_or_a_machines_date(self):
        self.start("--state", self.proxy.path("state"))
        browsers = {role: self.sign_up(role, role) for role in ROLES}
        teacher, lead = browsers["teacher"], browsers["safeguarding"]
        self.ring()
        self.assertTrue(wait_until(lambda: "/cases/one?code=" in lead.get("/cases").text))
        code = re.search(r"code=(CA-[0-9A-Z]{8})", lead.get("/cases").text).group(1)
        lead.post("/cases/step", form(code=code, state="wrong", note="x"))
        teacher.post("/overrides", form(action="allow", category="games", tier="pupil", minutes=5, why="maths"))
        teacher.post("/rooms", form(room=ROOM, state="only", only="play", end="time", time="23:59", why="maths"))
        page = teacher.get("/policy/edit?tier=pupil").text
        text = html.unescape(re.search(r"<textarea[^>]*>\n(.*)</textarea>", page, re.S).group(1))
        teacher.post("/policy/edit", form(tier="pupil", act="save", why="maths", text=text.replace("block:\n", "block:\n  - other.test\n"),
                                          version=re.search(r'name="version" value="([0-9a-f]+)"', page).group(1)))
        self.proxy.curl("http://blocked.test/")
        self.proxy.curl("http://games.test/")
        self.proxy.curl("http://bet.test/")
        browsers["auditor"].post("/log/take", "range=1h&form=csv")
        self.proxy.log_rows(wanted=3)
        self.assertTrue(wait_until(lambda: self.events("policy_changed") and self.events("log_taken") and len(self.events("override")) > 1))
        events = {"override", "policy_changed", "log_taken", "sign_in", "start", "password_set"}
        unknown = "|".join(sorted({*IDS, *events}, key=len, reverse=True))
        for role, browser in browsers.items():
            for path, roles in VIEW.items():
                if role not in roles:
                    continue
                path = path.replace("CA-00000000", code).replace("/explain", "/explain?url=http://bet.test/&tier=pupil")
                shown = browser.get(path + ("&" if "?" in path else "?") + "lang=vi")
                self.assertEqual(shown.status, 200)
                said = read_by_people(shown.text)
                said = said.replace(f" {role} ", " ")  # the account's own name
                with self.subTest(role=role, page=path):
                    self.assertNotIn('{"', said)
                    self.assertEqual(re.findall(rf"(?<![\w./\[])(?:{unknown})(?![\w./])", said), [])
                    self.assertEqual(re.findall(r"\d{4}-\d\d-\d\d.{0,12}", said), [])
        log = html.unescape(browsers["auditor"].get("/log?lang=vi").text)
        for word in ("Chính sách đã được sửa", "Mở hoặc chặn cho tiết học", "Tải các dòng nhật ký", "Cờ bạc", "Trò chơi", "Học sinh"):
            self.assertIn(word, log)
        self.assertIn(f"{ROOM}: Play", html.unescape(teacher.get("/overrides?lang=vi").text))


if __name__ == "__main__":
    unittest.main()
