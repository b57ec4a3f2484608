"""The staff's pages when things go wrong beside them: a month's file is gone, the log's disk is full, everybody asks at once."""
import glob
import http.client
import os
import subprocess
import threading
import time
import unittest

from harness import NOBODY, wait_until
from test_web import ROLES, VIEW, PagesCase


class PagesUnderStrain(PagesCase):
    def look_at_everything(self, browsers):
        """Every page of every role answers; what cannot be known is said on it."""
        for role, browser in browsers.items():
            for page, roles in VIEW.items():
                with self.subTest(role=role, page=page):
                    self.assertEqual(browser.get(page).status, 200 if role in roles else 403)

    def test_a_month_file_that_is_gone(self):
        self.start()
        browsers = {role: self.sign_up(role, role) for role in ROLES}
        self.proxy.curl("http://blocked.test/before")
        self.assertTrue(wait_until(lambda: "/before" in browsers["admin"].get("/log").text))
        for name in glob.glob(self.proxy.path("log/access-*")):
            os.remove(name)
        self.look_at_everything(browsers)

        def seen_again():
            self.proxy.curl("http://blocked.test/after")
            return "/after" in browsers["admin"].get("/log").text

        self.assertTrue(wait_until(seen_again, 30))

    @unittest.skipUnless(os.geteuid() == 0, "mounts a small disk")
    def test_a_full_disk(self):
        disk = self.proxy.path("log")
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size=3m,mode=0750,uid={NOBODY},gid={NOBODY}", "tmpfs", disk], check=False,
                          capture_output=True).returncode != 0:
            self.skipTest("may not mount")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=False)
        self.start()
        browsers = {role: self.sign_up(role, role) for role in ROLES}
        self.proxy.curl("http://blocked.test/before")
        self.assertTrue(wait_until(lambda: "/before" in browsers["admin"].get("/log").text))
        with open(os.path.join(disk, "full"), "wb", buffering=0) as fill:
            try:
                while True:
                    fill.write(bytes(512))
            except OSError:
                pass
        self.proxy.curl("http://blocked.test/lost")
        self.look_at_everything(browsers)
        self.assertTrue(wait_until(lambda: browsers["admin"].get("/readyz").status == 503, 30))
        # What must be recorded and cannot be does not happen.
        self.assertEqual(browsers["auditor"].post("/log/take", "range=1h&form=csv").status, 503)
        os.remove(os.path.join(disk, "full"))
        self.assertTrue(wait_until(lambda: browsers["admin"].get("/readyz").status == 200, 30))
        self.assertTrue(wait_until(lambda: "/lost" in browsers["admin"].get("/log").text, 30))

    def test_everybody_at_once(self):
        self.start()
        browsers = {role: self.sign_up(role, role) for role in ROLES}
        wrong, answered, end = [], [], time.monotonic() + 4

        def ask(role):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            pages = [page for page, roles in VIEW.items() if role in roles and "CA-" not in page]
            try:
                while time.monotonic() < end:
                    for page in pages:
                        connection.request("GET", page, headers={"Cookie": browsers[role].cookie})
                        answer = connection.getresponse()
                        answer.read()
                        answered.append(page)
                        if answer.status != 200:
                            wrong.append((role, page, answer.status))
            except (http.client.HTTPException, OSError) as problem:  # a connection that ends has said so before
                wrong.append((role, page, repr(problem)))
            connection.close()

        threads = [threading.Thread(target=ask, args=(role,)) for role in ROLES for _ in range(2)]
        for thread in threads:
            thread.start()
        pupils = 0
        while time.monotonic() < end:
            self.assertEqual(self.proxy.curl(f"http://blocked.test/page-{pupils}").status, 403)
            pupils += 1
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertGreater(len(answered), 100)
        rows = [row for row in self.proxy.log_rows(wanted=pupils) if row["path"].startswith("/page-")]
        self.assertEqual(len(rows), pupils)  # nobody's row was lost for it
        print(f"{len(answered) / 4:.0f} pages a second beside {pupils / 4:.0f} requests of pupils")


if __name__ == "__main__":
    unittest.main()
