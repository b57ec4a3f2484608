"""A Debian 12 of its own in a folder: bare as debootstrap makes it, entered with chroot(1), or booted with systemd-nspawn(1)."""
import contextlib
import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import time

OWN = ["LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", "HOME=/root", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]


class Failed(Exception):
    """What a check found; the stage ends."""


def run(*command, check=True, seconds=600, text=None, **more):
    """As subprocess.run, output and errors together in `stdout`."""
    done = subprocess.run([str(word) for word in command], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", timeout=seconds, check=False, **({"stdin": subprocess.DEVNULL} if text is None else {}), **more)
    if check and done.returncode != 0:
        raise Failed(f"{shlex.join(str(word) for word in command)}: exit {done.returncode}\n{done.stdout}")
    return done


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds
    while not (said := condition()):
        if time.monotonic() > end:
            raise Failed(f"not within {seconds} s: {what}")
        time.sleep(0.1)
    return said


def sources():
    """This machine's own sources of Debian 12, as lines of a sources.list."""
    told = run("apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(COMPONENT) $(CREATED_BY)").stdout
    lines = []
    for words in (line.split() for line in told.splitlines()):
        if len(words) == 4 and words[3] == "Packages" and words[1].startswith("bookworm") and words[2] == "main":
            suite = {"bookworm": "bookworm", "bookworm-updates": "bookworm-updates", "bookworm-security": "bookworm-security"}.get(words[1])
            line = f"deb {words[0].rstrip('/')} {suite} main"
            if suite and line not in lines:
                lines.append(line)
    if not any(" bookworm main" in line for line in lines):
        raise Failed("apt's configuration names no source of Debian 12")
    return sorted(lines, key=len)


def settings():
    """How apt reaches them: proxies, and whether dates are believed."""
    told = run("apt-config", "dump", "--format", "%f \"%v\";%n", "Acquire").stdout
    wanted = ("Acquire::http", "Acquire::https", "Acquire::Check-Valid-Until", "Acquire::Check-Date", "Acquire::Retries")
    return "".join(line + "\n" for line in told.splitlines() if line.startswith(wanted) and '""' not in line)


def make_base(archive):
    """The bare system, packed; made once, for each test gets its own copy."""
    place = archive + ".making"
    shutil.rmtree(place, ignore_errors=True)
    mirror = next(line.split()[1] for line in sources() if line.endswith(" bookworm main"))
    run("debootstrap", "bookworm", place, mirror, seconds=1800)
    with open(os.path.join(place, "etc/apt/sources.list"), "w", encoding="utf-8") as out:
        out.write("\n".join(sources()) + "\n")
    with open(os.path.join(place, "etc/apt/apt.conf.d/90own"), "w", encoding="utf-8") as out:
        out.write(settings())
    run("tar", "--create", "--numeric-owner", "--directory", place, "--file", archive + ".part", ".")
    os.rename(archive + ".part", archive)
    shutil.rmtree(place)


class Root:
    """A copy of the bare system in `folder`. Commands run in it with a network of its own; apt's with that of the machine."""

    def __init__(self, folder, base=None):
        """Without `base` it is there already."""
        self.folder = folder
        if base:
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(folder, mode=0o755)
            run("tar", "--extract", "--numeric-owner", "--directory", folder, "--file", base)
        self.holder = None  # a process in whose namespaces commands run
        self.leader = None  # the same, where the system was booted

    def path(self, name):
        return os.path.join(self.folder, name.lstrip("/"))

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as source:
            return source.read()

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as out:
            out.write(text)

    def exists(self, name):
        return os.path.lexists(self.path(name))

    def __enter__(self):
        mounts = "; ".join(f"mount -t {kind} none {shlex.quote(self.path(place))}"
                           for kind, place in (("proc", "proc"), ("tmpfs -o mode=755", "run"), ("tmpfs", "tmp")))
        devices = f"mount --rbind /dev {shlex.quote(self.path('dev'))}"
        self.holder = subprocess.Popen(["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "sh", "-c",
                                        f"{mounts}; {devices}; ip link set lo up; echo ready; exec sleep 7200"],
                                       stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        if self.holder.stdout.readline() != "ready\n":
            raise Failed("no namespaces of its own: this takes root")
        return self

    def __exit__(self, *_):
        self.holder.kill()
        self.holder.wait()

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def entered(self, network=True):
        """Words that bring a command into the system. `network`: into its own one, too."""
        inner = run("pgrep", "-P", self.holder.pid).stdout.split()[0]
        return ["nsenter", "--target", inner, "--mount", "--pid", *(["--net"] if network else []), "chroot", self.folder, "env", "-i", *OWN]

    def run(self, *command, user=None, **more):
        words = ["runuser", "-u", user, "--", *command] if user else command
        return run(*self.entered(), *words, **more)

    def start(self, *command):
        return subprocess.Popen([*self.entered(), *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True)

    def apt(self, *words, **more):
        return run(*self.entered(network=False), "apt-get", "-q", "-y", "-o", "Dpkg::Use-Pty=0", *words, **more)

    def curl(self, url, port=3128):
        """The status that the proxy answers with; 000 = nobody answers."""
        inner = str(self.leader or run("pgrep", "-P", self.holder.pid).stdout.split()[0])
        done = run("nsenter", "--target", inner, "--net", "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "10", "-x",
                   f"http://127.0.0.1:{port}", url, check=False, env={"PATH": os.environ["PATH"]})
        return done.stdout.strip()

    def install(self, package, *options):
        shutil.copy(package, self.path("root/"))
        return self.apt("install", "--no-install-recommends", *options, "/root/" + os.path.basename(package))


class Cables:
    """Two cables of a machine that is booted between them: `inside` to a phone, `outside` to the world, each a namespace of its own."""

    INSIDE, OUTSIDE = "10.88.1", "198.18.8"

    def __init__(self):
        self.names = {side: f"sgfield-{os.getpid()}-{side}" for side in ("machine", "phone", "world")}
        self.started = []

    def __enter__(self):
        for name in self.names.values():
            run("ip", "netns", "add", name)
        for cable, side, net in (("inside", "phone", self.INSIDE), ("outside", "world", self.OUTSIDE)):
            run("ip", "link", "add", cable, "netns", self.names["machine"], "type", "veth", "peer", "name", cable, "netns", self.names[side])
            last = 50 if side == "phone" else 10
            run("ip", "-netns", self.names[side], "-batch", "-", text=f"address add {net}.{last}/24 dev {cable}\nlink set lo up\n"
                f"link set {cable} up\nroute add default via {net}.1\n")
        return self

    def __exit__(self, *_):
        for process in self.started:
            process.kill()
            process.wait()
        for name in self.names.values():
            run("ip", "netns", "delete", name, check=False)

    def run(self, side, *command, **more):
        return run("nsenter", f"--net=/run/netns/{self.names[side]}", *command, **more)

    def start(self, side, *command):
        """Runs until the cables are taken away."""
        self.started.append(subprocess.Popen(["nsenter", f"--net=/run/netns/{self.names[side]}", *command], stdin=subprocess.DEVNULL,
                                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def interfaces(self):
        """Of the machine between them, for ifupdown."""
        return "auto lo\niface lo inet loopback\n" + "".join(
            f"auto {name}\niface {name} inet static\n  address {net}.1/24\n{more}" for name, net, more in
            (("inside", self.INSIDE, ""), ("outside", self.OUTSIDE, f"  gateway {self.OUTSIDE}.10\n")))


class Booted(Root):
    """The same, booted: systemd is its first process. No network but its own loopback once it runs, and the cables that are given."""

    def __init__(self, folder, cables=None):
        super().__init__(folder)
        self.cables = cables
        self.beside = []  # processes in its network that end with it

    def __enter__(self):
        self.boot()
        return self

    def __exit__(self, *_):
        self.end_beside()
        self.power_off()

    def end_beside(self):
        for process in self.beside:
            process.kill()
            process.wait()
        self.beside = []

    def boot(self):
        network = ["--private-network"]
        if self.cables:  # a network that is there already is the container's to change only where that is said
            network = [f"--network-namespace-path=/run/netns/{self.cables.names['machine']}", "--capability=CAP_NET_ADMIN",
                       "--resolv-conf=off"]
        self.holder = subprocess.Popen(["systemd-nspawn", "--directory", self.folder, "--boot", "--register=no", "--keep-unit",
                                        *network, "--console=pipe", "--quiet"],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       env={**os.environ, "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network"})  # forwarding is set there

        def first_process():
            if self.holder.poll() is not None:
                raise Failed(f"systemd-nspawn ended: {self.holder.returncode}")
            inner = run("pgrep", "-P", self.holder.pid, "-x", "systemd", check=False).stdout.split()
            return int(inner[0]) if inner else None

        self.leader = wait_until(first_process, 30, "the first process")
        wait_until(lambda: self.run("systemctl", "is-system-running", check=False).stdout.strip() in ("running", "degraded"), 120,
                   "the system is up")

    def power_off(self):
        if self.holder is None or self.holder.poll() is not None:
            return
        self.run("systemctl", "poweroff", check=False)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.holder.wait(90)
        if self.holder.poll() is None:
            self.holder.kill()
            self.holder.wait()

    def typed(self, command, answers, seconds=180):
        """A command at a terminal of the system, and somebody who types. `answers`: a part of a question -> what is answered; all else is
        answered with Enter. What was said; how many questions; how many keys, those of the command line too. A question that comes again
        was not answered to its liking."""
        here, there = pty.openpty()
        process = subprocess.Popen([*self.entered(), *shlex.split(command)], stdin=there, stdout=there, stderr=there, start_new_session=True)
        os.close(there)
        said, line, asked, keys, end = "", "", [], len(command) + 1, time.monotonic() + seconds
        try:
            while True:
                if select.select([here], [], [], 0.3)[0]:
                    try:
                        part = os.read(here, 4096).decode(errors="replace")
                    except OSError:  # the other end is closed
                        break
                    said += part
                    line = (line + part).rpartition("\n")[2]
                elif line.endswith(": "):
                    question = re.sub(r"( \[.*\])?: $", "", line)
                    if question in asked:
                        raise Failed(f"asked twice: {question}\n{said}")
                    asked.append(question)
                    answer = next((words for part, words in answers.items() if part in question), "")
                    os.write(here, answer.encode() + b"\n")
                    keys += len(answer) + 1
                    line = ""
                if time.monotonic() > end:
                    raise Failed(f"not within {seconds} s: {command}\n{said}")
        finally:
            os.close(here)
            if time.monotonic() > end:
                process.kill()
        if process.wait(30) != 0:
            raise Failed(f"{command}: exit {process.returncode}\n{said}")
        return said, asked, keys

    def reset(self):
        """As if the power went: no process is told."""
        os.kill(self.leader, signal.SIGKILL)
        self.holder.wait(60)

    def entered(self, network=True):
        inner = ["nsenter", "--target", str(self.leader), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd"]
        return [*inner, "env", "-i", *OWN]
