"""`schoolgate setup` typed over ssh: Debian's sshd in the gateway of a network of its own, an admin at a PC of the school. What is not
confirmed goes back by itself, above all where the admin cannot type any more."""
import os
import shutil
import subprocess
import tempfile
import unittest

import gateway_net
from gateway_net import GATEWAY, GatewayNetwork
from harness import program, wait_until
from test_setup import INLINE, MADE, PREPARED, STATE, TOOLS, WHOLE, told

WHY_NOT = gateway_net.why_not()
SSHD = shutil.which("sshd") or ("/usr/sbin/sshd" if os.path.exists("/usr/sbin/sshd") else None)
ASKS = "Still there?"
# Without it `sudo` asks as well: then only the processes above say where one sits.
UNTOLD = ["env", "-u", "SSH_CONNECTION", "-u", "SSH_CLIENT", "-u", "SSH_TTY"]


@unittest.skipIf(WHY_NOT, WHY_NOT)
@unittest.skipUnless(SSHD and shutil.which("ssh") and all(TOOLS[tool] for tool in ("dnsmasq", "sysctl")),
                     "not installed: openssh-server, openssh-client, dnsmasq-base, procps")
class OverSsh(unittest.TestCase):
    LONG = True

    def setUp(self):
        self.network = GatewayNetwork()
        self.addCleanup(self.network.close)
        self.network.forward(False)
        self.folder = tempfile.mkdtemp(prefix="sg-ssh-")
        self.addCleanup(shutil.rmtree, self.folder)
        for key in ("host", "admin"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", os.path.join(self.folder, key)], check=True)
        settings = {"HostKey": f"{self.folder}/host", "AuthorizedKeysFile": f"{self.folder}/admin.pub", "StrictModes": "no", "UsePAM": "no",
                    "PermitRootLogin": "prohibit-password", "PidFile": "none", "ListenAddress": GATEWAY[0]}
        words = [SSHD, "-D", "-e", "-f", "/dev/null", *(word for pair in settings.items() for word in ("-o", "=".join(pair)))]
        self.output = open(os.path.join(self.folder, "sshd.txt"), "w+", encoding="utf-8")
        self.addCleanup(self.output.close)
        with self.network.inside("gateway"):
            self.sshd = subprocess.Popen(["unshare", "--mount", "sh", "-c", PREPARED + "\nmkdir /run/sshd; exec \"$@\"", "sh", *words], env=MADE,
                                         stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.output)
        self.addCleanup(self.sshd.wait)
        self.addCleanup(self.sshd.kill)

    def said_by_sshd(self):
        self.output.seek(0)
        return self.output.read()

    def state(self):
        """Of the gateway: what is in force there."""
        done = subprocess.run(["nsenter", "--target", str(self.sshd.pid), "--mount", "--net", "sh", "-c", STATE], capture_output=True, text=True,
                              timeout=60, check=True)
        return {key: told(done.stdout)[key] for key in ("forwarding", "tables", "units", "configuration")}

    IN_FORCE = {"forwarding": "1", "tables": "table inet schoolgate", "units": "2", "configuration": "changed"}
    AS_BEFORE = {"forwarding": "0", "tables": "", "units": "0", "configuration": "as before"}

    def ask(self, *before):
        """The admin's ssh, at the question whether he is still there: everything is in force then."""
        self.assertTrue(wait_until(lambda: "Server listening" in self.said_by_sshd()), self.said_by_sshd())
        command = ["PATH=/mnt/bin:$PATH", *before, program(), "setup", *(f"'{word}'" for word in (*WHOLE, *INLINE))]
        with self.network.inside("school"):
            admin = subprocess.Popen(["ssh", "-tt", "-q", "-F", "none", "-i", f"{self.folder}/admin", "-o", "StrictHostKeyChecking=no", "-o",
                                      "UserKnownHostsFile=/dev/null", f"root@{GATEWAY[0]}", " ".join(command)],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(lambda: (admin.kill(), admin.wait(), admin.stdin.close(), admin.stdout.close()))
        said = b""
        while ASKS.encode() not in said:
            part = os.read(admin.stdout.fileno(), 4096)
            self.assertTrue(part, said.decode(errors="replace") + self.said_by_sshd())
            said += part
        self.assertEqual(self.state(), self.IN_FORCE)
        return admin

    def answer(self, admin, typed):
        admin.stdin.write(typed)
        admin.stdin.flush()
        return admin.wait(60)

    def test_confirmed(self):
        """The connection lasts through the new firewall, and the answer arrives."""
        self.assertEqual(self.answer(self.ask(*UNTOLD), b"yes\n"), 0)
        self.assertEqual(self.state(), self.IN_FORCE)

    def test_a_no(self):
        self.assertEqual(self.answer(self.ask(), b"no\n"), 1)
        self.assertEqual(self.state(), self.AS_BEFORE)

    def test_the_connection_ends(self):
        """The terminal is closed: no further word can come, so it does not wait."""
        self.ask().kill()
        self.assertTrue(wait_until(lambda: self.state() == self.AS_BEFORE), self.state())

    def test_locked_out(self):
        """Nothing gets through any more, neither a word nor the end of the connection: back within the minute."""
        self.ask()
        with self.network.inside("school"):
            self.network.run("ip", "link", "set", "inside", "down")
        self.assertEqual(self.state(), self.IN_FORCE)
        self.assertTrue(wait_until(lambda: self.state() == self.AS_BEFORE, 75), self.state())
        with self.network.inside("school"):
            self.network.run("ip", "link", "set", "inside", "up")
        # The admin comes back in, and port 22 is where it was.
        self.assertEqual(self.answer(self.ask(), b"yes\n"), 0)


if __name__ == "__main__":
    unittest.main()
