"""Help: words are let through, with a page first where an alert is due; a site that a list names is not opened; and nobody reads
from the ordinary log who needed help."""
import json
import os
import re
import sqlite3
import unittest
import urllib.parse

import origins
from harness import Proxy, of_connect, wait_until

TERMS = """version: 1
categories:
  self_harm:
    rules:
      - {id: SH1, term: em muốn tự tử, match: toned, action: help+alert, unless: nhân vật}
      - {id: SH2, term: tự tử, match: toned, action: help}
      - {id: SH3, term: muốn biến mất mãi mãi, match: any, action: help+alert}
  abuse:
    rules:
      - {id: AB1, term: bị đánh ở nhà, match: toned, action: help+alert}
      - {id: AB2, term: hỏi bạo lực học đường, match: any, action: help}
  games:
    rules:
      - {id: GA1, term: trò chơi hay, match: any, action: block}
"""
ENGINES = "version: 1\nengines:\n  find: {sites: [ok.test, games.test, bet.test], words: [q]}\n"
ABUSE = "  abuse: {name: {vi: Bạo hành, en: Abuse}, reason: {vi: Hãy gọi 111., en: Please call 111.}, show_name: no}\n"
EXAM = """version: 1
tier: exam
extends: pupil
name: {vi: Kiểm tra, en: Exam}
default: block
allow: [other.test]
"""
INSPECT = '{mode: inspect, reason: "decided by the school board"}'
PAGE = ("-H", "Accept: text/html")
EXAM_ADDRESS, STAFF_ADDRESS = "127.0.0.3", "127.0.0.2"
ALERT, OTHER_RULE, THEME, NO_ALERT = "em muốn tự tử", "muốn biến mất mãi mãi", "bị đánh ở nhà", "nhân vật tự tử trong truyện"


def help_proxy(ports, https=None, **more):
    proxy = Proxy(ports=ports, https=https, **more)
    proxy.write("terms.yaml", TERMS)
    proxy.write("engines.yaml", ENGINES)
    proxy.write("categories.yaml", proxy.read("categories.yaml") + ABUSE)
    proxy.write("tiers.d/exam.yaml", EXAM)
    main = proxy.read("schoolgate.yaml").replace("who:\n", f"who:\n  - {{network: {EXAM_ADDRESS}/32, tier: exam}}\n")
    proxy.write("schoolgate.yaml", main + "terms: terms.yaml\nsafesearch: engines.yaml\n")
    for tier in ("pupil", "staff"):
        text = proxy.read(f"tiers.d/{tier}.yaml").replace("self_harm: help", "self_harm: help, abuse: help")
        proxy.write(f"tiers.d/{tier}.yaml", text)
    return proxy


class Case(unittest.TestCase):
    def rows(self, kind, wanted=0):
        """What the file of that kind holds, as a reader with sqlite3 sees it, once a row is there that came after all others."""
        folder = self.proxy.path("log")

        def read(sql, which=kind):
            names = sorted(n for n in os.listdir(folder) if n.startswith(which + "-") and n.endswith(".db"))
            found = []
            for name in names:
                db = sqlite3.connect(f"file:{folder}/{name}?mode=ro", uri=True)
                db.row_factory = sqlite3.Row
                found += [dict(r) for r in db.execute(sql)]
                db.close()
            return found

        for _ in range(2):  # a batch goes to one file after the other: the second mark proves the first one's
            self.mark += 1
            self.assertEqual(self.proxy.curl(f"http://blocked.test:{self.port}/mark-{self.mark}").status, 403)
            path = f"/mark-{self.mark}"
            self.assertTrue(wait_until(lambda: read(f"SELECT 1 FROM log WHERE path = '{path}'", "access")))
        return read("SELECT log.*, ruling.flags FROM log JOIN access a USING (id) JOIN ruling ON ruling.id = a.ruling_id "
                    "WHERE coalesce(log.path, '') NOT LIKE '/mark%' ORDER BY log.id")

    def events(self):
        return [e["what"] for e in self.proxy.log_rows("--events", wanted=0)]

    def counted(self):
        return json.loads(self.proxy.command("status", "--json").stdout)["server"]


