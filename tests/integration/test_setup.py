"""`schoolgate setup`: what it writes is loaded as the machine would load it, in the gateway of three network namespaces: the firewall's
unit line by line, the resolver, DHCP, router advertisements. systemd is not here: tests/tools/setup has the order of what is started."""
import os
import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import unittest

import gateway_net
import origins
import test_guides
from gateway_net import GATEWAY, INSIDE, ORIGIN, OTHER, GatewayNetwork
from harness import ROOT, program, wait_until

WHY_NOT = gateway_net.why_not()
TOOLS = {tool: shutil.which(tool) for tool in ("dnsmasq", "radvd", "sysctl")}
WHOLE = ["--language", "en", "--school", "Trường Thử", "--it", "Nam", "--person", "Lan", "--room", "105", "--phone", "0123",
         "--networks", f"{INSIDE[0]}.0/24=thcs:Room 1", "--inside", "inside"]
INLINE = ["--topology", "inline", "--outside", "outside", "--dhcp", f"{INSIDE[0]}.100-{INSIDE[0]}.150"]


class Machine:
    """A folder that is the root of the gateway's files, as the package leaves them, and setup run there."""

    def __init__(self, network):
        self.network = network
        self.root = tempfile.mkdtemp(prefix="sg-setup-")
        shutil.copytree(os.path.join(ROOT, "config/defaults"), self.path("/etc/schoolgate"))
        os.remove(self.path("/etc/schoolgate/quickstart.yaml"))
        self.running = []

    def close(self):
        for process in self.running:
            process.kill()
            process.wait()
        shutil.rmtree(self.root)

    def path(self, name):
        return self.root + name

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as source:
            return source.read()

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as out:
            out.write(text)

    def files(self):
        found = {}
        for folder, _, names in os.walk(self.root):
            for name in names:
                with open(os.path.join(folder, name), "rb") as source:
                    found[os.path.join(folder, name)[len(self.root):]] = source.read()
        return found

    def schoolgate(self, *words, typed="", side="gateway"):
        with self.network.inside(side):
            return subprocess.run([program(), *words], input=typed, capture_output=True, text=True, timeout=120, check=False)

    def setup(self, *words, typed=""):
        return self.schoolgate("setup", "--root", self.root, *words, typed=typed)

    def command(self, *words):
        return self.schoolgate(*words, "--config", self.path("/etc/schoolgate/schoolgate.yaml"))

    def here(self, line):
        """A command of a unit, with its files below the root."""
        return [re.sub(r"(^|=)(/etc/)", lambda found: found[1] + self.root + found[2], word) for word in shlex.split(line)]

    def start_unit(self, name):
        """As systemd starts a oneshot: line by line, none behind one that failed. Whether it started."""
        for line in re.findall(r"(?m)^ExecStart=(.*)$", self.read("/etc/systemd/system/" + name)):
            with self.network.inside("gateway"):
                done = subprocess.run(self.here(line.removeprefix("-")), capture_output=True, check=False)
            if done.returncode != 0 and not line.startswith("-"):
                return False
        return True

    def start(self, *words, side="gateway"):
        with self.network.inside(side):
            self.running.append(subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return self.running[-1]

    def forwarding(self):
        with self.network.inside("gateway"):
            return [self.network.run("cat", path).strip()
                    for path in ("/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/all/forwarding")]


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Setup(unittest.TestCase):
    def setUp(self):
        self.network = GatewayNetwork()
        self.addCleanup(self.network.close)
        self.machine = Machine(self.network)
        self.addCleanup(self.machine.close)

    def done(self, *words, typed="", code=0):
        done = self.machine.setup(*words, typed=typed)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def reaches(self, address, port):
        with self.network.inside("school"), socket.socket() as connection:
            connection.settimeout(1)
            return connection.connect_ex((address, port)) == 0

    def test_looking_writes_nothing(self):
        before = self.machine.files()
        said = self.done(*WHOLE, *INLINE, "--dry-run")
        for name in ("gateway.nft", "schoolgate-gateway.service", "dnsmasq.d/schoolgate.conf", "dhcp.conf", "schoolgate-dhcp.service"):
            self.assertIn(f"{name}\n", said)
        self.assertIn('  + ' + 'name: "Trường Thử"', said)
        self.assertIn("dhcp-option=252,\"http://10.77.1.1:3128/proxy.pac\"", said)
        self.assertIn("mobile data", said)
        self.assertIn("(lessons, terms, holidays, exams): " + self.machine.path("/etc/schoolgate/periods.yaml"), said)
        self.assertEqual(self.machine.files(), before)

    def test_what_is_wrong_or_missing_writes_nothing(self):
        before = self.machine.files()
        with_tier = [*WHOLE, *INLINE]
        for words, says in ((["--phone", "1"], "--school is needed"),
                            ([*WHOLE, "--topology", "inline"], "--outside is needed"),
                            ([*WHOLE, "--topology", "one-arm", "--outside", "outside"], "--outside does not go with"),
                            ([*WHOLE, "--dhcp", "10.9.9.1-10.9.9.9"], "not in 10.77.1.0/24"),
                            ([*with_tier[:-1], "10.77.1.9-10.77.1.2"], "behind the last"),
                            ([word.replace("=thcs", "=nobody") for word in with_tier], "no tier"),
                            (["eth9" if word == "outside" else word for word in with_tier], "no interface")):
            with self.subTest(words=words):
                self.assertIn(says, self.done(*words, code=2))
        self.assertIn("nothing was written", self.done(typed="en\nSchool\n", code=1))
        self.assertEqual(self.machine.files(), before)

    def test_what_is_wrong_is_said_in_the_language_that_was_asked_for(self):
        """The file on the machine says vi."""
        words = ["setup", "--config", self.machine.path("/etc/schoolgate/schoolgate.yaml"), "--dry-run", *WHOLE, "--topology", "inline"]
        self.assertIn("--outside is needed", self.machine.schoolgate(*words).stderr)
        words[words.index("en")] = "vi"
        self.assertIn("--outside: ", self.machine.schoolgate(*words).stderr)

    def test_a_network_that_is_not_here_is_told(self):
        self.assertNotIn("network", self.machine.setup(*WHOLE, *INLINE, "--dry-run").stderr)
        wrong = [word.replace(INSIDE[0] + ".0/24", "129.168.10.0/24") for word in WHOLE]
        said = self.machine.setup(*wrong, *INLINE[:-2], "--dry-run").stderr
        self.assertIn(f"{INSIDE[0]}.0/24, the network of inside, is in no answer", said)
        self.assertIn("129.168.10.0/24 is on no interface of this machine", said)

    def test_an_interview(self):
        answers = ["en", "Trường Thử", "Nam", "Lan", "105", "0123", "x", "b", "inside", "", "", f"{INSIDE[0]}.0/24=thcs", "none", "", ""]
        self.assertIn("nothing was written", self.done(typed="\n".join([*answers, "no", ""]), code=1))
        self.assertIn("Ways around", self.done(typed="\n".join([*answers, "yes", ""])))
        self.assertIn('it_contact: "Nam"', self.machine.read("/etc/schoolgate/schoolgate.yaml"))
        self.assertFalse(os.path.exists(self.machine.path("/etc/schoolgate/dhcp.conf")))
        self.assertIn("masquerade: inside", self.machine.read("/etc/schoolgate/schoolgate.yaml"))
        said = self.done(typed="\n".join([*[""] * 14, "yes", ""]))
        self.assertIn("until then nobody is filtered", said, "no DHCP: as it was answered")

    def test_on_one_cable_it_offers_to_hand_out_addresses(self):
        said = self.done(*WHOLE, "--topology", "one-arm")
        self.assertIn(f"dhcp-range={INSIDE[0]}.50,{INSIDE[0]}.200,", self.machine.read("/etc/schoolgate/dhcp.conf"))
        self.assertNotIn("until then nobody is filtered", said)

    def test_again_it_changes_one_answer_and_nothing_of_people(self):
        self.done(*WHOLE, *INLINE)
        first = self.machine.files()
        self.assertEqual(self.machine.command("check", "--strict").returncode, 0)
        self.assertEqual(self.machine.command("gateway", "rules").stdout, self.machine.read("/etc/schoolgate/gateway.nft"))
        self.done("--phone", "0999")
        second = self.machine.files()
        changed = {name for name in second if first.get(name) != second[name]}
        self.assertEqual(changed, {"/etc/schoolgate/schoolgate.yaml", "/var/lib/schoolgate/setup/answers", "/var/lib/schoolgate/setup/written"})
        by_hand = self.machine.read("/etc/dnsmasq.d/schoolgate.conf") + "server=10.0.0.9\n"
        self.machine.write("/etc/dnsmasq.d/schoolgate.conf", by_hand)
        said = self.done("--ipv6", "radvd", "--networks", f"{INSIDE[0]}.0/24=thcs:Room 1; {INSIDE[1]}:/64=thcs")
        self.assertRegex(said, r"kept, .*dnsmasq.d/schoolgate.conf")
        self.assertEqual(self.machine.read("/etc/dnsmasq.d/schoolgate.conf"), by_hand)
        self.assertIn("fd77:1::/64", self.machine.read("/etc/schoolgate/gateway.nft"))
        if TOOLS["radvd"]:
            checked = subprocess.run(["radvd", "--configtest", "-C", self.machine.path("/etc/radvd.conf")], capture_output=True, text=True,
                                     check=False)
            self.assertEqual(checked.returncode, 0, checked.stderr)

    def test_what_the_guides_type(self):
        self.done(*WHOLE, *INLINE)
        for guide in ("en/admin.md", "vi/quan-tri.md"):
            with open(os.path.join(test_guides.DOCS, guide), encoding="utf-8") as source:
                lines = [line for line in test_guides.commands(source.read()) if line in test_guides.OF_A_GATEWAY and "schoolgate setup" in line]
            self.assertEqual(len(lines), 3)
            for line in lines:
                typed = "\n" * 15 + "yes\n" if line == "sudo schoolgate setup" else ""
                self.done(*shlex.split(line)[3:], typed=typed)
        self.assertIn('phone: "0280 123 456"', self.machine.read("/etc/schoolgate/schoolgate.yaml"))

    def test_a_certificate_for_block_pages(self):
        self.done(*WHOLE, *INLINE, "--https", "block-page")
        self.assertIn("\nhttps: block-page\n", self.machine.read("/etc/schoolgate/tiers.d/30-thcs.yaml"))
        self.assertIn("\nhttps: names\n", self.machine.read("/etc/schoolgate/tiers.d/50-giao_vien.yaml"))
        self.assertTrue(os.path.exists(self.machine.path("/etc/schoolgate/ca/ca.crt")))
        self.assertEqual(self.machine.command("check").returncode, 0)

    def test_behind_a_router(self):
        self.done(*WHOLE, "--topology", "router")
        lines = self.machine.read("/etc/schoolgate/router.txt")
        self.assertIn(f"gateway={GATEWAY[0]} routing-table=schoolgate", lines)
        self.assertIn(f"list=schoolgate address={INSIDE[0]}.0/24", lines)
        self.assertNotIn("dst-nat", lines)
        self.assertTrue(self.machine.start_unit("schoolgate-gateway.service"))
        self.assertEqual(self.machine.forwarding(), ["0", "0"])

    @unittest.skipUnless(TOOLS["sysctl"], "not installed: sysctl (procps)")
    def test_no_forwarding_without_the_firewall(self):
        with self.network.inside("world"):
            origin = origins.Recorder(address=(ORIGIN[0], 8443))
        self.assertTrue(self.reaches(ORIGIN[0], 8443), "the cables are in order")
        self.done(*WHOLE, *INLINE)
        rules = self.machine.read("/etc/schoolgate/gateway.nft")
        self.machine.write("/etc/schoolgate/gateway.nft", rules + "add rule nonsense\n")
        self.assertFalse(self.machine.start_unit("schoolgate-gateway.service"))
        self.assertEqual(self.machine.forwarding(), ["0", "0"])
        self.assertFalse(self.reaches(ORIGIN[0], 8443))
        self.machine.write("/etc/schoolgate/gateway.nft", rules)
        self.assertTrue(self.machine.start_unit("schoolgate-gateway.service"))
        self.assertEqual(self.machine.forwarding(), ["1", "0"], "no IPv6 for pupils")
        self.assertFalse(self.reaches(ORIGIN[0], 8443))
        with self.network.inside("gateway"):
            self.assertEqual(self.network.run("nft", "list", "tables").strip(), "table inet schoolgate")
            door = socket.create_server((GATEWAY[0], 22))
        with door:
            self.assertTrue(self.reaches(GATEWAY[0], 22), "the machine's own port 22 stays open")
        self.assertEqual(origin.heads, [])
        # Ping goes out under the gateway's address.
        self.assertIn('oifname "outside" ip saddr @filtered4 counter masquerade', rules)

    @unittest.skipUnless(TOOLS["dnsmasq"], "not installed: dnsmasq (dnsmasq-base)")
    def test_resolver(self):
        self.done(*WHOLE, *INLINE)
        self.assertTrue(self.machine.start_unit("schoolgate-gateway.service"))
        common = ("dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--pid-file=", "--user=root")
        self.machine.start(*common, "--conf-file=/dev/null", "--bind-interfaces", "--listen-address=" + ORIGIN[0],
                           "--address=/later.test/fd00::9", "--address=/later.test/198.18.0.10", side="world")
        self.machine.start(*common, "--conf-file=" + self.machine.path("/etc/dnsmasq.d/schoolgate.conf"), "--server=" + ORIGIN[0])

        def ask(name, kind=1, server=GATEWAY[0]):
            """(rcode, addresses), of the resolver that the pupil believes to ask."""
            question = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0)
            question += b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + struct.pack(">BHH", 0, kind, 1)
            with self.network.inside("school"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
                connection.settimeout(1)
                connection.sendto(question, (server, 53))
                try:
                    answer = connection.recv(512)
                except OSError:
                    return None
            return answer[3] & 15, [socket.inet_ntoa(answer[-4:])] if kind == 1 and answer[7] else answer[7]
        self.assertEqual(wait_until(lambda: ask("schoolgate.internal")), (0, [GATEWAY[0]]))
        self.assertEqual(ask("0123.gambling.schoolgate.test"), (0, ["192.0.2.80"]), "what a test of a device asks for")
        self.assertEqual(wait_until(lambda: (ask("later.test", server=OTHER[0]) or (2,))[0] == 0 and ask("later.test", server=OTHER[0])),
                         (0, ["198.18.0.10"]), "whomever a pupil asks, this machine answers")
        self.assertEqual(ask("use-application-dns.net")[0], 3)
        self.assertEqual(ask("mask.icloud.com")[0], 3)
        self.assertEqual(ask("later.test", 28), (0, 0), "no IPv6 for pupils")

    @unittest.skipUnless(TOOLS["dnsmasq"], "not installed: dnsmasq (dnsmasq-base)")
    def test_dhcp_and_whoever_else_gives_it(self):
        self.done(*WHOLE, *INLINE)
        probe = ("gateway", "dhcp-servers", "--interface", "inside")
        nobody = self.machine.schoolgate(*probe)
        self.assertEqual((nobody.returncode, nobody.stderr), (0, ""))
        unit = self.machine.read("/etc/systemd/system/schoolgate-dhcp.service")
        self.assertIn("ExecStartPre=/usr/bin/schoolgate " + shlex.join(probe) + "\n", unit)
        line = re.search(r"(?m)^ExecStart=(.*)$", unit).group(1)
        leases = self.machine.path("/leases")
        ours = self.machine.start(*self.machine.here(line), "--pid-file=", "--user=root", "--dhcp-leasefile=" + leases)
        found = wait_until(lambda: self.machine.schoolgate(*probe, side="school").returncode == 1)
        self.assertTrue(found, "a pupil's device is given an address")
        self.assertIn(GATEWAY[0], self.machine.schoolgate(*probe, side="school").stderr)
        ours.send_signal(signal.SIGTERM)
        ours.wait()
        self.machine.start("dnsmasq", "--keep-in-foreground", "--port=0", "--conf-file=/dev/null", "--interface=inside", "--bind-interfaces",
                           f"--dhcp-range={INSIDE[0]}.200,{INSIDE[0]}.210", "--pid-file=", "--user=root", "--dhcp-leasefile=" + leases + "2",
                           side="school")
        other = wait_until(lambda: self.machine.schoolgate(*probe).returncode == 1)
        self.assertTrue(other)
        self.assertIn(f"another DHCP server answers on inside: {INSIDE[0]}.", self.machine.schoolgate(*probe).stderr)


# The system's own folders, of which nothing outside sees a change; then the words behind.
PREPARED = r"""
set -e
mount -t tmpfs none /mnt
for folder in etc var/lib; do
  mkdir -p /mnt/$folder/upper /mnt/$folder/work
  mount -t overlay none -o lowerdir=/$folder,upperdir=/mnt/$folder/upper,workdir=/mnt/$folder/work /$folder
done
mount -t tmpfs none /run
mkdir -p /run/systemd/system /mnt/bin
cp -r "$DEFAULTS" /etc/schoolgate
rm /etc/schoolgate/quickstart.yaml
cp -r /etc/schoolgate /mnt/before
printf '%s' "$SYSTEMCTL" > /mnt/bin/systemctl
chmod +x /mnt/bin/systemctl
export PATH=/mnt/bin:$PATH
"""
IN_FORCE = PREPARED + r"""
"$@" >/mnt/said 2>&1 && code=0 || code=$?
cat /mnt/said
echo "== code $code"
""" + (STATE := r"""
echo "== forwarding $(cat /proc/sys/net/ipv4/ip_forward)"
echo "== tables $(nft list tables)"
echo "== units $(ls /etc/systemd/system | grep -c schoolgate)"
diff -rq /mnt/before /etc/schoolgate >/dev/null && echo "== configuration as before" || echo "== configuration changed"
echo "== calls $(tr '\n' ';' < /mnt/calls)"
""")
# As much of systemd as a oneshot needs.
SYSTEMCTL = r"""#!/bin/sh
echo "$*" >> /mnt/calls
[ "$1 $2" != "restart $FAILS" ] || exit 1
[ "$1 $2" = "restart schoolgate-gateway.service" ] || exit 0
sed -n 's/^ExecStart=//p' /etc/systemd/system/schoolgate-gateway.service > /mnt/lines
while read -r line; do ${line#-} || [ "$line" != "${line#-}" ] || exit 1; done < /mnt/lines
"""
MADE = {**os.environ, "DEFAULTS": os.path.join(ROOT, "config/defaults"), "SYSTEMCTL": SYSTEMCTL, "FAILS": ""}


def told(state):
    """What STATE says: name -> words."""
    return dict(line[3:].partition(" ")[::2] for line in state.splitlines() if line.startswith("== "))


@unittest.skipIf(WHY_NOT, WHY_NOT)
@unittest.skipUnless(all(TOOLS[tool] for tool in ("dnsmasq", "sysctl")), "not installed: dnsmasq-base, procps")
class InForce(unittest.TestCase):
    def setUp(self):
        self.network = GatewayNetwork()
        self.addCleanup(self.network.close)
        self.network.forward(False)

    def setup(self, *words, typed="", fails=""):
        with self.network.inside("gateway"):
            done = subprocess.run(["unshare", "--mount", "sh", "-c", IN_FORCE, "sh", program(), "setup", *WHOLE, *INLINE, *words],
                                  input=typed, env={**MADE, "FAILS": fails}, capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return told(done.stdout), done.stdout

    def in_force(self, found, said):
        self.assertEqual((found["code"], found["forwarding"], found["tables"], found["units"], found["configuration"]),
                         ("0", "1", "table inet schoolgate", "2", "changed"), said)

    def as_before(self, found, said):
        self.assertEqual((found["code"], found["forwarding"], found["tables"], found["units"], found["configuration"]),
                         ("1", "0", "", "0", "as before"), said)
        self.assertIn("everything is as it was before", said)

    def test_firewall_first(self):
        found, said = self.setup("--yes")
        self.in_force(found, said)
        calls = found["calls"].split(";")
        self.assertEqual(calls[:2], ["daemon-reload", "restart schoolgate-gateway.service"])
        self.assertLess(calls.index("restart dnsmasq.service"), calls.index("restart schoolgate-dhcp.service"))

    def test_confirmed(self):
        self.in_force(*self.setup("--confirm", typed="yes\n"))

    def test_back_by_itself_without_a_yes(self):
        for typed in ("", "no\n"):
            with self.subTest(typed=typed):
                self.as_before(*self.setup("--confirm", typed=typed))

    def test_back_when_the_firewall_cannot_be_loaded(self):
        found, said = self.setup("--yes", fails="schoolgate-gateway.service")
        self.as_before(found, said)
        self.assertNotIn("enable -q schoolgate-dhcp", found["calls"])


if __name__ == "__main__":
    unittest.main()
