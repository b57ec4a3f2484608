"""The stages of field.py. Each checks in the order in which an admin meets it, and ends with the first thing that is wrong."""
import datetime
import glob
import json
import os
import re
import shutil
import subprocess

from debian_root import Booted, Cables, Failed, Root, make_base, run, wait_until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PACKAGING = os.path.join(ROOT, "packaging")
PLACE = os.path.join(ROOT, "build/field")
DEB = os.path.join(ROOT, "build/deb")
EXPOSURE = 15  # tenths: the most that systemd-analyze may say
MAIN_FILE = "/etc/schoolgate/schoolgate.yaml"
TIER = "/etc/schoolgate/tiers.d/30-thcs.yaml"
BLOCKED, OWN_PAGE = "http://gambling.schoolgate.test/", "http://schoolgate.internal/"


def check(good, what):
    if not good:
        raise Failed(what)


def same(got, want, what):
    check(got == want, f"{what}: {got!r}, not {want!r}")


# --- files ---

def files():
    for name in ("schoolgate-lists", "schoolgate-counts@", "schoolgate"):
        unit = os.path.join(PACKAGING, f"systemd/{name}.service")
        said = run("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", "--no-pager", unit).stdout
        print(said.splitlines()[-1])
    with_drop_in(unit)
    with open(unit, encoding="utf-8") as text:
        check("PrivateUsers" not in text.read(), "PrivateUsers takes away the ports below 1024")
    for script in glob.glob(os.path.join(PACKAGING, "debian/schoolgate.post*")):
        run("sh", "-n", script)
    run("cmake", "--preset", "release", cwd=ROOT)
    run("cmake", "--build", "build/release", "--", "schoolgate_manual", cwd=ROOT, seconds=3600)
    manual = os.path.join(PLACE, "manual")
    shutil.rmtree(manual, ignore_errors=True)
    run(os.path.join(ROOT, "build/release/schoolgate_manual"), os.path.join(PACKAGING, "man"), manual)
    pages = sorted(glob.glob(os.path.join(manual, "**/*.[58]"), recursive=True))
    check(len(pages) >= 24, f"only {len(pages)} pages")
    for page in pages:
        done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", page], capture_output=True, text=True, check=False,
                              env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "MANWIDTH": "80"})
        check(done.returncode == 0 and not done.stderr and "SCHOOLGATE" in done.stdout, f"{page}: {done.stderr}")
    print(f"{len(pages)} pages without a warning")
    completion(os.path.join(manual, "schoolgate.bash"))


def with_drop_in(unit):
    """The hardening of the service with the right that it needs for TPROXY."""
    place = os.path.join(PLACE, "hardening")
    units = os.path.join(place, "etc/systemd/system")
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(os.path.join(units, "schoolgate.service.d"))
    shutil.copy(unit, units)
    shutil.copy(os.path.join(PACKAGING, "systemd/tproxy.conf"), os.path.join(units, "schoolgate.service.d"))
    said = run("systemd-analyze", "security", "--offline=true", f"--root={place}", f"--threshold={EXPOSURE}", "--no-pager",
               "schoolgate.service").stdout
    check(re.search(r"(?m)^✗ CapabilityBoundingSet=~CAP_NET_\(BIND_SERVICE\|BROADCAST\|RAW\)", said) and
          re.search(r"(?m)^✓ CapabilityBoundingSet=~CAP_NET_ADMIN", said), f"the drop-in's rights:\n{said}")
    print(f"with the drop-in for TPROXY: {said.splitlines()[-1]}")


def offered(script, line):
    """What bash offers for the last word of this line."""
    words = line.split(" ")
    text = (f"source {script}; COMP_WORDS=({' '.join(repr(w) for w in words)}); COMP_CWORD={len(words) - 1}; _schoolgate; "
            'printf "%s\\n" "${COMPREPLY[@]}"')
    return sorted(word for word in run("bash", "-c", text, cwd=PACKAGING).stdout.split("\n") if word)


def completion(script):
    run("bash", "-n", script)
    rows = {
        "schoolgate sta": ["status"],
        "schoolgate --v": ["--version"],
        "schoolgate ca ": ["--help", "-h", "create", "export", "show"],
        "schoolgate ca create --f": ["--force"],
        "schoolgate explain http://a.vn/ --stage ": ["connect", "request"],
        "schoolgate check --config debian/ru": ["debian/rules"],
        "schoolgate run --user roo": ["root"],
        "schoolgate log --limit ": [],
        "schoolgate lists import sy": ["systemd"],
        "schoolgate log ret": ["retention"],
        "schoolgate check --s": ["--state", "--strict"],
    }
    for line, want in rows.items():
        same(offered(script, line), want, f"completion of {line!r}")
    print(f"{len(rows)} lines are completed")


