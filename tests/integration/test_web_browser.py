"""Every page of the staff's pages in a real browser, in every role, both languages and themes and on a phone's width: axe-core finds nothing
serious, nothing is wider than the window, the browser complains of nothing. SCHOOLGATE_PICTURES names a folder for pictures of all."""
import json
import os
import shutil
import subprocess
import unittest

from harness import ROOT
from test_web import ROLES, VIEW, PagesCase


NODE_MODULES = os.environ.get("SCHOOLGATE_NODE_MODULES", os.path.join(ROOT, "build/npm/node_modules"))


@unittest.skipUnless(shutil.which("node") and shutil.which("chromium") and os.path.isdir(os.path.join(NODE_MODULES, "axe-core")),
                     "needs chromium and: npm install --prefix build/npm axe-core puppeteer-core")
class InABrowser(PagesCase):
    def look(self, cookie, *paths):
        done = subprocess.run(["node", os.path.join(ROOT, "tests/integration/axe_pages.js"), NODE_MODULES, f"http://127.0.0.1:{self.port}",
                               cookie, os.environ.get("SCHOOLGATE_PICTURES", ""), *paths], capture_output=True, text=True, timeout=500,
                              check=False, env={"PATH": os.environ["PATH"], "HOME": self.proxy.folder})
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_every_page_is_for_everybody(self):
        self.start()
        browsers = {role: self.sign_up(role, role) for role in ROLES}
        self.proxy.curl("http://blocked.test/a/long/path/" + "x" * 200)
        self.proxy.curl("http://games.test/")
        browsers["teacher"].post("/overrides", "action=allow&target=bet.test&tier=pupil&minutes=5&why=maths")
        self.proxy.log_rows(wanted=2)
        for role, browser in browsers.items():
            pages = [page for page, roles in VIEW.items() if role in roles]
            pages = [page + ("?url=http://blocked.test/&tier=pupil" if page == "/explain" else "") for page in pages]
            with self.subTest(role=role):
                self.assertEqual(self.look(browser.cookie, *pages), [])
        self.assertEqual(self.look("", "/sign-in", "/sign-in?lang=vi"), [])
        vi = [page + "?lang=vi" for page, roles in VIEW.items() if "auditor" in roles]
        self.assertEqual(self.look(browsers["auditor"].cookie, *vi), [])


if __name__ == "__main__":
    unittest.main()
