#!/usr/bin/env python3
"""The proxy beside its peers: one run, same lists, same origin, medians; measured figures beside the budgets.

  tools/dev bench proxy --harness DIR --data DATA [--json FILE] [--peers haproxy,squid] [--secs 2] [--runs 3]

DIR is the comparison harness (proxy/bench.py, proxy/loadgen.cc, configs/peers.json), copied and built in the work folder;
DATA the unpacked corpus. Runs in private network namespaces, needs root. Peers that are not installed are left out.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

from corpus_config import write_config

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PORT = 4100
OURS = "schoolgate"


def figure(results, *path):
    value = results
    for key in path:
        if not isinstance(value, dict) or value.get(key) is None:
            return None
        value = value[key]
    return value


# name, unit, budget (None: reported only), where it stands in the harness's results
FIGURES = [
    ("get_1k_c1_cpu", "us", None, ("get", "1k_c1", "cpu_us_per_op")),
    ("get_1k_c64_cpu", "us", 12, ("get", "1k_c64", "cpu_us_per_op")),
    ("get_1k_c512_cpu", "us", None, ("get", "1k_c512", "cpu_us_per_op")),
    ("get_1k_c64_rate", "1/s", None, ("get", "1k_c64", "per_s")),
    ("latency_p50", "us", 100, ("latency", "p50_us")),
    ("latency_p99", "us", 1000, ("latency", "p99_us")),
    ("connect_cpu", "us", 32, ("connect", "c64", "cpu_us_per_op")),
    ("connect_get_cpu", "us", None, ("connect", "c64_with_get", "cpu_us_per_op")),
    ("trace_cpu", "us", 50, ("trace", "cpu_us_per_op")),
    ("bulk_cpu", "s/GiB", 0.7, ("bulk", "cpu_s_per_gib")),
    ("bulk_rate", "GiB/s", None, ("bulk", "gib_per_s")),
    ("idle_tunnel_1000", "KiB", None, ("idle", "1000", "kib_per_tunnel")),
    ("idle_tunnel_9000", "KiB", 3, ("idle", "9000", "kib_per_tunnel")),
    ("start", "s", None, ("start_s",)),
    ("memory_at_start", "MiB", None, ("mem_start_mib",)),
    ("reload_longest_stall", "s", 0.1, ("reload", "longest_stall_s")),
]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--harness", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--json", help="one line per figure of ours: name, value, unit, budget, ok")
    parser.add_argument("--peers", default="", help="peers of the harness to run beside ours, comma-separated")
    parser.add_argument("--tests", default="get,latency,connect,bulk,idle,trace,reload")
    parser.add_argument("--secs", type=float, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--rate", type=int, default=500)
    parser.add_argument("--work", help="work folder to keep; default: a new one, removed at the end")
    return parser.parse_args()


def prepare(arguments, work):
    harness = os.path.join(work, "harness")
    if not os.path.isdir(harness):
        shutil.copytree(arguments.harness, harness)
        subprocess.run(["chmod", "-R", "u+w", harness], check=True)
    subprocess.run(["make", "-s", "-C", harness + "/proxy"], check=True)
    config = write_config(arguments.data, work + "/" + OURS, PORT)
    with open(config) as source:
        text = source.read()
    with open(config, "w") as out:  # one worker: the harness gives the proxy one core
        out.write(text + "workers: 1\nlimits: {connections: 20000, connections_per_client: 20000, "
                         "requests_per_second_per_client: 1000000}\n")
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "nobody", work + "/" + OURS], check=True)
    program = work + "/schoolgate-program"
    shutil.copy(ROOT + "/build/release/schoolgate", program)
    peer = {"port": PORT, "modes": ["get", "tunnel"], "ready_s": 120, "reload": "HUP",
            "cmd": f"setpriv --reuid=nobody --regid=nogroup --clear-groups {program} run --config {config}"}
    with open(work + "/peer.json", "w") as out:
        json.dump({OURS: peer}, out)
    return harness


def print_table(results, names):
    print(f"\n{'figure':24}{'unit':>8}{'budget':>9}" + "".join(f"{n:>14}" for n in names))
    for name, unit, budget, path in FIGURES:
        row = [figure(results, n, *path) for n in names]
        if any(v is not None for v in row):
            cells = "".join(f"{v:>14}" if v is not None else f"{'-':>14}" for v in row)
            print(f"{name:24}{unit:>8}{budget if budget is not None else '-':>9}{cells}")


def write_json(results, path):
    with open(path, "w") as out:
        for name, unit, budget, where in FIGURES:
            value = figure(results, OURS, *where)
            if value is not None:
                ok = None if budget is None else value <= budget
                out.write(json.dumps({"name": name, "value": value, "unit": unit, "budget": budget, "ok": ok}) + "\n")


def main():
    arguments = parse_arguments()
    work = arguments.work or tempfile.mkdtemp(prefix="schoolgate-bench-", dir="/tmp")
    os.makedirs(work, exist_ok=True)
    os.chmod(work, 0o755)
    try:
        harness = prepare(arguments, work)
        names = [OURS] + [p for p in arguments.peers.split(",") if p]
        result_file = work + "/results.json"
        subprocess.run(["bash", harness + "/proxy/ns.sh", work, "/usr/bin/python3", harness + "/proxy/bench.py", "--work", work,
                        "--data", os.path.abspath(arguments.data), "--out", result_file, "--peers", ",".join(names),
                        "--tests", arguments.tests, "--add-peers", work + "/peer.json", "--secs", str(arguments.secs),
                        "--runs", str(arguments.runs), "--rate", str(arguments.rate)], check=True)
        with open(result_file) as source:
            results = json.load(source)
        print_table(results, names)
        if arguments.json:
            write_json(results, arguments.json)
    finally:
        if not arguments.work:
            shutil.rmtree(work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
