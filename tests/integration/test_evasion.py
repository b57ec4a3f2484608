"""What hides in a tunnel or behind an address: names in hand-made ClientHellos, other protocols, one's own machine in every spelling.

The origin notes every byte it gets. A refused tunnel must bring it none, an open one exactly those that were sent.
"""
import concurrent.futures
import hashlib
import socket
import struct
import threading
import unittest

import origins
from harness import Proxy, read_all, status_of, wait_until


def sized(data, width):
    return len(data).to_bytes(width, "big") + data


def extension(kind, data):
    return struct.pack("!H", kind) + sized(data, 2)


def sni(*names, kind=0):
    return extension(0, sized(b"".join(bytes([kind]) + sized(n if isinstance(n, bytes) else n.encode(), 2) for n in names), 2))


VERSIONS, GREASE_ECH, PADDING = extension(43, b"\x02\x03\x04"), extension(0xFE0D, bytes(200)), extension(21, bytes(12 << 10))


def message(*extensions, version=0x0303):
    body = struct.pack("!H", version) + bytes(range(32)) + sized(bytes(32), 1) + sized(b"\x13\x01\x13\x02", 2) + b"\x01\x00"
    return b"\x01" + sized(body + sized(b"".join(extensions), 2), 3)


def records(payload, size=16384, version=0x0301):
    return b"".join(struct.pack("!BH", 22, version) + sized(payload[i:i + size], 2) for i in range(0, len(payload), size))


def hello(*names):
    return records(message(sni(*names), VERSIONS))


OPEN_HELLOS = {
    "plain": hello("secure.test"), "capitals": hello("SECURE.Test"), "a trailing dot": hello("secure.test."),
    "records of one byte": records(message(sni("secure.test"), VERSIONS), 1), "of three": records(message(sni("secure.test"), VERSIONS), 3),
    "12 KiB of padding before the name": records(message(PADDING, sni("secure.test"), VERSIONS)),
    "random ECH": records(message(GREASE_ECH, sni("secure.test"), VERSIONS)), "record version 3.4": records(message(sni("secure.test"), VERSIONS), version=0x0304),
    "record version 3.0": records(message(sni("secure.test"), VERSIONS), version=0x0300), "early data after it": hello("secure.test") + b"\x17\x03\x03\x00\x02hi",
}
OTHER_NAMES = (
    "bet.test", "BET.Test", "bet.test.", "www.bet.test", "second.test", "secure.test.bet.test", "xsecure.test", "www.secure.test", ".secure.test",
    "secure..test", "secure.test..", "secure.test\0bet.test", "bet.test\0.secure.test", "secure.test\0", "%73ecure.test", "secure%2etest",
    "secure.test:443", "bet.test:443", "u@secure.test", "secure.test@bet.test", "secure.test/", "secure.test#", "secure.test?", "secure.test\\",
    "secure.test ", " secure.test", "secure.test\t", "secure.test\r\n", "\uff53ecure.test", "secure\u3002test", "se\u00adcure.test", "xn--secure-.test",
    "*.test", "*", "127.0.0.1", "[::1]", "::1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "::ffff:127.0.0.1", "fe80::1%lo", "[secure.test]",
    "a" * 64 + ".test", "a." * 126 + "test", "secure.test," "bet.test", "cloudflare-ech.com", "secure", "test", "localhost",
)


