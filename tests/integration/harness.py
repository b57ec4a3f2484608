"""Runs the real program on loopback with a configuration made for one test, and drives it with curl and Chromium."""
import atexit
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILT = os.environ.get("SCHOOLGATE", os.path.join(ROOT, "build/release/schoolgate"))
NOBODY = 65534
os.environ["LC_ALL"] = "C.UTF-8"  # what is said before a school's language is known is English

# How what the tests ask for with curl reaches the proxy: "setting", as browsers that know it, or "gateway", as devices that know of none: a
# firewall's rule sends it to a listener of `listen: transparent:` (run.py --gateway).
WAY = os.environ.get("SCHOOLGATE_WAY", "setting")

_folder = tempfile.mkdtemp(prefix="schoolgate-it-")
os.chmod(_folder, 0o755)
atexit.register(shutil.rmtree, _folder, True)


def program():
    """A copy of the program that an unprivileged user can reach wherever the checkout lies."""
    copy = os.path.join(_folder, "schoolgate")
    if not os.path.exists(copy):
        shutil.copy(BUILT, copy)
        os.chmod(copy, 0o755)
    return copy


def as_nobody():
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


# A small policy of which every test knows the outcome: tier "pupil" for loopback, "staff" for 127.0.0.2.
CATEGORIES = """version: 1
categories:
  adult: {name: {vi: Người lớn, en: Adult}, reason: {vi: Chỉ dành cho người lớn., en: For adults only.}, show_name: older}
  gambling: {name: {vi: Cờ bạc, en: Gambling}, reason: {vi: Cờ bạc là trái phép., en: Gambling is illegal.}}
  games: {name: {vi: Trò chơi, en: Games}, reason: {vi: Để dành giờ nghỉ., en: Keep games for breaks.}}
  self_harm: {name: {vi: Tự hại, en: Self-harm}, reason: {vi: Hãy gọi 111., en: Please call 111.}, show_name: no}
"""
PUPIL = """version: 1
tier: pupil
name: {vi: Học sinh, en: Pupils}
voice: pupils
pupils: true
default: allow
warn_without_page: block
categories: {adult: block+locked, gambling: block, games: warn, self_harm: help}
tunnel: {ports: [443, 80, %(ports)s]}
block:
  - blocked.test
  - mixed.test/secret
  - {pattern: 'casino-[0-9]+', why: "betting pages"}
%(block)sallow:
  - school.blocked.test
"""
STAFF = """version: 1
tier: staff
name: {vi: Giáo viên, en: Staff}
voice: adults
pupils: false
default: allow
warn_without_page: allow_and_record
categories: {adult: block+locked, gambling: warn, games: allow, self_harm: help}
tunnel: {address_target: allow_and_record, odd_address: block, sni_mismatch: allow_and_record, no_sni: allow_and_record, several_names: block, sni_is_address: block, not_tls: allow_and_record, hidden_name: block, ports: [443, 80, %(ports)s]}
"""
LISTS = {
    "adult": "adult.test\n",
    "gambling": "bet.test\n# a comment\n*.lucky.test\n",
    "games": "games.test\n",
    "self_harm": "sad.test\n",
}
HOSTS = ("ok.test", "www.ok.test", "other.test", "blocked.test", "school.blocked.test", "mixed.test", "adult.test", "bet.test",
         "a.lucky.test", "games.test", "www.games.test", "m.games.test", "sad.test", "secure.test", "wrong.test", "second.test")


def wait_until(condition, seconds=20):
    """What the condition says in the end, true as soon as it is."""
    end = time.time() + seconds
    while not (said := condition()) and time.time() < end:
        time.sleep(0.02)
    return said


def by_setting(why):
    """Of a test or class that is about browsers that know their proxy."""
    return unittest.skipIf(WAY == "gateway", "by a proxy setting alone: " + why)


def of_connect(status):
    """What curl says of its CONNECT: through the gateway there is none."""
    return 0 if WAY == "gateway" else status


