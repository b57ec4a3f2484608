"""Safe search: by name without opening anything, by parameter and header where the request is seen, and what else becomes of a search.

Every name is 127.0.0.9 except those that the engines give for safe results, which are 127.0.0.10 to 127.0.0.14: who answers tells
where the proxy connected to.
"""
import os
import re
import ssl
import unittest

import origins
from dns import NameServer
from harness import ROOT, Proxy, of_connect

PLAIN = "127.0.0.9"
SAFE = {"forcesafesearch.google.com": "127.0.0.10", "strict.bing.com": "127.0.0.11", "safe.duckduckgo.com": "127.0.0.12",
        "restrict.youtube.com": "127.0.0.13", "restrictmoderate.youtube.com": "127.0.0.14"}
GOOGLE, BING, DUCK, STRICT, MODERATE = SAFE.values()
NAMES = ("www.google.com", "www.google.com.vn", "www.google.de", "google.com", "news.google.com", "www.bing.com", "duckduckgo.com",
         "html.duckduckgo.com", "www.youtube.com", "m.youtube.com", "youtubei.googleapis.com", "ok.test", "coccoc.com",
         "search.yahoo.com", "www.startpage.com")
ZONE = {**{name: [PLAIN] for name in NAMES}, **{name: [address] for name, address in SAFE.items()}}
INSPECT = '{mode: inspect, reason: "decided by the school board"}'
ENFORCED = (("www.google.com", GOOGLE), ("www.google.com.vn", GOOGLE), ("www.google.de", GOOGLE), ("www.bing.com", BING),
            ("duckduckgo.com", DUCK), ("google.com", PLAIN), ("news.google.com", PLAIN), ("ok.test", PLAIN))
VIDEOS = ("www.youtube.com", "m.youtube.com", "youtubei.googleapis.com")


class SafeProxy(Proxy):
    """Tier pupil: `levels`; staff: off, which must be said. The engines are those that Schoolgate ships."""

    def __init__(self, world, levels, https=None):
        networks = [f"{a}/32" for a in (PLAIN, *SAFE.values())]
        upstream = {"allow_networks": networks, "dns_servers": [world.names.address], "hosts_file": "hosts",
                    "extra_ca": [world.authority.certificate]}
        super().__init__(ports=[world.port], upstream=upstream, hosts=(), https=https,
                         extra="https: {never_inspect: {categories: []}}\n")
        with open(os.path.join(ROOT, "config/defaults/safesearch.yaml"), encoding="utf-8") as source:
            # The tiers named there are the shipped ones.
            engines = re.sub(r"otherwise: \{.*\}", "otherwise: {pupil: warn, staff: allow}", source.read())
        self.write("safesearch.yaml", engines)
        self.write("schoolgate.yaml", self.read("schoolgate.yaml") + "safesearch: safesearch.yaml\n")
        self.write("tiers.d/staff.yaml", self.read("tiers.d/staff.yaml") + "safesearch: off\nyoutube: off\n")
        self.set_levels(levels)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as source:
            return source.read()

    def set_levels(self, levels):
        text = re.sub(r"(?m)^(safesearch|youtube): .*\n", "", self.read("tiers.d/pupil.yaml"))
        self.write("tiers.d/pupil.yaml", text + "".join(f"{key}: {level}\n" for key, level in levels.items()))


class World:
    """The name server and one TLS origin on each address, all on one port, that names its own address."""

    def __init__(self):
        self.names = NameServer(ZONE)
        self.authority = origins.TestAuthority()
        os.chmod(self.authority.folder, 0o755)
        context = self.authority.context(*NAMES)
        self.origins = {}
        self.port = 0
        for address in (PLAIN, *SAFE.values()):
            self.origins[address] = origins.Recorder(context, (address, self.port))
            self.port = self.origins[address].port

    def close(self):
        self.names.close()
        self.authority.close()
        for origin in self.origins.values():
            origin.origin.close()

    def heads(self):
        """(address, head) of every request since the last call."""
        seen = [(address, head.decode()) for address, origin in self.origins.items() for head in origin.heads]
        for origin in self.origins.values():
            origin.heads.clear()
        return seen


