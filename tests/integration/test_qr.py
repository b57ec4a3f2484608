"""What the QR codes of pages and terminals say to a reader: the address that stands beside them, and nothing else."""
import os
import pty
import re
import shutil
import subprocess
import tempfile
import threading
import unittest

import gateway_net
from gateway_net import GATEWAY, GatewayNetwork
from harness import Browser, Proxy, program
from test_setup import INLINE, WHOLE, Machine

LINE = re.compile("[█▀▄ ]{29,}$")


def read_code(picture):
    """What zbarimg finds in a picture, a line for each code."""
    done = subprocess.run(["zbarimg", "--quiet", "--oneshot", picture], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.splitlines()


def draw(lines, path, scale=6):
    """Half blocks, which are light on a dark ground, as a picture."""
    rows = []
    for line in lines:
        rows.append([255 if sign in "█▀" else 0 for sign in line])
        rows.append([255 if sign in "█▄" else 0 for sign in line])
    rows = [[dot for dot in row for _ in range(scale)] for row in rows for _ in range(scale)]
    with open(path, "wb") as out:
        out.write(b"P5 %d %d 255\n" % (len(rows[0]), len(rows)) + b"".join(bytes(row) for row in rows))


@unittest.skipUnless(shutil.which("zbarimg"), "not installed: zbarimg (zbar-tools)")
class QrCodes(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="sg-qr-")
        self.addCleanup(shutil.rmtree, self.folder)
        os.chmod(self.folder, 0o755)

    @unittest.skipUnless(shutil.which("chromium"), "not installed: chromium")
    def test_on_a_page(self):
        with Proxy() as proxy:
            picture = os.path.join(self.folder, "page.png")
            Browser(proxy).screenshot("http://schoolgate.internal/setup", picture, 1280, 2000)
            self.assertEqual(read_code(picture), [f"QR-Code:http://127.0.0.1:{proxy.port}/test"])

    def on_a_terminal(self, network, machine, **environment):
        """What setup says there."""
        master, terminal = pty.openpty()
        parts = []

        def drain():
            try:
                while part := os.read(master, 65536):
                    parts.append(part)
            except OSError:  # the other end is closed
                pass
        reader = threading.Thread(target=drain)
        reader.start()
        with network.inside("gateway"):
            done = subprocess.run([program(), "setup", "--root", machine.root, *WHOLE, *INLINE, "--dry-run"], stdin=subprocess.DEVNULL,
                                  stdout=terminal, stderr=subprocess.DEVNULL, timeout=120, check=False,
                                  env={**os.environ, "TERM": "xterm", **environment})
        os.close(terminal)
        reader.join(20)
        os.close(master)
        self.assertEqual(done.returncode, 0)
        return b"".join(parts).decode().replace("\r\n", "\n")

    @unittest.skipIf(gateway_net.why_not(), gateway_net.why_not())
    def test_on_a_terminal(self):
        network = GatewayNetwork()
        self.addCleanup(network.close)
        machine = Machine(network)
        self.addCleanup(machine.close)
        address = f"http://{GATEWAY[0]}:3128/test"
        for environment in ({}, {"NO_COLOR": "1"}):
            with self.subTest(environment=environment):
                said = self.on_a_terminal(network, machine, **environment)
                self.assertEqual("\x1b[38;5;231;48;5;16m█" in said, not environment, "the colours are set, or left as they are")
                plain = re.sub("\x1b\\[[0-9;]*m", "", said)
                self.assertIn(f"  {address}\n", plain)
                lines = [line for line in plain.split("\n") if LINE.fullmatch(line)]
                picture = os.path.join(self.folder, "terminal.pgm")
                draw(lines, picture)
                self.assertEqual(read_code(picture), [f"QR-Code:{address}"])
        said = machine.setup(*WHOLE, *INLINE, "--dry-run").stdout
        self.assertIn(f"  {address}\n", said)
        self.assertNotIn("█", said)


if __name__ == "__main__":
    unittest.main()
