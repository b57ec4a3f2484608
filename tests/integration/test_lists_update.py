"""Lists that are fetched: a server that serves, cuts, stalls, lies, leads away and sends bombs. Whatever it does, the list that rules
stays until a good one is there."""
import gzip
import json
import os
import subprocess
import threading
import time
import unittest

import origins
from harness import NOBODY, Proxy, program, wait_until

HOSTS = ("ok.test", "new0.test", "new1.test", "old0.test", "old1.test", "must.test", "bet.test")


def names(word, count):
    return "".join(f"{word}{i}.test\n" for i in range(count))


class ListServer:
    """Answers each path with what `says` holds for it: the bytes of a whole response, or a function of (connection, fields)."""

    def __init__(self, tls):
        self.says, self.asked = {}, []
        self.origin = origins.Origin(self._serve, tls)
        self.port = self.origin.port

    def _serve(self, connection):
        head, _ = origins.read_head(connection)
        if head is None:
            return
        path, fields = head.decode("latin-1").split(" ")[1], origins.fields_of(head)
        self.asked.append((path, fields))
        answer = self.says.get(path, origins.response(status="404 Not Found"))
        if callable(answer):
            answer(connection, fields)
        else:
            connection.sendall(answer)

    def says_list(self, text, headers=()):
        self.says["/list"] = origins.response(text, headers=headers)