class Plain(Case):
    """Over http, with an origin that records what reaches it."""

    @classmethod
    def setUpClass(cls):
        cls.origin = origins.Recorder()
        cls.port = cls.origin.port

    @classmethod
    def tearDownClass(cls):
        cls.origin.origin.close()

    def setUp(self):
        self.mark = 0
        self.proxy = help_proxy([self.port]).start()
        self.addCleanup(self.proxy.close)


class Words(Plain):
    def url(self, words, host="ok.test", path="/search"):
        return f"http://{host}:{self.port}{path}?q=" + urllib.parse.quote_plus(words)

    def search(self, words, *more, host="ok.test", source=None):
        return self.proxy.curl(self.url(words, host), *(more or PAGE), source=source)

    def press(self, page, url, source=None):
        token = re.search(r'name="token" value="([^"]+)"', page.body)[1]
        action = re.search(r'action="([^"]+/continue)"', page.body)[1]
        return self.proxy.curl(action, "--data-urlencode", "token=" + token, "--data-urlencode", "url=" + url, source=source)

    def test_without_an_alert_the_results_come_at_once(self):
        for words in (NO_ALERT, "hỏi bạo lực học đường", "tự tử"):
            with self.subTest(words=words):
                self.assertEqual(self.search(words).status, 200)

    def test_with_an_alert_the_page_comes_once_and_has_a_way_on(self):
        page = self.search(ALERT)
        self.assertEqual(page.status, 403)
        self.assertIn("tel:111", page.body)
        self.assertIn("Show the results anyway", page.body)
        self.assertIn("Vẫn muốn xem kết quả", page.body)
        on = self.press(page, self.url(ALERT))
        self.assertEqual(on.status, 303)
        self.assertIn("Location: " + self.url(ALERT), on.head)
        self.assertEqual(self.search(ALERT).status, 200)
        self.assertEqual(self.search(ALERT + " thật").status, 200)
        # Another rule has its page, and so has another client; a forged button is none.
        self.assertEqual(self.search(OTHER_RULE).status, 403)
        self.assertEqual(self.search(ALERT, source="127.0.0.4").status, 403)

    def test_a_page_that_was_seen_is_not_shown_again_without_the_button(self):
        self.assertEqual(self.search(ALERT).status, 403)
        self.assertEqual(self.search(ALERT).status, 200)

    def test_the_button_works_for_nobody_else(self):
        page = self.search(ALERT)
        self.assertEqual(self.press(page, self.url(ALERT), source="127.0.0.4").status, 403)
        self.assertEqual(self.search(ALERT, source="127.0.0.4").status, 403)

    def test_suggestions_pass_and_add_no_alert(self):
        for _ in range(3):
            self.assertEqual(self.search(ALERT, "-H", "Accept: */*").status, 200)
            self.assertEqual(self.search(ALERT, "-H", "Accept: text/html", "-H", "X-Requested-With: XMLHttpRequest").status, 200)
        self.assertEqual([r["flags"] & 2 for r in self.rows("safeguarding")], [0] * 6)
        self.assertEqual(self.search(ALERT).status, 403)  # and take nobody's page away

    def test_staff_never_see_the_page(self):
        self.assertEqual(self.search(ALERT, source=STAFF_ADDRESS).status, 200)
        self.assertEqual([r["flags"] & 2 for r in self.rows("safeguarding")], [0])

    def test_an_alert_rings_once_and_another_theme_at_once(self):
        for words in (ALERT, ALERT, ALERT, OTHER_RULE, THEME, THEME):
            self.search(words)
        rows = self.rows("safeguarding")
        self.assertEqual([(r["category"], r["flags"] & 2) for r in rows],
                         [("self_harm", 2), ("self_harm", 0), ("self_harm", 0), ("self_harm", 0), ("abuse", 2), ("abuse", 0)])

    def test_where_the_tier_lists_what_it_opens_help_opens_nothing(self):
        closed = self.search(ALERT, source=EXAM_ADDRESS)
        self.assertEqual(closed.status, 403)
        self.assertIn("tel:111", closed.body)
        self.assertNotIn("<form", closed.body)
        again = self.search(ALERT, source=EXAM_ADDRESS)
        self.assertEqual(again.status, 403)
        self.assertIn("X-Schoolgate-Code", again.head)  # the page it would get without the words
        self.assertEqual(self.search(NO_ALERT, source=EXAM_ADDRESS).status, 403)
        self.assertEqual(self.search(ALERT, "-H", "Accept: */*", source=EXAM_ADDRESS).status, 403)

    def test_words_help_past_what_blocks_or_warns(self):
        self.assertEqual(self.search(NO_ALERT, host="games.test").status, 200)
        self.assertEqual(self.search(NO_ALERT + " trò chơi hay").status, 200)
        self.assertEqual(self.search("trò chơi hay").status, 403)

    def test_the_ordinary_log_says_what_it_would_without_the_words(self):
        plain = self.search("mèo con dễ thương quá đi mất th")
        self.search(ALERT)
        self.press_as_another()
        self.search(ALERT)
        self.search(NO_ALERT)
        self.assertEqual(plain.status, 200)
        rows = self.rows("access")
        keys = ("client", "tier", "action", "host", "path", "method", "status", "seen", "layer", "reason", "category", "rule", "ended", "flags")
        self.assertEqual(len(rows), 3, rows)
        for row in rows:
            row["flags"] &= 7  # which of a burst is the visit is told by its place alone
        self.assertEqual([{k: r[k] for k in keys} for r in rows], [{k: rows[0][k] for k in keys}] * 3)
        self.assertEqual(rows[0]["rule"] is None, rows[1]["rule"] is None)
        self.assertTrue(all(r["bytes_down"] > 100 and r["bytes_up"] > 100 for r in rows), rows)
        self.assertEqual([r["id"] for r in rows], list(range(rows[0]["id"], rows[0]["id"] + 3)))
        private = self.rows("safeguarding")
        self.assertEqual([(r["action"], r["status"], r["host"]) for r in private],
                         [("help", 403, "ok.test"), ("help", 403, "ok.test"), ("help", 303, "schoolgate.internal"),
                          ("help", 200, "ok.test"), ("help", 200, "ok.test")])

    def press_as_another(self):
        page = self.search(OTHER_RULE, source="127.0.0.4")
        self.assertEqual(self.press(page, self.url(ALERT), source="127.0.0.4").status, 303)

    def test_a_help_page_and_its_button_leave_no_trace_elsewhere(self):
        self.rows("access")  # what belongs to the start is written
        before, marks = self.counted(), self.mark
        events = self.events()
        page = self.search(ALERT)
        self.assertEqual(self.press(page, self.url(ALERT)).status, 303)
        self.assertEqual(self.proxy.curl("http://sad.test:%d/" % self.port, *PAGE).status, 403)
        self.assertEqual(self.rows("access"), [])
        self.assertEqual(self.events(), events)
        after = self.counted()
        self.assertEqual(after["requests"], before["requests"] + self.mark - marks)
        self.assertEqual(after["blocked"], before["blocked"] + self.mark - marks)
        listed = self.proxy.curl("http://schoolgate.internal/").body
        self.assertNotIn("sad.test", listed)
        self.assertNotIn("ok.test", listed)

    def test_what_passes_only_by_help_has_no_row_elsewhere(self):
        self.assertEqual(self.search(NO_ALERT, host="games.test").status, 200)
        self.assertEqual(self.rows("access"), [])

    def test_codes_are_no_count(self):
        for _ in range(4):
            self.proxy.curl(f"http://ok.test:{self.port}/")
        folder = self.proxy.path("log")
        self.rows("access")
        name = next(n for n in os.listdir(folder) if n.startswith("access-") and n.endswith(".db"))
        db = sqlite3.connect(f"file:{folder}/{name}?mode=ro", uri=True)
        codes = [r[0] for r in db.execute("SELECT code FROM access ORDER BY id")]
        db.close()
        gaps = [abs(b - a) for a, b in zip(codes, codes[1:])]
        self.assertGreater(max(gaps), 1 << 30, codes)