def shut_hellos():
    for name in OTHER_NAMES:
        yield f"name {name!r}", hello(name)
        yield f"name {name!r} in records of one byte", records(message(sni(name), VERSIONS), 1)
        yield f"name {name!r} with ECH", records(message(sni(name), GREASE_ECH, VERSIONS))
    good, bad = sni("secure.test"), sni("bet.test")
    for label, extensions in {
            "no name": [VERSIONS], "no extensions": [], "two names": [sni("secure.test", "bet.test")], "two names, other order": [sni("bet.test", "secure.test")],
            "the same name twice": [sni("secure.test", "secure.test")], "two name extensions": [good, bad], "other order": [bad, good], "the same extension twice": [good, good],
            "another extension twice": [VERSIONS, good, VERSIONS], "far apart": [good, PADDING, bad], "empty name": [sni("")], "another kind of name": [sni("secure.test", kind=1)],
            "an empty list": [extension(0, b"\0\0")], "an empty extension": [extension(0, b"")], "bytes after the list": [extension(0, sni("secure.test")[4:] + b"x")],
            "only ECH": [GREASE_ECH], "name cut short": [extension(0, sni("secure.test")[4:-1])]}.items():
        yield label, records(message(*extensions))
    whole = message(sni("secure.test"), VERSIONS)
    yield "another record within", records(whole[:40]) + b"\x14\x03\x01\x00\x01\x01" + records(whole[40:])
    yield "an alert within", records(whole[:40]) + b"\x15\x03\x01\x00\x02\x01\x00" + records(whole[40:])
    yield "an empty record first", b"\x16\x03\x01\x00\x00" + records(whole)
    yield "an empty record within", records(whole[:40]) + b"\x16\x03\x01\x00\x00" + records(whole[40:])
    yield "two hellos in one record", records(whole + message(bad))
    yield "more bytes in the record", records(whole + b"\0" * 20)
    yield "a record too long", b"\x16\x03\x01\x40\x01" + whole + bytes(16385 - len(whole))
    yield "more than 32 KiB", records(message(sni("secure.test"), *[extension(60000 + i, bytes(12000)) for i in range(3)]))
    yield "never ending", records(b"\x01\xff\xff\xff" + whole[4:] + bytes(40000))
    yield "a server's hello", records(b"\x02" + whole[1:])
    yield "length of the message too small", records(b"\x01\x00\x00\x20" + whole[4:])
    yield "version 2.0", records(message(sni("secure.test"), version=0x0200))
    yield "record version 3.9", records(whole, version=0x0309)
    yield "an extension too long", records(whole[:-3] + b"\xff\xff")


def other_protocols():
    noise = [hashlib.sha512(bytes([i])).digest() * 4 for i in range(12)]
    for i, data in enumerate(noise):
        yield f"Shadowsocks or obfs4 {i}", data if data[0] != 22 else b"\x80" + data
    yield from {
        "SSH": b"SSH-2.0-OpenSSH_9.2\r\n", "OpenVPN": b"\x00\x0e\x38" + noise[0][:8] + bytes(5), "OpenVPN with tls-crypt": b"\x00\x36\x38" + noise[1][:53],
        "OpenVPN, third version": b"\x00\x2a\x50" + noise[1][:41], "WireGuard over TCP": b"\x01\0\0\0" + noise[2][:144], "WireGuard with its length": b"\x00\x94\x01\0\0\0" + noise[2][:144],
        "SOCKS 5": b"\x05\x01\x00", "SOCKS 4": b"\x04\x01\x00\x50\x7f\x00\x00\x01\x00", "HTTP": b"GET / HTTP/1.1\r\nHost: bet.test\r\n\r\n",
        "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9), "a tunnel in the tunnel": b"CONNECT bet.test:443 HTTP/1.1\r\nHost: bet.test\r\n\r\n",
        "SoftEther": b"POST /vpnsvc/connect.cgi HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", "SSTP": b"SSTP_DUPLEX_POST /sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/ HTTP/1.1\r\n\r\n",
        "Remote Desktop": b"\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00", "VNC": b"RFB 003.008\n", "BitTorrent": b"\x13BitTorrent protocol" + bytes(48),
        "MTProto": b"\xef" + noise[3][:63], "MTProto, padded": b"\xdd\xdd\xdd\xdd" + noise[3][:60], "SMTP": b"EHLO secure.test\r\n", "Tor over nothing": b"\x00\x00\x07\x00\x02\x00\x03",
        "SSL 2": b"\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10" + noise[4][:37], "DTLS": b"\x16\xfe\xff\x00\x00\x00\x00\x00\x00\x00\x00" + sized(message(sni("secure.test")), 2),
        "an alert first": b"\x15\x03\x01\x00\x02\x01\x00" + hello("secure.test"), "data first": b"\x17\x03\x03\x00\x02hi" + hello("secure.test"),
        "a change of cipher first": b"\x14\x03\x03\x00\x01\x01" + hello("secure.test"), "blanks first": b"\r\n\r\n" + hello("secure.test"), "NUL first": b"\0" + hello("secure.test"),
        "zeros": bytes(100), "ones": b"\xff" * 100, "one byte": b"\x16", "a record cut short": hello("secure.test")[:40], "DNS over TCP": b"\x00\x1d\x12\x34\x01\x00\x00\x01" + bytes(23),
        "an empty line": b"\r\n", "a proxy's header": b"PROXY TCP4 127.0.0.1 127.0.0.1 1 443\r\n" + hello("secure.test"), "the same, binary": b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c" + bytes(12) + hello("secure.test"),
    }.items()