# --- deb, twice ---

def package():
    """The package that was built last."""
    found = [name for name in glob.glob(os.path.join(DEB, "schoolgate_*.deb"))]
    if not found:
        raise Failed("no package: tools/dev field deb builds it")
    return found[0]


def deb():
    run(os.path.join(ROOT, "tools/dev"), "deb", seconds=7200)
    held = run("dpkg-deb", "--contents", package()).stdout
    for name in ("usr/bin/schoolgate", "lib/systemd/system/schoolgate.service", "lib/systemd/system/schoolgate.socket",
                 "usr/lib/sysusers.d/schoolgate.conf", "usr/lib/tmpfiles.d/schoolgate.conf", "etc/schoolgate/schoolgate.yaml",
                 "usr/share/man/man8/schoolgate.8.gz", "usr/share/man/man8/schoolgate-explain.8.gz",
                 "usr/share/man/man5/schoolgate.yaml.5.gz", "usr/share/man/man5/schoolgate-tier.5.gz",
                 "usr/share/man/vi/man8/schoolgate.8.gz", "usr/share/man/vi/man5/schoolgate-tier.5.gz",
                 "usr/share/man/man8/schoolgate-backup.8.gz", "usr/share/man/vi/man8/schoolgate-floor.8.gz",
                 "lib/systemd/system/schoolgate-web.service", "lib/systemd/system/schoolgate-lists.timer",
                 "lib/systemd/system/schoolgate-counts.socket", "lib/systemd/system/schoolgate-counts@.service",
                 "usr/share/schoolgate/schema/tier.json", "usr/share/schoolgate/schema/en/tier.json",
                 "usr/share/doc/schoolgate/vi/quan-tri.md.gz", "usr/share/bash-completion/completions/schoolgate"):
        check(f" ./{name}\n" in held, f"the package has no {name}")
    check("quickstart" not in held, "quickstart.yaml is of a checkout")
    print(f"{os.path.basename(package())}: {os.path.getsize(package()) // 1000} kB, lintian has nothing to say")


def twice():
    first = package()
    place = os.path.join(PLACE, "again")
    # Another folder, another umask, another time zone and language.
    run("bash", "-c", f'umask 0077; TZ=Asia/Ho_Chi_Minh LC_ALL=C; export TZ LC_ALL; . "{ROOT}/tools/common.sh"; build_package "{place}"',
        seconds=7200)
    second = os.path.join(place, os.path.basename(first))
    check(open(first, "rb").read() == open(second, "rb").read(), f"{first} and {second} differ: diffoscope says where")
    shutil.rmtree(place)


# --- bare ---

def fresh(name):
    base = os.path.join(PLACE, "bookworm.tar")
    os.makedirs(PLACE, exist_ok=True)
    if not os.path.exists(base):
        make_base(base)
    return Root(os.path.join(PLACE, name), base)


def mode_of(root, name):
    """"schoolgate:schoolgate 0750", by the names of the system itself."""
    return root.run("stat", "-c", "%U:%G 0%a", name).stdout.strip()


def installed(root):
    """What the package made, whether or not the service runs."""
    user = root.run("getent", "passwd", "schoolgate").stdout.strip().split(":")
    same(user[6], "/usr/sbin/nologin", "the user's shell")
    same(set(root.run("id", "-Gn", "schoolgate").stdout.split()), {"schoolgate", "schoolgate-safeguarding"}, "the user's groups")
    check(root.run("getent", "group", "schoolgate-teachers").stdout, "no group of teachers")
    for name, want in {"/run/schoolgate": "schoolgate:schoolgate 0755", "/var/lib/schoolgate": "schoolgate:schoolgate 0750",
                       "/var/log/schoolgate": "schoolgate:schoolgate 0750", "/etc/schoolgate": "root:root 0755",
                       MAIN_FILE: "root:root 0644", "/etc/schoolgate/tiers.d": "root:schoolgate-teachers 02775",
                       TIER: "root:schoolgate-teachers 0664"}.items():
        same(mode_of(root, name), want, name)
    check(root.exists("/lib/systemd/system/schoolgate.service"), "no unit")
    check(root.exists("/etc/systemd/system/multi-user.target.wants/schoolgate.service"), "the unit is not enabled")
    check(not root.exists("/etc/systemd/system/sockets.target.wants/schoolgate.socket"), "the socket is enabled unasked")
    check(root.exists("/etc/systemd/system/timers.target.wants/schoolgate-lists.timer"), "no list is fetched at night")
    conffiles = root.run("dpkg-query", "-W", "-f", "${Conffiles}", "schoolgate").stdout.split("\n")
    names = [line.split()[0] for line in conffiles if line.strip()]
    check(MAIN_FILE in names and TIER in names and all(name.startswith("/etc/schoolgate/") for name in names), f"conffiles: {names}")
    check(root.run("schoolgate", "check", user="schoolgate").returncode == 0, "check as the service's user")
    root.run("schoolgate", "check")


