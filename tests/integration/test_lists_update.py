"""Lists that are fetched: a server that serves, cuts, stalls, lies, leads away and sends bombs. Whatever it does, the list that rules
stays until a good one is there."""
import gzip
import io
import json
import os
import subprocess
import tarfile
import threading
import time
import unittest

import origins
from harness import NOBODY, Proxy, program, wait_until

HOSTS = ("ok.test", "new0.test", "new1.test", "new2.test", "new3.test", "old0.test", "old1.test", "must.test", "bet.test")


def names(word, count):
    return "".join(f"{word}{i}.test\n" for i in range(count))


def archive(members, kind="w:gz"):
    """tar of (name, text), or (name, None) for a link to /etc/passwd."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=kind) as tar:
        for name, text in members:
            info = tarfile.TarInfo(name)
            if text is None:
                info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
                tar.addfile(info)
            else:
                info.size = len(text)
                tar.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


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
        self.proxy.write("expect.yaml", "version: 1\nmust_work: [must.test]\n")
        self.server.says_list(names("old", 60) + "must.test\n")
        self.assertIn("waits: expect.yaml:2: must.test must work, and tier \"pupil\" closes it", self.update("web", code=1))
        self.assertEqual(self.ruling(), names("old", 60))
        # Nobody takes it while a reload would refuse it.
        self.assertIn("SG1711", self.update("--accept", "web", code=1))
        self.assertEqual(self.ruling(), names("old", 60))
        self.proxy.write("expect.yaml", "version: 1\nmust_work: []\n")
        self.update("--accept", "web")
        self.assertIn("must.test", self.ruling())

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
        self.assertIn("is a link", self.update("web", "--from", stick, code=1))
        os.remove(os.path.join(stick, "web"))
        os.mkfifo(os.path.join(stick, "web"))
        self.assertIn("is no file", self.update("web", "--from", stick, code=1))
        self.assertEqual(len(self.server.asked), asked)

    def test_a_refused_reload_brings_the_old_list_back(self):
        self.proxy = Proxy(hosts=HOSTS, https="{mode: inspect, reason: a test}")
        self.addCleanup(self.proxy.close)
        self.entry(f"https://localhost:{self.server.port}/list")
        with open(self.authority.certificate, encoding="ascii") as certificate:
            trusted = certificate.read()
        self.proxy.write("own.pem", trusted)
        main = self.proxy.read("schoolgate.yaml")
        self.proxy.write("schoolgate.yaml", main.replace('"hosts_file"', '"extra_ca": ["own.pem"], "hosts_file"'))
        self.begin_with(names("old", 60))
        self.proxy.start()
        self.server.says_list(names("old", 61))
        # What no trial of lists looks at and every reload does: whom the proxy trusts.
        os.rename(self.proxy.path("own.pem"), self.proxy.path("gone.pem"))
        self.assertIn("the old list is back", self.update("web", code=1))
        self.assertEqual(self.ruling(), names("old", 60))
        os.rename(self.proxy.path("gone.pem"), self.proxy.path("own.pem"))
        self.assertIn("reloaded", self.update("web"))
        self.assertEqual(self.ruling(), names("old", 61))

    def test_new_lists_rule_and_nothing_that_is_being_edited(self):
        origin = origins.Recorder()
        state = ("--state", self.proxy.path("kept"))
        statuses = lambda *hosts: [self.proxy.curl(f"http://{host}:{origin.port}/").status for host in hosts]
        kept = lambda: json.loads(self.proxy.command("status", "--json", *state).stdout)["last_good"]
        self.begin_with(names("old", 60))
        self.proxy.start(*state)
        self.assertTrue(wait_until(lambda: kept()["set"]))
        tier = self.proxy.read("tiers.d/pupil.yaml")
        count = 0

        def new_list_rules(told):
            nonlocal count
            count += 1
            self.server.says_list(names("old", 60) + names("new", count))
            said = self.update("web", *state)
            self.assertIn("reloaded", said)
            self.assertEqual("the files of the configuration are not as they were accepted last" in said, told)
            self.assertEqual(statuses(f"new{count - 1}.test", "ok.test"), [403, 200])

        for edited in (tier.replace("block:", "block:\n  - ok.test", 1), tier + "warn: [half"):  # whole, and in the middle of a word
            self.proxy.write("tiers.d/pupil.yaml", edited)
            new_list_rules(True)
            self.assertEqual(self.proxy.read("tiers.d/pupil.yaml"), edited)
        # Also where the proxy began with what was accepted last: that the files are not used is said as before.
        self.proxy.stop()
        self.proxy.start(*state)
        self.assertTrue(wait_until(lambda: kept()["in_use"]))
        before = kept()["errors"]
        new_list_rules(True)
        self.assertEqual((kept()["in_use"], kept()["errors"]), (True, before))
        self.proxy.write("tiers.d/pupil.yaml", tier)
        new_list_rules(False)
        self.proxy.write("tiers.d/pupil.yaml", tier.replace("block:", "block:\n  - ok.test", 1))
        self.proxy.command("reload", *state)
        self.assertFalse(kept()["in_use"])
        self.assertEqual(statuses("new0.test", "ok.test"), [403, 403])

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

    def partly(self, body, etag='"v1"', cut=0.5, honest=True):
        """A server that closes in the middle, and knows how to go on. `honest` False: it sends another list under a range."""
        def serve(connection, fields):
            first = 0
            if "range" in fields and fields.get("if-range") == etag:
                first = int(fields["range"].removeprefix("bytes=").removesuffix("-"))
            part = body[first:] if honest else b"x" * (len(body) - first)
            status = f"206 Partial Content\r\nContent-Range: bytes {first}-{len(body) - 1}/{len(body)}" if first else "200 OK"
            head = f"HTTP/1.1 {status}\r\nContent-Length: {len(part)}\r\nETag: {etag}\r\n\r\n".encode()
            connection.sendall(head + part[:max(1, int(len(part) * cut))])

        return serve

    def test_a_download_that_is_cut_goes_on(self):
        text = names("old", 20_000)
        self.server.says["/list"] = self.partly(text.encode(), cut=0.6)
        # Three requests a run, each behind what came before: 0.6, 0.84, 0.936 of it; the next run begins there.
        said = self.update("web", code=1)
        self.assertIn("cut short", said)
        self.assertIn("KiB of it have come; the next update goes on behind them", said)
        asked = [fields.get("range") for _, fields in self.server.asked]
        size = len(text.encode())
        self.assertEqual(asked, [None, f"bytes={int(size * 0.6)}-", f"bytes={int(size * 0.6) + int((size - int(size * 0.6)) * 0.6)}-"])
        self.assertTrue(os.path.exists(self.proxy.path("state/lists/web.list.partial")))
        self.assertIsNone(self.ruling())
        self.server.asked.clear()
        self.server.says["/list"] = self.partly(text.encode(), cut=1)
        self.update("web")
        self.assertEqual(self.ruling(), text)
        self.assertEqual(len(self.server.asked), 1)
        self.assertEqual(self.server.asked[0][1]["if-range"], '"v1"')
        self.assertNotIn("if-none-match", self.server.asked[0][1])
        self.assertFalse([name for name in os.listdir(self.proxy.path("state/lists")) if "partial" in name])

    def test_a_list_that_changed_meanwhile_begins_anew(self):
        self.server.says["/list"] = self.partly(names("old", 2000).encode(), cut=0.5)
        self.update("web", code=1)
        self.server.says["/list"] = self.partly(names("new", 3000).encode(), etag='"v2"', cut=1)
        self.update("web")
        self.assertEqual(self.ruling(), names("new", 3000))
        # Bytes that somebody touched here are not gone on with.
        self.server.says["/list"] = self.partly(names("old", 4000).encode(), etag='"v3"', cut=0.5)
        self.update("web", code=1)
        self.proxy.write("state/lists/web.list.partial", "0.0.0.0 touched.test\n")
        self.server.asked.clear()
        self.server.says["/list"] = self.partly(names("new", 3001).encode(), etag='"v3"', cut=1)
        self.update("web")
        self.assertNotIn("range", self.server.asked[0][1])
        self.assertEqual(self.ruling(), names("new", 3001))

    def test_what_cannot_be_gone_on_with(self):
        body = names("old", 2000).encode()
        for etag in ('W/"weak"', ""):
            self.server.asked.clear()
            self.server.says["/list"] = self.partly(body, etag=etag, cut=0.5)
            self.assertNotIn("KiB of it have come", self.update("web", code=1))
            self.assertEqual(len(self.server.asked), 1)
        # Another range than was asked for, or one of something else.
        for lie in ("bytes 7-90/91", "bytes 0-90/91", "nonsense"):
            self.server.says["/list"] = self.partly(body, cut=0.5)
            self.update("web", code=1)
            self.server.says["/list"] = f"HTTP/1.1 206 Partial Content\r\nContent-Range: {lie}\r\nContent-Length: 10\r\n\r\nbet.test\n\n".encode()
            self.assertIn("the server answers 206", self.update("web", code=1))
            self.assertFalse(os.path.exists(self.proxy.path("state/lists/web.list.partial")))
        # A range beyond the end: all of it once more, in the same run.
        self.server.says["/list"] = self.partly(body, cut=0.5)
        self.update("web", code=1)

        def refuse_ranges(connection, fields):
            connection.sendall(origins.response(status="416 Range Not Satisfiable") if "range" in fields else origins.response(body))

        self.server.says["/list"] = refuse_ranges
        self.update("web")
        self.assertEqual(self.ruling(), body.decode())

    def test_no_rest_makes_a_list_larger_than_may_be(self):
        self.server.says["/list"] = self.partly(names("old", 2000).encode(), cut=0.5)
        self.update("web", code=1)
        kept = os.stat(self.proxy.path("state/lists/web.list.partial")).st_size

        def endless(connection, fields):
            first = int(fields["range"].removeprefix("bytes=").removesuffix("-"))
            connection.sendall(f"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {first}-99999999999/100000000000\r\n\r\n".encode())
            while True:
                connection.sendall(b"a" * 65536)

        self.assertGreater(kept, 0)
        self.server.says["/list"] = endless
        self.assertIn("larger than 64 MiB", self.update("web", code=1))
        self.assertFalse(os.path.exists(self.proxy.path("state/lists/web.list.partial")))

    def in_archive(self, file):
        self.proxy.write("lists.d/web.yaml", "version: 1\nlists:\n  - {name: web, category: gambling, format: domains, "
                         f"update: {{from: \"https://localhost:{self.server.port}/list\", file: \"{file}\"}}}}\n")

    def test_archives(self):
        bets = names("old", 60)
        self.in_archive("bets/domains")
        for kind in ("w", "w:gz"):
            self.server.says["/list"] = origins.response(archive([("bets/domains", bets), ("bets/urls", "a.test/x\n"), ("bets/usage", "black\n")], kind))
            self.update("web")
            self.assertEqual(self.ruling(), bets)
        # A link elsewhere in the archive is nobody's business; in the file's place it is refused.
        self.server.says["/list"] = origins.response(archive([("bets/link", None), ("bets/domains", names("old", 61))]))
        self.update("web")
        self.assertEqual(self.ruling(), names("old", 61))
        for members, said in (([("bets/domains", None)], "bets/domains in the archive is a link"),
                              ([("../../etc/x", "y"), ("bets/domains", bets)], "leads out of it"),
                              ([("/etc/x", "y"), ("bets/domains", bets)], "leads out of it"),
                              ([("bets/urls", "a.test/x\n")], "there is no bets/domains in the archive; there are: bets/urls"),
                              ([(f"d{i}", "") for i in range(10_001)], "more than 10000 files in the archive")):
            self.server.says["/list"] = origins.response(archive(members))
            self.refused(said)
        self.server.says["/list"] = origins.response(gzip.compress(archive([("bets/domains", bets)], "w")[:700]))
        self.refused("cut short")
        self.server.says["/list"] = origins.response(archive([("bets/domains", "\0" * (300 << 20))]))
        self.refused("expands to more than 256 MiB")
        self.server.says["/list"] = origins.response(bets)
        self.refused("it is no archive")
        self.entry(f"https://localhost:{self.server.port}/list")
        self.server.says["/list"] = origins.response(archive([("a", bets), ("b", bets)]))
        self.refused("an archive of several files (a, b): update: file: says which one")

    def test_an_archive_from_a_folder(self):
        self.in_archive("bets/domains")
        os.makedirs(self.proxy.path("stick"))
        with open(self.proxy.path("stick/web.tar.gz"), "wb") as out:
            out.write(archive([("bets/domains", names("old", 60))]))
        self.update("--from", self.proxy.path("stick"))
        self.assertEqual(self.ruling(), names("old", 60))

    def through(self, parent, catalogue="localhost"):
        self.proxy.write("schoolgate.yaml", self.proxy.read("schoolgate.yaml").replace(
            '"hosts_file"', f'"parent": "http://127.0.0.1:{parent}", "hosts_file"').replace(
                '"allow_networks": ["127.0.0.0/8"]', '"allow_networks": ["10.9.0.0/16"]'))
        self.proxy.write("list-catalogue.yaml", f"""version: 1
