"""The staff's pages as a process of its own, beside the real proxy: who gets in and who gets what, over HTTP; that nothing of it can be
reached through the proxy; and what the log keeps of it."""
import http.client
import io
import json
import re
import shutil
import socket
import ssl
import subprocess
import time
import unittest
import urllib.parse
import zipfile

from harness import Proxy, as_nobody, free_port, program, wait_until

ROLES = ("teacher", "admin", "safeguarding", "head", "auditor")
PASSWORD = "three long words"
# Role by page, by hand: v = GET answers 200, and 403 where there is none.
VIEW = {"/now": ROLES, "/log": ("teacher", "admin", "head", "auditor"), "/explain": ROLES,
        "/policy": ("teacher", "admin", "head", "auditor"), "/overrides": ("teacher", "admin", "head", "auditor"),
        "/wishes": ("teacher", "admin", "head", "auditor"),
        "/reports": ("admin", "head", "auditor"), "/lists": ("admin", "auditor"), "/users": ("admin", "auditor"), "/health": ("admin", "auditor"),
        "/policy/edit": ("teacher", "admin"), "/rooms": ("teacher", "admin", "head", "auditor"), "/cases": ("safeguarding",),
        "/cases/one?code=CA-00000000": ("safeguarding",), "/account": ROLES}
# Role by form: who may send it.
SEND = {("/log/take", "form=csv"): ("admin", "auditor"), ("/log/clients", "why=a+complaint"): ("admin",),
        ("/overrides", "action=allow&target=bet.test&tier=pupil&minutes=5&why=lesson"): ("teacher",),
        ("/overrides/revoke", "id=999"): ("teacher",),
        ("/wishes", "code=BN-7K3Q2F9A&act=deny&why=x"): ("teacher", "admin"),
        ("/reports/take", "kind=month&period=2026-11&format=csv"): ("admin", "head", "auditor"),
        ("/policy/edit", "act=check&tier=pupil&version=x&text=a"): ("teacher", "admin"),
        ("/rooms", "room=x&state=normal&why=x"): ("teacher",),
        ("/cases/step", "code=CA-00000000&state=seen"): ("safeguarding",),
        ("/cases/reveal", "code=CA-00000000&act=ask&why=x&totp=1"): ("safeguarding",),
        ("/users", "act=lock&account=nobody.here"): ("admin",), ("/account", "act=totp_new"): ROLES}
DELEGATION = """version: 1
teachers:
  - {account: teacher, tiers: [pupil], open: [games, gambling], block: [games], open_minutes_max: 60}
"""


class Browser:
    """Keeps one session's cookie."""

    def __init__(self, port, tls=None):
        self.port, self.tls, self.cookie, self.token = port, tls, "", ""

    def ask(self, method, path, form=None, **headers):
        make = (lambda: http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=self.tls)) if self.tls else (
            lambda: http.client.HTTPConnection("127.0.0.1", self.port, timeout=60))
        connection = make()
        if self.cookie:
            headers["Cookie"] = self.cookie
        if form is not None:
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
            headers.setdefault("Sec-Fetch-Site", "same-origin")
        connection.request(method, path, form, headers)
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        for value in answer.headers.get_all("Set-Cookie") or []:
            if value.startswith("__Host-sg="):
                self.cookie = value.partition(";")[0]
        connection.close()
        return answer

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, form, follow=True):
        """As a browser shows it: where the answer leads to a page, that page."""
        answer = self.ask("POST", path, f"{form}&csrf={self.token}")
        return self.get(answer.headers["Location"]) if follow and answer.status == 303 else answer

    def take_token(self):
        self.token = re.search(r'name="csrf" value="([0-9a-f]{64})"', self.get("/account").text).group(1)
        return self


