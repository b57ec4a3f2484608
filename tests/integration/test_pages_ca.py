"""`ca create --pages`: the staff's browsers trust the pages, and whoever steals that authority's key can pass for no other site."""
import os
import re
import shutil
import ssl
import subprocess
import unittest

import origins
from firefox import Firefox
from harness import Browser as Chromium
from harness import wait_until
from test_web import PASSWORD, PagesCase


@unittest.skipUnless(shutil.which("openssl"), "verifies with openssl")
class PagesAuthority(PagesCase):
    def setUp(self):
        super().setUp()
        self.listen(", names: [gate.test], tls: {certificate: pages.crt, key: pages.key}")
        made = self.command("ca", "create", "--pages")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.authority = self.proxy.path("pages-ca/ca.crt")

    def openssl(self, *words):
        return subprocess.run(["openssl", *words], cwd=self.proxy.folder, capture_output=True, text=True, check=False)

    def forged(self, name):
        """A certificate for `name`, signed with the authority's key; its file's stem."""
        self.proxy.write(f"{name}.ext", f"subjectAltName=DNS:{name}")
        for words in (("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr",
                       "-subj", "/CN=x"),
                      ("x509", "-req", "-in", f"{name}.csr", "-CA", "pages-ca/ca.crt", "-CAkey", "pages-ca/ca.key", "-CAcreateserial", "-days",
                       "2", "-extfile", f"{name}.ext", "-out", f"{name}.crt")):
            done = self.openssl(*words)
            self.assertEqual(done.returncode, 0, done.stderr)
        return self.proxy.path(name)

    def test_openssl_takes_the_pages_and_no_other_name(self):
        for more in (("-verify_hostname", "gate.test"), ("-verify_ip", "127.0.0.1")):
            done = self.openssl("verify", "-x509_strict", "-CAfile", "pages-ca/ca.crt", "-purpose", "sslserver", *more, "pages.crt")
            self.assertEqual(done.returncode, 0, done.stderr)
        self.forged("google.com")
        refused = self.openssl("verify", "-CAfile", "pages-ca/ca.crt", "google.com.crt")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("permitted subtree violation", refused.stderr)
        self.assertEqual(os.stat(self.proxy.path("pages-ca/ca.key")).st_mode & 0o777, 0o600)

    @unittest.skipUnless(shutil.which("chromium") and shutil.which("certutil"), "opens the pages in chromium, which trusts by certutil")
    def test_chromium_takes_the_pages_and_no_other_name(self):
        self.start()
        browser = Chromium(self.proxy, self.authority)

        def shown(host, port, path="/"):
            return browser.run(f"https://{host}:{port}{path}", "--dump-dom", "--virtual-time-budget=4000", "--proxy-bypass-list=*",
                               "--host-resolver-rules=MAP *.test 127.0.0.1, MAP google.com 127.0.0.1")

        self.assertIn('action="/sign-in"', shown("gate.test", self.port, "/sign-in"))
        self.assertIn('action="/sign-in"', shown("127.0.0.1", self.port, "/sign-in"))
        for name, good in (("gate.test", True), ("google.com", False), ("other.test", False)):
            with self.subTest(name=name):
                self.assertEqual("Hello from the origin" in shown(name, self.site(name)), good)

    def site(self, name, pages=None):
        """The port of a site that shows a forged certificate for `name`."""
        stem = self.forged(name)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(stem + ".crt", stem + ".key")
        site = origins.Recorder(context, pages=pages)
        self.addCleanup(site.origin.close)
        return site.port

    @unittest.skipUnless(shutil.which("firefox-esr") and shutil.which("certutil"), "opens the pages in Firefox, which trusts by certutil")
    def test_firefox_takes_the_pages_and_no_other_name(self):
        self.start()
        browser = Firefox(authority=self.authority, preferences={"network.proxy.type": 0,
                                                                 "network.dns.localDomains": "gate.test,google.com,other.test"})
        self.addCleanup(browser.close)
        self.assertIn('action="/sign-in"', browser.page(f"https://gate.test:{self.port}/sign-in"))
        self.assertIn('action="/sign-in"', browser.page(f"https://127.0.0.1:{self.port}/sign-in"))
        for name, good in (("gate.test", True), ("google.com", False), ("other.test", False)):
            with self.subTest(name=name):
                shown = browser.page(f"https://{name}:{self.site(name)}/")
                self.assertEqual("Hello from the origin" in shown, good, shown[:500])
                if not good:
                    self.assertEqual(shown, "error: insecure certificate")

    @unittest.skipUnless(shutil.which("firefox-esr") and shutil.which("certutil"), "opens the pages in Firefox, which trusts by certutil")
    def test_firefox_sends_nothing_in_her_name_from_another_page(self):
        """Not from another site, nor from another port of the same name, to which the session's cookie goes."""
        self.start()
        self.sign_up("admin", "admin", ssl.create_default_context(cafile=self.authority))
        self.assertEqual(self.user("add", "victim", "--role", "head").returncode, 0)
        browser = Firefox(authority=self.authority, preferences={"network.proxy.type": 0, "network.dns.localDomains": "gate.test"})
        self.addCleanup(browser.close)
        pages = f"https://gate.test:{self.port}"

        def run(script):
            return browser.command("WebDriver:ExecuteScript", script=script, args=[])

        def locked():
            return "locked" in next(line for line in self.user("list").stdout.splitlines() if "victim" in line)

        browser.page(pages + "/sign-in")
        run(f"""document.querySelector('[name=account]').value = 'admin'; document.querySelector('[name=password]').value = {PASSWORD!r};
                document.querySelector('form[action="/sign-in"]').submit();""")
        self.assertTrue(wait_until(lambda: "/now" in browser.command("WebDriver:GetCurrentURL")["value"]))
        token = re.search(r'name="csrf" value="([0-9a-f]{64})"', browser.page(pages + "/users")).group(1)
        for guessed in ("", token):
            hostile = (f'<form method="post" action="{pages}/users"><input name="act" value="lock"><input name="account" value="victim">'
                       f'<input name="csrf" value="{guessed}"></form><script>document.forms[0].submit()</script>')
            elsewhere = origins.Recorder(pages={"/": hostile})
            self.addCleanup(elsewhere.origin.close)
            for page in (f"http://127.0.0.1:{elsewhere.port}/", f"https://gate.test:{self.site('gate.test', {'/': hostile})}/"):
                with self.subTest(page=page, guessed=bool(guessed)):
                    browser.command("WebDriver:Navigate", url=page)
                    self.assertTrue(wait_until(lambda: browser.command("WebDriver:GetCurrentURL")["value"].startswith(pages)))
                    self.assertFalse(locked())
        browser.page(pages + "/users")  # her own page: what was refused above is no slip of this test's form
        run(f"""const form = document.forms[0].cloneNode(false); form.method = 'post'; form.action = '/users';
                form.innerHTML = '<input name="act" value="lock"><input name="account" value="victim"><input name="csrf" value="{token}">';
                document.body.append(form); form.submit();""")
        self.assertTrue(wait_until(locked))


if __name__ == "__main__":
    unittest.main()
