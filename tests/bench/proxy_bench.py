#!/usr/bin/env python3
"""The proxy beside its peers: one run, same lists, same origin, medians; marks are ratios to a peer in that run.

  tools/dev bench proxy --harness DIR --data DATA [--json FILE] [--peers haproxy,squid] [--tests get,connect]
                        [--secs 2] [--runs 3]

DIR is the comparison harness (proxy/bench.py, proxy/loadgen.cc, configs/peers.json), copied and built in the work folder;
DATA the unpacked corpus. Runs in private network namespaces, needs root. Peers that do not start are left out.

Ours runs with all lists and patterns of DATA and with its access log, on one core; so do its threads that write the log and compile
lists. What a proxy adds to latency is its figure less that of the origin asked directly in the same run; half of it is waking idle
virtual processors, which --awake leaves out. "reload" is a row of reloads under the open loop, for twenty seconds: before each of ours
a list is changed, so that all are compiled anew; its figures are how long requests of the loop waited.
"""
import argparse
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile

from corpus_config import write_config
from marks import judged, print_marks, write_json

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PORT = 4100
OURS, DIRECT = "schoolgate", "direct"
CHANGING = "changing"  # a small list that differs at each reload


def figure(results, *path):
    value = results
    for key in path:
        if not isinstance(value, dict) or value.get(key) is None:
            return None
        value = value[key]
    return value


def ratio(results, name):
    many, some = (figure(results, name, "get", c, "cpu_us_per_op") for c in ("1k_c512", "1k_c64"))
    return round(many / some, 2) if many and some else None


def added(key):
    def value(results, name):
        through, directly = (figure(results, n, "latency", key) for n in (name, DIRECT))
        return through - directly if through is not None and directly is not None and name != DIRECT else None
    return value


def milliseconds(key):
    def value(results, name):
        us = figure(results, name, "reload", key)
        return None if us is None else round(us / 1000, 2)
    return value


def reload_errors(results, name):
    """Requests of the open loop that got no answer, or another than 200."""
    status = figure(results, name, "reload", "status")
    return None if status is None else figure(results, name, "reload", "sent") - status.get("200", 0)


# name, unit, where it stands in the harness's results or how it follows from them
FIGURES = [
    ("get_1k_c1_cpu", "us", ("get", "1k_c1", "cpu_us_per_op")),
    ("get_1k_c64_cpu", "us", ("get", "1k_c64", "cpu_us_per_op")),
    ("get_1k_c512_cpu", "us", ("get", "1k_c512", "cpu_us_per_op")),
    ("get_1k_c512_to_c64", "ratio", ratio),
    ("get_1k_c64_rate", "1/s", ("get", "1k_c64", "per_s")),
    ("latency_p50", "us", ("latency", "p50_us")),
    ("latency_added_p50", "us", added("p50_us")),
    ("latency_p99", "us", ("latency", "p99_us")),
    ("latency_added_p99", "us", added("p99_us")),
    ("connect_cpu", "us", ("connect", "c64", "cpu_us_per_op")),
    ("connect_get_cpu", "us", ("connect", "c64_with_get", "cpu_us_per_op")),
    ("trace_cpu", "us", ("trace", "cpu_us_per_op")),
    ("bulk_cpu", "s/GiB", ("bulk", "cpu_s_per_gib")),
    ("bulk_rate", "GiB/s", ("bulk", "gib_per_s")),
    ("idle_tunnel_1000", "KiB", ("idle", "1000", "kib_per_tunnel")),
    ("idle_tunnel_9000", "KiB", ("idle", "9000", "kib_per_tunnel")),
    ("start", "s", ("start_s",)),
    ("memory_at_start", "MiB", ("mem_start_mib",)),
    ("reloads_p99.9", "ms", milliseconds("p999_us")),
    ("reloads_longest", "ms", milliseconds("max_us")),
    ("reload_errors", "requests", reload_errors),
    ("reload_memory_peak", "MiB", ("reload", "mem_peak_mib")),
    ("reload_cpu", "s", ("reload", "reload_cpu_s")),
]
MARKS = [  # marks.judged()
    ("get_1k_c64_cpu", OURS, "haproxy", 1.00, True),
    ("get_1k_c512_to_c64", OURS, "haproxy", 1.00, True),
    ("connect_cpu", OURS, "tinyproxy", 0.60, True),
    ("connect_cpu", OURS, "squid", 0.36, True),
    ("trace_cpu", OURS, "squid", 0.27, True),
    ("bulk_cpu", OURS, "haproxy-tcp", 1.00, True),
    ("idle_tunnel_9000", OURS, None, 2.0, True),
    ("reloads_p99.9", OURS, "e2guardian", 0.5, True),
    ("reloads_longest", OURS, None, 5.0, True),
    ("reload_errors", OURS, None, 0, True),
]


def value_of(results, name, where):
    return where(results, name) if callable(where) else figure(results, name, *where)



