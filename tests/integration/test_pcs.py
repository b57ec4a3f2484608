"""`schoolgate setup pcs`: the files as their readers take them; Chromium and Firefox, started with theirs, go by the PAC."""
import json
import os
import plistlib
import re
import shutil
import subprocess
import tempfile
import unittest
import urllib.parse

import origins
from chromium import Chromium
from firefox import Firefox
from harness import Browser, Proxy, wait_until

# The system's own /etc, with a policy that nothing outside sees.
WITH_POLICY = """set -e
mount -t tmpfs none /mnt
mkdir /mnt/upper /mnt/work
mount -t overlay none -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work /etc
mkdir -p "$PLACE"
[ -z "$POLICY" ] || cp "$POLICY" "$PLACE"
exec "$@"
"""
MAY_MOUNT = os.geteuid() == 0


class Pcs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.proxy = Proxy().start()
        cls.addClassCleanup(cls.proxy.close)
        cls.proxy.command("ca", "create")
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        os.chmod(cls.folder, 0o777)
        cls.said = cls.proxy.command("setup", "pcs", os.path.join(cls.folder, "pcs"), "--address", "127.0.0.1", "--wifi", "Trường").stdout

    def read(self, name, mode="r"):
        with open(os.path.join(self.folder, "pcs", name), mode, **({} if "b" in mode else {"encoding": "utf-8"})) as source:
            return source.read()

    def test_each_is_named_and_none_is_written_over(self):
        for name in ("windows/schoolgate.reg", "firefox/policies.json", "apple/supervised.mobileconfig", "schoolgate-ca.crt"):
            self.assertIn(f"{name}\n", self.said)
        again = self.proxy.command("setup", "pcs", os.path.join(self.folder, "pcs"), "--address", "127.0.0.1", check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn("is there already", again.stderr)
        bare = self.proxy.command("setup", "pcs", os.path.join(self.folder, "other"), check=False)
        self.assertEqual(bare.returncode, 2)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "other")))

    def test_an_address_of_another_machine_is_told(self):
        for address, told in (("192.0.2.77", True), ("127.0.0.1", False)):
            done = self.proxy.command("setup", "pcs", os.path.join(self.folder, "to-" + address), "--address", address)
            self.assertEqual("is no address of this machine" in done.stderr, told, done.stderr)

    def test_apple_profiles(self):
        shown = json.loads(self.proxy.command("ca", "show", "--json").stdout)["sha256"]
        for name, kinds in (("schoolgate", {"com.apple.security.root", "com.apple.wifi.managed"}),
                            ("supervised", {"com.apple.security.root", "com.apple.wifi.managed", "com.apple.proxy.http.global"})):
            profile = plistlib.loads(self.read(f"apple/{name}.mobileconfig", "rb"))
            found = {one["PayloadType"]: one for one in profile["PayloadContent"]}
            self.assertEqual(set(found), kinds)
            certificate = found["com.apple.security.root"]["PayloadContent"]
            made = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-fingerprint", "-sha256"], input=certificate,
                                  capture_output=True, check=True).stdout.decode()
            self.assertIn(shown, made)
            self.assertEqual(found["com.apple.wifi.managed"]["SSID_STR"], "Trường")

    @unittest.skipIf(not MAY_MOUNT or not shutil.which("chromium"), "a policy of the system's own is mounted by root")
    def test_chromium_goes_by_the_policy(self):
        def dom(policy):
            with tempfile.TemporaryDirectory() as profile:
                return subprocess.run(["unshare", "--mount", "sh", "-c", WITH_POLICY, "sh", "chromium", *Browser.FLAGS,
                                       f"--user-data-dir={profile}", "--dump-dom", "--virtual-time-budget=4000", "http://bet.test/"],
                                      capture_output=True, text=True, timeout=90, check=False,
                                      env={"PATH": os.environ["PATH"], "HOME": profile, "POLICY": policy,
                                           "PLACE": "/etc/chromium/policies/managed"}).stdout
        self.assertNotIn("Gambling", dom(""))
        self.assertIn("Gambling", dom(os.path.join(self.folder, "pcs/chromium/schoolgate.json")))

    @unittest.skipIf(not MAY_MOUNT or not shutil.which("chromium"), "a policy of the system's own is mounted by root")
    def test_chromium_reads_every_policy_and_asks_nobody_by_https(self):
        """A profile whose user has DNS over HTTPS on: chrome://policy names what the file says, and nobody is asked that way."""
        calls = []
        listener = origins.Origin(lambda connection: calls.append(connection), None)
        wanted = {"dns_over_https": {"mode": "secure", "templates": f"https://127.0.0.1:{listener.port}/dns-query"}}

        def started(policy):
            return Chromium(["unshare", "--mount", "sh", "-c", WITH_POLICY, "sh"], wanted,
                            {"POLICY": policy, "PLACE": "/etc/chromium/policies/managed"})
        with started("") as chromium:
            chromium.open("http://bet.test/")
            self.assertTrue(wait_until(lambda: calls), "the listener would see it")
        calls.clear()
        policy = os.path.join(self.folder, "pcs/chromium/schoolgate.json")
        with started(policy) as chromium:
            chromium.open("http://bet.test/")
            self.assertTrue(wait_until(lambda: "Gambling" in chromium.text()))
            chromium.open("chrome://policy")
            self.assertTrue(wait_until(lambda: "DnsOverHttpsMode\noff\n" in chromium.text()))
            shown = chromium.text()
            self.assertEqual(calls, [])
        for name in json.loads(self.read("chromium/schoolgate.json")):
            status = re.search(rf"\n{name}\n(?:.*\n)*?Machine\nMandatory\n(.*)\n", shown)
            self.assertEqual(status and status[1], "OK", name)

    @unittest.skipIf(not MAY_MOUNT or not shutil.which("firefox-esr"), "a policy of the system's own is mounted by root")
    def test_firefox_goes_by_the_policy(self):
        """A profile whose user has DNS over HTTPS on: with the policy nobody is asked that way, and the PAC holds."""
        calls = []
        listener = origins.Origin(lambda connection: calls.append(connection), None)

        def started(policy):
            return Firefox(["unshare", "--mount", "sh", "-c", WITH_POLICY, "sh"],
                           {"network.trr.mode": 3, "network.trr.uri": f"https://127.0.0.1:{listener.port}/dns-query",
                            "network.trr.bootstrapAddr": "127.0.0.1"},
                           {"POLICY": policy, "PLACE": "/etc/firefox/policies"})
        with started("") as firefox:
            self.assertNotIn("Gambling", firefox.page("http://bet.test/"))
            self.assertTrue(wait_until(lambda: calls), "the listener would see it")
            self.assertNotIn("Proxy", firefox.policies())
        calls.clear()
        with started(os.path.join(self.folder, "pcs/firefox/policies.json")) as firefox:
            self.assertIn("Gambling", firefox.page("http://bet.test/"))
            self.assertEqual(calls, [])
            taken = firefox.policies()
        self.assertEqual(taken["DNSOverHTTPS"], {"Enabled": False, "Locked": True})
        kind, script = taken["Proxy"]["AutoConfigURL"].split(",")
        self.assertEqual(kind, "data:application/x-ns-proxy-autoconfig")
        served = self.proxy.raw(f"GET /proxy.pac HTTP/1.1\r\nHost: 127.0.0.1:{self.proxy.port}\r\nConnection: close\r\n\r\n").decode()
        self.assertEqual(urllib.parse.unquote(script), served.split("\r\n\r\n")[1])
        self.assertTrue(taken["DisableEncryptedClientHello"])


