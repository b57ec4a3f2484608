#!/usr/bin/env python3
"""Inspected https beside its peers: handshakes, kept-alive requests, bulk, and what an idle pair of connections costs.

  tools/dev bench tls --harness DIR --data DATA [--peers squid-bump,e2guardian-mitm,mitmproxy] [--json FILE] [--secs 2] [--runs 3]

DIR is the comparison harness of proxy_bench.py, whose test "tls" this runs: proxy on one core, origin and load on the other.
"schoolgate" keeps connections upstream as shipped; "schoolgate-unkept" keeps none, so that each handshake with a client brings one
with the origin, verified (resumed where the name was seen before; with new names always a full one).
"""
import argparse
import json
import os
import shutil
import subprocess
import tempfile

from marks import judged, print_marks, write_json

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PORTS = {"schoolgate": 4101, "schoolgate-unkept": 4102}
CATEGORIES = "version: 1\ncategories:\n  games: {name: Games, reason: Later.}\n"
TIER = """version: 1
tier: bench
name: {vi: bench, en: bench}
voice: pupils
pupils: true
default: allow
warn_without_page: block
https: {mode: inspect, reason: a measurement}
categories: {games: block}
block: [bench.test/secret]
"""
FIGURES = [
    ("handshakes, 100 warm names", "1/s", ("handshakes_warm_100_names", "per_s")),
    ("handshakes, 1 warm name", "1/s", ("handshakes_1_name", "per_s")),
    ("handshakes, new names", "1/s", ("handshakes_new_names", "per_s")),
    ("requests, 64 kept connections, 1 KiB", "1/s", ("keepalive_c64", "per_s")),
    ("requests, 64 kept connections, 16 KiB", "1/s", ("keepalive_16k_c64", "per_s")),
    ("bulk, 4 connections, 1 MiB", "MiB/s", ("bulk_1m_c4", "mib_per_s")),
    ("memory after the run", "MiB", ("mem_mib",)),
]
MARKS = [  # marks.judged()
    ("handshakes, 100 warm names", "schoolgate", "squid-bump", 8, False),
    ("handshakes, 100 warm names", "schoolgate-unkept", "squid-bump", 4, False),
    ("requests, 64 kept connections, 16 KiB", "schoolgate", "squid-bump", 4, False),
    ("bulk, 4 connections, 1 MiB", "schoolgate", "squid-bump", 3, False),
]


def write_config(folder, name, program, port):
    os.makedirs(folder + "/tiers.d")
    for sub in ("state", "log"):
        os.makedirs(f"{folder}/{sub}")
    kept = "0" if name.endswith("unkept") else "512"
    files = {"categories.yaml": CATEGORIES, "tiers.d/bench.yaml": TIER, "schoolgate.yaml": f"""version: 1
school: {{name: Bench, language: en}}
listen: {{proxy: ["127.0.0.1:{port}"], clients: ["127.0.0.0/8"]}}
workers: 1
unknown_tier: bench
limits: {{connections: 20000, connections_per_client: 20000, requests_per_second_per_client: 1000000}}
upstream: {{allow_networks: ["127.0.0.0/8"], extra_ca: ["{os.path.dirname(folder)}/ca.pem"], idle_total: {kept}}}
categories: categories.yaml
tiers_dir: tiers.d
state_directory: state
control_socket: control.sock
log: {{directory: log, key_file: log/pseudonym.key}}
https: {{never_inspect: {{categories: []}}}}
"""}
    for path, text in files.items():
        with open(f"{folder}/{path}", "w", encoding="utf-8") as out:
            out.write(text)
    subprocess.run([program, "ca", "create", "--user", "nobody", "--config", folder + "/schoolgate.yaml"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["chown", "-R", "nobody", folder], check=True)
    return folder + "/schoolgate.yaml"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--harness", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--peers", default="squid-bump", help="peers of the harness to run beside ours, comma-separated")
    parser.add_argument("--json", help="a line per mark: name, value, unit, mark, ok")
    parser.add_argument("--secs", default="2")
    parser.add_argument("--runs", default="3")
    arguments = parser.parse_args()
    work = tempfile.mkdtemp(prefix="schoolgate-tls-bench-", dir="/tmp")
    os.chmod(work, 0o755)
    try:
        harness = work + "/harness"
        shutil.copytree(arguments.harness, harness)
        subprocess.run(["chmod", "-R", "u+w", harness], check=True)
        subprocess.run(["make", "-s", "-C", harness + "/proxy"], check=True)
        program = work + "/schoolgate-program"
        shutil.copy(ROOT + "/build/release/schoolgate", program)
        peers = {}
        for name, port in PORTS.items():
            config = write_config(f"{work}/{name}", name, program, port)
            peers[name] = {"port": port, "modes": ["tls"], "ready_s": 60,
                           "cmd": f"setpriv --reuid=nobody --regid=nogroup --clear-groups {program} run --config {config}"}
        with open(work + "/peers.json", "w", encoding="utf-8") as out:
            json.dump(peers, out)
        names = [*PORTS, *(p for p in arguments.peers.split(",") if p)]
        # The harness writes the origins' authority (ca.pem) before it starts the first proxy.
        subprocess.run(["bash", harness + "/proxy/ns.sh", work, "/usr/bin/python3", harness + "/proxy/bench.py", "--work", work, "--data",
                        os.path.abspath(arguments.data), "--out", work + "/results.json", "--peers", ",".join(names), "--tests", "tls",
                        "--add-peers", work + "/peers.json", "--secs", arguments.secs, "--runs", arguments.runs], check=True)
        with open(work + "/results.json", encoding="utf-8") as source:
            results = json.load(source)
        def value_of(figure, name):
            value = results.get(name, {}).get("tls", {})
            for key in next(path for what, _, path in FIGURES if what == figure):
                value = value.get(key) if isinstance(value, dict) else None
            return value
        print(f"\n{'figure':40}{'unit':>8}" + "".join(f"{n:>19}" for n in names))
        for what, unit, _ in FIGURES:
            cells = [value_of(what, name) for name in names]
            print(f"{what:40}{unit:>8}" + "".join(f"{v if v is not None else '-':>19}" for v in cells))
        lines = list(judged(MARKS, value_of, {what: unit for what, unit, _ in FIGURES}.get))
        print_marks(lines)
        if arguments.json:
            write_json(lines, arguments.json)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