class ListsUpdate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = origins.TestAuthority()
        os.chmod(cls.authority.folder, 0o755)  # the program reads its certificate as another user
        os.chmod(cls.authority.certificate, 0o644)
        cls.tls = cls.authority.context("localhost")

    @classmethod
    def tearDownClass(cls):
        cls.authority.close()

    def setUp(self):
        self.server = ListServer(self.tls)
        self.proxy = Proxy(hosts=HOSTS)
        self.addCleanup(self.proxy.close)
        self.entry(f"https://localhost:{self.server.port}/list")

    def entry(self, address, more=""):
        self.proxy.write("lists.d/web.yaml", "version: 1\nlists:\n"
                         f"  - {{name: web, category: gambling, format: adblock, update: {{from: \"{address}\"}}}}\n{more}")

    def update(self, *arguments, code=0, trust=True):
        trusted = ["--cacert", self.authority.certificate] if trust else []
        done = self.proxy.command("lists", "update", *arguments, *trusted, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def ruling(self):
        path = self.proxy.path("state/lists/web.list")
        if not os.path.exists(path):
            return None
        with open(path, encoding="utf-8") as source:
            return source.read()

    def begin_with(self, text):
        self.server.says_list(text)
        self.update("web")
        self.assertEqual(self.ruling(), text)

    def refused(self, *sentences):
        """The update fails with these words, and the old list stays as it was."""
        before = self.ruling()
        said = self.update("web", code=1)
        self.assertIn("not updated", said)
        for sentence in sentences:
            self.assertIn(sentence, said)
        self.assertEqual(self.ruling(), before)
        self.assertFalse(os.path.exists(self.proxy.path("state/lists/web.list.incoming")))
        return said

    def test_a_list_is_fetched_and_rules_in_the_running_proxy(self):
        origin = origins.Recorder()
        status = lambda host: self.proxy.curl(f"http://{host}:{origin.port}/").status
        self.update("web", "--dry-run", code=1)  # a server that has no such list yet
        self.server.says_list(names("old", 60))
        self.assertIn("all of them new", self.update("web", "--dry-run"))
        self.assertIsNone(self.ruling())
        self.assertIn("no proxy runs here", self.update("web"))
        self.proxy.start()
        self.assertEqual([status("old0.test"), status("new0.test")], [403, 200])
        self.server.says_list(names("old", 60) + names("new", 2), headers=['ETag: "2"', "Last-Modified: Sat, 28 Nov 2026 20:03:00 GMT"])
        said = self.update()
        self.assertIn("2 entries come (new0.test, new1.test), 0 go", said)
        self.assertIn("reloaded", said)
        self.assertEqual([status("old0.test"), status("new0.test")], [403, 403])
        with open(self.proxy.path("state/lists/web.list.before"), encoding="utf-8") as before:
            self.assertEqual(before.read(), names("old", 60))
        self.assertIn("list         web: fetched today", self.proxy.command("status").stdout)
        self.assertIn("list_updated", self.proxy.command("log", "--events").stdout)
        # The server is asked whether there is something newer, and says no.
        self.server.says["/list"] = b"HTTP/1.1 304 Not Modified\r\n\r\n"
        os.utime(self.proxy.path("state/lists/web.list"), (time.time() - 9 * 86400,) * 2)
        self.assertIn("OLD LIST     web: fetched 9 days ago", self.proxy.command("status").stdout)
        self.assertIn("fetched 9 days ago", self.proxy.command("check").stdout)
        self.assertIn("nothing new", self.update())
        fields = self.server.asked[-1][1]
        self.assertEqual((fields["if-none-match"], fields["if-modified-since"]), ('"2"', "Sat, 28 Nov 2026 20:03:00 GMT"))
        self.assertIn("fetched today", self.proxy.command("lists", "show").stdout)
        # Of bytes that somebody changed here nothing is asked.
        self.proxy.write("state/lists/web.list", names("old", 60))
        self.server.says_list(names("old", 60) + names("new", 2))
        self.update()
        self.assertNotIn("if-none-match", self.server.asked[-1][1])

    def test_what_is_due_alone(self):
        self.begin_with(names("old", 60))
        asked = len(self.server.asked)
        self.assertIn("no list is due", self.update("--due"))
        self.assertEqual(len(self.server.asked), asked)
        os.utime(self.proxy.path("state/lists/web.list"), (time.time() - 20 * 3600,) * 2)
        self.server.says_list(names("old", 60) + names("new", 2))
        self.assertIn("2 entries come", self.update("--due"))
        self.assertIn("no list is due", self.update("--due"))
        self.update("--due", "--accept", "web", code=2)

    def test_gzip(self):
        self.server.says["/list"] = origins.response(gzip.compress(names("old", 60).encode()))
        self.update("web")
        self.assertEqual(self.ruling(), names("old", 60))

    def test_what_is_cut_or_lies_about_its_length(self):
        self.begin_with(names("old", 60))
        body = names("new", 60).encode()
        self.server.says["/list"] = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + body
        self.refused("cut short")
        self.server.says["/list"] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % (len(body) + 10) + body
        self.refused()
        self.server.says["/list"] = origins.response(gzip.compress(body)[:-9])
        self.refused("cut short")
        # Less than there is: what is there ends in the middle, and that is a list that shrank.
        self.server.says["/list"] = b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" + names("old", 60).encode()
        self.assertIn("waits: it has shrunk from 60 entries", self.update("web", code=1))
        self.assertEqual(self.ruling(), names("old", 60))
        self.server.says["/list"] = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"
        self.refused("larger than 64 MiB")

    def test_what_is_no_list(self):
        self.begin_with(names("old", 60))
        for body in (b"", b"\0" * 5000, b"# nothing\n"):
            self.server.says["/list"] = origins.response(body)
            self.refused()
        self.server.says["/list"] = origins.response(status="500 Oops")
        self.refused("the server answers 500")
        self.server.says["/list"] = b"HTTP/1.1 206 Partial Content\r\nContent-Length: 10\r\n\r\nbet.test\n\n"
        self.refused("the server answers 206")
        self.server.says["/list"] = b"HTTP/1.1 304 Not Modified\r\n\r\n"  # nobody asked
        self.refused("the server answers 304")
        self.server.says["/list"] = b"what?\r\n\r\n"
        self.refused()

    def test_bombs(self):
        self.begin_with(names("old", 60))
        self.server.says["/list"] = origins.response(gzip.compress(b"\0" * (300 << 20), 9))
        self.refused("expands to more than 256 MiB")
        self.server.says["/list"] = origins.response(gzip.compress(b"\n" * 9_000_000, 9))
        self.refused("more than 8000000 lines")

        def endless(connection, _):
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                connection.sendall(b"a" * 65536)

        self.server.says["/list"] = endless
        self.refused("larger than 64 MiB")
        self.server.says["/list"] = b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000
        self.refused()

    def test_a_server_that_falls_silent(self):
        self.begin_with(names("old", 60))

        def stall(connection, _):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nnew0.test\n")
            time.sleep(50)

        self.server.says["/list"] = stall
        begin = time.monotonic()
        self.refused("too slow, or silent")
        self.assertLess(time.monotonic() - begin, 45)

    def lead(self, to):
        self.server.says["/list"] = origins.response(status="302 Found", headers=["Location: " + to])

    def test_where_a_server_may_lead(self):
        self.begin_with(names("old", 60))
        plain = origins.Recorder()
        self.lead(f"http://localhost:{plain.port}/list")
        self.refused("away from https")
        self.assertEqual(plain.heads, [])
        self.lead("https://10.1.2.3/list")
        self.refused("leads to 10.1.2.3, which no list may come from")
        self.lead("https://[::ffff:169.254.169.254]/list")
        self.refused("leads to 169.254.169.254")
        self.lead(f"https://127.0.0.1:{self.proxy.port}/list")  # allowed by allow_networks, but it is the proxy itself
        self.refused("leads to 127.0.0.1")
        self.lead(f"https://me:secret@localhost:{self.server.port}/other")
        self.refused("user name")
        self.lead("file:///etc/passwd")
        self.refused("away from https")
        self.lead(f"https://localhost:{self.server.port}/list")  # round and round
        self.refused("more than 5 times")
        self.server.says["/other"] = origins.response(names("old", 61))
        self.lead("/other")
        self.update("web")
        self.assertEqual(self.ruling(), names("old", 61))

    def test_private_addresses_unless_the_school_opens_them(self):
        self.proxy.write("schoolgate.yaml", self.proxy.read("schoolgate.yaml").replace('"127.0.0.0/8"', '"10.9.0.0/16"'))
        self.server.says_list(names("old", 60))
        self.refused("which no list may come from")
        self.assertEqual(self.server.asked, [])

    def test_certificates(self):
        self.server.says_list(names("old", 60))
        self.assertIn("certificate is not trusted", self.update("web", trust=False, code=1))
        self.entry(f"https://127.0.0.1:{self.server.port}/list")  # another name than the certificate's
        self.refused("certificate is not trusted")
        self.assertEqual(self.server.asked, [])

    def test_no_proxy_of_the_environment_is_asked(self):
        trap = origins.Recorder()
        self.server.says_list(names("old", 60))
        variables = {name: f"http://127.0.0.1:{trap.port}" for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")}
        kept = {name: os.environ.get(name) for name in variables}
        os.environ.update(variables)
        try:
            self.update("web")
        finally:
            for name, value in kept.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
        self.assertEqual(trap.origin.connections, 0)

    def test_what_waits_is_taken_by_a_person(self):
        self.begin_with(names("old", 60))
        self.server.says_list(names("old", 10))
        said = self.update("web", code=1)
        self.assertIn("waits: it has shrunk from 60 entries to 10", said)
        self.assertIn("lists update --accept web", said)
        self.assertEqual(self.ruling(), names("old", 60))
        self.assertIn("schoolgate reload --accept-shrunk", self.update("--accept", "web"))
        self.assertEqual(self.ruling(), names("old", 10))
        self.assertIn("nothing of it waits", self.update("--accept", "web", code=1))
        self.update("--accept", code=2)

    def test_a_site_that_must_work(self):
        self.begin_with(names("old", 60))
        self.proxy.write("list-catalogue.yaml", "version: 1\nlists: {}\nmust_work: [must.test]\n")
        self.server.says_list(names("old", 60) + "must.test\n")
        self.assertIn("waits: it closes must.test, which must work, in tier pupil", self.update("web", code=1))
        self.assertEqual(self.ruling(), names("old", 60))

    def test_from_a_folder(self):
        self.begin_with(names("old", 60))
        asked = len(self.server.asked)
        stick = self.proxy.path("stick")
        os.makedirs(stick)
        self.assertIn("not in ", self.update("--from", stick))
        self.proxy.write("stick/web.txt", names("old", 61))
        self.update("--from", stick)
        self.assertEqual(self.ruling(), names("old", 61))
        os.remove(os.path.join(stick, "web.txt"))
        with open(os.path.join(stick, "web.gz"), "wb") as out:
            out.write(gzip.compress(names("old", 5).encode()))
        self.assertIn("has shrunk", self.update("web", "--from", stick, code=1))
        os.remove(os.path.join(stick, "web.gz"))
        os.symlink("/etc/passwd", os.path.join(stick, "web"))
        self.assertIn("not updated", self.update("web", "--from", stick, code=1))
        os.remove(os.path.join(stick, "web"))
        os.mkfifo(os.path.join(stick, "web"))
        self.assertIn("is no file", self.update("web", "--from", stick, code=1))
        self.assertEqual(len(self.server.asked), asked)

    def test_a_refused_reload_brings_the_old_list_back(self):
        self.proxy = Proxy(hosts=HOSTS, https="{mode: inspect, reason: a test}")
        self.addCleanup(self.proxy.close)
        self.entry(f"https://localhost:{self.server.port}/list")
        self.begin_with(names("old", 60))
        self.proxy.start()
        self.server.says_list(names("old", 61))
        # What no trial of lists looks at and every reload does: whom the proxy trusts.
        main = self.proxy.read("schoolgate.yaml")
        self.proxy.write("schoolgate.yaml", main.replace('"hosts_file"', '"extra_ca": ["none.pem"], "hosts_file"'))
        self.assertIn("the old list is back", self.update("web", code=1))
        self.assertEqual(self.ruling(), names("old", 60))
        self.proxy.write("schoolgate.yaml", main)
        self.assertIn("reloaded", self.update("web"))
        self.assertEqual(self.ruling(), names("old", 61))

    @unittest.skipUnless(os.geteuid() == 0, "takes root")
    def test_root_does_it_as_the_proxys_user(self):
        stick = self.proxy.path("media/stick")
        self.proxy.write("media/stick/web", names("old", 60))
        os.chown(self.proxy.path("media"), 0, 0)
        os.chmod(self.proxy.path("media"), 0o700)  # where only root gets through
        done = subprocess.run([program(), "lists", "update", "--from", stick, "--config", self.proxy.config], capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.ruling(), names("old", 60))
        self.assertEqual(os.stat(self.proxy.path("state/lists/web.list")).st_uid, NOBODY)
        self.server.says_list(names("old", 61))
        done = subprocess.run([program(), "lists", "update", "--cacert", self.authority.certificate, "--config", self.proxy.config],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.ruling(), names("old", 61))

    def test_one_at_a_time(self):
        def slow(connection, _):
            time.sleep(3)
            connection.sendall(origins.response(names("old", 60)))

        self.server.says["/list"] = slow
        first = threading.Thread(target=self.update, args=("web",))
        first.start()
        self.assertTrue(wait_until(lambda: self.server.asked))
        self.assertIn("another update of lists is under way", self.update("web", code=1))
        first.join()
        self.assertEqual(self.ruling(), names("old", 60))

    def test_a_parent_proxy_is_not_asked(self):
        self.server.says_list(names("old", 60))
        self.proxy.write("schoolgate.yaml", self.proxy.read("schoolgate.yaml").replace('"hosts_file"', '"parent": "http://127.0.0.1:1", "hosts_file"'))
        self.refused("bring them with --from")

    def test_json_of_lists_that_are_fetched(self):
        self.begin_with(names("old", 60))
        shown = {one["name"]: one for one in json.loads(self.proxy.command("lists", "show", "--json").stdout)}
        self.assertFalse(shown["web"]["overdue"])
        self.assertNotIn("overdue", shown["gambling"])


if __name__ == "__main__":
    unittest.main()