class SecondHello(unittest.TestCase):
    """A server that asks for another hello (HelloRetryRequest) serves whatever name that one holds."""

    def setUp(self):
        authority = origins.TestAuthority()
        self.addCleanup(authority.close)
        context = authority.context("secure.test", "bet.test")
        context.set_ecdh_curve("secp384r1")  # clients guess another one first
        self.names = []
        context.sni_callback = lambda connection, name, used: self.names.append(name)
        self.origin = origins.Recorder(context)
        self.trusts = authority.certificate
        self.proxy = Proxy(ports=[self.origin.port]).start()
        self.addCleanup(self.proxy.close)

    def test_real_clients_pass(self):
        got = self.proxy.curl(f"https://secure.test:{self.origin.port}/size/100000", "--cacert", self.trusts, "--curves", "X25519:P-384")
        self.assertEqual(got.body_bytes, origins.pattern(100000))
        self.assertEqual(self.names, ["secure.test"] * 2)

    def test_another_name(self):
        for label, between in (("at once", b""), ("behind a change of cipher", b"\x14\x03\x03\x00\x01\x01")):
            with self.subTest(label), self.proxy.connect() as connection:
                self.names.clear()
                connection.sendall(f"CONNECT secure.test:{self.origin.port} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                self.assertEqual(status_of(connection.recv(4096)), 200)
                share = lambda data: extension(51, sized(data, 2))
                others = [VERSIONS, extension(10, sized(b"\x00\x18", 2)), extension(13, sized(b"\x04\x03\x08\x04\x04\x01", 2))]
                connection.sendall(records(message(sni("secure.test"), *others, share(b""))))
                self.assertIn(b"\xcf\x21\xad\x74\xe5\x9a\x61\x11", connection.recv(4096))  # it asks
                point = bytes(96)  # no point of the curve, but the name is read before that shows
                connection.sendall(between + records(message(sni("bet.test"), *others, share(b"\x00\x18" + sized(b"\x04" + point, 2)))))
                try:
                    self.assertEqual(connection.recv(4096), b"")
                except ConnectionResetError:
                    pass
                self.assertEqual(self.names, ["secure.test"])
        rows = self.proxy.log_rows("--host", "secure.test", wanted=2)
        self.assertTrue(wait_until(lambda: [r["ended"] for r in self.proxy.log_rows("--host", "secure.test")] == ["blocked"] * 2), rows)


class Sink:
    """Keeps what each connection brought, answers nothing."""

    def __init__(self, address=("127.0.0.1", 0)):
        self.got, self.lock = [], threading.Lock()
        self.origin = origins.Origin(self._serve, address=address)
        self.port = self.origin.port

    def _serve(self, connection):
        mine = []
        with self.lock:
            self.got.append(mine)
        while data := connection.recv(65536):
            mine.append(data)

    def bytes(self):
        with self.lock:
            return [b"".join(one) for one in self.got if one]


class Evasion(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sink = Sink()
        cls.proxy = Proxy(ports=[cls.sink.port], timeouts={"hello": 1}, limits={"requests_per_second_per_client": 100000}).start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()

    def setUp(self):
        self.sink.got.clear()

    def send(self, data, authority="secure.test", source=None, step=None):
        """Through a tunnel, then the client's side is shut; what comes back until the proxy closes."""
        with self.proxy.connect(source) as connection:
            connection.sendall(f"CONNECT {authority}:{self.sink.port} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            if status_of(connection.recv(4096)) != 200:
                return None
            try:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for at in range(0, len(data), step or len(data)):
                    connection.sendall(data[at:at + (step or len(data))])
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # refused before it was all sent
            return read_all(connection)

    def refuse_all(self, cases, **how):
        cases = list(cases)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda case: self.send(case[1], **how), cases))
        for (name, data), answer in zip(cases, answers):
            with self.subTest(name):
                self.assertEqual(answer, b"", "opened, and nothing but closed after it")
        arrived = self.sink.bytes()
        self.assertEqual(arrived, [], [n for n, d in cases if any(a.startswith(d[:60]) for a in arrived)])

    def test_open_hellos_arrive_byte_for_byte(self):
        for name, data in OPEN_HELLOS.items():
            for step in (None, 1):
                if step and len(data) > 3000:
                    continue
                with self.subTest(name, step=step):
                    self.sink.got.clear()
                    self.assertEqual(self.send(data, step=step), b"")
                    self.assertEqual(self.sink.bytes(), [data])

    def test_other_names(self):
        self.refuse_all(shut_hellos())

    def test_other_names_byte_by_byte(self):
        self.refuse_all(((n, hello(n)) for n in OTHER_NAMES[:8]), step=1)

    def test_bytes_right_behind_the_connect(self):
        """Before the 200: the hello comes in one segment with the CONNECT."""
        for name, data, arrives in (("open", hello("secure.test"), True), ("another name", hello("bet.test"), False), ("HTTP", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", False)):
            with self.subTest(name):
                self.sink.got.clear()
                with self.proxy.connect() as connection:
                    connection.sendall(f"CONNECT secure.test:{self.sink.port} HTTP/1.1\r\nHost: x\r\n\r\n".encode() + data)
                    connection.shutdown(socket.SHUT_WR)
                    self.assertEqual(status_of(read_all(connection)), 200)
                self.assertEqual(self.sink.bytes(), [data] if arrives else [])

    def test_a_second_hello_behind_the_first(self):
        """For a server that will ask for one: it must not be there before it does."""
        for name, data in (("at once", hello("bet.test")), ("behind early data", b"\x17\x03\x03\x00\x02hi" + hello("bet.test"))):
            for step in (None, 1):
                with self.subTest(name, step=step):
                    self.sink.got.clear()
                    self.send(hello("secure.test") + data, step=step)
                    self.assertNotIn(b"bet.test", b"".join(self.sink.bytes()))

    def test_other_protocols(self):
        self.refuse_all(other_protocols())

    def test_staff_may_speak_other_protocols_but_hide_no_names(self):
        data = dict(other_protocols())["SSH"]
        self.assertEqual(self.send(data, source="127.0.0.2"), b"")
        self.assertEqual(self.sink.bytes(), [data])
        self.sink.got.clear()
        never = {n: d for n, d in shut_hellos() if n.startswith(("two name", "other order", "far apart", "name 'cloudflare-ech.com' with ECH"))}
        self.assertEqual(len(never), 6)
        self.refuse_all(never.items(), source="127.0.0.2")


# Of this machine and its neighbours, as addresses of http:// and CONNECT.
OWN = (
    "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0X7F.1", "0x7f.0x0.0x0.0x1", "017700000001", "0177.0.0.1", "0177.0.0.01", "00000177.1",
    "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "0", "0.0.0.0", "0x0", "00", "0.0", "[::]", "[0::0]", "[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::0.0.0.1]", "[::1%25lo]", "[::1%lo]",
    "[::ffff:127.0.0.1]", "[::FFFF:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::ffff:0:127.0.0.1]", "[::127.0.0.1]", "[::7f00:1]", "[::ffff:0.0.0.0]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:7f00:0001::1]", "[2001:0:7f00:1::]", "localhost", "LOCALHOST", "localhost.", "inner.test",
)
NEIGHBOURS = (
    "10.0.0.1", "10.1", "167772161", "0xa000001", "012.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "3232235521", "0xc0a80001", "192.168.1", "100.64.0.1", "169.254.169.254",
    "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::]", "[fd00:ec2::254]", "[fe80::1]",
    "[fe80::1%25eth0]", "[fc00::1]", "[fec0::1]", "[ff02::1]", "[::ffff:10.0.0.1]", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.0.0.1", "192.0.2.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "[100::1]", "[2001:db8::1]",
)


class OwnAddresses(unittest.TestCase):
    """Without `upstream.allow_networks` nothing of the school's own is reached; staff, for whom addresses are no offence, show it."""

    @classmethod
    def setUpClass(cls):
        cls.inner, cls.other = origins.on_one_port("127.0.0.1", "127.0.0.2")
        cls.proxy = Proxy(ports=[cls.inner.port, 80], upstream={"allow_networks": []}, hosts=("inner.test", "localhost"), timeouts={"hello": 1},
                          limits={"requests_per_second_per_client": 100000}).start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()

    def status(self, request, source):
        with self.proxy.connect(source) as connection:
            connection.sendall(request.encode())
            return status_of(connection.recv(4096))

    def test_no_spelling_reaches_them(self):
        cases = [(request, source) for host in OWN + NEIGHBOURS for source in ("127.0.0.1", "127.0.0.2") for port in (self.inner.port, 80)
                 for request in (f"GET http://{host}:{port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", f"CONNECT {host}:{port} HTTP/1.1\r\nHost: x\r\n\r\n")
                 if not (port == 80 and request.startswith("CONNECT"))]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda case: self.status(*case), cases))
        for case, status in zip(cases, answers):
            with self.subTest(case=case):
                self.assertIn(status, (400, 403))
        self.assertEqual(self.inner.heads + self.other.heads, [])

    def test_a_tunnel_to_port_80_reaches_them_no_more(self):
        for host in OWN:
            for source in ("127.0.0.1", "127.0.0.2"):
                raw = self.proxy.raw(f"CONNECT {host}:80 HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n", source, then=3)
                with self.subTest(host, source=source):
                    self.assertNotIn(b"HTTP/1.1 200 OK", raw)

    def test_the_proxy_itself(self):
        for host in OWN:
            for source in ("127.0.0.1", "127.0.0.2"):
                for request in (f"GET http://{host}:{self.proxy.port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                                f"CONNECT {host}:{self.proxy.port} HTTP/1.1\r\nHost: x\r\n\r\n"):
                    with self.subTest(request=request, source=source):
                        self.assertIn(self.status(request, source), (400, 403, 508))

    def test_the_listener_is_no_relay_for_requests_to_itself(self):
        for host in (f"127.0.0.1:{self.proxy.port}", "blocked.test", "inner.test", f"inner.test:{self.inner.port}", f"127.0.0.1:{self.inner.port}"):
            with self.subTest(host):
                self.assertIn(self.status(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n", None), (200, 400, 403, 404, 508))
                self.assertEqual(self.inner.heads, [])


class Http(unittest.TestCase):
    """Which host a request is for, where two places name one."""

    @classmethod
    def setUpClass(cls):
        cls.origin = origins.Recorder()
        cls.proxy = Proxy(ports=[cls.origin.port], timeouts={"hello": 1}, limits={"requests_per_second_per_client": 100000}).start()
        cls.port = cls.origin.port

    @classmethod
    def tearDownClass(cls):
        cls.proxy.close()

    def setUp(self):
        self.origin.heads.clear()

    def ask(self, *lines):
        return status_of(self.proxy.raw("\r\n".join((*lines, "Connection: close", "", ""))))

    def test_the_target_wins_over_host(self):
        for host in ("blocked.test", f"blocked.test:{self.port}", "BLOCKED.TEST", "adult.test", "127.0.0.1", "[::1]", "localhost", "ok.test:80"):
            for line in (f"Host: {host}", f"host:{host}", f"HOST:\t{host}"):
                with self.subTest(line):
                    self.origin.heads.clear()
                    self.assertEqual(self.ask(f"GET http://ok.test:{self.port}/ HTTP/1.1", line), 200)
                    self.assertEqual([h.lower().count(b"host:") for h in self.origin.heads], [1])
                    self.assertIn(f"Host: ok.test:{self.port}\r\n".encode(), self.origin.heads[0] + b"\r\n")
                self.assertEqual(self.ask(f"GET http://blocked.test:{self.port}/ HTTP/1.1", f"Host: ok.test:{self.port}"), 403)

    def test_other_fields_that_name_hosts_are_only_fields(self):
        for name in ("X-Forwarded-Host", "X-Host", "X-Forwarded-Server", "X-Original-Host", "X-Rewrite-URL", "X-Original-URL", "Forwarded", "X-HTTP-Host-Override"):
            self.assertEqual(self.ask(f"GET http://blocked.test:{self.port}/ HTTP/1.1", "Host: x", f"{name}: ok.test"), 403, name)
        self.assertEqual(self.origin.heads, [])

    def test_conflicts(self):
        url = f"GET http://ok.test:{self.port}/ HTTP/1.1"
        for lines in (["Host: ok.test", "Host: ok.test"], ["Host: ok.test", "Host: blocked.test"], ["Host: blocked.test", "host: ok.test"], ["Host: a, b"], ["Host: a b"], ["Host: a@b"],
                      ["Host: a/b"], ["Host: a:b"], ["Host: a:99999"], ["Host: a:80:80"], ["Host: [::1"], ["Host: a\\b"], ["Host: a?b"], ["Host: a#b"], ["Host : a"], [" Host: a"], ["Host: a", " b"], ["Host:"], []):
            with self.subTest(lines=lines):
                self.assertEqual(self.ask(url, *lines), 400)
        self.assertEqual(self.origin.heads, [])

    def test_loops(self):
        self.assertEqual(self.ask(f"GET http://ok.test:{self.port}/ HTTP/1.1", "Host: x"), 200)
        via = origins.fields_of(self.origin.heads.pop())["via"]
        version, name = via.split(" ")[:2]
        for line in (f"Via: {via}", f"VIA:{via}", f"Via: 1.0 a, {via}", f"Via: {via}, 1.1 b", f"Via: HTTP/1.1 {name}", f"Via: 1.1 {name} (comment)", f"Via: 2 {name}", f"Via: 1.1 a,{version} {name}",
                     f"Via: 1.1 a\r\nVia: {via}", f"Via: {version}  {name}", f"Via: {version}\t{name}", f"Via: {version} {name.upper()}"):
            with self.subTest(line):
                self.assertEqual(self.ask(f"GET http://ok.test:{self.port}/ HTTP/1.1", "Host: x", line), 508)
        self.assertEqual(self.origin.heads, [])
        for line in ("Via: 1.1 other", f"Via: 1.1 x{name}", f"Via: 1.1 a ({name})"):
            self.assertEqual(self.ask(f"GET http://ok.test:{self.port}/ HTTP/1.1", "Host: x", line), 200, line)

    def in_tunnel(self, data, host="mixed.test"):
        """What comes back after the 200 of a tunnel to port 80."""
        with self.proxy.connect() as connection:
            connection.sendall(f"CONNECT {host}:80 HTTP/1.1\r\nHost: x\r\n\r\n".encode() + data.encode("latin-1"))
            connection.settimeout(5)
            head, _, rest = read_all(connection).partition(b"\r\n\r\n")
            self.assertTrue(head.startswith(b"HTTP/1.1 200"), head)
            return rest

    def test_a_tunnel_to_port_80_is_judged_as_http(self):
        get = "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n".format
        for status, request in (
                (403, get("/secret", "mixed.test")), (403, get("/x/../secret", "mixed.test")), (403, get("/%73ecret", "mixed.test")), (403, get("//secret", "mixed.test")), (403, get("/secret", "mixed.test:80")),
                (400, get("http://mixed.test/", "mixed.test")), (400, get("http://blocked.test/", "blocked.test")), (400, get("https://mixed.test/", "mixed.test")), (400, get("mixed.test", "mixed.test")),
                (400, "CONNECT mixed.test:443 HTTP/1.1\r\nHost: mixed.test\r\n\r\n"), (505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), (400, "SSH-2.0-OpenSSH_9.2\r\n"), (400, "\x05\x01\x00" * 20),
                (400, "POST / HTTP/1.1\r\nHost: mixed.test\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), (400, "GET /\r\n"), (400, "GET / HTTP/1.1\r\n\r\n"),
                (400, "GET / HTTP/1.1\nHost: mixed.test\n\n"), (400, get("/", "mixed.test, blocked.test")), (400, "GET / HTTP/1.1\r\nHost: mixed.test\r\nHost: blocked.test\r\n\r\n")):
            with self.subTest(request=request):
                self.assertEqual(status_of(self.in_tunnel(request)), status)

    def test_tls_in_a_tunnel_to_port_80_is_judged_as_tls(self):
        for name in ("bet.test", "second.test", "127.0.0.1"):
            self.assertEqual(self.in_tunnel(hello(name).decode("latin-1")), b"", name)

    def test_another_host_in_a_tunnel_to_port_80(self):
        """Fronting in the clear: what is sent on is for the host that was judged."""
        for host in ("blocked.test", "adult.test", "bet.test:80", "BLOCKED.test."):
            with self.subTest(host):
                self.assertIn(status_of(self.in_tunnel(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")), (400, 403, 421, 502, 504))


if __name__ == "__main__":
    unittest.main()
