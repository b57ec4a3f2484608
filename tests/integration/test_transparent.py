"""Devices that know of no proxy: the gateway's firewall sends what they ask for to the proxy, and nothing else passes it."""
import concurrent.futures
import errno
import random
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
import unittest

import gateway_net
import origins
import test_evasion
from gateway_net import GATEWAY, HAND_OVER, HTTP, ORIGIN, OTHER, PUPIL, REDIRECT, STAFF, TLS, GatewayNetwork, gateway_proxy
from harness import Curl, as_nobody, program, read_all, status_of, wait_until

WHY_NOT = gateway_net.why_not()
HERE = {name: ORIGIN for name in ("ok.test", "other.test", "mixed.test", "secure.test", "bet.test", "later.test")}


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Transparent(unittest.TestCase):
    SETTINGS = {"timeouts": {"hello": 1}}
    RULES = REDIRECT

    @classmethod
    def setUpClass(cls):
        cls.network = GatewayNetwork()
        cls.addClassCleanup(cls.network.close)
        authority = origins.TestAuthority()
        cls.addClassCleanup(authority.close)
        cls.trusts = authority.certificate
        tls = authority.context("secure.test", "bet.test", "ok.test")
        with cls.network.inside("world"):
            cls.web = [origins.Recorder(address=(address, 80)) for address in ORIGIN]
            cls.secure = [origins.Recorder(tls, address=(address, 443)) for address in ORIGIN]
            cls.wrong = [test_evasion.Sink(address=(address, port)) for address in OTHER for port in (80, 443)]
        cls.network.nft(cls.RULES)
        cls.proxy = gateway_proxy(cls.network, HERE, **cls.SETTINGS)
        cls.addClassCleanup(cls.proxy.close)
        with cls.network.inside("gateway"):
            cls.proxy.start()

    def setUp(self):
        for origin in self.web + self.secure:
            origin.heads.clear()

    def connect(self, address, port, source=None):
        with self.network.inside("school"):
            return socket.create_connection((address, port), timeout=20, source_address=(source, 0) if source else None)

    def raw(self, data, address=ORIGIN[0], port=80, source=None):
        with self.connect(address, port, source) as connection:
            connection.sendall(data if isinstance(data, bytes) else data.encode("latin-1"))
            return read_all(connection)

    def get(self, host, address=ORIGIN[0], port=80, source=None):
        return self.raw(f"GET / HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nConnection: close\r\n\r\n", address, port, source)

    def curl(self, url, address, *arguments):
        """Without any setting, as a telephone; the name leads to `address`."""
        scheme, _, rest = url.partition("://")
        name, port = rest.split("/")[0], 443 if scheme == "https" else 80
        with self.network.inside("school"):
            return Curl(["--resolve", f"{name}:{port}:{address}", *arguments, url], 20)

    def row(self, host, **want):
        """The newest row of that host, once it is as wanted."""
        def newest():
            rows = self.proxy.log_rows("--host", host)
            return rows[-1] if rows and all(rows[-1][key] == value for key, value in want.items()) else None
        found = wait_until(newest)
        self.assertTrue(found, (host, want, self.proxy.log_rows()[-3:]))
        return found

    def asked_for_nothing(self):
        for sink in self.wrong:
            self.assertEqual(sink.bytes(), [])

    def test_http(self):
        for address in ORIGIN:
            with self.subTest(address):
                got = self.curl("http://ok.test/x", address)
                self.assertEqual((got.exit_code, got.status), (0, 200), got.error)
                self.assertIn("origin /x", got.body)
                self.row("ok.test", action="allow", method="GET", port=80, seen="url", ended="done", cause=None)

    def test_a_blocked_page(self):
        for address in ORIGIN:
            with self.subTest(address):
                got = self.curl("http://bet.test/", address, "-H", "Accept: text/html")
                self.assertEqual(got.status, 403, got.error)
                self.assertIn("Gambling is illegal.", got.body)
                self.row("bet.test", action="block", category="gambling", ended="blocked")
        self.assertEqual(self.curl("http://mixed.test/secret", ORIGIN[0]).status, 403)
        self.assertEqual(self.curl("http://mixed.test/open", ORIGIN[0]).status, 200)

    def test_who_it_is_is_the_clients_own_address(self):
        self.assertEqual(status_of(self.get("bet.test", source=PUPIL[0])), 403)
        for source, address in zip(STAFF, ORIGIN):
            self.get("bet.test", address, source=source)
            self.assertEqual(self.row("bet.test", action="warn")["tier"], "staff")

    def test_the_proxys_own_pages(self):
        answer = self.get("schoolgate.internal")
        self.assertEqual(status_of(answer), 200)
        setup = self.raw("GET /setup HTTP/1.1\r\nHost: schoolgate.internal\r\nConnection: close\r\n\r\n")
        self.assertIn(f"{GATEWAY[0]}:{self.proxy.port}".encode(), setup, "the port for browsers, not this one")

    def test_https_by_its_name(self):
        for address in ORIGIN:
            with self.subTest(address):
                got = self.curl("https://secure.test/size/100000", address, "--cacert", self.trusts)
                self.assertEqual((got.exit_code, got.status), (0, 200), got.error)
                self.assertEqual(got.body_bytes, origins.pattern(100000))
                self.row("secure.test", action="allow", port=443, seen="sni", ended="done", cause=None)

    def test_a_blocked_name(self):
        for address in ORIGIN:
            with self.subTest(address):
                got = self.curl("https://bet.test/", address, "--cacert", self.trusts)
                self.assertEqual((got.exit_code, got.status), (35, 0))
                self.row("bet.test", action="block", category="gambling", port=443, seen="sni", ended="blocked")
        self.assertEqual(sum((origin.heads for origin in self.secure), []), [])

    def test_no_name_and_no_tls(self):
        plain = ssl.create_default_context()
        plain.check_hostname, plain.verify_mode = False, ssl.CERT_NONE
        for address in ORIGIN:
            with self.subTest(address), self.connect(address, 443) as connection, self.assertRaises((ssl.SSLError, OSError)):
                plain.wrap_socket(connection)
            self.row(address, action="block", seen="nothing", ended="blocked", port=443)
        self.assertEqual(self.raw(b"SSH-2.0-x\r\n", port=443), b"")
        self.assertEqual(self.row(ORIGIN[0], action="block")["layer"], "tunnel_rule")
        # Staff may: to where it was going.
        with self.connect(ORIGIN[0], 443, STAFF[0]) as connection, plain.wrap_socket(connection) as inside:
            inside.sendall(b"GET /staff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assertEqual(status_of(inside.recv(4096)), 200)

    def test_who_waits_for_the_server_speaks_no_tls(self):
        with self.connect(ORIGIN[1], 443) as connection:
            connection.settimeout(10)
            self.assertEqual(connection.recv(10), b"")
        self.row(ORIGIN[1], action="block", ended="timed-out")

    def test_the_name_leads_the_way(self):
        """A Host or a name in the hello that is allowed, on the way to somewhere else."""
        for address in OTHER:
            with self.subTest(address):
                self.assertIn(b"Hello from the origin", self.get("ok.test", address))
                self.row("ok.test", action="allow", ended="done", cause="other_address")
                got = self.curl("https://secure.test/", address, "--cacert", self.trusts)
                self.assertEqual((got.exit_code, got.status), (0, 200), got.error)
                self.row("secure.test", action="allow", port=443, ended="done", cause="other_address")
        self.asked_for_nothing()

    def test_a_name_that_leads_nowhere(self):
        for address in OTHER:
            self.assertIn(status_of(self.get("unknown.test", address)), (502, 504))
            self.assertEqual(self.raw(test_evasion.hello("unknown.test"), address, 443), b"")
        self.row("unknown.test", ended="upstream-failed")
        self.asked_for_nothing()

    def test_other_forms(self):
        for name, request in {
                "absolute": "GET http://ok.test/ HTTP/1.1\r\nHost: ok.test\r\n\r\n", "a tunnel": "CONNECT ok.test:80 HTTP/1.1\r\nHost: ok.test:80\r\n\r\n",
                "no Host": "GET / HTTP/1.0\r\n\r\n", "two": "GET / HTTP/1.1\r\nHost: ok.test\r\nHost: bet.test\r\n\r\n",
                "another port": "GET / HTTP/1.1\r\nHost: ok.test:3128\r\n\r\n"}.items():
            with self.subTest(name):
                self.assertEqual(status_of(self.raw(request)), 400)
        self.assertEqual(sum((origin.heads for origin in self.web), []), [])

    def test_direct_contact(self):
        for address in GATEWAY:
            self.assertEqual(status_of(self.get("ok.test", address, HTTP)), 400)
            self.assertEqual(self.raw(test_evasion.hello("secure.test"), address, TLS), b"")
        wait_until(lambda: len([r for r in self.proxy.log_rows() if r["cause"] == "not_redirected"]) >= 2)
        rows = [r for r in self.proxy.log_rows() if r["cause"] == "not_redirected"]
        self.assertTrue(rows and all(r["action"] == "refused" for r in rows))

    def test_a_loop(self):
        """To a port of the proxy, and sent to another one of it."""
        self.assertEqual(status_of(self.get("ok.test", GATEWAY[0], 5555)), 508)
        self.assertTrue(wait_until(lambda: [r for r in self.proxy.log_rows() if r["cause"] == "own_address" and r["action"] == "refused"]))

    def test_a_new_policy_ends_open_tunnels(self):
        hello = test_evasion.hello("later.test")
        with self.connect(ORIGIN[0], 443) as goes, self.connect(ORIGIN[0], 443) as stays:
            goes.sendall(hello)
            self.assertTrue(goes.recv(10))  # the origin's answer: it is open
            stays.sendall(test_evasion.hello("secure.test"))
            self.assertTrue(stays.recv(10))
            before = self.proxy.read("tiers.d/pupil.yaml")
            self.addCleanup(lambda: (self.proxy.write("tiers.d/pupil.yaml", before), self.proxy.command("reload")))
            self.proxy.write("tiers.d/pupil.yaml", before.replace("block:\n", "block:\n  - later.test\n"))
            self.proxy.command("reload")
            goes.settimeout(10)
            try:
                while goes.recv(65536):
                    pass
            except ConnectionResetError:
                pass
            self.row("later.test", ended="policy-changed")
            self.assertTrue(wait_until(lambda: "policy-changed" not in [r["ended"] for r in self.proxy.log_rows("--host", "secure.test")]))

    def test_an_upgrade_takes_these_listeners_too(self):
        old = self.proxy.process
        with self.network.inside("gateway"):
            run = old.args.index("run") + 1  # behind what gave the first one its right: sockets that have it keep it
            new = subprocess.Popen([program(), "run", "--take-over", *old.args[run:]], stdout=self.proxy.output, stderr=self.proxy.output,
                                   stdin=subprocess.DEVNULL, **as_nobody())
        self.proxy.process = new
        old.wait(60)
        for address in ORIGIN:
            self.assertEqual(self.curl("http://ok.test/", address).status, 200)
            self.assertEqual(self.curl("https://secure.test/", address, "--cacert", self.trusts).status, 200)
        self.assertEqual(status_of(self.get("ok.test", GATEWAY[0], HTTP)), 400)


class HandedOver(Transparent):
    """All of this once more by TPROXY: the connection itself says where it was going."""

    SETTINGS = {**Transparent.SETTINGS, "tproxy": True}
    RULES = HAND_OVER

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.network.keep_here()

    def test_without_the_right_it_does_not_start(self):
        other = gateway_proxy(self.network, HERE, **self.SETTINGS)
        self.addCleanup(other.close)
        other.write("schoolgate.yaml", other.read("schoolgate.yaml").replace(str(HTTP), "4129").replace(str(TLS), "4130").replace("5555", "5556"))
        with self.network.inside("gateway"):
            done = subprocess.run([program(), "run", "--config", other.config], capture_output=True, text=True, timeout=60, check=False,
                                  **as_nobody())
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stdout + done.stderr, r"cannot listen on .* with tproxy: .*the service needs CAP_NET_RAW")

    def test_sent_here_by_another_rule_it_is_refused(self):
        """The file says TPROXY, the firewall still redirects: nobody is let through, and a row says why."""
        self.network.nft("table inet older {\n  chain prerouting {\n    type nat hook prerouting priority dstnat - 60;\n"
                         f'    iifname "inside" tcp dport 8088 redirect to :{HTTP}\n  }}\n}}\n')
        self.addCleanup(self.network.nft, "delete table inet older\n")
        self.assertEqual(status_of(self.get("ok.test", ORIGIN[0], 8088)), 400)
        self.assertEqual(sum((origin.heads for origin in self.web), []), [])


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Pages(unittest.TestCase):
    """Where the school has a certificate a blocked https site shows its page, and whole addresses are judged."""

    RULES, TPROXY = REDIRECT, False
    connect, curl = Transparent.connect, Transparent.curl

    def start(self, https):
        self.network = GatewayNetwork()
        self.addCleanup(self.network.close)
        authority = origins.TestAuthority()
        self.addCleanup(authority.close)
        with self.network.inside("world"):
            self.secure = [origins.Recorder(authority.context("secure.test", "mixed.test"), address=(address, 443)) for address in ORIGIN]
        self.network.nft(self.RULES)
        self.network.keep_here()
        self.proxy = gateway_proxy(self.network, HERE, tproxy=self.TPROXY, https=https, upstream={
            "allow_networks": [ORIGIN[0] + "/32", ORIGIN[1] + "/128"], "extra_ca": [authority.certificate]})
        self.addCleanup(self.proxy.close)
        subprocess.run(["chmod", "-R", "a+rX", authority.folder], check=True)
        with self.network.inside("gateway"):
            self.proxy.start()
        self.trusts = authority.certificate

    def test_block_page(self):
        self.start("block-page")
        for address in ORIGIN:
            got = self.curl("https://bet.test/", address, "--cacert", self.proxy.ca, "-H", "Accept: text/html")
            self.assertEqual(got.status, 403, got.error)
            self.assertIn("Gambling is illegal.", got.body)
            got = self.curl("https://secure.test/", address, "--cacert", self.trusts)  # what is allowed is not opened
            self.assertEqual(got.status, 200, got.error)

    def test_inspect(self):
        self.start("{mode: inspect, reason: a test}")
        for address in ORIGIN:
            for path, status in (("secret", 403), ("open", 200)):
                got = self.curl(f"https://mixed.test/{path}", address, "--cacert", self.proxy.ca)
                self.assertEqual(got.status, status, got.error)