def serves(root, seconds=20):
    wait_until(lambda: root.curl(OWN_PAGE) == "200", seconds, "it answers on its port")
    same(root.curl(BLOCKED), "403", "a blocked page")


def reloads(root, reload):
    """`reload`: words of the command that asks for it."""
    tier = root.read(TIER)
    root.write(TIER, tier + "blok: [x.vn]\n")
    refused = root.run(*reload, check=False)
    check(refused.returncode != 0, f"a broken tier was taken: {refused.stdout}")
    same(root.curl(BLOCKED), "403", "a blocked page after a refused reload")
    root.write(TIER, tier)
    root.run(*reload)
    return refused.stdout


def repacked(deb, version, **more):
    """The same package under another version, as an upgrade brings it; `more`: files in /etc/schoolgate that got a further line."""
    tree = os.path.join(PLACE, "repacked")
    shutil.rmtree(tree, ignore_errors=True)
    run("dpkg-deb", "-R", deb, tree)
    control = os.path.join(tree, "DEBIAN/control")
    with open(control, encoding="utf-8") as source:
        text = re.sub(r"(?m)^Version: .*$", f"Version: {version}", source.read())
    with open(control, "w", encoding="utf-8") as out:
        out.write(text)
    for name, line in more.items():
        with open(os.path.join(tree, f"etc/schoolgate/{name}.yaml"), "a", encoding="utf-8") as out:
            out.write(line + "\n")
    new = os.path.join(PLACE, f"schoolgate_{version}.deb")
    run("dpkg-deb", "--root-owner-group", "-b", tree, new)
    shutil.rmtree(tree)
    return new


def logs_of(root):
    return sorted(os.listdir(root.path("/var/log/schoolgate"))) if root.exists("/var/log/schoolgate") else []


def bare():
    deb_file = package()
    root = fresh("bare")
    with root:
        root.apt("update")
        root.install(deb_file)
        installed(root)
        root.run("rm", "-rf", "/run/schoolgate")
        told = root.run("runuser", "-u", "nobody", "--", "schoolgate", "run", check=False).stdout
        check(all(name in told for name in ("/run/schoolgate", "/var/lib/schoolgate", "/var/log/schoolgate")),
              f"a start without its folders does not name them all:\n{told}")
        root.run("systemd-tmpfiles", "--create", "schoolgate.conf")
        with root.start("schoolgate", "run") as proxy:
            try:
                serves(root)
                said = reloads(root, ["schoolgate", "reload"])
                # The shipped school speaks Vietnamese.
                check('"blok"' in said and "chưa nạp lại: chính sách đang chạy vẫn có hiệu lực" in said,
                      f"the refusal does not say why:\n{said}")
            finally:
                root.run("schoolgate", "stop", check=False)
            output = proxy.communicate(timeout=60)[0]
        same(proxy.returncode, 0, f"the end of the proxy\n{output}")
        check("Trường THCS Lê Lợi" in output, output)
        edited = root.read(MAIN_FILE).replace("Lê Lợi", "Quang Trung")
        root.write(MAIN_FILE, edited)
        root.install(repacked(deb_file, "9.0.0"))
        same(root.read(MAIN_FILE), edited, "an edited file after an upgrade")
        kept_through_upgrade(root, deb_file)
        check(logs_of(root), "no log was written")
        root.apt("remove", "schoolgate")
        same(root.read(MAIN_FILE), edited, "an edited file after remove")
        check(not root.exists("/usr/bin/schoolgate") and not root.exists("/lib/systemd/system/schoolgate.service"), "remove left the program")
        kept = logs_of(root)
        purge(root)
        same(logs_of(root), kept, "the logs after purge")
        same(os.listdir(root.path("/var/lib/schoolgate")), ["pseudonym.keys"], "what purge leaves of the state")
        root.install(deb_file)
        root.run("debconf-set-selections", text="schoolgate schoolgate/purge_logs boolean true\n")
        purge(root)
        same(logs_of(root), [], "the logs after a purge that was asked to delete them")
        check(not root.exists("/var/lib/schoolgate"), "the state after a purge that was asked to delete it")
    root.remove()


