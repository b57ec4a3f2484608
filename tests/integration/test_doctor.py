"""`schoolgate doctor` on a gateway in network namespaces: what is well, what is broken on purpose, and who goes around the filter."""
import json
import os
import shutil
import socket
import subprocess
import tempfile
import unittest

import gateway_net
import origins
from gateway_net import GATEWAY, INSIDE, ORIGIN, PUPIL, GatewayNetwork, gateway_proxy
from harness import program, wait_until

WHY_NOT = gateway_net.why_not()
EXTRA = "gateway: {masquerade: outside}\n"
STRANGER = (INSIDE[0] + ".99", "02:00:00:00:00:99")


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Doctor(unittest.TestCase):
    LONG = True

    @classmethod
    def setUpClass(cls):
        cls.network = GatewayNetwork()
        cls.addClassCleanup(cls.network.close)
        cls.proxy = gateway_proxy(cls.network, {}, extra=EXTRA, block=["gambling.schoolgate.test"])
        cls.addClassCleanup(cls.proxy.close)
        os.chmod(cls.proxy.path("log"), 0o750)
        with cls.network.inside("gateway"):
            cls.proxy.start()
        cls.rules = cls.proxy.command("gateway", "rules").stdout
        cls.network.nft(cls.rules)

    def run_doctor(self, *words):
        with self.network.inside("gateway"):
            return subprocess.run([program(), *words, "--config", self.proxy.config], capture_output=True, text=True, timeout=120, check=False)

    def found(self, *keys):
        """key -> (state, what), of these; the exit code says whether something is bad."""
        done = self.run_doctor("doctor", "--json")
        report = json.loads(done.stdout)
        self.assertEqual(done.returncode, 0 if report["ok"] else 1, done.stderr)
        self.assertEqual(report["bad"], sum(one["state"] == "bad" for one in report["findings"]))
        for one in report["findings"]:
            self.assertEqual(one["state"] in ("good", "unknown"), one["todo"] is None, one)
        states = {one["key"]: (one["state"], one["what"]) for one in report["findings"]}
        return [states[key] for key in keys]

    def start(self, side, *words):
        with self.network.inside(side):
            process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

    def ask_as_pupil(self):
        with self.network.inside("school"), socket.create_connection((GATEWAY[0], self.proxy.port), timeout=10) as connection:
            connection.sendall(b"GET http://bet.test/ HTTP/1.1\r\nHost: bet.test\r\nConnection: close\r\n\r\n")
            self.assertIn(b" 403 ", connection.recv(4096))

    def test_well(self):
        self.network.nft(self.rules)
        for key, (state, what) in zip(keys := ("proxy", "ports", "blocked", "allowed", "firewall", "dhcp", "routers", "rights", "disk"),
                                      self.found(*keys)):
            self.assertEqual(state, "good", (key, what))
        events = wait_until(lambda: [row for row in self.proxy.log_rows("--events") if row["what"] == "self_test"])
        self.assertEqual(set(events[-1]["detail"] if isinstance(events[-1]["detail"], dict) else json.loads(events[-1]["detail"])),
                         {"good", "warnings", "bad"})

    def test_the_firewall_gone_or_another(self):
        self.network.nft(self.rules + 'add rule inet schoolgate forward counter accept comment "by hand"\n')
        self.assertEqual(self.found("firewall")[0][0], "bad")
        self.network.nft("delete table inet schoolgate\n")
        state, what = self.found("firewall")[0]
        self.assertEqual(state, "bad")
        self.assertIn("PUPILS PASS", what)
        self.network.nft(self.rules)
        self.assertEqual(self.found("firewall")[0][0], "good")

    @unittest.skipUnless(shutil.which("dnsmasq") and shutil.which("radvd"), "not installed: dnsmasq-base, radvd")
    def test_a_foreign_dhcp_server_and_a_foreign_router(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        with open(os.path.join(folder, "radvd.conf"), "w", encoding="utf-8") as out:
            out.write("interface inside { AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4; prefix fd99::/64 {}; };\n")
        self.start("school", "radvd", "-n", "-C", out.name, "-p", os.path.join(folder, "radvd.pid"))
        self.start("school", "dnsmasq", "--keep-in-foreground", "--port=0", "--conf-file=/dev/null", "--interface=inside", "--bind-interfaces",
                   f"--dhcp-range={INSIDE[0]}.200,{INSIDE[0]}.210", "--pid-file=", "--user=root", "--dhcp-leasefile=" + folder + "/leases")

        def both():
            found = self.found("dhcp", "routers")
            return found if all(state == "bad" for state, _ in found) else None
        dhcp, routers = wait_until(both, 60) or self.found("dhcp", "routers")
        self.assertEqual((dhcp[0], routers[0]), ("bad", "bad"))
        self.assertIn(INSIDE[0], dhcp[1])
        self.assertIn("fe80::", routers[1])

    def test_a_page_to_sign_in(self):
        """The provider answers for every address, until somebody has signed in."""
        self.assertEqual(self.found("portal")[0][0], "good")
        with self.network.inside("world"):
            self.network.run("ip", "address", "add", "192.0.2.1/32", "dev", "lo")
            portal = origins.Recorder(address=("192.0.2.1", 80))
        self.addCleanup(portal.origin.close)
        with self.network.inside("gateway"):
            self.network.run("ip", "route", "add", "192.0.2.1", "via", ORIGIN[0])
        state, what = self.found("portal")[0]
        self.assertEqual(state, "bad")
        self.assertIn("a page came with status 200 from 192.0.2.1", what)
        self.assertIn("open http://192.0.2.1/ on this machine and sign in", self.run_doctor("doctor").stdout)

    def test_who_goes_around(self):
        self.ask_as_pupil()
        with self.network.inside("gateway"):
            self.network.run("ip", "neigh", "replace", STRANGER[0], "lladdr", STRANGER[1], "dev", "inside", "nud", "permanent")
        state, what = self.found("neighbours")[0]
        self.assertEqual(state, "warning")
        self.assertIn(" ".join(reversed(STRANGER)), what)
        self.assertNotIn(PUPIL[0] + ",", what)
        self.assertIn("NOT FILTERED 1 of ", self.run_doctor("status").stdout)
        neighbours = json.loads(self.run_doctor("status", "--json").stdout)["neighbours"]
        self.assertEqual(neighbours["never_a_client"], 1)
        with self.network.inside("gateway"):
            self.network.run("ip", "neigh", "del", STRANGER[0], "dev", "inside")
        self.assertEqual(self.found("neighbours")[0][0], "good")

    def test_z_without_the_proxy(self):
        """Last."""
        self.proxy.stop()
        (proxy, what), (ports, _), (blocked, _) = self.found("proxy", "ports", "blocked")
        self.assertEqual((proxy, ports, blocked), ("bad", "bad", "bad"))
        self.assertIn("does not answer", what)


if __name__ == "__main__":
    unittest.main()
