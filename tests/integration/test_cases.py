"""Alerts that arrive: a case, told by mail over TLS to a real server and by a hook, looked after with schoolgate cases."""
import email
import json
import os
import shlex
import ssl
import subprocess
import unittest
import urllib.parse

import origins
from harness import free_port, program, wait_until
from test_guides import DOCS, commands, read
from test_help import PAGE, THEME, help_proxy

try:
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult
except ImportError:
    Controller = None

USER, SECRET = b"school", b"not in any YAML"


class Inbox:
    def __init__(self):
        self.mails = []

    async def handle_DATA(self, _server, session, envelope):
        self.mails.append((session.ssl is not None, envelope.mail_from, envelope.rcpt_tos, envelope.content.decode()))
        return "250 taken"


@unittest.skipUnless(Controller and os.geteuid() == 0, "the mail server is python3-aiosmtpd; cases are for root")
class Cases(unittest.TestCase):
    def setUp(self):
        self.origin = origins.Recorder()
        self.addCleanup(self.origin.origin.close)
        self.proxy = help_proxy([self.origin.port])
        self.addCleanup(self.proxy.close)
        self.inbox, self.mail_port = Inbox(), free_port()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost", "-keyout", self.proxy.path("mail.key"), "-out", self.proxy.path("mail.crt")],
                       check=True, capture_output=True)
        self.start_server()
        self.addCleanup(self.stop_server)
        self.proxy.write("ring", f"#!/bin/sh\necho \"$@\" >> {self.proxy.path('rang')}\n")
        os.chmod(self.proxy.path("ring"), 0o755)
        self.proxy.write("mail.secret", SECRET.decode() + "\n")
        os.chmod(self.proxy.path("mail.secret"), 0o600)
        self.main = self.proxy.read("schoolgate.yaml")
        self.alerts()
        self.proxy.start()

    def start_server(self):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.proxy.path("mail.crt"), self.proxy.path("mail.key"))

        def authenticate(_server, _session, _envelope, _mechanism, data):
            return AuthResult(success=(data.login, data.password) == (USER, SECRET))

        self.server = Controller(self.inbox, hostname="127.0.0.1", port=self.mail_port, tls_context=context, require_starttls=True,
                                 auth_required=True, authenticator=authenticate)
        self.server.start()

    def stop_server(self):
        if self.server:
            self.server.stop()
        self.server = None

    def alerts(self, ca="mail.crt", more=""):
        self.proxy.write("schoolgate.yaml", self.main + f"""alerts:
  mail: {{server: localhost, port: {self.mail_port}, user: {USER.decode()}, password_file: mail.secret, from: gate@school.test,
         to: [lead@school.test, head@school.test], ca: {ca}}}
  hook: [{self.proxy.path("ring")}, --door{more}]
""")

    def search(self, words):
        self.proxy.curl(f"http://ok.test:{self.origin.port}/search?q={urllib.parse.quote_plus(words)}", *PAGE)

    def cases(self, *words):
        """As root: the group is that of test_reveal.py."""
        return subprocess.run([program(), "cases", *words, "--config", self.proxy.config], capture_output=True, text=True, timeout=60, check=False)

    def listed(self, *words):
        return [json.loads(line) for line in self.cases("list", "--json", *words).stdout.splitlines()]

    def not_told(self):
        return json.loads(self.proxy.command("status", "--json").stdout)["alerts_not_told"]

    def test_from_the_alert_to_its_end(self):
        self.search(THEME)
        self.assertTrue(wait_until(lambda: self.inbox.mails, 20))
        [(encrypted, sender, receivers, mail)] = self.inbox.mails
        self.assertTrue(encrypted)
        self.assertEqual((sender, receivers), ("gate@school.test", ["lead@school.test", "head@school.test"]))
        [case] = self.listed()
        code = case["case"]
        self.assertEqual((case["state"], case["theme"], case["alerts"]), ("new", "abuse", 1))
        self.assertIn(f"Subject: Schoolgate: {code}", mail)
        # A message holds the code alone.
        [part] = email.message_from_string(mail).get_payload()
        body = part.get_payload(decode=True).decode()
        self.assertIn(code, body)
        for word in ("abuse", "pupil", case["device"], "127.0.0.1", "ok.test", *THEME.split()):
            self.assertNotIn(word, mail + body)
        self.assertTrue(wait_until(lambda: os.path.exists(self.proxy.path("rang")), 20))
        self.assertEqual(self.proxy.read("rang"), f"--door {code}\n")
        # Looked after, and new again with the next alert of that lesson.
        shown = self.cases("show", code)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("told by mail", shown.stdout)
        self.assertIn("terms.yaml:", shown.stdout)
        self.assertEqual(self.cases("handle", code, "--note", "spoke with the class teacher").returncode, 0)
        self.assertEqual(self.listed(), [])
        self.search(THEME + " nữa")
        self.assertTrue(wait_until(lambda: len(self.inbox.mails) == 2, 20))
        [case] = self.listed()
        self.assertEqual((case["case"], case["state"], case["alerts"]), (code, "new", 2))
        wrong = self.cases("wrong", code)
        self.assertIn("unless:", wrong.stdout)
        # Nothing of it in the ordinary log.
        said = self.proxy.command("log", "--json", "-n", "0").stdout + self.proxy.command("log", "--events", "-n", "0").stdout
        for word in (code, "abuse", "case_", "alert_case"):
            self.assertNotIn(word, said)

    def test_where_pupils_change_seats_the_case_says_so(self):
        self.main = self.main.replace("who:\n", "who:\n  - {network: 127.0.0.1/32, tier: pupil, label: Lab, seats: shared}\n")
        self.alerts()
        self.proxy.command("reload")
        self.search(THEME)
        self.assertTrue(wait_until(self.listed, 20))
        [case] = self.listed()
        self.assertEqual((case["shared"], case["place"]), (True, "Lab"))
        self.assertIn("later alerts may be of somebody else", self.cases("show", case["case"]).stdout)

    def test_a_failure_is_kept_told_in_red_and_made_up_for(self):
        self.stop_server()
        self.search(THEME)
        self.assertTrue(wait_until(self.not_told, 30))
        self.assertIn("the safeguarding lead is NOT told: mail:", self.proxy.command("status").stdout)
        [case] = self.listed()
        self.assertIn("not told by mail:", self.cases("show", case["case"]).stdout)
        self.start_server()
        self.alerts(more=", again")
        self.proxy.command("reload")
        self.assertTrue(wait_until(lambda: self.inbox.mails, 20))
        self.assertTrue(wait_until(lambda: self.not_told() is None, 10))

    def test_never_to_a_server_whose_certificate_is_not_known(self):
        self.alerts(ca="/etc/ssl/certs/ca-certificates.crt")
        self.proxy.command("reload")
        self.search(THEME)
        self.assertTrue(wait_until(lambda: "certificate" in (self.not_told() or ""), 30))
        self.assertEqual(self.inbox.mails, [])

    def test_the_guides_commands(self):
        self.search(THEME)
        self.assertTrue(wait_until(self.listed, 20))
        [case] = self.listed()
        lines = [line for line in commands(read(os.path.join(DOCS, "en/safeguarding.md"))) if line.startswith("sudo schoolgate cases")]
        self.assertGreaterEqual(len(lines), 7)
        for line in lines:
            done = self.cases(*shlex.split(line.replace("CA-7K3Q2F9A", case["case"]))[3:])
            self.assertEqual((done.returncode, done.stderr), (0, ""), line)

    def test_who_may(self):
        self.search(THEME)
        self.assertTrue(wait_until(self.listed, 20))
        refused = self.proxy.command("cases", check=False)  # the proxy's own user is no member of the group
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        self.assertIn("members of the group", refused.stderr)


if __name__ == "__main__":
    unittest.main()