CATEGORIES = "/etc/schoolgate/categories.yaml"


def kept_through_upgrade(root, deb_file):
    """Files that the school changed, which are older than what comes with the upgrade: it says what they lack, and what to write."""
    shipped, tier = root.read(CATEGORIES), root.read(TIER)
    mode = mode_of(root, TIER)
    root.write(CATEGORIES, re.sub(r"(?m)^  horror:\n(    .*\n)+", "", shipped))
    root.write(TIER, re.sub(r"(?m)^  horror:.*\n", "", tier))
    root.install(repacked(deb_file, "9.0.1", categories="# new", expect="# new"), "-o", "Dpkg::Options::=--force-confold")
    check(root.read(CATEGORIES + ".dpkg-dist") == shipped + "# new\n", "the new catalogue does not lie beside the old one")
    check("# new" in root.read("/etc/schoolgate/expect.yaml"), "a file that nobody changed is as it was")
    told = root.run("schoolgate", "check", check=False).stdout
    line = shipped[:shipped.index("\n  horror:")].count("\n") + 2
    check(f"{line} của {CATEGORIES}.dpkg-dist" in told, f"it does not say where the category is:\n{told}")
    root.write(CATEGORIES, root.read(CATEGORIES + ".dpkg-dist"))
    told = root.run("schoolgate", "check").stdout
    check("horror: block" in told, f"it does not say what the tier lacks:\n{told}")
    root.write(TIER, tier)
    same(mode_of(root, TIER), mode, "the tier's rights after upgrades")


def purge(root):
    root.apt("purge", "schoolgate")
    check(not root.exists("/etc/schoolgate"), "purge left the configuration")
    same(root.run("dpkg-query", "-W", "schoolgate", check=False).returncode, 1, "the package is known after purge")


# --- boot ---

def show(system, name, unit="schoolgate"):
    return system.run("systemctl", "show", "-P", name, unit).stdout.strip()


BESIDE = {"schoolgate-web.service": "active", "schoolgate-counts.socket": "active"}  # what an admin or setup starts besides


def beside(system):
    return {unit: show(system, "ActiveState", unit) for unit in BESIDE}


def journal(system, unit="schoolgate"):
    return system.run("journalctl", "-u", unit, "-o", "cat", "--no-pager").stdout


def sandboxed(system, rights=2 ** 10):
    """What the running service may do, and that nothing it needs was taken from it. `rights`: to bind ports below 1024 alone."""
    status = system.run("cat", f"/proc/{show(system, 'MainPID')}/status").stdout
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    same((fields["CapEff"], fields["CapBnd"]), (f"{rights:016x}",) * 2, "its capabilities")
    same((fields["Seccomp"], fields["NoNewPrivs"]), ("2", "1"), "the filter of system calls")
    said = journal(system)
    check(not re.search(r"cannot|chỉ root|không hỏi|không được giữ|còn mỏng: .*bộ mô tả", said), f"it misses something:\n{said}")
    said = system.run("systemd-analyze", "security", "--no-pager", f"--threshold={EXPOSURE}", "schoolgate").stdout
    print(said.splitlines()[-1].strip())


def reveals(system):
    """The group of the safeguarding lead reaches its socket, nobody else of the school does."""
    system.run("useradd", "--groups", "schoolgate-safeguarding", "dean")
    system.run("useradd", "clerk")
    ask = ["schoolgate", "log", "--reveal", "127.0.0.1", "--why", "a call from home"]
    check("127.0.0.1 là " in system.run(*ask, user="dean").stdout, "a member of the group is not answered")
    same(system.run(*ask, user="clerk", check=False).returncode, 1, "somebody else is answered")


def privileged_port(system):
    text = system.read(MAIN_FILE)
    system.write(MAIN_FILE, text.replace('- "0.0.0.0:3128"', '- "0.0.0.0:3128"\n    - "0.0.0.0:443"'))
    system.run("systemctl", "restart", "schoolgate")
    serves(system)
    same(system.curl(BLOCKED, port=443), "403", "a port below 1024")
    system.write(MAIN_FILE, text)
    system.run("systemctl", "restart", "schoolgate")
    serves(system)