class Sites(Plain):
    """A host that a list of a `help` category names."""

    def test_its_page_has_no_way_on_for_staff_neither(self):
        for source in (None, STAFF_ADDRESS, EXAM_ADDRESS):
            with self.subTest(source=source):
                page = self.proxy.curl(f"http://sad.test:{self.port}/", *PAGE, source=source)
                self.assertEqual(page.status, 403)
                self.assertIn("tel:111", page.body)
                self.assertNotIn("<form", page.body)
                again = self.proxy.curl(f"http://sad.test:{self.port}/", *PAGE, source=source)
                self.assertEqual(again.status, 403)
        self.assertIn("colleague", self.proxy.curl(f"http://sad.test:{self.port}/", *PAGE, source=STAFF_ADDRESS).body)

    def test_without_a_page_it_is_refused(self):
        self.assertEqual(self.proxy.curl(f"http://sad.test:{self.port}/a.png", "-H", "Accept: image/png").status, 403)
        for source in (None, STAFF_ADDRESS):
            got = self.proxy.curl(f"https://sad.test:{self.port}/", source=source)
            self.assertEqual((got.connect_status, got.status), (of_connect(403), 0))
        self.assertEqual(self.rows("access"), [])
        self.assertEqual(len(self.rows("safeguarding")), 3)