class PagesCase(unittest.TestCase):
    def make_proxy(self):
        return Proxy()

    def setUp(self):
        self.proxy = self.make_proxy()
        self.addCleanup(self.proxy.close)
        self.web = None
        self.addCleanup(lambda: self.stop())
        self.port = free_port()
        self.proxy.write("delegation.yaml", DELEGATION)
        self.proxy.write("tiers.d/pupil.yaml", self.proxy.read("tiers.d/pupil.yaml") + "may_override: [games, gambling]\n")
        self.listen()

    def listen(self, more=""):
        text = re.sub(r"  admin: .*\n", "", self.proxy.read("schoolgate.yaml"))
        admin = f'  admin: {{address: "127.0.0.1:{self.port}"{more}}}\n'
        self.proxy.write("schoolgate.yaml", text.replace("listen:\n", "listen:\n" + admin))

    def command(self, *words):
        return subprocess.run([program(), *words, "--config", self.proxy.config], capture_output=True, text=True, timeout=60, check=False,
                              **as_nobody())

    def user(self, *words):
        return self.command("user", *words, "--accounts", self.proxy.path("state/accounts"))

    def start(self, *options):
        self.proxy.start(*options)
        self.web = subprocess.Popen([program(), "web", "--config", self.proxy.config, "--accounts", self.proxy.path("state/accounts")],
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **as_nobody())
        self.assertIn("pages", self.web.stdout.readline())

    def stop(self):
        if self.web:
            self.web.terminate()
            self.web.wait(30)
            self.web.stdout.close()
            self.web = None

    def sign_up(self, name, role, tls=None):
        made = self.user("add", name, "--role", role)
        self.assertEqual(made.returncode, 0, made.stderr)
        path = re.search(r"/first\?code=[0-9a-f]{64}", made.stdout).group(0)
        browser = Browser(self.port, tls)
        self.assertEqual(browser.get(path).status, 200)
        words = urllib.parse.quote_plus(PASSWORD)
        self.assertEqual(browser.ask("POST", "/first", f"code={path[-64:]}&password={words}&again={words}").status, 303)
        self.assertEqual(browser.get(path).status, 403, "the link works once")
        return browser.take_token()

    def events(self, what):
        rows = self.proxy.command("log", "--events", "--json").stdout.splitlines()
        return [row for row in map(json.loads, rows) if row["what"] == what]


