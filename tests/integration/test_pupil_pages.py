"""The pages that pupils see in a real browser, for each age's wording, in both languages and themes and on a phone's width: axe-core finds
nothing serious, nothing is wider than the window. SCHOOLGATE_PICTURES names a folder for pictures of all."""
import json
import os
import shutil
import subprocess
import unittest

from harness import ROOT, Proxy
from test_web_browser import NODE_MODULES

OWN = "http://schoolgate.internal"
REFUSED = ("http://blocked.test/a/long/path/" + "x" * 200, "http://bet.test/", "http://adult.test/", "http://games.test/",
           "http://sad.test/")
ERRORS = ("http://other.test/", "http://no-such-name.test/", "http://127.0.0.1/")


@unittest.skipUnless(shutil.which("node") and shutil.which("chromium") and os.path.isdir(os.path.join(NODE_MODULES, "axe-core")),
                     "needs chromium and: npm install --prefix build/npm axe-core puppeteer-core")
class PupilPages(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.proxy = Proxy()
        self.addCleanup(self.proxy.close)
        self.tier = self.proxy.read("tiers.d/pupil.yaml")
        self.main = self.proxy.read("schoolgate.yaml")

    def look(self, *addresses):
        environment = {"PATH": os.environ["PATH"], "HOME": self.proxy.folder, "SCHOOLGATE_AXE_PROXY": f"http://127.0.0.1:{self.proxy.port}"}
        done = subprocess.run(["node", os.path.join(ROOT, "tests/integration/axe_pages.js"), NODE_MODULES, "", "",
                               os.environ.get("SCHOOLGATE_PICTURES", ""), *addresses], capture_output=True, text=True, timeout=500,
                              check=False, env=environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_every_page_is_for_everybody(self):
        self.proxy.start()
        for voice, language in (("small_children", "vi"), ("pupils", "vi"), ("pupils", "en"), ("adults", "en")):
            self.proxy.write("tiers.d/pupil.yaml", self.tier.replace("voice: pupils", f"voice: {voice}"))
            self.proxy.write("schoolgate.yaml", self.main.replace("language: en", f"language: {language}"))
            self.proxy.command("reload")
            own = [OWN + path for path in ("/", "/help", "/an-toan", "/privacy", "/privacy/parents", "/setup", "/w/7KQ2-M4XH", "/nothing")]
            with self.subTest(voice=voice, language=language):
                self.assertEqual(self.look(*REFUSED, *ERRORS, *own), [])


if __name__ == "__main__":
    unittest.main()