class Redirect:
    """What comes from some ports of this network goes to a listener for http, what comes from some others to one for TLS. A proxy each, so
    that a test may have several; whatever else the test connects to is left alone."""

    FIRST, SPAN, MOST = 10000, 1500, 7  # below the ports that the kernel gives
    taken = set()

    def __init__(self):
        self.http, self.tls = free_port(), free_port()
        self.number = next(number for number in range(self.MOST) if number not in self.taken)
        self.taken.add(self.number)

    def ports(self, secure):
        """first, last"""
        first = self.FIRST + (2 * self.number + secure) * self.SPAN
        return first, first + self.SPAN - 1

    def some_ports(self, secure):
        """For one client, which takes the first that is free: seldom one that was used just now."""
        first, last = self.ports(secure)
        return f"{random.randint(first, last - 300)}-{last}"

    def load(self):
        name = f"inet way{self.number}"
        rules = "".join("tcp sport %d-%d " % self.ports(secure) + f"redirect to :{to}\n" for secure, to in ((False, self.http), (True, self.tls)))
        subprocess.run(["nft", "-f", "-"], text=True, check=True,
                       input=f"add table {name}\ndelete table {name}\ntable {name} {{\nchain output {{\ntype nat hook output priority -100;\n{rules}}}\n}}\n")


class Manager:
    """Hears what a program tells its manager (sd_notify(3)). Once it is closed nobody listens, which the program does not mind."""

    def __init__(self, place):
        self.place, self.heard = place, []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(place)
        os.chmod(place, 0o777)  # the program may be another user's
        self.socket.settimeout(0.05)

    def close(self):
        self.socket.close()
        os.unlink(self.place)

    def hear(self):
        """All so far."""
        try:
            while True:
                self.heard.append(self.socket.recv(4096).decode())
        except TimeoutError:
            return self.heard