class PagesByRole(PagesCase):
    def test_each_role_gets_its_pages_and_no_other(self):
        self.start()
        browsers = {role: self.sign_up(role, role) for role in ROLES}
        for role, browser in browsers.items():
            for path, roles in VIEW.items():
                with self.subTest(role=role, page=path):
                    self.assertEqual(browser.get(path).status, 200 if role in roles else 403)
            for (path, form), roles in SEND.items():
                with self.subTest(role=role, form=path):
                    self.assertEqual(browser.post(path, form).status in (200, 303), role in roles)
        self.assertEqual(Browser(self.port).get("/log").status, 303)

    def test_a_teacher_opens_a_site_for_the_lesson_and_the_log_names_the_account(self):
        self.start()
        teacher = self.sign_up("teacher", "teacher")
        self.assertIn("bet.test", teacher.post("/overrides", "action=allow&target=bet.test&tier=pupil&minutes=5&why=maths").text)
        self.assertTrue(wait_until(lambda: self.events("override")))
        event = self.events("override")[-1]
        self.assertEqual((event["actor"], event["detail"]["account"], event["detail"]["admin"]), ("web teacher", "teacher", False))
        shown = teacher.get("/overrides").text
        number = re.search(r'name="id" value="(\d+)"', shown).group(1)
        self.assertIn("bet.test", shown)
        # What delegation.yaml does not give, no form does.
        refused = teacher.post("/overrides", "action=allow&target=adult.test&tier=pupil&minutes=5&why=x").text
        self.assertIn('class="told bad"', refused)
        self.assertIn('class="told bad"', teacher.post("/overrides", "action=allow&target=bet.test&tier=staff&minutes=5&why=x").text)
        self.assertIn('class="told good"', teacher.post("/overrides/revoke", f"id={number}").text)
        # Another account, which has a teacher's role and no delegation.
        other = self.sign_up("other", "teacher")
        self.assertIn('class="told bad"', other.post("/overrides", "action=allow&target=bet.test&tier=pupil&minutes=5&why=x").text)

    def test_the_log_by_role(self):
        self.start()
        admin, auditor, teacher, head = (self.sign_up(role, role) for role in ("admin", "auditor", "teacher", "head"))
        self.proxy.curl("http://blocked.test/<b>secret")
        self.assertTrue(wait_until(lambda: "blocked.test" in admin.get("/log").text))
        self.assertNotIn("<b>", admin.get("/log").text)
        self.assertNotRegex(admin.get("/log").text, r"HS-|[A-Z]{2}-[0-9A-Z]{8}")
        self.assertIn("blocked.test", auditor.get("/log?range=1h").text)
        self.assertIn("blocked.test", teacher.get("/log").text)
        self.assertNotIn("blocked.test", head.get("/log").text)
        self.assertEqual(admin.post("/log/clients", "why=a+complaint", follow=False).status, 303)
        self.assertRegex(admin.get("/log").text, r"[A-Z]{2}-[0-9A-Z]{8}")
        taken = auditor.post("/log/take", "range=1h&form=csv")
        self.assertTrue(taken.text.startswith("@timestamp,event.type,event.action,"))
        self.assertIn("blocked.test", taken.text)
        lines = [json.loads(line) for line in auditor.post("/log/take", "range=1h&form=jsonl").text.splitlines()]
        self.assertIn("blocked.test", [line["url.domain"] for line in lines])
        for text in (taken.text, json.dumps(lines)):
            self.assertNotRegex(text, r"[A-Z]{2}-[0-9A-Z]{8}|client.address")
        self.assertTrue(wait_until(lambda: self.events("log_taken") and self.events("log_clients_shown")))
        self.assertEqual(self.events("log_clients_shown")[-1]["actor"], "web admin")
        event = self.events("log_taken")[0]
        self.assertEqual((event["actor"], event["detail"]["format"], event["detail"]["clients"]), ("web auditor", "csv", False))

    def test_the_letter_to_the_department_is_taken_as_word(self):
        self.start()
        head = self.sign_up("head", "head")
        month = time.strftime("%Y-%m", time.gmtime(time.time() + 7 * 3600))
        asked = head.post("/reports/take", f"kind=month&period={month}&for=department&format=page", follow=False)
        self.assertEqual((asked.status, asked.headers["Location"]), (303, f"/reports/show?kind=month&period={month}&for=department"))
        shown = head.get(asked.headers["Location"]).text
        self.assertIn("SOCIALIST REPUBLIC OF VIET NAM", shown)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", "/reports/take", f"kind=month&period={month}&format=docx&for=department&csrf={head.token}",
                           {"Cookie": head.cookie, "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"})
        answer = connection.getresponse()
        taken = zipfile.ZipFile(io.BytesIO(answer.read()))
        connection.close()
        self.assertIsNone(taken.testzip())
        self.assertIn("SOCIALIST REPUBLIC OF VIET NAM", taken.read("word/document.xml").decode())
        self.assertIn('filename="schoolgate-report.docx"', answer.headers["Content-Disposition"])
        self.assertTrue(wait_until(lambda: self.events("report_taken")))
        event = self.events("report_taken")[0]
        self.assertEqual((event["actor"], event["detail"]["for"], event["detail"]["format"]), ("web head", "department", "docx"))
        for wrong in ("format=exe", "format=docx&for=admin"):
            self.assertEqual(head.post("/reports/take", f"kind=month&period={month}&{wrong}").status, 400)

    def test_nothing_of_help_is_on_any_page(self):
        self.start()
        browsers = [self.sign_up(role, role) for role in ROLES]
        self.proxy.curl("http://sad.test/")
        self.proxy.curl("http://blocked.test/after")
        self.assertTrue(wait_until(lambda: "/after" in browsers[1].get("/log").text))
        for browser in browsers:
            for path in VIEW:
                self.assertNotIn("sad.test", browser.get(path).text)

    def test_the_admins_report_is_the_machines_own(self):
        self.start()
        admin, head = self.sign_up("admin", "admin"), self.sign_up("head", "head")
        for _ in range(6):
            self.proxy.curl("http://blocked.test/")
        month = time.strftime("%Y-%m", time.gmtime(time.time() + 7 * 3600))
        self.proxy.log_rows("--blocked", wanted=6)
        shown = admin.post("/reports/take", f"kind=month&period={month}&format=page")
        self.assertEqual(shown.status, 200)
        for said in ("The filter, for who looks after it", "Rules that blocked or warned most", "Lists", "tiers.d/pupil.yaml:"):
            self.assertIn(said, shown.text)
        printed = self.command("report", "--month", month, "--for", "admin", "--lang", "en").stdout
        self.assertEqual(re.findall(r"tiers\.d/[a-z]+\.yaml:\d+", shown.text), re.findall(r"tiers\.d/[a-z]+\.yaml:\d+", printed))
        # Both together would tell what each of them hides.
        self.assertEqual(admin.get(f"/reports/show?kind=month&period={month}&for=head").status, 400)
        self.assertEqual(head.get(f"/reports/show?kind=month&period={month}&for=admin").status, 400)

    def test_a_form_is_answered_once(self):
        self.start()
        teacher = self.sign_up("teacher", "teacher")
        answer = teacher.post("/overrides", "action=allow&target=bet.test&tier=pupil&minutes=5&why=maths", follow=False)
        self.assertEqual((answer.status, answer.headers["Location"], answer.text), (303, "/overrides", ""))
        self.assertIn('class="told good"', teacher.get("/overrides").text)
        again = teacher.get("/overrides").text
        self.assertNotIn('class="told', again)
        self.assertEqual(again.count('name="id" value='), 1)

    def test_policy_explain_and_lists_say_what_the_commands_say(self):
        self.start()
        auditor = self.sign_up("auditor", "auditor")
        self.assertIn("lists/gambling.txt:1", auditor.get("/explain?url=http://bet.test/&tier=pupil").text)
        self.assertIn("tiers.d/pupil.yaml", auditor.get("/policy?tier=pupil").text)
        self.assertIn("gambling", auditor.get("/lists").text)
        self.assertIn("cấp học pupil", auditor.get("/policy?tier=pupil&lang=vi").text)

    def test_a_report_says_first_that_no_floor_is_installed(self):
        self.start()
        head = self.sign_up("head", "head")
        month = time.strftime("%Y-%m")
        none = "No list of illegal content is installed"
        self.assertIn(none, head.get(f"/reports/show?kind=month&period={month}&lang=en").text)
        self.assertIn(none, head.post("/reports/take", f"kind=month&period={month}&format=csv&lang=en").text)
        self.proxy.stop()
        self.assertIn("is refused, or cannot be read", head.get(f"/reports/show?kind=month&period={month}&lang=en").text)

    def test_metrics_and_health_for_machines(self):
        self.start()
        anybody = Browser(self.port)
        self.assertEqual(anybody.get("/healthz").text, "ok\n")
        self.assertEqual(anybody.get("/readyz").status, 200)
        text = anybody.get("/metrics").text
        self.assertIn("schoolgate_requests_total ", text)
        self.assertIn("\nschoolgate_upstream_failures_total 0\n", text)
        self.assertEqual(self.proxy.curl("http://nothing-listens.test/").status, 502)
        self.assertTrue(wait_until(lambda: "\nschoolgate_upstream_failures_total 1\n" in anybody.get("/metrics").text))
        self.assertNotIn("127.0.0.1", text)
        if shutil.which("promtool"):
            subprocess.run(["promtool", "check", "metrics"], input=text, text=True, check=True)
        self.proxy.stop()
        self.assertEqual(anybody.get("/healthz").status, 503)

    def test_it_is_never_reached_through_the_proxy(self):
        self.start()
        for name in (f"127.0.0.1:{self.port}", f"ok.test:{self.port}"):
            got = self.proxy.curl(f"http://{name}/sign-in")
            self.assertNotIn("csrf", got.body)
            self.assertNotIn("password", got.body)

    def test_strangers_and_wrong_names(self):
        self.start()
        anybody = Browser(self.port)
        self.assertEqual(anybody.get("/sign-in", Host="evil.test").status, 421)
        self.assertEqual(anybody.ask("POST", "/sign-in", "account=a&password=b", **{"Sec-Fetch-Site": "cross-site"}).status, 403)
        for bytes_sent, answer in ((b"GET / HTTP/1.1\r\n\r\n", b"400"), (b"GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
                                   (b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
                                   (b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", b"413"),
                                   (b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab", b"415"),
                                   (b"GET /" + b"x" * 40000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"431")):
            with socket.create_connection(("127.0.0.1", self.port), 60) as raw:
                raw.sendall(bytes_sent)
                self.assertIn(b" " + answer + b" ", raw.recv(4096)[:40])

    def test_a_network_that_is_not_named_is_closed_unread(self):
        self.listen(', clients: ["127.0.0.9"]')
        self.start()
        with socket.create_connection(("127.0.0.1", self.port), 60) as stranger:
            stranger.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            try:
                self.assertEqual(stranger.recv(100), b"")
            except ConnectionResetError:
                pass
        with socket.create_connection(("127.0.0.1", self.port), 60, source_address=("127.0.0.9", 0)) as known:
            known.sendall(f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: close\r\n\r\n".encode())
            self.assertIn(b"200", known.recv(100))

    @unittest.skipUnless(shutil.which("openssl"), "makes a certificate")
    def test_with_a_certificate(self):
        cert, key = self.proxy.path("pages.crt"), self.proxy.path("pages.key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out",
                        cert, "-days", "2", "-subj", "/CN=pages", "-addext", "subjectAltName=IP:127.0.0.1"], check=True,
                       capture_output=True)
        self.proxy.write("touch", "")  # gives what was made to the proxy's user
        self.listen(", tls: {certificate: pages.crt, key: pages.key}")
        self.start()
        trust = ssl.create_default_context(cafile=cert)
        admin = self.sign_up("admin", "admin", trust)
        self.assertEqual(admin.get("/now").status, 200)
        with self.assertRaises((http.client.HTTPException, OSError)):
            Browser(self.port).get("/now")

    def test_what_the_configuration_refuses(self):
        def problem(admin):
            text = self.proxy.read("schoolgate.yaml")
            self.proxy.write("wrong.yaml", re.sub(r"  admin: .*", f"  admin: {admin}", text))
            done = subprocess.run([program(), "check", "--config", self.proxy.path("wrong.yaml")], capture_output=True, text=True,
                                  timeout=60, check=False, **as_nobody())
            return done.stdout + done.stderr

        self.assertIn("SG1131", problem('{address: "192.168.99.1:8443", tls: {certificate: a, key: b}}'))
        self.assertIn("SG1132", problem('{address: "192.168.99.1:8443", clients: ["192.168.99.7"]}'))
        self.assertIn("SG1131", problem('{address: "192.168.99.1:8443", clients: ["192.168.99.0/24"], tls: {certificate: a, key: b}}'))
        self.assertIn("SG1108", problem('{address: "localhost"}'))

    def test_a_flood_of_sign_ins_is_slowed_and_recorded(self):
        self.start()
        self.sign_up("admin", "admin")
        guesser = Browser(self.port)
        said = [guesser.ask("POST", "/sign-in", f"account=admin&password=wrong{i}").status for i in range(8)]
        self.assertEqual(said[:5], [403] * 5)
        self.assertIn(429, said)
        self.assertTrue(wait_until(lambda: self.events("sign_in_failed")))

    def test_locking_an_account_ends_its_session_at_once(self):
        self.start()
        head = self.sign_up("head", "head")
        self.assertEqual(head.get("/now").status, 200)
        self.assertEqual(self.user("lock", "head").returncode, 0)
        self.assertEqual(head.get("/now").status, 303)
        self.assertIn("locked", self.user("list").stdout)
        self.assertTrue(wait_until(lambda: self.events("account_changed")))

    def test_without_admin_there_is_nothing(self):
        self.proxy.write("schoolgate.yaml", re.sub(r"  admin: .*\n", "", self.proxy.read("schoolgate.yaml")))
        none = self.command("web", "--accounts", self.proxy.path("state/accounts"))
        self.assertEqual(none.returncode, 3)
        self.assertIn("listen: admin:", none.stderr)


if __name__ == "__main__":
    unittest.main()