class Inspected(Case):
    @classmethod
    def setUpClass(cls):
        cls.authority = origins.TestAuthority()
        os.chmod(cls.authority.folder, 0o755)
        cls.secure = origins.Recorder(cls.authority.context("ok.test", "sad.test", "other.test"))
        cls.port = cls.secure.port

    @classmethod
    def tearDownClass(cls):
        cls.secure.origin.close()
        cls.authority.close()

    def setUp(self):
        self.mark = 0
        self.proxy = help_proxy([self.port], https=INSPECT, upstream={"extra_ca": [self.authority.certificate]},
                                extra="https: {never_inspect: {categories: []}}\n").start()
        self.addCleanup(self.proxy.close)

    def get(self, host, target, *more, source=None):
        return self.proxy.curl(f"https://{host}:{self.port}{target}", "--cacert", self.proxy.ca, "-H", "Sec-Fetch-Dest: document", *more,
                               source=source)

    def test_words_have_their_page_and_pass(self):
        target = "/search?q=" + urllib.parse.quote_plus(ALERT)
        page = self.get("ok.test", target)
        self.assertEqual(page.status, 403)
        token = re.search(r'name="token" value="([^"]+)"', page.body)[1]
        on = self.proxy.curl("https://schoolgate.internal/continue", "--cacert", self.proxy.ca, "--data-urlencode", "token=" + token,
                             "--data-urlencode", f"url=https://ok.test:{self.port}{target}")
        self.assertEqual(on.status, 303)
        self.assertIn(f"Location: https://ok.test:{self.port}{target}", on.head)
        self.assertEqual(self.rows("access"), [])
        self.assertEqual(self.get("ok.test", target).status, 200)
        self.assertEqual([(r["action"], r["status"]) for r in self.rows("access")], [("allow", 200)])
        self.assertEqual(self.get("ok.test", "/search?q=" + urllib.parse.quote_plus(NO_ALERT)).status, 200)

    def test_a_site_of_a_list_is_not_opened(self):
        before = self.secure.origin.connections
        page = self.get("sad.test", "/")
        self.assertEqual(page.status, 403)
        self.assertIn("tel:111", page.body)
        self.assertNotIn("<form", page.body)
        # A device that does not trust the school's authority sees no page.
        self.assertNotEqual(self.proxy.curl(f"https://sad.test:{self.port}/").exit_code, 0)
        self.assertEqual(self.secure.origin.connections, before)
        self.assertEqual(self.rows("access"), [])
        self.assertEqual(len(self.rows("safeguarding")), 2)

    def test_an_exam_stays_closed(self):
        target = "/search?q=" + urllib.parse.quote_plus(ALERT)
        for _ in range(2):
            self.assertEqual(self.get("ok.test", target, source=EXAM_ADDRESS).status, 403)
        self.assertEqual(self.get("other.test", "/", source=EXAM_ADDRESS).status, 200)


if __name__ == "__main__":
    unittest.main()
