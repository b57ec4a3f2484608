"""A gateway between a school and the world: three network namespaces, two cables, IPv4 and IPv6. Made by root."""
import contextlib
import os
import shutil
import subprocess
import uuid

from harness import Proxy
from test_network import LIBC, NEW_NET, move_to

INSIDE, OUTSIDE = ("10.77.1", "fd77:1:"), ("198.18.0", "fd77:2:")  # of /24 and /64
GATEWAY = (INSIDE[0] + ".1", INSIDE[1] + ":1")
PUPIL, STAFF = (INSIDE[0] + ".10", INSIDE[1] + ":10"), (INSIDE[0] + ".20", INSIDE[1] + ":20")
ORIGIN, OTHER = (OUTSIDE[0] + ".10", OUTSIDE[1] + ":10"), (OUTSIDE[0] + ".66", OUTSIDE[1] + ":66")  # both in the world
HTTP, TLS = 3129, 3130


def why_not():
    """Why no such network can be had here, or None."""
    if os.geteuid() != 0:
        return "network namespaces are made by root"
    missing = [tool for tool in ("ip", "nft") if not shutil.which(tool)]
    return f"not installed: {' '.join(missing)} (iproute2, nftables)" if missing else None


class GatewayNetwork:
    """Namespaces "school", "gateway" and "world". The gateway forwards what its firewall lets through; the others' way leads over it."""

    def __init__(self):
        unique = f"sg-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        self.names = {side: f"{unique}-{side}" for side in ("school", "gateway", "world")}
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        try:
            for name in self.names.values():
                self.run("ip", "netns", "add", name)
            for side, cable in (("school", "inside"), ("world", "outside")):
                self.run("ip", "link", "add", cable, "netns", self.names["gateway"], "type", "veth", "peer", "name", cable, "netns",
                         self.names[side])
            self.up("school", "inside", PUPIL, STAFF)
            self.up("gateway", "inside", GATEWAY)
            self.up("gateway", "outside", (OUTSIDE[0] + ".1", OUTSIDE[1] + ":1"))
            self.up("world", "outside", ORIGIN, OTHER)
            for side, way in (("school", INSIDE), ("world", OUTSIDE)):
                self.run("ip", "-netns", self.names[side], "route", "add", "default", "via", way[0] + ".1")
                self.run("ip", "-netns", self.names[side], "-6", "route", "add", "default", "via", way[1] + ":1")
            self.forward(True)
        except BaseException:
            self.close()
            raise

    def up(self, side, cable, *addresses):
        # Who says nothing else comes from the first.
        lines = [f"address add {v4}/24 dev {cable}\naddress add {v6}/64 dev {cable} nodad preferred_lft {life}"
                 for (v4, v6), life in zip(addresses, ("forever", "0"))]
        self.run("ip", "-netns", self.names[side], "-batch", "-", text="\n".join([*lines, "link set lo up", f"link set {cable} up", ""]))

    def forward(self, on):
        with self.inside("gateway"):
            for path in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
                self.run("sh", "-c", f"echo {int(on)} > /proc/sys/net/{path}")

    @staticmethod
    def run(*words, text=None):
        return subprocess.run(words, input=text, text=True, check=True, capture_output=True).stdout

    def nft(self, rules):
        """In force in the gateway."""
        with self.inside("gateway"):
            self.run("nft", "-f", "-", text=rules)

    def keep_here(self):
        """What TPROXY marks stays in the gateway, as the firewall's unit sees to it."""
        with self.inside("gateway"):
            for family in ("-4", "-6"):
                self.run("ip", family, "rule", "add", "fwmark", "0x5347", "lookup", "21319")
                self.run("ip", family, "route", "replace", "local", "default", "dev", "lo", "table", "21319")

    @contextlib.contextmanager
    def inside(self, side):
        """This thread, and what it starts, is there."""
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


# Both families, what comes from the school; port 5555 too, on which the proxy listens itself: a loop.
REDIRECT = f"""
table inet test {{
  chain prerouting {{
    type nat hook prerouting priority dstnat;
    iifname "inside" tcp dport 80 redirect to :{HTTP}
    iifname "inside" tcp dport 443 redirect to :{TLS}
    iifname "inside" tcp dport 5555 redirect to :{HTTP}
  }}
}}
"""
# The same by TPROXY: `gateway rules` prints the whole of it, which Firewall loads.
HAND_OVER = """
table inet test {
  chain prerouting {
    type filter hook prerouting priority mangle;
""" + "".join(f"    iifname \"inside\" meta nfproto {family} tcp dport {port} tproxy {kind} to :{to} meta mark set 0x5347 accept\n"
              for family, kind in (("ipv4", "ip"), ("ipv6", "ip6")) for port, to in ((80, HTTP), (443, TLS), (5555, HTTP))) + "  }\n}\n"

# As the service runs with setup's drop-in: an unprivileged user with this right alone.
AS_SERVICE = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs", "--inh-caps=-all,+net_raw",
              "--ambient-caps=-all,+net_raw", "--bounding-set=-all,+net_raw"]


def gateway_proxy(network, hosts, tproxy=False, **settings):
    """A proxy in the gateway, not yet started: pupils by themselves, STAFF in theirs. `hosts`: name -> (IPv4, IPv6)."""
    settings.setdefault("upstream", {"allow_networks": [OUTSIDE[0] + ".0/24", OUTSIDE[1] + ":/64"]})
    with network.inside("gateway"):
        proxy = Proxy(clients=("127.0.0.0/8", INSIDE[0] + ".0/24", INSIDE[1] + ":/64"), **settings)
    proxy.write("hosts", "".join(f"{address} {name}\n" for name, addresses in hosts.items() for address in addresses))
    text = proxy.read("schoolgate.yaml")
    text = text.replace(f'proxy: ["127.0.0.1:{proxy.port}"]', f'''proxy: ["0.0.0.0:{proxy.port}", "0.0.0.0:5555"]
  transparent: {{http: ["0.0.0.0:{HTTP}", "[::]:{HTTP}"], tls: ["[::]:{TLS}"]{", tproxy: true" if tproxy else ""}}}''')
    proxy.launcher = AS_SERVICE if tproxy and os.geteuid() == 0 else None
    text = text.replace("who:\n", f"who:\n  - {{network: [{STAFF[0]}/32, \"{STAFF[1]}/128\"], tier: staff}}\n")
    proxy.write("schoolgate.yaml", text)
    return proxy
