"""https: inspect_only: a few sites are opened on devices that trust the school's certificate, and every other keeps its own."""
import json
import socket
import ssl
import subprocess
import threading
import unittest

import gateway_net
import origins
from gateway_net import ORIGIN, REDIRECT, GatewayNetwork, gateway_proxy
from harness import WAY, Proxy, wait_until
from test_inspect import share

WHY_NOT = gateway_net.why_not()
# What a school is told to write.
NAMES = ("www.google.com", "www.google.com.vn", "www.bing.com", "coccoc.com", "www.youtube.com", "m.youtube.com", "sites.google.com")
CLOSED = ("accounts.google.com", "mail.google.com", "drive.google.com", "docs.google.com", "meet.google.com", "google.com",
          "login.microsoftonline.com", "youtube.com", "bing.com", "vi.bing.com", "www.www.google.com")
OTHERS = tuple(f"site{i}.many.test" for i in range(1000))
HTTPS = "{mode: names, inspect_only: [%s], reason: decided by the school board}"
WHO = """  - {network: 127.0.0.1/32, tier: pupil, trusts_ca: true}
  - {network: 127.0.0.3/32, tier: pupil, label: Phòng máy 2, trusts_ca: false}
"""
TERMS = """version: 1
categories: {gambling: {rules: [{id: G1, term: tài xỉu, match: any}]}}
"""
ENGINES = """version: 1
engines:
  google: {sites: [google.<cc>], words: [q], safe: {parameter: {paths: [/search], name: safe, value: active}}}
  bing: {sites: [bing.com], words: [q]}
  duckduckgo: {sites: [duckduckgo.com], words: [q]}
"""


def with_devices(proxy):
    """Tells whose devices trust the certificate, and what search words mean."""
    proxy.write("schoolgate.yaml", proxy.read("schoolgate.yaml").replace("who:\n", "who:\n" + WHO))
    proxy.write("terms.yaml", TERMS)
    proxy.write("safesearch.yaml", ENGINES)
    return proxy


def chain_of(connection):
    """Who vouches for the certificate that was shown, and for which names."""
    certificate = connection.getpeercert()
    issuer = dict(part for one in certificate["issuer"] for part in one)
    return issuer["commonName"], {name for kind, name in certificate["subjectAltName"] if kind == "DNS"}


