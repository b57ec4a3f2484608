"""https: inspect: opened with the school's certificate, verified upstream as a browser would, judged as whole URLs."""
import hashlib
import json
import os
import re
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

import bad_tls
import h2
import origins
from harness import Browser, Proxy, free_port, of_connect, read_all, status_of, wait_until

INSPECT = '{mode: inspect, reason: "decided by the school board"}'
PAGE = "Sec-Fetch-Dest: document\r\nAccept-Language: en\r\n"
NAMES = ("secure.test", "bet.test", "games.test", "sad.test", "mixed.test", "second.test", "bank.test", "old.test", "other.test")
NO_LIMITS = {"connections_per_client": 5000, "requests_per_second_per_client": 100000}


def inspecting(authority, ports, settings="", **more):
    return Proxy(ports=ports, https=INSPECT, upstream={"extra_ca": [authority.certificate]},
                 hosts=NAMES, extra=f"https: {{never_inspect: {{categories: [], hosts: [bank.test]}}{settings}}}\n", **more)


def opened(proxy, host, port, context=None, hello=None):
    """TLS through a CONNECT; `context`: whom to trust, else the school's authority; `hello`: another name than the CONNECT's."""
    connection = proxy.connect()
    connection.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert b" 200 " in connection.recv(4096)
    context = context or ssl.create_default_context(cafile=proxy.ca)
    return context.wrap_socket(connection, server_hostname=hello or host)


def ended(connection):
    """Waits until it ends, cleanly or not; still open after its timeout is an error."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def asked_once(proxy, port):
    """A connection that has had an answer in HTTP/1.1."""
    secure = opened(proxy, "secure.test", port)
    secure.sendall(f"GET /size/10 HTTP/1.1\r\nHost: secure.test:{port}\r\n\r\n".encode())
    got = b""
    while not got.endswith(origins.pattern(10)):
        got += secure.recv(4096)
    return secure


def idle_cost(proxy, connect, warm, idle):
    """KiB of the proxy's own memory for each of `idle` connections that were used once; `warm` others come first."""
    kept = [connect() for _ in range(warm)]
    time.sleep(4)  # buffers of connections that fall idle go back after two seconds
    before = proxy.memory_kib("RssAnon")
    kept += [connect() for _ in range(idle)]
    time.sleep(4)
    cost = (proxy.memory_kib("RssAnon") - before) / idle
    for connection in kept:
        connection.close()
    return cost


def share(folder):
    """The proxy of a test run by root is nobody."""
    os.chmod(folder, 0o755)
    return folder