class PagesHandedOver(Pages):
    RULES, TPROXY = HAND_OVER, True


RANDOM = random.Random(20270601)  # the same ports each time
# Protocols of IP beside TCP, UDP and ICMP that carry others, or tunnels.
CARRIERS = {"IPv4 in it": 4, "IPv6 in it": 41, "GRE": 47, "ESP": 50, "AH": 51, "SCTP": 132, "UDP-Lite": 136, "MPLS": 137, "one for tests": 253}


class Listening:
    """What reaches a machine of the world: TCP and UDP on every port, and other protocols, by a raw socket each."""

    def __init__(self):
        self.got = []
        self.sockets = [socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))]
        threading.Thread(target=self._listen, args=self.sockets, daemon=True).start()

    def _listen(self, sniffer):
        while True:
            try:
                packet, where = sniffer.recvfrom(4096)
            except OSError:
                return
            if where[2] == 4:  # its own
                continue
            if where[1] == 0x0800:
                self.got.append((packet[9], socket.inet_ntop(socket.AF_INET, packet[12:16]), packet[packet[0] % 16 * 4:]))
            elif where[1] == 0x86DD:
                self.got.append((packet[6], socket.inet_ntop(socket.AF_INET6, packet[8:24]), packet[40:]))

    def of_the_school(self):
        """What came from devices of the school: protocol and the first bytes behind the head of IP."""
        mine = {socket.inet_ntop(f, socket.inet_pton(f, a)) for one in (PUPIL, STAFF) for f, a in zip((socket.AF_INET, socket.AF_INET6), one)}
        return [(protocol, rest) for protocol, source, rest in self.got if source in mine]

    def close(self):
        for one in self.sockets:
            one.close()


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Firewall(unittest.TestCase):
    """The rules that `schoolgate gateway rules` prints: what is not sent to the proxy goes nowhere."""

    EXTRA = """gateway:
  open:
    - {tier: staff, proto: udp, ports: ["3478-3481", 19302], to: ["%s/32", "%s/128"], why: "calls", review_by: 2099-12-31}
    - {proto: tcp, ports: 8883, to: %s/32, why: "a meter", review_by: 2099-12-31}
""" % (*ORIGIN, OTHER[0])
    TPROXY = False

    @classmethod
    def setUpClass(cls):
        cls.network = GatewayNetwork()
        cls.addClassCleanup(cls.network.close)
        with cls.network.inside("world"):
            cls.origin = origins.Recorder(address=(ORIGIN[0], 80))
            cls.web6 = origins.Recorder(address=(ORIGIN[1], 80))
            cls.meter = origins.Recorder(address=(OTHER[0], 8883))
        cls.proxy = gateway_proxy(cls.network, HERE, extra=cls.EXTRA, tproxy=cls.TPROXY)
        cls.addClassCleanup(cls.proxy.close)
        cls.network.keep_here()
        with cls.network.inside("gateway"):
            cls.proxy.start()
        cls.rules = cls.proxy.command("gateway", "rules").stdout
        cls.network.nft(cls.rules)

    connect, raw, get = Transparent.connect, Transparent.raw, Transparent.get

    def setUp(self):
        with self.network.inside("world"):
            self.seen = Listening()
        self.addCleanup(self.seen.close)

    def udp(self, address, port, data=b"x", source=None, wait=0):
        """Sends a datagram; what comes back within `wait` seconds, or the error that it met."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with self.network.inside("school"):
            one = socket.socket(family, socket.SOCK_DGRAM)
        with one:
            one.bind((source or "", 0))
            one.connect((address, port))
            one.send(data)
            one.settimeout(wait)
            try:
                return one.recv(4096) if wait else None
            except TimeoutError:
                return None
            except OSError as error:
                return error

    def tcp(self, address, port, wait=0.05):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with self.network.inside("school"):
            one = socket.socket(family)
        with one:
            one.settimeout(wait)
            return one.connect_ex((address, port))

    def nothing_passed(self):
        time.sleep(0.2)
        self.assertEqual(self.seen.of_the_school(), [])

    def test_web_is_judged(self):
        for address in ORIGIN:
            self.assertEqual(status_of(self.get("ok.test", address)), 200)
            self.assertEqual(status_of(self.get("bet.test", address)), 403)
        self.nothing_passed()  # what reached the origin was the proxy's own

    def test_random_ports(self):
        ports = RANDOM.sample([p for p in range(1, 65536) if p not in (53, 80, 443, 853)], 1000)
        for address in ORIGIN:
            for port in ports:
                self.udp(address, port, b"\x01" + bytes(147))  # as WireGuard begins
            with concurrent.futures.ThreadPoolExecutor(16) as pool:
                ended = set(pool.map(lambda port, to=address: self.tcp(to, port), ports))
            self.assertEqual(ended - {errno.EAGAIN, errno.EINPROGRESS, errno.ETIMEDOUT}, set())
        self.nothing_passed()

    def test_known_ways_out(self):
        for port in (22, 500, 1194, 1723, 3128, 4500, 5353, 8080, 8443, 9001, 51820):
            for address in (*ORIGIN, *OTHER):
                self.udp(address, port)
                self.tcp(address, port)
        self.nothing_passed()

    def test_other_protocols_of_ip(self):
        for name, number in CARRIERS.items():
            for address, family in zip(ORIGIN, (socket.AF_INET, socket.AF_INET6)):
                with self.subTest(name, address=address), self.network.inside("school"):
                    with socket.socket(family, socket.SOCK_RAW, number) as one:
                        one.sendto(b"\x45" + bytes(39), (address, 0))
        self.nothing_passed()

    def test_quic_and_encrypted_dns_are_refused_at_once(self):
        for address in ORIGIN:
            for port in (443, 80, 853):
                with self.subTest(address, port=port):
                    self.assertIsInstance(self.udp(address, port, b"\xc0" + bytes(1199), wait=3), ConnectionRefusedError)
            self.assertEqual(self.tcp(address, 853, 3), errno.ECONNREFUSED)
        self.nothing_passed()

    def test_questions_for_names_go_to_the_box(self):
        with self.network.inside("gateway"):
            resolver = [socket.socket(family, socket.SOCK_DGRAM) for family in (socket.AF_INET, socket.AF_INET6)]
        for one, address in zip(resolver, ("0.0.0.0", "::")):
            if one.family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            one.bind((address, 53))
            threading.Thread(target=self.echo, args=[one], daemon=True).start()
            self.addCleanup(one.close)
        for address in (*ORIGIN, *OTHER, *GATEWAY):
            self.assertEqual(self.udp(address, 53, b"a question", wait=5), b"the box: a question")
        self.nothing_passed()

    @staticmethod
    def echo(one):
        try:
            while True:
                data, peer = one.recvfrom(512)
                one.sendto(b"the box: " + data, peer)
        except OSError:
            pass

    def test_holes(self):
        with self.network.inside("world"):
            calls = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        calls.bind((ORIGIN[0], 19302))
        threading.Thread(target=self.echo, args=[calls], daemon=True).start()
        self.addCleanup(calls.close)
        self.assertEqual(self.udp(ORIGIN[0], 19302, source=STAFF[0], wait=5), b"the box: x")
        self.assertIsNone(self.udp(ORIGIN[0], 19302, source=PUPIL[0], wait=0.3), "this hole is the staff's")
        self.assertIsNone(self.udp(OTHER[0], 19302, source=STAFF[0], wait=0.3), "and leads to one place")
        self.assertEqual(self.tcp(OTHER[0], 8883, 3), 0)
        self.assertNotEqual(self.tcp(ORIGIN[0], 8883), 0)
        self.assertEqual({protocol for protocol, _ in self.seen.of_the_school()}, {socket.IPPROTO_TCP, socket.IPPROTO_UDP})
        counted = self.network.run("ip", "netns", "exec", self.network.names["gateway"], "nft", "list", "table", "inet", "schoolgate")
        name = re.search(r'udp dport \{ 3478-3481, 19302 \} ct direction original counter name "(\w+)" accept comment "calls"', counted)
        self.assertRegex(counted, r"counter %s \{\s+packets [1-9]\d* bytes" % (name and name[1]))

    def test_the_world_does_not_come_in_by_a_hole(self):
        with self.network.inside("school"):
            inner = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(inner.close)
        inner.bind((STAFF[0], 4444))
        inner.settimeout(0.3)
        with self.network.inside("world"):
            outer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(outer.close)
        outer.bind((ORIGIN[0], 3478))
        outer.sendto(b"first", (STAFF[0], 4444))
        with self.assertRaises(TimeoutError):
            inner.recv(100)

    def test_echo_passes(self):
        for address, family, protocol, kind in ((ORIGIN[0], socket.AF_INET, socket.IPPROTO_ICMP, 8), (ORIGIN[1], socket.AF_INET6, socket.IPPROTO_ICMPV6, 128)):
            with self.subTest(address), self.network.inside("school"), socket.socket(family, socket.SOCK_RAW, protocol) as one:
                one.settimeout(5)
                head = bytes([kind, 0, 0, 0, 0, 7, 0, 1])
                if family == socket.AF_INET:  # of IPv6 the kernel makes the sum
                    total = sum(int.from_bytes(head[i:i + 2], "big") for i in range(0, 8, 2))
                    head = head[:2] + (~(total + (total >> 16)) & 0xFFFF).to_bytes(2, "big") + head[4:]
                one.sendto(head, (address, 0))
                answer = 0 if family == socket.AF_INET else 129
                while True:
                    packet, (peer, *_) = one.recvfrom(2048)
                    kind_of_it = packet[packet[0] % 16 * 4] if family == socket.AF_INET else packet[0]
                    if kind_of_it == answer and socket.inet_pton(family, peer) == socket.inet_pton(family, address):
                        break

    def test_the_rules_again(self):
        """In place of the old ones, and of no others."""
        self.network.nft("table inet other {\n  chain mine {\n  }\n}\n")
        self.network.nft(self.rules)
        self.network.nft(self.rules)
        tables = self.network.run("ip", "netns", "exec", self.network.names["gateway"], "nft", "list", "tables").split("\n")
        self.assertEqual(sorted(filter(None, tables)), ["table inet other", "table inet schoolgate"])
        self.assertEqual(status_of(self.get("ok.test")), 200)

    def test_z_the_proxy_killed(self):
        """Last: nothing passes, and nothing that was open goes on."""
        with self.connect(ORIGIN[0], 80) as connection:
            connection.sendall(b"GET /held HTTP/1.1\r\nHost: ok.test\r\n\r\n")
            # A connection to the name that was kept may lead to its other address.
            self.assertTrue(wait_until(lambda: any(b"/held" in head for head in self.origin.heads + self.web6.heads)))
            self.proxy.stop(signal.SIGKILL)
            try:
                self.assertEqual(connection.recv(100), b"")
            except ConnectionResetError:
                pass
        self.seen.got.clear()
        for address in ORIGIN:
            for port in (80, 443, 8443):
                self.assertNotEqual(self.tcp(address, port, 1), 0)
                self.udp(address, port)
        self.nothing_passed()


class FirewallHandsOver(Firewall):
    """The same table with `tproxy: true`."""

    TPROXY = True

    def test_the_kernel_keeps_no_record_of_what_is_judged(self):
        self.assertEqual(status_of(self.get("ok.test")), 200)
        with self.network.inside("gateway"):
            rules = self.network.run("nft", "list", "chain", "inet", "schoolgate", "handed_over")
            self.assertRegex(rules, r"tcp dport 80 tproxy ip to :3129 meta mark set 0x00005347 counter packets [1-9]")
            raw = self.network.run("nft", "list", "chain", "inet", "schoolgate", "unrecorded")
        self.assertIn("tcp dport 443 notrack", raw)

    def test_without_the_rule_of_routing_nothing_passes(self):
        with self.network.inside("gateway"):
            for family in ("-4", "-6"):
                self.network.run("ip", family, "rule", "del", "fwmark", "0x5347")
        self.addCleanup(self.network.keep_here)
        for address in ORIGIN:
            self.assertNotEqual(self.tcp(address, 80, 0.5), 0)
            self.assertNotEqual(self.tcp(address, 443, 0.5), 0)
        self.nothing_passed()


@unittest.skipIf(WHY_NOT, WHY_NOT)
class EvasionRedirected(test_evasion.Evasion):
    """What hides in a tunnel hides no better on its way through the gateway. Here the name in the hello is all that is asked for, and
    names that lead nowhere are closed for that."""

    RULES, TPROXY = REDIRECT, False

    @classmethod
    def setUpClass(cls):
        cls.network = GatewayNetwork()
        cls.addClassCleanup(cls.network.close)
        with cls.network.inside("world"):
            cls.sink = test_evasion.Sink(address=(ORIGIN[0], 443))
        cls.network.nft(cls.RULES)
        cls.network.keep_here()
        cls.proxy = gateway_proxy(cls.network, tproxy=cls.TPROXY, hosts={"secure.test": ORIGIN, "bet.test": ORIGIN}, timeouts={"hello": 1},
                                  limits={"requests_per_second_per_client": 100000})
        with cls.network.inside("gateway"):
            cls.proxy.start()

    def setUp(self):
        """What an earlier test sent may still be on its way to the origin: this comes behind it."""
        first = test_evasion.hello("secure.test")
        self.send(first)
        self.assertTrue(wait_until(lambda: first in self.sink.bytes()))
        super().setUp()

    def send(self, data, authority="secure.test", source=None, step=None):
        with self.network.inside("school"):
            connection = socket.create_connection((ORIGIN[0], 443), timeout=20, source_address=(STAFF[0], 0) if source else None)
        with connection:
            try:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for at in range(0, len(data), step or len(data)):
                    connection.sendall(data[at:at + (step or len(data))])
                connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # refused before it was all sent
            return read_all(connection)

    test_bytes_right_behind_the_connect = None  # there is none


class EvasionHandedOver(EvasionRedirected):
    RULES, TPROXY = HAND_OVER, True


if __name__ == "__main__":
    unittest.main()