@unittest.skipUnless(MAY_MOUNT, "a policy of the system's own is mounted by root")
class NobodyAnswers(unittest.TestCase):
    """The school's machine is away when a browser starts, and the way past it is open: no policy leads there."""

    @classmethod
    def setUpClass(cls):
        cls.origin = origins.Recorder()
        cls.addClassCleanup(cls.origin.origin.close)
        cls.url = f"http://ok.test:{cls.origin.port}/"
        proxy = Proxy()
        cls.addClassCleanup(proxy.close)
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        os.chmod(cls.folder, 0o777)
        proxy.command("setup", "pcs", os.path.join(cls.folder, "pcs"), "--address", "127.0.0.1")

    def policy(self, name):
        return ["unshare", "--mount", "sh", "-c", WITH_POLICY, "sh"], os.path.join(self.folder, "pcs", name) if name else ""

    @unittest.skipUnless(shutil.which("firefox-esr"), "firefox-esr is not installed")
    def test_firefox(self):
        def page(name):
            wrapper, policy = self.policy(name)
            with Firefox(wrapper, {"network.dns.localDomains": "ok.test"}, {"POLICY": policy, "PLACE": "/etc/firefox/policies"}) as firefox:
                return firefox.page(self.url)
        self.assertIn("Hello from the origin", page(""))
        seen = len(self.origin.heads)
        self.assertIn("proxyConnectFailure", page("firefox/policies.json"))
        self.assertEqual(len(self.origin.heads), seen)

    @unittest.skipUnless(shutil.which("chromium"), "chromium is not installed")
    def test_chromium(self):
        def comes(name, words):
            wrapper, policy = self.policy(name)
            with Chromium(wrapper, None, {"POLICY": policy, "PLACE": "/etc/chromium/policies/managed"},
                          ["--host-resolver-rules=MAP ok.test 127.0.0.1"]) as chromium:
                chromium.open(self.url)
                return wait_until(lambda: words in chromium.text())
        self.assertTrue(comes("", "Hello from the origin"))
        seen = len(self.origin.heads)
        self.assertTrue(comes("chromium/schoolgate.json", "ERR_"))
        self.assertEqual(len(self.origin.heads), seen)


if __name__ == "__main__":
    unittest.main()