class SafeSearch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def setUp(self):
        self.world.heads()

    def get(self, proxy, host, path="/", trusts=None, source=None, *more):
        return proxy.curl(f"https://{host}:{self.world.port}{path}", "--cacert", trusts or self.world.authority.certificate, *more,
                          source=source)

    def address_of(self, *arguments, **named):
        got = self.get(*arguments, **named)
        seen = self.world.heads()
        self.assertEqual((got.status, len(seen)), (200, 1), got.error)
        return seen[0][0]

    def test_by_name_and_tier(self):
        """The browser sees the certificate of the name that it asked for; only where the proxy connects to differs."""
        for videos, address in (("strict", STRICT), ("moderate", MODERATE), ("off", PLAIN)):
            # What a tier does not say is strict.
            with SafeProxy(self.world, {} if videos == "strict" else {"safesearch": "strict", "youtube": videos}) as proxy:
                for host, wanted in ENFORCED if videos == "strict" else ():
                    with self.subTest(host=host):
                        self.assertEqual(self.address_of(proxy, host), wanted)
                        self.assertEqual(self.address_of(proxy, host, source="127.0.0.2"), PLAIN)
                for host in VIDEOS:
                    with self.subTest(host=host, videos=videos):
                        self.assertEqual(self.address_of(proxy, host), address)
                        self.assertEqual(self.address_of(proxy, host, source="127.0.0.2"), PLAIN)

    def test_engines_that_cannot_be_enforced(self):
        with SafeProxy(self.world, {"safesearch": "strict", "youtube": "strict"}) as proxy:
            for host, status in (("html.duckduckgo.com", 403), ("www.startpage.com", 403), ("search.yahoo.com", 403), ("coccoc.com", 403)):
                with self.subTest(host=host):
                    got = self.get(proxy, host)
                    self.assertEqual((got.connect_status, got.status), (of_connect(status), 0))
                    self.assertEqual(self.world.heads(), [])
            self.assertEqual(self.address_of(proxy, "coccoc.com", source="127.0.0.2"), PLAIN)

    def test_an_open_tunnel_ends_when_its_way_changes(self):
        with SafeProxy(self.world, {"safesearch": "off"}) as proxy:
            tunnels = {}
            for host in ("www.google.com", "ok.test"):
                tunnels[host] = proxy.connect()
                tunnels[host].sendall(f"CONNECT {host}:{self.world.port} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                self.assertIn(b" 200 ", tunnels[host].recv(4096))
                context = ssl.create_default_context(cafile=self.world.authority.certificate)
                tunnels[host] = context.wrap_socket(tunnels[host], server_hostname=host)
            proxy.set_levels({"safesearch": "strict"})
            proxy.command("reload")
            with self.assertRaises(OSError):
                if not tunnels["www.google.com"].recv(1):
                    raise ConnectionResetError
            tunnels["ok.test"].sendall(b"GET / HTTP/1.1\r\nHost: ok.test\r\n\r\n")
            self.assertIn(b"200 OK", tunnels["ok.test"].recv(4096))
            self.assertEqual([address for address, _ in self.world.heads()], [PLAIN])
            for tunnel in tunnels.values():
                tunnel.close()

    def test_inspected_requests(self):
        """By name as before, and by parameter and header; an engine that only knows a parameter is enforced by it."""
        cases = (("www.google.com", "/search?q=a&safe=off", GOOGLE, "GET /search?q=a&safe=active ", None),
                 ("google.com", "/search?q=a", PLAIN, "GET /search?q=a&safe=active ", None),
                 ("www.google.com", "/maps?q=a", GOOGLE, "GET /maps?q=a ", None),
                 ("www.bing.com", "/search?q=a&adlt=off", BING, "GET /search?q=a&adlt=strict ", None),
                 ("duckduckgo.com", "/?kp=-2&q=a", DUCK, "GET /?q=a&kp=1 ", None),
                 ("www.youtube.com", "/results?search_query=a", MODERATE, "GET /results?search_query=a ", "Moderate"),
                 ("ok.test", "/search?q=a&safe=off", PLAIN, "GET /search?q=a&safe=off ", None))
        with SafeProxy(self.world, {"safesearch": "strict", "youtube": "moderate"}, INSPECT) as proxy:
            for host, path, address, line, restrict in cases:
                with self.subTest(host=host, path=path):
                    self.assertEqual(self.get(proxy, host, path, proxy.ca, None, "-H", "YouTube-Restrict: None").status, 200)
                    [(where, head)] = self.world.heads()
                    self.assertEqual(where, address)
                    self.assertTrue(head.startswith(line), head)
                    fields = re.findall(r"(?im)^YouTube-Restrict: *(\S+)", head)
                    self.assertEqual(fields, [restrict] if restrict else ["None"])

    def test_kept_connections_are_for_those_who_go_the_same_way(self):
        """An inspected pupil and an inspected teacher use one pool; neither gets what was connected for the other."""
        with SafeProxy(self.world, {"safesearch": "strict"}, INSPECT) as proxy:
            staff = proxy.read("tiers.d/staff.yaml")
            proxy.write("tiers.d/staff.yaml", staff + f"https: {INSPECT}\n")
            proxy.command("reload")
            before = {a: o.origin.connections for a, o in self.world.origins.items()}
            for _ in range(8):
                self.assertEqual(self.address_of(proxy, "www.google.com", trusts=proxy.ca), GOOGLE)
                self.assertEqual(self.address_of(proxy, "www.google.com", trusts=proxy.ca, source="127.0.0.2"), PLAIN)
            opened = {a: o.origin.connections - before[a] for a, o in self.world.origins.items()}
            self.assertLessEqual(opened[GOOGLE], 2)  # one a worker
            self.assertLessEqual(opened[PLAIN], 2)

    def test_the_log_says_how_much_was_seen(self):
        with SafeProxy(self.world, {}) as proxy:
            self.get(proxy, "www.google.com", "/search?q=toan")
            self.assertEqual(proxy.log_rows("--host", "www.google.com")[-1]["seen"], "sni")
            said = proxy.command("explain", "https://www.google.com/search?q=toan").stdout
            self.assertIn("not seen here: the path and query", said)
        with SafeProxy(self.world, {}, INSPECT) as proxy:
            for path in ("/search?q=toan", "/"):
                self.assertEqual(self.get(proxy, "www.google.com", path, proxy.ca).status, 200)
            rows = proxy.log_rows("--host", "www.google.com", wanted=2)
            self.assertEqual([(r["seen"], r["path"]) for r in rows], [("search-words", None), ("url", None)])
            self.assertNotIn("not seen here", proxy.command("explain", "https://www.google.com/search?q=toan").stdout)
            self.assertNotIn("toan", "".join(str(r) for r in rows))


if __name__ == "__main__":
    unittest.main()