class Inspect(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = origins.TestAuthority()
        share(cls.authority.folder)
        cls.secure = origins.Recorder(cls.authority.context(*NAMES))
        cls.port = cls.secure.port
        cls.proxy = inspecting(cls.authority, [cls.port], timeouts={"hello": 2, "head": 3}).start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()
        cls.authority.close()

    def https(self, host, path="/", *arguments, **options):
        return self.proxy.curl(f"https://{host}:{self.port}{path}", "--cacert", self.proxy.ca, *arguments, **options)

    def opened(self, host, context=None, proxy=None, hello=None):
        return opened(proxy or self.proxy, host, self.port, context, hello)

    def rows(self, host, wanted):
        """The log's rows once `wanted` says they are all there."""
        end = time.time() + 5
        while True:
            rows = self.proxy.log_rows("--host", host)
            if wanted(rows) or time.time() > end:
                return rows

    def test_pages_downloads_and_uploads(self):
        for path in ("/size/0", "/size/1", "/size/20000000", "/chunked/3000000"):
            with self.subTest(path=path):
                got = self.https("secure.test", path)
                self.assertEqual(got.status, 200, got.error)
                self.assertEqual(got.body_bytes, origins.pattern(int(path.split("/")[2])))
        with tempfile.NamedTemporaryFile() as body:
            body.write(origins.pattern(8_000_000))
            body.flush()
            for more in ((), ("-H", "Transfer-Encoding: chunked")):
                got = self.https("secure.test", "/echo", "--data-binary", "@" + body.name, *more)
                self.assertEqual(hashlib.sha256(got.body_bytes).digest(), hashlib.sha256(origins.pattern(8_000_000)).digest())

    def test_the_whole_url_is_judged(self):
        for path, status in (("/", 200), ("/public", 200), ("/secret", 403), ("/%73ecret/x", 403), ("/casino-77", 403)):
            with self.subTest(path=path):
                got = self.https("mixed.test", path, "-H", "Sec-Fetch-Dest: document")
                self.assertEqual((got.connect_status, got.status), (of_connect(200), status))
        rows = self.rows("mixed.test", lambda rows: any(r["path"] == "/secret" for r in rows))
        row = [r for r in rows if r["path"] == "/secret"][-1]
        self.assertEqual((row["seen"], row["action"], row["method"]), ("url", "block", "GET"))

    def test_blocked_warned_and_help_have_their_pages(self):
        before = self.secure.origin.connections
        for host, word in (("bet.test", "Gambling"), ("games.test", "Continue"), ("sad.test", "111")):
            with self.subTest(host=host):
                got = self.https(host, "/", "-H", "Sec-Fetch-Dest: document", "-H", "Accept-Language: en")
                self.assertEqual(got.status, 403)
                self.assertIn(word, got.body)
        self.assertEqual(self.secure.origin.connections, before)

    def test_continue_inside(self):
        page = self.https("games.test", "/a", "-H", "Sec-Fetch-Dest: document").body
        token = re.search(r'name="token" value="([^"]+)"', page)[1]
        got = self.proxy.curl("https://schoolgate.internal/continue", "--cacert", self.proxy.ca, "--data-urlencode", "token=" + token,
                              "--data-urlencode", f"url=https://games.test:{self.port}/a")
        self.assertEqual(got.status, 303)
        self.assertEqual(self.https("games.test", "/a").status, 200)

    def test_many_requests_on_one_connection(self):
        before = self.secure.origin.connections
        with self.opened("secure.test") as secure:
            for i in range(50):
                secure.sendall(f"GET /size/{i * 100} HTTP/1.1\r\nHost: secure.test:{self.port}\r\n\r\n".encode())
                head, body = origins.read_head(secure)
                while len(body) < i * 100:
                    body += secure.recv(65536)
                self.assertEqual(body, origins.pattern(i * 100))
        self.assertLessEqual(self.secure.origin.connections, before + 1)

    def test_an_idle_connection_costs_little(self):
        with inspecting(self.authority, [self.port], limits=NO_LIMITS) as proxy:
            self.assertLess(idle_cost(proxy, lambda: asked_once(proxy, self.port), 50, 150), 40)

    def test_another_host_inside_is_misdirected(self):
        for host in ("other.test", f"bet.test:{self.port}", "secure.test", "secure.test:1"):
            with self.subTest(host=host), self.opened("secure.test") as secure:
                secure.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                self.assertEqual(status_of(read_all(secure)), 421)

    def test_no_connect_and_no_proxy_requests_inside(self):
        for request in (f"CONNECT other.test:{self.port} HTTP/1.1\r\nHost: x\r\n\r\n",
                        "GET http://other.test/ HTTP/1.1\r\nHost: other.test\r\n\r\n"):
            with self.subTest(request=request[:7]), self.opened("secure.test") as secure:
                secure.sendall(request.encode())
                self.assertIn(status_of(read_all(secure)), (400, 421))

    def test_a_reload_ends_websockets_that_would_not_be_opened_now(self):
        """Because their host is blocked now, or is one whose connections are never opened; others go on."""
        with inspecting(self.authority, [self.port]) as proxy:
            hosts = ("second.test", "other.test", "secure.test")
            blocked, never, kept = sockets = [self.opened(host, proxy=proxy) for host in hosts]
            for host, secure in zip(hosts, sockets):
                self.open_websocket(secure, host)
            proxy.write("lists/gambling.txt", proxy.read("lists/gambling.txt") + "second.test\n")
            proxy.write("schoolgate.yaml", proxy.read("schoolgate.yaml").replace("[bank.test]", "[bank.test, other.test]"))
            proxy.command("reload")
            for host, secure in (("second.test", blocked), ("other.test", never)):
                with self.subTest(host=host):
                    self.assertTrue(ended(secure))
            kept.sendall(b"\x82\x81" + bytes(4) + b"x")
            self.assertEqual(kept.recv(1000), b"\x82\x01x")
            for secure in sockets:
                secure.close()

    def open_websocket(self, secure, host, port=None):
        """Returns what the origin said behind its head."""
        secure.sendall((f"GET /ws HTTP/1.1\r\nHost: {host}:{port or self.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        head, rest = origins.read_head(secure)
        self.assertIn(b" 101 ", head)
        return rest

    def test_names_that_are_never_opened(self):
        self.assertEqual(self.https("bank.test").exit_code, 60)
        got = self.proxy.curl(f"https://bank.test:{self.port}/secret", "--cacert", self.authority.certificate)
        self.assertEqual(got.status, 200)
        rows = self.rows("bank.test", bool)
        self.assertEqual({r["seen"] for r in rows}, {"sni"})

    def test_a_reload_ends_what_was_opened_under_the_old_policy(self):
        more = "https: {never_inspect: {categories: [], hosts: [%s]}}\n"
        with Proxy(ports=[self.port], https=INSPECT, upstream={"extra_ca": [self.authority.certificate]}, hosts=NAMES,
                   extra=more % "bank.test") as proxy:
            def ask(secure, path):
                secure.sendall(f"GET {path} HTTP/1.1\r\nHost: secure.test:{self.port}\r\n\r\n".encode())
            ours, theirs = (ssl.create_default_context(cafile=f) for f in (proxy.ca, self.authority.certificate))
            with self.opened("secure.test", ours, proxy) as idle, self.opened("secure.test", ours, proxy) as busy, \
                    h2.Client(proxy, "secure.test", self.port) as many:
                for secure in (idle, busy):
                    ask(secure, "/size/10")
                    got = b""
                    while not got.endswith(origins.pattern(10)):
                        got += secure.recv(1000)
                many.ask(1, "/size/10")
                self.assertTrue(many.read(lambda c: 1 in c.ended))
                ask(busy, "/size/1000000")
                got = busy.recv(1000)
                proxy.write("schoolgate.yaml", proxy.read("schoolgate.yaml").replace(more % "bank.test", more % "secure.test"))
                self.assertEqual(proxy.command("reload").returncode, 0)
                self.assertEqual(idle.recv(1), b"")
                got += read_all(busy)  # what was under way ends, then the connection
                self.assertTrue(got.endswith(origins.pattern(1_000_000)))
                self.assertTrue(many.read(lambda c: c.closed))
                self.assertIsNotNone(many.goaway)
            with self.opened("secure.test", theirs, proxy) as secure:  # the origin's own certificate
                ask(secure, "/size/10")
                self.assertTrue(secure.recv(1000).startswith(b"HTTP/1.1 200"))

    def test_a_tunnel_that_is_no_tls_outlives_a_reload(self):
        def serve(connection):
            while data := connection.recv(65536):
                connection.sendall(data)
        echo = origins.Origin(serve)
        with inspecting(self.authority, [echo.port]) as proxy:
            proxy.write("tiers.d/pupil.yaml", proxy.read("tiers.d/pupil.yaml").replace("tunnel: {", "tunnel: {not_tls: allow_and_record, "))
            proxy.command("reload")
            tunnels = []
            for host in ("secure.test", "other.test"):  # judged in this order
                connection = proxy.connect()
                self.addCleanup(connection.close)
                connection.sendall(f"CONNECT {host}:{echo.port} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                self.assertIn(b" 200 ", connection.recv(4096))
                connection.sendall(b"\x00hello")
                self.assertEqual(connection.recv(100), b"\x00hello")
                tunnels.append(connection)
            proxy.write("lists/adult.txt", "adult.test\nother.test\n")
            proxy.command("reload")
            self.assertTrue(ended(tunnels[1]))
            tunnels[0].sendall(b"still here")
            self.assertEqual(tunnels[0].recv(100), b"still here")

    def test_a_name_of_its_own_in_the_hello(self):
        """Where a tier lets CONNECT and hello differ, the hello's name is the one that is opened, judged and asked for."""
        proxy = inspecting(self.authority, [self.port])
        proxy.write("tiers.d/pupil.yaml", proxy.read("tiers.d/pupil.yaml").replace("tunnel: {", "tunnel: {sni_mismatch: allow_and_record, "))
        with proxy:
            ours = ssl.create_default_context(cafile=proxy.ca)
            for host, status in (("second.test", 200), ("secure.test", 421)):
                with self.subTest(host=host), self.opened("secure.test", ours, proxy, hello="second.test") as secure:
                    secure.sendall(f"GET / HTTP/1.1\r\nHost: {host}:{self.port}\r\nConnection: close\r\n\r\n".encode())
                    self.assertEqual(status_of(read_all(secure)), status)
            with self.opened("secure.test", ours, proxy, hello="bet.test") as secure:
                secure.sendall(f"GET / HTTP/1.1\r\nHost: bet.test:{self.port}\r\nConnection: close\r\n\r\n".encode())
                self.assertEqual(status_of(read_all(secure)), 403)

    def test_other_tiers_are_not_opened(self):
        got = self.proxy.curl(f"https://secure.test:{self.port}/", "--cacert", self.authority.certificate, source="127.0.0.2")
        self.assertEqual(got.status, 200)

    def test_a_client_that_refuses_the_certificate_is_listed(self):
        got = self.proxy.curl(f"https://second.test:{self.port}/", "--cacert", self.authority.certificate)
        self.assertEqual(got.exit_code, 60)
        self.rows("second.test", bool)
        rows = [json.loads(l) for l in self.proxy.command("log", "--pinned", "--json").stdout.splitlines()]
        self.assertEqual({(r["host"], r["ended"]) for r in rows if r["host"] == "second.test"},
                         {("second.test", "certificate-refused")})

    def test_websocket(self):
        with self.opened("secure.test") as secure:
            rest = self.open_websocket(secure, "secure.test")
            for size in (5, 60_000, 60_000, 3):
                payload = origins.pattern(size)
                length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
                secure.sendall(b"\x82" + length + bytes(4) + payload)
                want = 2 + (0 if size < 126 else 2) + size
                while len(rest) < want:
                    rest += secure.recv(65536)
                self.assertEqual(rest[want - size:want], payload)
                rest = rest[want:]
        blocked = self.https("bet.test", "/ws", "-H", "Upgrade: websocket", "-H", "Connection: Upgrade", "-H",
                             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "-H", "Sec-WebSocket-Version: 13")
        self.assertEqual(blocked.status, 403)

    def test_an_origin_that_speaks_first_in_a_websocket(self):
        """Its first frame comes in one piece with its head, in a TLS record of its own: nothing else will wake us for it."""
        context = self.authority.context("other.test")

        def serve(connection):
            wire, said = ssl.MemoryBIO(), ssl.MemoryBIO()
            tls = context.wrap_bio(wire, said, server_side=True)

            def step(call, *arguments):
                while True:
                    try:
                        return call(*arguments)
                    except ssl.SSLWantReadError:
                        connection.sendall(said.read())
                        wire.write(connection.recv(65536))
            step(tls.do_handshake)
            fields = origins.fields_of(step(tls.read, 65536).rstrip())
            tls.write(origins.websocket_head(fields))
            tls.write(b"\x81\x05hello")
            connection.sendall(said.read())
            connection.recv(1)

        origin = origins.Origin(serve)
        with inspecting(self.authority, [origin.port]) as proxy, opened(proxy, "other.test", origin.port) as secure:
            rest = self.open_websocket(secure, "other.test", origin.port)
            while len(rest) < 7:
                rest += secure.recv(100)
            self.assertEqual(rest, b"\x81\x05hello")

    def test_a_cut_answer_is_not_complete(self):
        """An origin that ends without close_notify may have been cut: a body without a length must not look whole."""
        def serve(connection):
            origins.read_head(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf")
            with socket.socket(fileno=os.dup(connection.fileno())) as beneath:
                beneath.shutdown(socket.SHUT_RDWR)

        cut = origins.Origin(serve, self.authority.context("other.test"))
        with inspecting(self.authority, [cut.port]) as proxy:
            got = proxy.curl(f"https://other.test:{cut.port}/", "--cacert", proxy.ca)
        self.assertNotEqual(got.exit_code, 0)

    def test_explain_tells_what_is_seen(self):
        said = self.proxy.command("explain", f"https://mixed.test/secret").stdout
        self.assertIn("request: the whole URL", said)
        self.assertIn("block", said)
        self.assertIn("https    opened: tier pupil says https: inspect", said)
        closed = self.proxy.command("explain", "https://bank.test/secret").stdout
        self.assertIn("connect", closed)
        self.assertIn("https    not opened: never_inspect names bank.test", closed)
        # By the name alone: what an inspected tier does, not what one without pages would.
        warned = self.proxy.command("explain", "--stage", "connect", "https://games.test/", "--exit-code")
        self.assertIn("gets     each request inside is judged as a whole address; by the name alone: a page with Continue",
                      warned.stdout)
        self.assertEqual(warned.returncode, 0)

    def test_upstream_sessions_resume(self):
        resumed = []

        def serve(connection):
            resumed.append(connection.session_reused)
            origins.read_head(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            connection.unwrap()

        origin = origins.Origin(serve, self.authority.context("other.test"))
        with inspecting(self.authority, [origin.port]) as proxy:
            for _ in range(8):
                self.assertEqual(proxy.curl(f"https://other.test:{origin.port}/", "--cacert", proxy.ca).body, "ok")
        self.assertGreaterEqual(sum(resumed), 4)

    def test_many_at_once(self):
        failures = []

        def work():
            for i in range(10):
                got = self.https("secure.test", f"/size/{1000 * i}")
                if got.body_bytes != origins.pattern(1000 * i):
                    failures.append(got.error)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])


class BadOrigins(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = origins.TestAuthority()
        cls.zoo = bad_tls.Zoo(cls.authority)
        share(cls.authority.folder)
        cls.bad = [(what, origins.Recorder(context), word) for what, context, word in cls.zoo.all("other.test")]
        cls.excepted = origins.Recorder(cls.zoo.self_signed("old", "old.test"))
        cls.silent = origins.Origin(lambda connection: connection.recv(1))
        cls.plain = origins.Recorder()
        cls.good = origins.Recorder(cls.authority.context("other.test"))
        ports = [o.port for _, o, _ in cls.bad] + [cls.excepted.port, cls.silent.port, cls.plain.port, cls.good.port]
        exceptions = (', exceptions: [{host: old.test, reason: "its certificate comes in spring", until: 2039-12-31}, '
                      '{host: other.test, reason: "long ago", until: 2020-01-01}]')
        cls.proxy = inspecting(cls.authority, ports, exceptions, timeouts={"connect": 2}).start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()
        cls.zoo.close()
        cls.authority.close()

    def get(self, host, port):
        return self.proxy.curl(f"https://{host}:{port}/", "--cacert", self.proxy.ca, "-H", "Sec-Fetch-Dest: document", "-H",
                               "Accept-Language: en")

    def test_each_is_refused_with_a_page_that_says_why(self):
        self.assertEqual(self.get("other.test", self.good.port).status, 200)
        for what, origin, word in self.bad:
            with self.subTest(what=what):
                got = self.get("other.test", origin.port)
                self.assertEqual(got.status, 502, got.error)
                self.assertIn("so the school does not open the page", got.body)
                self.assertIn(word.lower(), got.body.lower())
                self.assertEqual(origin.heads, [])

    def test_no_tls_and_no_answer(self):
        for origin, status in ((self.plain, 504), (self.silent, 502)):
            with self.subTest(status=status):
                self.assertEqual(self.get("other.test", origin.port).status, status)
        self.assertEqual(self.plain.heads, [])

    def test_an_exception_holds_for_its_host_alone_and_its_time(self):
        for _ in range(3):
            self.assertEqual(self.get("old.test", self.excepted.port).status, 200)
        rows = self.proxy.log_rows("--host", "old.test", wanted=3)
        self.assertEqual([r["flags"] for r in rows], ["record"] * 3)
        self.assertEqual(self.excepted.origin.connections, 3)  # each asked anew whether it is excepted
        self.assertEqual(self.get("other.test", self.bad[3][1].port).status, 502)


class InspectInChromium(unittest.TestCase):
    def test_pages_and_websocket(self):
        authority = origins.TestAuthority()
        share(authority.folder)
        secure = origins.Recorder(authority.context(*NAMES))
        secure.pages["/page"] = """<!doctype html><p id=out>waiting</p><img src=/held><script>
            const socket = new WebSocket(`wss://${location.host}/echo`);
            socket.onopen = () => socket.send("ping-pong");
            socket.onmessage = event => { out.textContent = "echoed " + event.data; fetch("/release"); };</script>"""
        with inspecting(authority, [secure.port]) as proxy:
            browser = Browser(proxy, trusts=proxy.ca)
            self.assertIn("Hello from the origin", browser.dom(f"https://secure.test:{secure.port}/"))
            self.assertIn("echoed ping-pong", browser.dom(f"https://secure.test:{secure.port}/page"))
            self.assertNotIn("Hello from the origin", browser.dom(f"https://mixed.test:{secure.port}/secret"))
        authority.close()


class Revoked(unittest.TestCase):
    """What an authority has taken back, by what the origin staples and by the lists of https.crl_dir; and whose a ticket is."""

    def setUp(self):
        self.authority = origins.TestAuthority()
        self.zoo = bad_tls.Zoo(self.authority)
        self.addCleanup(self.authority.close)
        self.addCleanup(self.zoo.close)
        share(self.authority.folder)

    def stapling(self, stem, file=None):
        """An origin that staples this file."""
        port = free_port()
        server = subprocess.Popen(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-www", "-quiet", "-cert", stem + ".crt", "-key",
                                   stem + ".key", *(["-status_file", file] if file else [])], cwd=self.authority.folder,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)

        def listens():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        self.assertTrue(wait_until(listens))
        return port

    def test_stapled_status(self):
        zoo = self.zoo
        zoo.leaf("plain", "other.test")
        zoo.leaf("must", "other.test", more="tlsfeature=status_request\n")
        zoo.leaf("revoked", "other.test")
        zoo.note("plain", "must", revoked=("revoked",))
        for stem in ("plain", "must", "revoked"):
            zoo.status(stem, stem + ".der")
        zoo.status("must", "by-itself.der", signer="must")
        zoo.status("revoked", "by-another.der", signer="plain")
        missing, taken_back = "certificate: promised status is missing", "certificate: revoked (OCSP)"
        cases = [("plain", None, None), ("plain", "plain.der", None), ("must", "must.der", None), ("must", None, missing),
                 ("must", "plain.der", missing), ("must", "by-itself.der", missing), ("revoked", "revoked.der", taken_back),
                 ("revoked", "by-another.der", None)]
        cases = [(*case, self.stapling(*case[:2])) for case in cases]
        with inspecting(self.authority, [port for *_, port in cases]) as proxy:
            for stem, file, cause, port in cases:
                with self.subTest(certificate=stem, stapled=file):
                    got = proxy.curl(f"https://other.test:{port}/", "--cacert", proxy.ca, "--http1.1", "-H", "Accept: text/html")
                    self.assertEqual(got.status, 502 if cause else 200)
                    if cause:
                        self.assertIn(cause, got.body)
                        self.assertTrue(wait_until(lambda: proxy.log_rows()[-1]["cause"] == cause))

    def test_lists(self):
        zoo = self.zoo
        zoo.leaf("fine", "other.test")
        zoo.leaf("revoked", "other.test")
        zoo.note("fine", revoked=("revoked",))
        os.makedirs(os.path.join(self.authority.folder, "crl"))
        unlisted = origins.TestAuthority("Another CA")  # trusted, and has no list
        self.addCleanup(unlisted.close)
        share(unlisted.folder)
        servers = [origins.Recorder(zoo.context("fine")), origins.Recorder(zoo.context("revoked")),
                   origins.Recorder(unlisted.context("other.test"))]
        for form in ("PEM", "DER"):
            zoo.revocation_list("crl/list.crl", form)
            with self.subTest(form=form), Proxy(
                    ports=[s.port for s in servers], https=INSPECT, hosts=NAMES,
                    upstream={"extra_ca": [self.authority.certificate, unlisted.certificate]},
                    extra=f"https: {{crl_dir: {self.authority.folder}/crl, never_inspect: {{categories: []}}}}\n") as proxy:
                for server, status in zip(servers, (200, 502, 200)):
                    self.assertEqual(proxy.curl(f"https://other.test:{server.port}/", "--cacert", proxy.ca).status, status)
                causes = [r["cause"] for r in proxy.log_rows(wanted=3) if r["cause"]]
                self.assertEqual(causes, ["certificate: certificate revoked"])

    def test_a_list_that_cannot_be_read_is_told_with_its_place(self):
        folder = os.path.join(self.authority.folder, "crl")
        os.makedirs(folder)
        broken = os.path.join(folder, "broken.crl")
        with open(broken, "w", encoding="ascii") as out:
            out.write("no list\n")
        proxy = inspecting(self.authority, [1], f", crl_dir: {folder}")
        self.addCleanup(proxy.close)
        told = "SG1503: https.crl_dir: " + re.escape(broken) + ".*; remove it, or put the authority's list there again"
        with self.assertRaisesRegex(RuntimeError, told):
            proxy.start()
        done = proxy.command("check", check=False)
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stdout, told)
        # A running proxy keeps what it has, and says the same.
        os.rename(broken, folder + "/.broken")
        proxy.stop()
        proxy.start()
        self.assertEqual(proxy.command("check").returncode, 0)
        os.rename(folder + "/.broken", broken)
        done = proxy.command("reload", check=False)
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stdout + done.stderr, told)
        os.makedirs(folder + "/gone")
        gone = inspecting(self.authority, [1], f", crl_dir: {folder}/gone")
        self.addCleanup(gone.close)
        os.rmdir(folder + "/gone")
        done = gone.command("check", check=False)
        self.assertIn("SG1504", done.stdout + done.stderr)

    def test_a_ticket_is_for_its_name(self):
        server = origins.Recorder(self.authority.context("secure.test", "other.test"))
        with inspecting(self.authority, [server.port]) as proxy:
            for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                context = ssl.create_default_context(cafile=proxy.ca)
                context.minimum_version = context.maximum_version = version

                def visit(name, session=None):
                    with proxy.connect() as connection:
                        connection.sendall(f"CONNECT {name}:{server.port} HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
                        self.assertIn(b" 200 ", connection.recv(4096))
                        with context.wrap_socket(connection, server_hostname=name, session=session) as client:
                            client.sendall(f"GET / HTTP/1.1\r\nHost: {name}:{server.port}\r\n\r\n".encode())
                            client.recv(65536)
                            return client.session_reused, client.session

                _, ticket = visit("secure.test")
                self.assertTrue(visit("secure.test", ticket)[0])
                _, ticket = visit("secure.test")
                self.assertFalse(visit("other.test", ticket)[0])


if __name__ == "__main__":
    unittest.main()
