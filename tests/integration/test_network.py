"""A gateway and the school's network, each a network namespace of its own with a cable between them: clients with many addresses of
their own, as they are with IPv6."""
import contextlib
import ctypes
import os
import shutil
import socket
import subprocess
import time
import unittest
import uuid

import origins
from harness import Proxy, status_of

NEW_NET = 0x40000000  # CLONE_NEWNET
LIBC = ctypes.CDLL(None, use_errno=True)


def move_to(file):
    """This thread, and what it starts, goes into the network namespace behind that file."""
    with open(file, "rb") as namespace:
        if LIBC.setns(namespace.fileno(), NEW_NET) != 0:
            raise OSError(ctypes.get_errno(), "setns " + file)


class Network:
    """Namespaces "gateway" and "school", which no other test's meet. `addresses`: of the school's clients; the gateway's: GATEWAY."""

    PREFIX = "fd5c:9a7e:1"  # a /48
    GATEWAY = PREFIX + "::1"

    def __init__(self, addresses):
        unique = f"sg-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        self.names = {side: f"{unique}-{side}" for side in ("gateway", "school")}
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        try:
            for name in self.names.values():
                self.ip("netns", "add", name)
            self.ip("link", "add", "cable", "netns", self.names["gateway"], "type", "veth", "peer", "name", "cable", "netns",
                    self.names["school"])
            for side, own in (("gateway", [self.GATEWAY]), ("school", addresses)):
                lines = [f"address add {address}/48 dev cable nodad" for address in own]
                self.ip("-netns", self.names[side], "-batch", "-", text="\n".join([*lines, "link set lo up", "link set cable up", ""]))
        except BaseException:
            self.close()
            raise

    @staticmethod
    def ip(*words, text=None):
        subprocess.run(["ip", *words], input=text, text=True, check=True, capture_output=True)

    @contextlib.contextmanager
    def inside(self, side):
        move_to("/run/netns/" + self.names[side])
        try:
            yield
        finally:
            if LIBC.setns(self.home, NEW_NET) != 0:
                os._exit(1)  # nothing of this process may go on in the wrong network

    def close(self):
        for name in self.names.values():
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)
        os.close(self.home)


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("ip"), "network namespaces are made by root, with ip of iproute2")
class Ipv6(unittest.TestCase):
    """What one machine may take that has a whole /64 to itself."""

    PLACES = 120
    MANY = [f"{Network.PREFIX}:a::{number:x}" for number in range(1, 61)]  # one /64
    OTHERS = [f"{Network.PREFIX}:{number:x}::1" for number in range(0x100, 0x100 + 31)]  # each in a /64 of its own

    def setUp(self):
        try:
            self.network = Network(self.MANY + self.OTHERS)
        except subprocess.CalledProcessError as failure:
            self.skipTest("no network namespaces, or no IPv6, can be had here: " + failure.stderr.strip())
        self.addCleanup(self.network.close)
        self.held = []
        self.addCleanup(lambda: [connection.close() for connection in self.held])
        with self.network.inside("gateway"):
            self.origin = origins.Recorder()
            self.proxy = Proxy(ports=[self.origin.port], limits={"connections": self.PLACES}, clients=("127.0.0.0/8", Network.PREFIX + "::/48"))
            self.addCleanup(self.proxy.close)
            one = f"127.0.0.1:{self.proxy.port}"
            self.proxy.write("schoolgate.yaml", self.proxy.read("schoolgate.yaml").replace(
                f'["{one}"]', f'["{one}", "[{Network.GATEWAY}]:{self.proxy.port}"]'))
            self.proxy.start()

    def connect(self, source):
        with self.network.inside("school"):
            connection = socket.create_connection((Network.GATEWAY, self.proxy.port), timeout=20, source_address=(source, 0))
        self.held.append(connection)
        return connection

    def ask(self, connection, host="bet.test"):
        """The status of the answer, 0 where the connection has ended; it stays open, as browsers leave it."""
        try:
            connection.sendall(f"GET http://{host}:{self.origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            return status_of(connection.recv(65536))
        except OSError:
            return 0

    def alive(self, connections):
        return sum(self.ask(connection) == 403 for connection in connections)

    def test_a_subnet_takes_no_more_than_half_of_the_places_and_gives_way(self):
        many = [self.connect(address) for _ in range(4) for address in self.MANY]
        half = self.PLACES // 2
        self.assertEqual(self.alive(many), half, "sixty addresses of one /64 hold half of the places together")
        *others, newcomer = self.OTHERS
        quiet = [self.connect(address) for address in others for _ in range(2)]
        self.assertEqual(self.alive(quiet), half, "the other half is for all others")
        # Now every place is taken.
        begin = time.monotonic()
        self.assertEqual(self.ask(self.connect(newcomer), "ok.test"), 200)
        self.assertLess(time.monotonic() - begin, 8, "a newcomer of another network gets a place at once")
        self.assertEqual(self.alive(quiet), half, "nobody else gave it up")
        self.assertEqual(self.alive(many), half - 1, "the /64 did")
        again = [self.connect(address) for address in self.MANY]
        self.assertLessEqual(self.alive(many + again), half, "and does not take it back over its half")
        self.assertEqual(self.alive(quiet), half)


if __name__ == "__main__":
    unittest.main()
