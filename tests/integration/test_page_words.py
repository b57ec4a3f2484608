"""The school's own words on pupils' pages (pages.yaml): put in force by a reload, refused whole when one is wrong, shown as text whatever
stands there. SCHOOLGATE_PICTURES names a folder for a picture."""
import os
import re
import unittest

from harness import Browser, Proxy

OWN = "http://schoolgate.internal/"
REFUSED = "http://bet.test/"
WORDS = """version: 1
en:
  ask:
    pupils: "Go to {it_contact} in room 7."
  block:
    pupils:
      title: "Not here, not now"
      body: ["{reason}", "Nobody is punished for a wrong click.", "<b>Ask</b> & be told</p><script>alert(1)</script>"]
vi:
  block:
    pupil: {title: "Trang này không mở ở trường mình", body: ["{reason}", "Bấm nhầm không sao cả."]}
"""


def code_of(page):
    return re.search(r"<dd>([0-9A-Z]{4}-[0-9A-Z]{4})</dd>", page).group(1)


class PageWords(unittest.TestCase):
    def setUp(self):
        self.proxy = Proxy()
        self.addCleanup(self.proxy.close)

    def page(self):
        got = self.proxy.curl(REFUSED, "-H", "Accept: text/html")
        self.assertEqual(got.status, 403)
        return got.body

    def test_from_the_file_to_the_page_and_back(self):
        self.proxy.start()
        shipped = self.page()
        self.assertNotIn("Not here, not now", shipped)
        self.proxy.write("pages.yaml", WORDS)
        checked = self.proxy.command("check")
        self.assertIn("SG1242", checked.stdout + checked.stderr)  # the markup is warned of
        self.assertNotIn("Not here, not now", self.page())  # until a reload
        self.proxy.command("reload")
        own = self.page()
        for text in ("<h1>Not here, not now</h1>", "<h1>Trang này không mở ở trường mình</h1>", "Nobody is punished", "in room 7.",
                     "&lt;b&gt;Ask&lt;/b&gt; &amp; be told&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;"):
            self.assertIn(text, own)
        self.assertEqual(own.count("<script"), shipped.count("<script"))  # our own, which the policy of the page names
        # What is no text of the school's is all there.
        self.assertRegex(code_of(own), r"^[0-9A-Z]{4}-[0-9A-Z]{4}$")
        for text in (OWN, "/an-toan", "/privacy", "bet.test", "Gambling"):
            self.assertIn(text, own)
        # Wrong: all of it is refused, and what was accepted goes on.
        self.proxy.write("pages.yaml", WORDS.replace('"{reason}", "Nobody', '"Nobody'))
        refused = self.proxy.command("reload", check=False)
        self.assertEqual(refused.returncode, 3)
        self.assertIn("pages.yaml:8:13: error SG1240", refused.stdout + refused.stderr)
        self.assertIn("<h1>Not here, not now</h1>", self.page())
        # Taken away: the shipped words again.
        os.remove(self.proxy.path("pages.yaml"))
        self.proxy.command("reload")
        self.assertEqual(re.sub(r"[0-9A-Z]{4}-[0-9A-Z]{4}|\d\d:\d\d|\d+~[^\"]*", "", self.page()),
                         re.sub(r"[0-9A-Z]{4}-[0-9A-Z]{4}|\d\d:\d\d|\d+~[^\"]*", "", shipped))

    def test_how_it_looks(self):
        self.proxy.write("pages.yaml", WORDS)
        self.proxy.start()
        browser = Browser(self.proxy)
        dom = browser.dom(REFUSED)
        self.assertIn("Not here, not now", dom)
        if folder := os.environ.get("SCHOOLGATE_PICTURES"):
            browser.screenshot(REFUSED, os.path.join(folder, "page-words.png"), 900, 900)

    def test_where_pupils_change_seats_nobodys_list_is_shown(self):
        main = self.proxy.read("schoolgate.yaml")
        self.proxy.start()
        self.page()
        self.assertIn("bet.test", self.proxy.curl(OWN, "-H", "Accept: text/html").body)
        self.proxy.write("schoolgate.yaml", main.replace("who:\n", "who:\n  - {network: 127.0.0.1/32, tier: pupil, seats: shared}\n"))
        self.proxy.command("reload")
        self.page()
        own = self.proxy.curl(OWN, "-H", "Accept: text/html").body
        self.assertNotIn("bet.test", own)
        self.assertIn("one after another", own)
        self.assertIn("thay nhau dùng", own)
        self.proxy.write("schoolgate.yaml", main.replace("who:\n", "who:\n  - {network: 127.0.0.1/32, tier: pupil, seats: taken}\n"))
        refused = self.proxy.command("reload", check=False)
        self.assertEqual(refused.returncode, 3)
        self.assertIn("SG1104", refused.stdout + refused.stderr)


if __name__ == "__main__":
    unittest.main()
