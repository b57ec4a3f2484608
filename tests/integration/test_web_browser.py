"""Every page of the staff's pages in a real browser, in every role, both languages and themes and on a phone's width: axe-core finds nothing
serious, Tab reaches everything in its order, nothing is missing where scripts are off, nothing is wider than the window, the browser complains of nothing. SCHOOLGATE_PICTURES names a folder for pictures of all."""
import json
import os
import re
import shutil
import subprocess
import time
import unittest

from harness import ROOT, wait_until
from test_desks import DELEGATION, CasesDesk
from test_web import ROLES, VIEW


MONTH = time.strftime("%Y-%m", time.gmtime(time.time() + 7 * 3600))
NODE_MODULES = os.environ.get("SCHOOLGATE_NODE_MODULES", os.path.join(ROOT, "build/npm/node_modules"))


@unittest.skipUnless(shutil.which("node") and shutil.which("chromium") and os.path.isdir(os.path.join(NODE_MODULES, "axe-core")),
                     "needs chromium and: npm install --prefix build/npm axe-core puppeteer-core")
class InABrowser(CasesDesk):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.proxy.write("delegation.yaml", DELEGATION.replace("[hoa, binh]", "[safeguarding, binh]").replace("tiers: [pupil", "tiers: [pupil, exam"))

    def look(self, cookie, *paths, who="anybody"):
        pictures = os.environ.get("SCHOOLGATE_PICTURES", "")
        if pictures:
            pictures = os.path.join(pictures, who)
            os.makedirs(pictures, exist_ok=True)
        done = subprocess.run(["node", os.path.join(ROOT, "tests/integration/axe_pages.js"), NODE_MODULES, f"http://127.0.0.1:{self.port}",
                               cookie, pictures, *paths], capture_output=True, text=True, timeout=500,
                              check=False, env={"PATH": os.environ["PATH"], "HOME": self.proxy.folder})
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_every_page_is_for_everybody(self):
        self.start()
        browsers = {role: self.sign_up(role, role) for role in ROLES}
        self.proxy.curl("http://blocked.test/a/long/path/" + "x" * 200)
        self.proxy.curl("http://games.test/")
        self.ring()
        lead = browsers["safeguarding"]
        self.assertTrue(wait_until(lambda: "/cases/one?code=" in lead.get("/cases").text))
        code = re.search(r"code=(CA-[0-9A-Z]{8})", lead.get("/cases").text).group(1)
        self.with_phone(lead)
        lead.post("/cases/step", f"code={code}&state=wrong&note=a+lesson+on+a+poem")
        browsers["teacher"].post("/overrides", "action=allow&target=bet.test&tier=pupil&minutes=5&why=maths")
        self.proxy.log_rows(wanted=2)
        browsers["teacher"].post("/rooms", "room=Ph%C3%B2ng+m%C3%A1y+1&state=off&end=time&time=23:59&why=maths")
        for role, browser in browsers.items():
            pages = [page for page, roles in VIEW.items() if role in roles]
            pages = [page + ("?url=http://blocked.test/&tier=pupil" if page == "/explain" else "") for page in pages]
            pages = [page.replace("CA-00000000", code).replace("/policy/edit", "/policy/edit?tier=pupil") for page in pages]
            pages += ["/policy/edit?tier=pupil#wrong"] if role == "admin" else ["/cases?state=all"] if role == "safeguarding" else []
            pages += [f"/reports/show?kind=month&period={MONTH}&for={reader}" for reader in ("head", "department")] if role == "head" else []
            with self.subTest(role=role):
                self.assertEqual(self.look(browser.cookie, *pages, who=role), [])
        self.assertEqual(self.look("", "/sign-in", "/sign-in?lang=vi"), [])
        self.assertEqual(self.look(browsers["teacher"].cookie, "/policy/edit?tier=pupil&lang=vi", "/rooms?lang=vi", who="teacher"), [])
        self.assertEqual(self.look(lead.cookie, f"/cases/one?code={code}&lang=vi", "/cases?state=all&lang=vi", who="safeguarding"), [])
        vi = [page + "?lang=vi" for page, roles in VIEW.items() if "auditor" in roles]
        self.assertEqual(self.look(browsers["auditor"].cookie, *vi, who="auditor"), [])


if __name__ == "__main__":
    unittest.main()