class Proxy:
    """`ports`: extra ports that CONNECT may use (the origins' own). `hosts`: names of 127.0.0.1 in the hosts file.
    `upstream`: settings of that section in place of the harness' own. `block`: more places that tier pupil blocks."""

    def __init__(self, ports=(), timeouts=None, limits=None, extra=None, clients=("127.0.0.0/8",), hosts=HOSTS, upstream=None, block=(),
                 https=None):
        self.folder = tempfile.mkdtemp(prefix="p-", dir=_folder)
        self.port = free_port()
        # A name server that is none: what the hosts file does not name asks nobody outside.
        self.upstream = {"allow_networks": ["127.0.0.0/8"], "hosts_file": "hosts", "dns_servers": ["127.0.0.1:1"], **(upstream or {})}
        self.block = block
        self.redirect = Redirect() if WAY == "gateway" else None
        self.launcher = None  # words that come before the program and see to it who runs it
        self.manager = None  # a Manager that goes on hearing the program
        self.config = self.write_config(ports, timeouts or {}, limits or {}, extra or "", clients, hosts)
        self.process = None
        if https:  # the pupils' tier opens connections: the school has an authority
            self.command("ca", "create", "--user", "nobody")
            self.ca = self.path("ca/ca.crt")
            with open(self.path("tiers.d/pupil.yaml"), encoding="utf-8") as tier:
                text = tier.read()
            self.write("tiers.d/pupil.yaml", text + f"https: {https}\n")

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as source:
            return source.read()

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as out:
            out.write(text)
        if os.geteuid() == 0:  # a running proxy may take a file of its own away meanwhile, which chown reports
            subprocess.run(["chown", "-R", str(NOBODY), self.folder], stderr=subprocess.DEVNULL, check=False)

    def write_config(self, ports, timeouts, limits, extra, clients, hosts):
        port_text = ", ".join(str(p) for p in ports) or "8443"
        self.write("categories.yaml", CATEGORIES)
        self.write("tiers.d/pupil.yaml", PUPIL % {"ports": port_text, "block": "".join(f"  - {b}\n" for b in self.block)})
        self.write("tiers.d/staff.yaml", STAFF % {"ports": port_text})
        for name, text in LISTS.items():
            self.write(f"lists/{name}.txt", text)
        self.write("hosts", "".join(f"127.0.0.1 {h}\n" for h in hosts))
        for folder in ("state", "log"):
            os.makedirs(self.path(folder), exist_ok=True)
        lists = "".join(f"  - {{name: {n}, category: {n}, format: domains, path: lists/{n}.txt}}\n" for n in LISTS)
        self.write("schoolgate.yaml", f"""version: 1
school: {{name: Trường thử nghiệm, language: en}}
listen:
  proxy: ["127.0.0.1:{self.port}"]
  clients: {json.dumps(list(clients))}
{self.transparent()}workers: 2
who:
  - {{network: 127.0.0.2/32, tier: staff}}
unknown_tier: pupil
timeouts: {json.dumps(timeouts)}
limits: {json.dumps(limits)}
upstream: {json.dumps(self.upstream)}
categories: categories.yaml
tiers_dir: tiers.d
lists:
{lists}
state_directory: state
control_socket: control.sock
log: {{directory: log, key_file: log/pseudonym.key}}
{extra}""")
        return self.path("schoolgate.yaml")

    def transparent(self):
        if not self.redirect:
            return ""
        return f'  transparent: {{http: ["127.0.0.1:{self.redirect.http}"], tls: ["127.0.0.1:{self.redirect.tls}"]}}\n'

    def start(self, *options, environment=None):
        """Returns once the program has told its manager that it is ready: it listens some time before, while the sockets that pages and
        teachers ask by are still to be opened. `environment`: variables for the program besides those of the tests."""
        if self.redirect:
            self.redirect.load()
        self.output = open(self.path("output.txt"), "wb")
        manager = self.manager or Manager(self.folder + ".ready")
        try:
            self.process = subprocess.Popen([*(self.launcher or []), program(), "run", "--config", self.config, *options], stdout=self.output,
                                            stderr=self.output, stdin=subprocess.DEVNULL,
                                            env={**os.environ, "NOTIFY_SOCKET": manager.place, **(environment or {})},
                                            **({} if self.launcher else as_nobody()))
            end = time.time() + 60
            while "READY=1" not in manager.hear():
                if self.process.poll() is not None:
                    raise RuntimeError("the proxy ended at start:\n" + self.said())
                if time.time() > end:
                    raise RuntimeError("the proxy is not ready:\n" + self.said())
        finally:
            if manager is not self.manager:
                manager.close()
        return self

    def said(self):
        with open(self.path("output.txt"), encoding="utf-8", errors="replace") as source:
            return source.read()

    def stop(self, sig=signal.SIGTERM, wait=20):
        if self.process and self.process.poll() is None:
            self.process.send_signal(sig)
            self.process.wait(wait)
        if self.process:
            self.output.close()
        return self.process.returncode if self.process else None

    def close(self):
        try:
            self.stop(signal.SIGKILL)
        finally:
            if self.redirect:
                Redirect.taken.discard(self.redirect.number)
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    def command(self, *arguments, check=True):
        done = subprocess.run([program(), *arguments, "--config", self.config], capture_output=True, text=True, timeout=60,
                              **as_nobody())
        if check and done.returncode != 0:
            raise AssertionError(f"schoolgate {' '.join(arguments)} exited {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def log_rows(self, *arguments, wanted=1, seconds=20):
        """All the log's rows, oldest first, once there are at least `wanted`."""
        end = time.time() + seconds
        while True:
            rows = [json.loads(l) for l in self.command("log", "--json", "--limit", "0", *arguments).stdout.splitlines() if l]
            if len(rows) >= wanted or time.time() > end:
                return rows
            time.sleep(0.1)

    def curl(self, url, *arguments, source=None, timeout=30):
        if self.redirect and not any(word == "-x" or word.startswith("--proxy") for word in arguments):
            return Curl(["--connect-to", "::127.0.0.1:", "--local-port", self.redirect.some_ports(url.lower().startswith("https:")),
                         *(["--interface", source] if source else []), *arguments, url], timeout)
        return Curl(["-x", f"http://127.0.0.1:{self.port}", *(["--interface", source] if source else []), *arguments, url], timeout)

    def connect(self, source=None):
        """A raw connection to the proxy."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=20, source_address=(source, 0) if source else None)

    def raw(self, request, source=None, silence=20, then=None):
        """Sends bytes, returns everything that comes back until the proxy closes or falls silent for that many seconds, once
        there is an answer for `then` seconds. What ends in a tunnel is answered by a head."""
        request = request if isinstance(request, bytes) else request.encode("latin-1")
        with self.connect(source) as connection:
            connection.settimeout(silence)
            connection.sendall(request)
            return read_all(connection, then)

    def answer_to_connect(self, request, source=None):
        """The head of what comes back: the tunnel behind it would stay open."""
        with self.connect(source) as connection:
            connection.sendall(request.encode("latin-1"))
            head = b""
            while b"\r\n\r\n" not in head and (part := connection.recv(4096)):
                head += part
            return head

    def raw_redirected(self, request, port, silence=20, then=None):
        """The same to an origin's port, as from a device that knows of no proxy (WAY "gateway")."""
        first, last = self.redirect.ports(False)
        while True:
            with socket.socket() as connection:
                connection.settimeout(silence)
                try:
                    connection.bind(("127.0.0.1", random.randint(first, last)))
                    connection.connect(("127.0.0.1", port))
                except OSError:  # that port is another's
                    continue
                connection.sendall(request)
                return read_all(connection, then)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def lasting_descriptors(self):
        """Without the log's files, which are opened when there is something to write. What the program opens for itself in its
        first seconds, and keeps of connections to origins, are up to 6 more: a test of leaks makes dozens and leaves room for 10."""
        def leads_to(number):
            try:
                return os.readlink(f"/proc/{self.process.pid}/fd/{number}")
            except FileNotFoundError:
                return ""  # closed meanwhile
        return sum(".db" not in leads_to(number) for number in os.listdir(f"/proc/{self.process.pid}/fd"))

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as source:
            fields = source.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def limit(self, what, soft):
        """Sets a limit of the running program (nofile, fsize) as its own user would; the hard one stays. Returns what it was."""
        call = ["prlimit", "--pid", str(self.process.pid), f"--{what}"]
        old = subprocess.run([*call, "--raw", "--noheadings", "--output", "SOFT"], capture_output=True, text=True, check=True,
                             **as_nobody()).stdout.strip()
        subprocess.run([*call[:-1], f"--{what}={soft}:"], check=True, **as_nobody())
        return old

    def memory_kib(self, what="VmRSS"):
        with open(f"/proc/{self.process.pid}/status") as source:
            return int(re.search(what + r":\s+(\d+)", source.read())[1])


class Curl:
    """One run of curl: exit code, status of the last response, of the CONNECT, body, head."""

    def __init__(self, arguments, timeout):
        folder = tempfile.mkdtemp(dir=_folder)
        head, body = os.path.join(folder, "head"), os.path.join(folder, "body")
        done = subprocess.run(["curl", "-sS", "-q", "--noproxy", "", "--max-time", str(timeout), "-D", head, "-o", body, "-w",
                               "%{http_code} %{http_connect} %{size_download}", *arguments], capture_output=True, text=True,
                              env={"PATH": os.environ["PATH"]})
        self.exit_code, self.error = done.returncode, done.stderr
        self.status, self.connect_status, self.size = (int(x) for x in done.stdout.split())
        self.head = _read(head).decode("latin-1")
        self.body_bytes = _read(body)
        self.body = self.body_bytes.decode("utf-8", "replace")
        shutil.rmtree(folder)


def _read(path):
    try:
        with open(path, "rb") as source:
            return source.read()
    except FileNotFoundError:
        return b""


def read_all(connection, then=None):
    parts = []
    try:
        while part := connection.recv(1 << 18):
            parts.append(part)
            if then is not None:
                connection.settimeout(then)
    except (TimeoutError, ConnectionResetError):
        pass
    return b"".join(parts)


def status_of(raw):
    match = re.match(rb"HTTP/1\.[01] (\d{3})", raw)
    return int(match[1]) if match else 0


class Browser:
    """Headless Chromium behind the proxy, started anew for each page."""

    FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
             "--disable-features=OptimizationHints,MediaRouter"]

    def __init__(self, proxy, trusts=None):
        """`trusts`: a PEM file, the only authority beside the system's; without it every certificate is taken."""
        self.proxy = proxy
        self.trusts = trusts

    def prepare(self, profile):
        if not self.trusts:
            return ["--ignore-certificate-errors"]
        store = os.path.join(profile, ".pki/nssdb")
        os.makedirs(store)
        for arguments in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "school", "-a", "-i", self.trusts]):
            subprocess.run(["certutil", "-d", "sql:" + store, *arguments], check=True, capture_output=True)
        return []

    def run(self, url, *flags, timeout=60):
        profile = tempfile.mkdtemp(dir=_folder)
        try:
            done = subprocess.run(["chromium", *self.FLAGS, *self.prepare(profile), f"--proxy-server=http://127.0.0.1:{self.proxy.port}",
                                   f"--user-data-dir={profile}", *flags, url], capture_output=True, text=True, timeout=timeout,
                                  env={"PATH": os.environ["PATH"], "HOME": profile})
            return done.stdout
        finally:
            shutil.rmtree(profile, ignore_errors=True)

    def dom(self, url):
        """The page 4 s of the browser's virtual clock later. That clock stands still while anything loads but not while a WebSocket
        speaks: a page that waits for one keeps a picture loading meanwhile (`/held` of origins.Recorder)."""
        return self.run(url, "--dump-dom", "--virtual-time-budget=4000")

    def screenshot(self, url, file, width=1280, height=800):
        return self.run(url, f"--screenshot={file}", f"--window-size={width},{height}")