class InspectOnly(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = origins.TestAuthority()
        cls.addClassCleanup(cls.authority.close)
        share(cls.authority.folder)
        hosts = (*NAMES, *CLOSED, "mixed.test", "bet.test", "*.many.test")
        cls.secure = origins.Recorder(cls.authority.context(*hosts))
        cls.port = cls.secure.port
        cls.proxy = with_devices(Proxy(ports=[cls.port], https=HTTPS % ", ".join((*NAMES, "mixed.test", "bet.test")),
                                       upstream={"extra_ca": [cls.authority.certificate]}, hosts=(*hosts[:-1], *OTHERS),
                                       limits={"requests_per_second_per_client": 100000}))
        cls.addClassCleanup(cls.proxy.close)
        cls.proxy.start()

    def shown(self, host, source=None):
        """Handshakes as a device that trusts both; says whose certificate came."""
        connection = self.proxy.connect(source)
        connection.sendall(f"CONNECT {host}:{self.port} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        self.assertIn(b" 200 ", connection.recv(4096))
        context = ssl.create_default_context(cafile=self.authority.certificate)
        context.load_verify_locations(self.proxy.ca)
        with context.wrap_socket(connection, server_hostname=host) as secure:
            return chain_of(secure)

    def https(self, host, path="/", *arguments, **options):
        return self.proxy.curl(f"https://{host}:{self.port}{path}", *arguments, **options)

    def test_those_names_are_opened_and_a_thousand_others_keep_their_own_certificate(self):
        for host in NAMES:
            with self.subTest(host=host):
                issuer, names = self.shown(host)
                self.assertNotEqual(issuer, "Schoolgate test CA")
                self.assertEqual(names, {host})  # a leaf is for one name
        wrong, lock = [], threading.Lock()

        def look(some):
            for host in some:
                issuer, _ = self.shown(host)
                if issuer != "Schoolgate test CA":
                    with lock:
                        wrong.append(host)

        several = [threading.Thread(target=look, args=(OTHERS[i::4],)) for i in range(4)]
        for thread in several:
            thread.start()
        for thread in several:
            thread.join()
        self.assertEqual(wrong, [])
        look(CLOSED)
        self.assertEqual(wrong, [])

    def test_words_parameters_and_paths_are_seen(self):
        trusts = ("--cacert", self.proxy.ca)
        self.assertEqual(self.https("www.google.com", "/search?q=t%C3%A0i+x%E1%BB%89u", *trusts).status, 403)
        self.secure.heads.clear()
        self.assertEqual(self.https("www.google.com", "/search?q=toan", *trusts).status, 200)
        self.assertIn(b"safe=active", self.secure.heads[-1])
        self.assertEqual(self.https("mixed.test", "/secret", *trusts).status, 403)
        self.assertEqual(self.https("mixed.test", "/open", *trusts).status, 200)

    def test_what_is_blocked_shows_its_page(self):
        got = self.https("bet.test", "/", "--cacert", self.proxy.ca, "-H", "Sec-Fetch-Dest: document", "-H", "Accept-Language: en")
        self.assertEqual(got.status, 403)
        self.assertIn("Gambling is illegal.", got.body)

    def test_a_device_that_does_not_trust_is_left_alone(self):
        for source in ("127.0.0.3", "127.0.0.4"):  # said of the one's network; nothing is said of the other's
            for host in (*NAMES, "mixed.test"):
                with self.subTest(host=host, source=source):
                    self.assertEqual(self.shown(host, source)[0], "Schoolgate test CA")
            got = self.https("bet.test", source=source)
            self.assertEqual((got.connect_status, got.exit_code), (403, 56) if WAY == "setting" else (0, 35))
        # Our own pages are there all the same: they say how to make it trust.
        got = self.proxy.curl("https://schoolgate.internal/ca", "--cacert", self.proxy.ca, source="127.0.0.3")
        self.assertEqual(got.status, 200)

    def test_explain(self):
        def said(url, *more):
            return self.proxy.command("explain", url, *more).stdout
        self.assertIn("opened: inspect_only of tier pupil names it", said("https://www.google.com/search", "--client", "127.0.0.1"))
        self.assertIn("not opened: inspect_only of tier pupil does not name it", said("https://a.vn/b", "--client", "127.0.0.1"))
        self.assertIn("not opened: a site where people sign in", said("https://accounts.google.com/", "--client", "127.0.0.1"))
        self.assertIn("not opened: who: does not say", said("https://www.google.com/search", "--client", "127.0.0.3"))

    def test_check_tells_what_it_wakes(self):
        said = self.proxy.command("check").stdout
        self.assertIn("tier pupil opens 9 https sites (inspect_only)", said)
        self.assertRegex(said, r"awake by it: rules on search words of google, bing, safe search in the address of google")
        self.assertRegex(said, r"asleep still: .*duckduckgo")
        told = json.loads(self.proxy.command("check", "--json").stdout)["inspect_only"]
        self.assertEqual((told[0]["words"], told[0]["words_asleep"]), (["google", "bing"], ["duckduckgo"]))

    def test_status_tells_the_share_and_who_does_not_trust(self):
        def server():
            return json.loads(self.proxy.command("status", "--json").stdout)["server"]
        before = server()
        self.shown("www.bing.com")
        for host in OTHERS[:3]:
            self.shown(host)
        after = server()
        self.assertEqual((after["https"] - before["https"], after["https_opened"] - before["https_opened"]), (4, 1))
        for _ in range(3):  # by the other network's own certificate no page of ours is trusted
            got = self.https("www.google.com", "/", "--cacert", self.authority.certificate)
            self.assertEqual(got.exit_code, 60)
        refusing = wait_until(lambda: server()["refusing_certificate"])
        self.assertEqual([one["refused"] for one in refusing], [3])
        self.assertRegex(refusing[0]["client"], r"^HS-[0-9A-Z]{8}$")
        said = self.proxy.command("status").stdout
        self.assertIn("NO TRUST     " + refusing[0]["client"], said)
        self.assertNotIn("127.0.0.1 ", said)
        self.shown("www.bing.com")  # it does by now
        self.assertEqual(server()["refusing_certificate"], [])


class Before(unittest.TestCase):
    """A configuration that says of no network whether it trusts the certificate works as ever, and is told what to write."""

    def test_until_one_line_says_it(self):
        authority = origins.TestAuthority()
        self.addCleanup(authority.close)
        share(authority.folder)
        secure = origins.Recorder(authority.context("secure.test"))
        proxy = Proxy(ports=[secure.port], https="{mode: inspect, reason: decided}", upstream={"extra_ca": [authority.certificate]})
        self.addCleanup(proxy.close)
        proxy.start()

        def trusted_by(file):
            return proxy.curl(f"https://secure.test:{secure.port}/", "--cacert", file).status == 200
        self.assertTrue(trusted_by(proxy.ca))
        self.assertIn("SG1505", proxy.command("check").stdout)
        text = proxy.read("schoolgate.yaml")
        proxy.write("schoolgate.yaml", text.replace("tier: staff}", "tier: staff, trusts_ca: true}"))
        done = proxy.command("reload")
        self.assertIn("SG1506", done.stdout)  # nothing is opened in the pupils' tier any more
        self.assertNotIn("SG1505", done.stdout)
        self.assertFalse(trusted_by(proxy.ca))
        self.assertTrue(trusted_by(authority.certificate))
        proxy.write("schoolgate.yaml", text.replace("who:\n", "who:\n" + WHO))
        self.assertNotIn("SG150", proxy.command("reload").stdout)
        self.assertTrue(trusted_by(proxy.ca))


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Redirected(unittest.TestCase):
    """The same of devices that know of no proxy."""

    def test_only_what_is_named_is_opened(self):
        network = GatewayNetwork()
        self.addCleanup(network.close)
        authority = origins.TestAuthority()
        self.addCleanup(authority.close)
        names = ("www.google.com", "accounts.google.com", "secure.test", "mixed.test")
        with network.inside("world"):
            kept = [origins.Recorder(authority.context(*names), address=(address, 443)) for address in ORIGIN]
        network.nft(REDIRECT)
        proxy = gateway_proxy(network, {name: ORIGIN for name in names}, https=HTTPS % "www.google.com, mixed.test", upstream={
            "allow_networks": [ORIGIN[0] + "/32", ORIGIN[1] + "/128"], "extra_ca": [authority.certificate]})
        self.addCleanup(proxy.close)
        proxy.write("schoolgate.yaml", proxy.read("schoolgate.yaml").replace("who:\n", "who:\n" + "".join(
            f"  - {{network: \"{gateway_net.PUPIL[i]}/{(32, 128)[i]}\", tier: pupil, trusts_ca: true}}\n" for i in (0, 1))))
        subprocess.run(["chmod", "-R", "a+rX", authority.folder], check=True)
        with network.inside("gateway"):
            proxy.start()
        self.assertEqual(len(kept), len(ORIGIN))

        def issuer(host, address):
            context = ssl.create_default_context(cafile=authority.certificate)
            context.load_verify_locations(proxy.ca)
            with network.inside("school"):

                connection = socket.create_connection((address, 443), timeout=20, source_address=(
                    gateway_net.PUPIL[0 if "." in address else 1], 0))
            with context.wrap_socket(connection, server_hostname=host) as secure:
                return chain_of(secure)[0]

        for address in ORIGIN:
            for host, ours in (("www.google.com", True), ("mixed.test", True), ("accounts.google.com", False), ("secure.test", False)):
                with self.subTest(host=host, address=address):
                    self.assertEqual(issuer(host, address) != "Schoolgate test CA", ours)


if __name__ == "__main__":
    unittest.main()