def killed(system, number, seconds):
    """It is started again after this signal; the process id changes."""
    old = show(system, "MainPID")
    system.run("kill", f"-{number}", old)
    wait_until(lambda: show(system, "MainPID") not in ("0", old), seconds, f"started again after signal {number}")
    serves(system, 60)


ASKING = """
answered=0; wrong=0
while [ ! -e /tmp/enough ]; do
  code=$(curl -s -o /dev/null -w '%{http_code}' --max-time 10 -x http://127.0.0.1:3128 http://gambling.schoolgate.test/)
  if [ "$code" = 403 ]; then answered=$((answered + 1)); else wrong=$((wrong + 1)); fi
done
echo "$answered $wrong"
"""


# A site of the school's own on the machine's loopback, which sends back what it is sent.
SITE, DRAIN_SECONDS = "lop-hoc.truong.test", 6
ORIGIN = """
import socket, ssl, sys, threading
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
listening = socket.create_server(("127.0.0.7", 443))
print("ready", flush=True)
def serve(connection):
    try:
        with context.wrap_socket(connection, server_side=True) as inside:
            while (data := inside.recv(4096)):
                inside.sendall(data)
    except OSError:
        pass
while True:
    threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()
"""
# Someone in a lesson: an open tunnel, used without a pause until it is ended. Prints the process that it began with as
# soon as it is open, then for how many seconds it was answered.
IN_A_LESSON = """
import socket, ssl, sys, time
connection = socket.create_connection(("127.0.0.1", 3128), timeout=20)
connection.sendall(b"CONNECT %s:443 HTTP/1.1\\r\\nHost: %s:443\\r\\n\\r\\n")
answer = connection.recv(4096)
if b" 200 " not in answer.split(b"\\r\\n")[0] + b" ":
    raise SystemExit(f"no tunnel: {answer!r}")
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
begin = last = time.monotonic()
with context.wrap_socket(connection, server_hostname="%s") as inside:
    print("open", flush=True)
    try:
        while True:
            inside.sendall(b"x")
            if inside.recv(1) != b"x":
                break
            last = time.monotonic()
            time.sleep(0.05)
    except OSError:
        pass
print(time.monotonic() - begin, time.monotonic() - last)
""" % (SITE, SITE, SITE)


def in_network(system, *command):
    return subprocess.Popen(["nsenter", "--target", str(system.leader), "--net", *command], stdout=subprocess.PIPE, text=True)


def with_a_site(system):
    """The school's own site is there, may be reached, and the drain is short. Its process ends with
    the system."""
    system.write("/etc/schoolgate/hosts", f"127.0.0.7 {SITE}\n")
    text = system.read(MAIN_FILE)
    check("\nupstream:" not in text and "\ntimeouts:" not in text and "\n  admin:" not in text, "the shipped file has these keys now")
    text = text.replace("\nlisten:\n", '\nlisten:\n  admin: {address: "127.0.0.1:8443"}\n')
    system.write(MAIN_FILE, text + f"\nupstream: {{allow_networks: [127.0.0.7/32], hosts_file: hosts}}\ntimeouts: {{drain: {DRAIN_SECONDS}s}}\n")
    system.run("systemctl", "restart", "schoolgate")
    serves(system)
    system.run("systemctl", "start", "schoolgate-web", "schoolgate-counts.socket")
    certificate = os.path.join(PLACE, "site.pem")
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={SITE}",
        "-addext", f"subjectAltName=DNS:{SITE}", "-keyout", certificate + ".key", "-out", certificate + ".crt")
    with open(certificate, "w", encoding="utf-8") as out:
        for part in (".key", ".crt"):
            with open(certificate + part, encoding="utf-8") as source:
                out.write(source.read())
    system.beside.append(in_network(system, "python3", "-c", ORIGIN, certificate))
    same(system.beside[-1].stdout.readline(), "ready\n", "the site")