lists:
  web2:
    purpose: {{vi: a, en: a}}
    category: gambling
    format: domains
    from: "https://{catalogue}/x"
    licence: MIT
    school: yes
    maintainer: a
    checked: yes
""")

    def test_through_a_parent_names_of_the_catalogue_alone(self):
        parent = origins.ParentProxy(refuse=("secret.test",))
        self.through(parent.port)
        self.server.says_list(names("old", 60))
        self.update("web")
        self.assertEqual(self.ruling(), names("old", 60))
        self.assertEqual(parent.lines, [f"CONNECT localhost:{self.server.port} HTTP/1.1"])
        # What it leads to is asked for only where the catalogue names that, too.
        parent.lines.clear()
        self.lead("https://inside.test/list")
        self.refused("inside.test is no host of the catalogue of lists")
        self.lead(f"http://localhost:{self.server.port}/list")
        self.refused("away from https")
        self.lead(f"https://localhost:{self.server.port}/list")
        self.refused("more than 5 times")
        self.assertEqual({line.split(" ")[1] for line in parent.lines}, {f"localhost:{self.server.port}"})
        self.server.says["/other"] = origins.response(names("old", 61))
        self.lead("/other")
        self.update("web")
        self.assertEqual(self.ruling(), names("old", 61))

    def test_a_parent_is_not_asked_for_other_names_and_may_refuse(self):
        parent = origins.ParentProxy(refuse=("localhost",))
        self.through(parent.port, catalogue="lists.example")
        self.server.says_list(names("old", 60))
        self.refused("localhost is no host of the catalogue of lists", "bring the list with --from")
        self.assertEqual(parent.lines, [])
        self.proxy.write("list-catalogue.yaml", self.proxy.read("list-catalogue.yaml").replace("lists.example", "localhost"))
        self.refused("the parent proxy answers 403")
        self.assertEqual(self.server.asked, [])

    def test_what_people_visit_and_a_new_list_closes_is_named(self):
        origin = origins.Recorder()
        self.begin_with(names("old", 60))
        self.proxy.start()
        for host, clients in (("new0.test", 5), ("new1.test", 4), ("old0.test", 6)):
            for client in range(clients):
                answer = self.proxy.curl(f"http://{host}:{origin.port}/", source=f"127.0.0.{10 + client}")
                self.assertEqual(answer.status, 403 if host == "old0.test" else 200)
        self.assertTrue(wait_until(lambda: self.proxy.command("log", "--json").stdout.count('"host"') >= 15))
        self.server.says_list(names("old", 60) + names("new", 2))
        said = self.update("--dry-run")
        self.assertIn("closes new0.test, which 5 clients visited last week, in tier pupil", said)
        self.assertNotIn("closes new1.test", said)
        self.assertNotIn("closes old0.test", said)
        # Also of what waits: that is what a person decides by.
        self.server.says_list("new0.test\n" + names("old", 10))
        said = self.update("web", code=1)
        self.assertIn("closes new0.test", said)
        self.assertIn("waits: it has shrunk", said)

    def test_progress_on_a_terminal_alone(self):
        def slow(connection, _):
            body = names("old", 60).encode()
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
            for at in range(0, len(body), 100):
                connection.sendall(body[at:at + 100])
                time.sleep(0.3)

        self.server.says["/list"] = slow
        self.assertNotIn("KiB", self.update("web"))
        os.remove(self.proxy.path("state/lists/web.list"))
        master, terminal = os.openpty()
        done = subprocess.run([program(), "lists", "update", "web", "--cacert", self.authority.certificate, "--config", self.proxy.config],
                              stdout=subprocess.PIPE, stderr=terminal, timeout=60, check=False)
        os.close(terminal)
        shown = os.read(master, 65536).decode()
        os.close(master)
        self.assertEqual(done.returncode, 0, shown)
        self.assertIn("[###", shown)
        self.assertIn("web: 0 KiB", shown)
        self.assertNotIn("KiB", done.stdout.decode())

    def test_json_of_lists_that_are_fetched(self):
        self.begin_with(names("old", 60))
        shown = {one["name"]: one for one in json.loads(self.proxy.command("lists", "show", "--json").stdout)}
        self.assertFalse(shown["web"]["overdue"])
        self.assertNotIn("overdue", shown["gambling"])


if __name__ == "__main__":
    unittest.main()