def installed(peer):
    there = shutil.which({"haproxy-tcp": "haproxy"}.get(peer, peer), path=os.environ["PATH"] + ":/usr/sbin") is not None
    if not there:
        print(f"{peer} is not installed: left out, and with it its marks", file=sys.stderr)
    return there


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--harness", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--json", help="a line per figure of ours and per mark: name, value, unit, mark, ok")
    parser.add_argument("--peers", default="haproxy,haproxy-tcp,squid,e2guardian,tinyproxy",
                        help="peers of the harness to run beside ours, comma-separated; those that are not installed are left out")
    parser.add_argument("--tests", default="get,latency,connect,bulk,idle,trace,reload")
    parser.add_argument("--secs", type=float, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--rate", type=int, default=500)
    parser.add_argument("--awake", action="store_true", help="keep the processors from going idle: for latency without their waking")
    parser.add_argument("--work", help="work folder to keep; default: a new one, removed at the end")
    return parser.parse_args()


def spin(processor):
    """At the lowest priority: gives way to everybody at once."""
    os.sched_setaffinity(0, {processor})
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    while True:
        pass


def prepare(arguments, work):
    harness = os.path.join(work, "harness")
    if not os.path.isdir(harness):
        shutil.copytree(arguments.harness, harness)
        subprocess.run(["chmod", "-R", "u+w", harness], check=True)
    subprocess.run(["make", "-s", "-C", harness + "/proxy"], check=True)
    shutil.rmtree(work + "/ours", ignore_errors=True)  # of an earlier run in a kept folder
    config = write_config(arguments.data, work + "/ours", PORT)
    with open(config) as source:
        text = source.read()
    with open(config, "w") as out:  # one worker: the harness gives the proxy one core
        out.write(text.replace("lists:\n", f"lists:\n  - {{name: {CHANGING}, category: patterns, format: domains, path: {CHANGING}.txt}}\n")
                  + "workers: 1\nlimits: {connections: 20000, connections_per_client: 20000, "
                    "requests_per_second_per_client: 1000000}\n")
    with open(f"{work}/ours/{CHANGING}.txt", "w") as out:
        out.write("first.invalid\n")
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "nobody", work + "/ours"], check=True)
    program = work + "/schoolgate-program"
    shutil.copy(ROOT + "/build/release/schoolgate", program)
    as_nobody = f"setpriv --reuid=nobody --regid=nogroup --clear-groups {program}"
    change = f"echo changed-$(date +%s).invalid >> {work}/ours/{CHANGING}.txt"
    # As many as fit into the loop's twenty seconds: ours one after another, e2guardian's one in two seconds.
    ours = f"(for n in $(seq 100); do {change}; {as_nobody} reload --config {config} || break; done) >/dev/null 2>&1 &"
    peers = {OURS: {"port": PORT, "modes": ["get", "tunnel"], "ready_s": 120, "cmd": f"{as_nobody} run --config {config}", "reload": ours}}
    with open(harness + "/configs/peers.json") as source:
        known = json.load(source)
    if "e2guardian" in known:
        again = "(for n in $(seq 10); do kill -HUP $(pgrep -o -x e2guardian) || break; sleep 2; done) >/dev/null 2>&1 &"
        peers["e2guardian"] = {**known["e2guardian"], "reload": again}
    with open(work + "/peer.json", "w") as out:
        json.dump(peers, out)
    return harness


def print_table(results, names):
    print(f"\n{'figure':22}{'unit':>9}" + "".join(f"{n:>12}" for n in names))
    for name, unit, path in FIGURES:
        row = [value_of(results, n, path) for n in names]
        if any(v is not None for v in row):
            print(f"{name:22}{unit:>9}" + "".join(f"{v if v is not None else '-':>12}" for v in row))


def json_lines(results):
    for name, unit, where in FIGURES:
        value = value_of(results, OURS, where)
        if value is not None:
            yield {"name": name, "value": value, "unit": unit, "mark": None, "ok": None}
    yield from marks_of(results)


def marks_of(results):
    where = {name: path for name, _, path in FIGURES}
    units = {name: unit for name, unit, _ in FIGURES}
    return list(judged(MARKS, lambda figure, name: value_of(results, name, where[figure]), units.get))


def main():
    arguments = parse_arguments()
    work = arguments.work or tempfile.mkdtemp(prefix="schoolgate-bench-", dir="/tmp")
    os.makedirs(work, exist_ok=True)
    os.chmod(work, 0o755)
    if arguments.awake:
        for processor in os.sched_getaffinity(0):
            multiprocessing.Process(target=spin, args=(processor,), daemon=True).start()
    try:
        harness = prepare(arguments, work)
        names = [DIRECT, OURS] + [p for p in arguments.peers.split(",") if p and installed(p)]
        result_file = work + "/results.json"
        if os.path.exists(result_file):  # of an earlier run in a kept folder
            os.remove(result_file)
        subprocess.run(["bash", harness + "/proxy/ns.sh", work, "/usr/bin/python3", harness + "/proxy/bench.py", "--work", work,
                        "--data", os.path.abspath(arguments.data), "--out", result_file, "--peers", ",".join(names),
                        "--tests", arguments.tests, "--add-peers", work + "/peer.json", "--secs", str(arguments.secs),
                        "--runs", str(arguments.runs), "--rate", str(arguments.rate)], check=True)
        with open(result_file) as source:
            results = json.load(source)
        print_table(results, names)
        print_marks(marks_of(results))
        if arguments.json:
            write_json(json_lines(results), arguments.json)
    finally:
        if not arguments.work:
            shutil.rmtree(work, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