def rows_of(system, host):
    said = system.run("schoolgate", "log", "--json", "--limit", "0", "--host", host).stdout
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def upgraded(system, deb_file):
    """A newer package while pupils ask: each is answered, another process serves, an open tunnel goes on for `timeouts: drain`, and the
    log has a row of everything."""
    with_a_site(system)
    old, enough = show(system, "MainPID"), "/tmp/schoolgate-field-enough"
    same(beside(system), BESIDE, "what was started besides")
    pages = show(system, "MainPID", "schoolgate-web")
    if os.path.exists(enough):
        os.unlink(enough)
    before = sum(row["count"] for row in rows_of(system, "gambling.schoolgate.test"))
    lesson = in_network(system, "python3", "-c", IN_A_LESSON)
    same(lesson.stdout.readline(), "open\n", "a tunnel before the upgrade")
    asking = [in_network(system, "sh", "-c", ASKING.replace("/tmp/enough", enough)) for _ in range(2)]
    try:
        said = system.install(repacked(deb_file, "9.0.0")).stdout
        check("đã tiếp quản" in said, said)
        serves(system)
        new = show(system, "MainPID")
        check(new not in ("0", old), "the manager still believes the old process")
        same((show(system, "ActiveState"), show(system, "NRestarts")), ("active", "0"), "the service after an upgrade")
        same(beside(system), BESIDE, "what runs besides, after an upgrade")
        check(show(system, "MainPID", "schoolgate-web") not in ("0", pages), "the staff's pages are served by the program from before")
        wait_until(lambda: system.run("kill", "-0", old, check=False).returncode != 0, 60, "the old process has ended")
        fed = show(system, "WatchdogTimestampMonotonic")
        wait_until(lambda: show(system, "WatchdogTimestampMonotonic") != fed, 30, "the new process feeds the watchdog")
        serves(system)
    finally:
        with open(enough, "w", encoding="utf-8"):
            pass
        counts = [client.communicate(timeout=30)[0].split() for client in asking]
        os.unlink(enough)
    check(all(wrong == "0" and int(answered) > 10 for answered, wrong in counts), f"answered and not, of each client: {counts}")
    answered = sum(int(answered) for answered, _ in counts)
    print(f"{answered} requests answered during an upgrade, none refused")
    silent = float(lesson.communicate(timeout=30)[0].split()[1])
    check(silent < 2, f"the tunnel was not answered in its last {silent:.1f} s")
    whole(system, before + answered)
    system.end_beside()  # its port is wanted


def at(row):
    return datetime.datetime.fromisoformat(row["time"].replace("Z", "+00:00")).timestamp()


def whole(system, wanted):
    """No row is lost over the upgrade: that of each request, and that of the tunnel with its end."""
    def blocked():
        return sum(row["count"] for row in rows_of(system, "gambling.schoolgate.test"))
    # Those of serves() besides, a few.
    wait_until(lambda: blocked() >= wanted, 30, f"rows of {wanted} requests")
    check(blocked() - wanted <= 10, f"{blocked()} rows of {wanted} requests")
    tunnels = wait_until(lambda: [row for row in rows_of(system, SITE) if row["ended"] == "shut-down"], 30, "the row of the tunnel, ended")
    same([(row["action"], row["bytes_up"] > 0) for row in tunnels], [("allow", True)], "the tunnel's row")
    said = system.run("schoolgate", "log", "--json", "--limit", "0", "--events").stdout
    events = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    check(not [one for one in events if one["what"] == "rows_lost"], "rows were lost")
    drain = [one for one in events if one["what"] == "drain"][-1]
    detail = drain["detail"] if isinstance(drain["detail"], dict) else json.loads(drain["detail"])
    same(detail.get("tunnels"), 1, "the tunnels that the drain counts")
    went_on = at(tunnels[0]) + tunnels[0]["duration_ms"] / 1000 - at(drain)
    check(DRAIN_SECONDS - 2 < went_on < DRAIN_SECONDS + 3, f"the tunnel went on for {went_on:.1f} s behind the take-over")
    print(f"an open tunnel went on for {went_on:.1f} s (timeouts: drain: {DRAIN_SECONDS}s); {wanted} requests and the tunnel are in the log")


def socket_activated(system):
    system.run("systemctl", "stop", "schoolgate")
    system.run("systemctl", "start", "schoolgate.socket")
    serves(system)  # who connects starts it
    same(show(system, "ActiveState"), "active", "the service behind its socket")
    check("handed-over" not in journal(system), "the socket was not taken")
    system.run("systemctl", "stop", "schoolgate.socket", "schoolgate")
    system.run("systemctl", "start", "schoolgate")
    serves(system)


def boot():
    deb_file = package()
    root = fresh("boot")
    with root:
        root.apt("update")
        root.apt("install", "--no-install-recommends", "dbus")
        root.install(deb_file, "--download-only")
    system = Booted(root.folder)
    with system:
        system.install(deb_file)
        wait_until(lambda: show(system, "ActiveState") == "active", 30, "the service runs once it is installed")
        same((show(system, "Type"), show(system, "NRestarts")), ("notify", "0"), "the service")
        installed(system)
        serves(system)
        sandboxed(system)
        reveals(system)
        said = reloads(system, ["systemctl", "reload", "schoolgate"])
        check('"blok"' in journal(system), f"the refusal does not say why:\n{said}")
        upgraded(system, deb_file)
        privileged_port(system)
        killed(system, "KILL", 20)
        killed(system, "STOP", 90)  # by the watchdog
        check("Watchdog timeout" in journal(system), journal(system))
        socket_activated(system)
        system.reset()
    with system:
        wait_until(lambda: show(system, "ActiveState") == "active", 30, "the service runs after a reset")
        serves(system)
        system.run("systemctl", "start", *BESIDE)
        system.apt("remove", "schoolgate")
        same(system.curl(OWN_PAGE), "000", "somebody answers after remove")
        same(beside(system), {unit: "inactive" for unit in BESIDE}, "what ran besides, after remove")
        check(system.exists(MAIN_FILE) and logs_of(system), "remove took more than the program")
        purge(system)
        check(logs_of(system), "purge took the logs")
    root.remove()


# --- setup ---

# What a person types in a bare system; all else of the interview is answered with Enter.
INSTALL = "apt install ./schoolgate_*.deb nftables dnsmasq"
ANSWERS = {"Tên trường": "Trường Thử", "Ai trông nom": "Nam", "tìm đến": "Lan", "ở phòng nào": "105", "số điện thoại": "0280 123 456",
           "Mạng nào thuộc cấp": f"{Cables.INSIDE}.0/24=thcs:Wi-Fi", "Ghi các tệp này": "có"}


def forwards(system):
    return system.run("cat", "/proc/sys/net/ipv4/ip_forward").stdout.strip()


def phone_gets(cables, url):
    """What a phone gets which knows of no proxy, and behind it in a line of its own the status; its name server would name some address of
    the world."""
    host = url.split("/")[2]
    names = [] if re.match(r"[0-9.:]+$", host) else [word for port in (80, 443)
                                                     for word in ("--resolve", f"{host}:{port}:{Cables.OUTSIDE}.77")]
    return cables.run("phone", "curl", "-s", "-w", "\n%{http_code}", "--max-time", "10", "--noproxy", "*", *names, url, check=False).stdout.strip()


def phone_asks(cables, url):
    return phone_gets(cables, url).rpartition("\n")[2]


def filters_phones(system, cables):
    wait_until(lambda: show(system, "ActiveState") == "active", 60, "the service runs")
    same(system.run("systemctl", "is-active", "schoolgate-gateway.service", check=False).stdout.strip(), "active", "the firewall's unit")
    same(forwards(system), "1", "forwarding behind the firewall")
    wait_until(lambda: phone_asks(cables, BLOCKED) == "403", 30, "a phone without any setting gets the page of a block")
    # Nothing but what the proxy takes goes on to the world.
    knock = f"import socket; s = socket.socket(); s.settimeout(2); raise SystemExit(s.connect_ex(('{Cables.OUTSIDE}.10', 22)) != 0)"
    wait_until(lambda: cables.run("world", "python3", "-c", knock, check=False).returncode == 0, 5, "the port is open within the world")
    check(cables.run("phone", "python3", "-c", knock, check=False).returncode != 0, "a phone reached port 22 of the world")


# A resolver somewhere in the world: whatever it is asked for has an address.
NAMES = r"""
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("%s.10", 53))
while True:
    q, peer = s.recvfrom(512)
    s.sendto(q[:2] + b"\x81\x80" + q[4:6] + q[4:6] + bytes(4) + q[12:] + b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + bytes([198, 18, 8, 77]), peer)
""" % Cables.OUTSIDE


def doctored(system):
    """What `schoolgate doctor` finds: nothing is wrong. Told are what it warns of, which a test cannot mend (nobody sets this clock, no
    room was visited), and the keys of the line."""
    done = system.run("schoolgate", "doctor", "--json", check=False)
    found = json.loads(done.stdout)["findings"]
    wrong = [one for one in found if one["state"] == "bad"]
    check(not wrong, f"doctor finds something wrong: {wrong}")
    warned = sorted({one["key"] for one in found if one["state"] == "warning"})
    check(set(warned) <= {"clock", "device-tests", "neighbours"}, f"doctor warns: {found}")
    print(f"doctor: {sum(one['state'] == 'good' for one in found)} well, warnings of {', '.join(warned) or 'nothing'}")


def tested(system, cables):
    """The page that tests a device says what the firewall refused of it, by counters that the service may not ask the kernel for."""
    same(system.run("systemctl", "is-active", "schoolgate-counts.socket").stdout.strip(), "active", "the socket of the counters")
    asked = {user: system.run("runuser", "-u", user, "--", "perl", "-MIO::Socket::UNIX", "-e",
                              'my $s = IO::Socket::UNIX->new("/run/schoolgate/counts.sock") or exit 1; print <$s>', check=False)
             for user in ("schoolgate", "nobody")}
    check("set tried_dot4" in asked["schoolgate"].stdout, f"the service is not told:\n{asked['schoolgate'].stdout}")
    same(asked["nobody"].returncode, 1, "somebody else is told")
    page = f"http://{Cables.INSIDE}.1/test"
    begun = phone_gets(cables, page)
    run_of = re.search(r"/test\?run=[0-9a-f]{32}", begun)
    check(run_of, f"no test at {page}:\n{begun[-300:]}")
    for url in re.findall(r'<img src="([^"]+)"', begun):
        phone_gets(cables, url)
    knock = wait_until(lambda: re.search(r'<img src="(http://[0-9.]+:853/[0-9a-f]+)"', phone_gets(cables, page.replace("/test", run_of[0]))), 14,
                       "the page has the phone knock at port 853")
    same(phone_asks(cables, knock[1]), "000", "an answer at port 853")
    wait_until(lambda: "vừa thử và bị tường lửa từ chối" in phone_gets(cables, page.replace("/test", run_of[0])), 14,
               "the page says that the firewall refused it")
    check("ĐẠT" in phone_gets(cables, page.replace("/test", run_of[0])), "the phone has not passed")
    said = journal(system, "schoolgate-counts*")
    check(not re.search(r"Started|Failed|error", said), f"each look is in the journal:\n{said}")
    print("the page that tests a device tells what the firewall refused of it")


def hands_over(system):
    """The firewall hands connections over as they are: a line of the main file, and setup once more."""
    text = system.read(MAIN_FILE)
    key = 'tls: ["0.0.0.0:3130", "[::]:3130"]'
    check(key in text, "setup wrote another line of listen: transparent")
    system.write(MAIN_FILE, text.replace(key, key + ", tproxy: true"))
    system.run("schoolgate", "setup", "--phone", "0280 123 457", "--yes")
    table = system.run("nft", "list", "table", "inet", "schoolgate").stdout
    check("tproxy ip to :3129" in table and "tproxy ip6 to :3130" in table, f"the firewall does not hand over:\n{table}")
    sandboxed(system, rights=2 ** 10 | 2 ** 13)


def setup():
    deb_file = package()
    root = fresh("setup")
    with root:
        root.apt("update")
        root.apt("install", "--no-install-recommends", "dbus")
        root.install(deb_file, "--download-only", "nftables", "dnsmasq")
    with Cables() as cables:
        root.write("/etc/network/interfaces", cables.interfaces())
        os.unlink(root.path("/etc/resolv.conf"))  # whatever it leads to
        root.write("/etc/resolv.conf", f"nameserver {Cables.OUTSIDE}.10\n")
        cables.start("world", "python3", "-c", NAMES)
        cables.start("world", "python3", "-c", "import socket, time; s = socket.create_server(('', 22)); time.sleep(3600)")
        system = Booted(root.folder, cables)
        with system:
            system.install(deb_file, "nftables", "dnsmasq")
            wait_until(lambda: show(system, "ActiveState") == "active", 30, "the service runs once it is installed")
            same(forwards(system), "0", "forwarding before there is a firewall")
            said, asked, keys = system.typed("schoolgate setup", ANSWERS)
            check("schoolgate doctor" in said, f"setup does not say what comes next:\n{said}")
            lines = (INSTALL, "schoolgate doctor")
            print(f"from a bare system: 3 commands, {len(asked)} questions, {keys + sum(len(line) + 1 for line in lines)} keys")
            check(len(asked) <= 16, f"more questions than there were: {asked}")
            filters_phones(system, cables)
            doctored(system)
            tested(system, cables)
            hands_over(system)
            filters_phones(system, cables)
            doctored(system)
        with system:
            filters_phones(system, cables)
    root.remove()
