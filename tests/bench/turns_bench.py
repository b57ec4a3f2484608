#!/usr/bin/env python3
"""Two builds of ours, in turns: what a change costs, as the median of the ratios new/old with its 95 % interval.

  tools/dev bench turns --old BUILD --new BUILD --data DATA --harness DIR [--rounds 15] [--rows proxy,tls,rules,log]
                        [--margin 3] [--json FILE]

BUILD is a build folder: its schoolgate, tests/rules_bench and tests/log_bench are run. In each round both are measured once, one
right after the other, and the one that begins changes from round to round. Both proxies run all the time, on one processor, with all
lists and patterns of DATA and their logs; the load comes from another. Runs in private network namespaces and needs root.

A ratio above 1 is a loss, whatever the unit. The interval is that of the median's order statistics. "worse": it lies beyond the
margin as a whole; "better": below 1 less the margin; "the same": within; else it cannot be told.
"""
import argparse
import json
import math
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from corpus_config import write_config
from tls_bench import write_config as write_tls_config

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SIDES = ("old", "new")
PROXY_CPU, LOAD_CPU = "0", "1"
ORIGIN = "127.0.0.1:8080"


def interval_of_median(values):
    """Its 95 % interval from order statistics: no assumption on how the values are spread."""
    ordered, count = sorted(values), len(values)
    rank, missed = 0, 0.5 ** count
    while rank + 1 < count / 2 and missed + math.comb(count, rank + 1) * 0.5 ** count <= 0.025:
        rank += 1
        missed += math.comb(count, rank) * 0.5 ** count
    return ordered[rank], ordered[count - 1 - rank]


def word(low, high, margin):
    if low > 1 + margin:
        return "WORSE"
    if high < 1 - margin:
        return "better"
    return "the same" if 1 - margin <= low and high <= 1 + margin else "cannot be told"


class Rows:
    """Figures by name: a list of (old, new), and whether more of it is better."""

    def __init__(self):
        self.pairs, self.more_is_better, self.units = {}, {}, {}

    def add(self, name, unit, pair, more_is_better=False):
        if None in pair or 0 in pair:
            return
        self.pairs.setdefault(name, []).append(pair)
        self.more_is_better[name], self.units[name] = more_is_better, unit

    def table(self, margin):
        lines = []
        for name, pairs in self.pairs.items():
            ratios = [(old / new if self.more_is_better[name] else new / old) for old, new in pairs]
            low, high = interval_of_median(ratios)
            lines.append({"name": name, "unit": self.units[name], "pairs": len(pairs), "old": statistics.median(p[0] for p in pairs),
                          "new": statistics.median(p[1] for p in pairs), "ratio": statistics.median(ratios), "low": low, "high": high,
                          "word": word(low, high, margin)})
        return lines

    def show(self, margin):
        print(f"\n{'figure':44}{'unit':>8}{'pairs':>6}{'old':>11}{'new':>11}{'ratio':>8}   95 % interval")
        for r in self.table(margin):
            print(f"{r['name']:44}{r['unit']:>8}{r['pairs']:>6}{r['old']:>11.4g}{r['new']:>11.4g}{r['ratio']:>8.3f}   "
                  f"{r['low']:.3f} to {r['high']:.3f}  {r['word']}", flush=True)


def in_turns(arguments, measure, take):
    """`measure(side)` for both sides in each round; `take(old, new)` gets what they gave."""
    for number in range(arguments.rounds):
        order = SIDES if number % 2 == 0 else SIDES[::-1]
        got = {side: measure(side) for side in order}
        take(got["old"], got["new"])
        if sys.stderr.isatty():
            print(f"\rround {number + 1} of {arguments.rounds}", end="", file=sys.stderr, flush=True)


def cpu_ns(pid):
    """Processor time of all threads that live."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as source:
            total += int(source.read().split()[0])
    return total


def pss_kib(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as source:
        return next(int(line.split()[1]) for line in source if line.startswith("Pss:"))


class Proxy:
    def __init__(self, program, config, port, log):
        self.target = f"127.0.0.1:{port}"
        self.process = subprocess.Popen(["taskset", "-c", PROXY_CPU, "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
                                         program, "run", "--config", config], stdout=log, stderr=log)
        self.pid = self.process.pid

    def wait(self, seconds=120):
        host, port = self.target.split(":")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError("a proxy did not start")
            try:
                socket.create_connection((host, int(port)), 0.5).close()
                return
            except OSError:
                time.sleep(0.002)
        raise RuntimeError("a proxy does not answer")

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


class Load:
    """What the harness's generators say of one proxy, with the processor time that it took meanwhile."""

    def __init__(self, harness, work, secs):
        self.loadgen, self.work, self.secs = harness + "/proxy/loadgen", work, secs
        with open(work + "/abs.lua", "w", encoding="ascii") as out:
            out.write(f'wrk.path = "http://{ORIGIN}/1k"\nwrk.headers["Host"] = "{ORIGIN}"\n')

    def run(self, proxy, *options):
        before = cpu_ns(proxy.pid)
        out = subprocess.run(["taskset", "-c", LOAD_CPU, self.loadgen, "--target", proxy.target, *map(str, options)],
                             capture_output=True, text=True, timeout=200, check=True).stdout
        result = json.loads([line for line in out.splitlines() if line.startswith("{")][-1])
        if result.get("ops"):
            result["cpu_us"] = (cpu_ns(proxy.pid) - before) / 1000 / result["ops"]
        return result

    def get(self, proxy, connections):
        before = cpu_ns(proxy.pid)
        out = subprocess.run(["taskset", "-c", LOAD_CPU, "wrk", "-t1", f"-c{connections}", f"-d{self.secs}s", "-s", self.work + "/abs.lua",
                              f"http://{proxy.target}/"], capture_output=True, text=True, check=True).stdout
        if "Non-2xx" in out:
            raise RuntimeError(out)
        return (cpu_ns(proxy.pid) - before) / 1000 / int(re.search(r"(\d+) requests in", out).group(1))

    def bulk(self, proxy):
        before = cpu_ns(proxy.pid)
        subprocess.run(["taskset", "-c", LOAD_CPU, "curl", "-s", "-p", "-x", "http://" + proxy.target, "-o", "/dev/null",
                        f"http://{ORIGIN}/100m?[1-5]"], check=True)
        return (cpu_ns(proxy.pid) - before) / 1e9 / (500 / 1024)

    def idle(self, proxy, count=3000):
        before = pss_kib(proxy.pid)
        holder = subprocess.Popen(["taskset", "-c", LOAD_CPU, self.loadgen, "--target", proxy.target, "--mode", "tunnel", "--host", ORIGIN,
                                   "--conns", str(count), "--hold", "2", "--duration", "15"], stdout=subprocess.PIPE, text=True)
        holder.stdout.readline()
        time.sleep(1)
        kib = (pss_kib(proxy.pid) - before) / count
        holder.communicate()
        time.sleep(1)
        return kib


def proxy_rows(arguments, work, load, rows):
    proxies, configs, ports = {}, {}, {"old": 4100, "new": 4110}
    with open(work + "/proxies.log", "w", encoding="utf-8") as log:
        for side, port in ports.items():
            config = configs[side] = write_config(arguments.data, f"{work}/{side}", port)
            with open(config, "a", encoding="utf-8") as out:
                out.write("workers: 1\nlimits: {connections: 20000, connections_per_client: 20000, "
                          "requests_per_second_per_client: 1000000}\n")
            subprocess.run(["chown", "-R", "nobody", f"{work}/{side}"], check=True)
            proxies[side] = Proxy(f"{work}/schoolgate-{side}", config, port, log)
    try:
        for proxy in proxies.values():
            proxy.wait()
        time.sleep(2)
        with open(arguments.data + "/trace/urls_http.txt", encoding="utf-8") as source:
            lines = source.read().splitlines()
        with open(work + "/trace.txt", "w", encoding="utf-8") as out:
            out.write("\n".join(lines[:: len(lines) // 10000][:10000]) + "\n")
        for side in SIDES:  # names asked once, memory touched
            load.run(proxies[side], "--mode", "get", "--conns", 64, "--urls", work + "/trace.txt", "--count", 10000, "--duration", 60)
        secs = load.secs
        measures = {
            "GET 1 KiB, 64 connections, CPU": ("us", lambda p: load.get(p, 64)),
            "GET 1 KiB, 512 connections, CPU": ("us", lambda p: load.get(p, 512)),
            "CONNECT, CPU": ("us", lambda p: load.run(p, "--mode", "tunnel", "--conns", 64, "--host", ORIGIN, "--duration", secs)["cpu_us"]),
            "trace, CPU a request": ("us", lambda p: load.run(p, "--mode", "get", "--conns", 64, "--urls", work + "/trace.txt",
                                                              "--count", 10000, "--duration", 60)["cpu_us"]),
            "bulk through tunnels, CPU": ("s/GiB", load.bulk),
            "latency at 500/s, p50": ("us", lambda p: load.run(p, "--mode", "get", "--conns", 64, "--rate", 500, "--duration", secs + 1,
                                                               "--warmup", 1)["p50_us"]),
        }
        for name, (unit, measure) in measures.items():
            in_turns(arguments, lambda side, m=measure: m(proxies[side]), lambda old, new, n=name, u=unit: rows.add(n, u, (old, new)))
            rows.show(arguments.margin / 100)
        # The first thousands of tunnels fill what is kept for the next ones.
        for side in SIDES:
            load.idle(proxies[side])
        in_turns(arguments, lambda side: load.idle(proxies[side]), lambda old, new: rows.add("idle tunnel of 3,000", "KiB", (old, new)))
    finally:
        for proxy in proxies.values():
            proxy.stop()

    def start(side):
        with open(work + "/starts.log", "w", encoding="utf-8") as log:
            begin = time.monotonic()
            proxy = Proxy(f"{work}/schoolgate-{side}", configs[side], ports[side], log)
            proxy.wait()
            took = 1000 * (time.monotonic() - begin)
            proxy.stop()
            return took

    in_turns(arguments, start, lambda old, new: rows.add("start with compiled lists", "ms", (old, new)))


def tls_rows(arguments, work, load, rows):
    proxies = {}
    with open(work + "/tls.log", "w", encoding="utf-8") as log:
        for side, port in zip(SIDES, (4120, 4130)):
            program = f"{work}/schoolgate-{side}"
            proxies[side] = Proxy(program, write_tls_config(f"{work}/tls-{side}", "kept", program, port), port, log)
    try:
        for proxy in proxies.values():
            proxy.wait()
        for side in SIDES:
            load.run(proxies[side], "--mode", "tls", "--close", "--conns", 16, "--hosts", 100, "--count", 400, "--duration", 30)
        measures = {
            "inspected: handshake, warm names, CPU": ("us", ("--close", "--conns", 16, "--hosts", 100)),
            "inspected: kept connection, 1 KiB, CPU": ("us", ("--conns", 64, "--hosts", 1)),
        }
        for name, (unit, options) in measures.items():
            in_turns(arguments, lambda side, o=options: load.run(proxies[side], "--mode", "tls", *o, "--duration", load.secs)["cpu_us"],
                     lambda old, new, n=name, u=unit: rows.add(n, u, (old, new)))
    finally:
        for proxy in proxies.values():
            proxy.stop()


def rules_rows(arguments, work, rows):
    def measure(side):
        folder = f"{work}/rules-{side}"
        os.makedirs(folder, exist_ok=True)
        out = f"{work}/rules.json"
        subprocess.run(["taskset", "-c", PROXY_CPU, f"{getattr(arguments, side)}/tests/rules_bench", "--data", arguments.data, "--no-marks",
                        "--db", folder + "/lists.sgdb", "--json", out], stdout=subprocess.DEVNULL, check=True)
        with open(out, encoding="utf-8") as source:
            return {line["name"]: (line["value"], line["unit"]) for line in map(json.loads, source)}

    def take(old, new):
        for name, (value, unit) in old.items():
            if name in new:
                rows.add("rules: " + name, unit, (value, new[name][0]), unit == "x")

    in_turns(arguments, measure, take)


def log_rows(arguments, work, rows):
    def measure(side):
        folder = f"{work}/log-{side}"
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        text = subprocess.run([f"{getattr(arguments, side)}/tests/log_bench", folder, "500000"], capture_output=True, text=True,
                              check=True).stdout
        return {"log: rows": float(re.search(r": (\d+) rows/s", text).group(1)),
                "log: bytes a row": float(re.search(r"([\d.]+) bytes per row", text).group(1))}

    def take(old, new):
        rows.add("log: rows", "1/s", (old["log: rows"], new["log: rows"]), True)
        rows.add("log: bytes a row", "B", (old["log: bytes a row"], new["log: bytes a row"]))

    in_turns(arguments, measure, take)


def in_namespace(arguments, work):
    """The part that runs in the namespace, where only loopback is."""
    rows = Rows()
    wanted = arguments.rows.split(",")
    load = Load(work + "/harness", work, arguments.secs)
    nginx = subprocess.Popen(["taskset", "-c", LOAD_CPU, "nginx", "-c", work + "/nginx.conf", "-p", work], stderr=subprocess.DEVNULL)
    try:
        if "proxy" in wanted:
            proxy_rows(arguments, work, load, rows)
        if "tls" in wanted:
            tls_rows(arguments, work, load, rows)
    finally:
        nginx.terminate()
        nginx.wait()
    if "log" in wanted:
        log_rows(arguments, work, rows)
    if "rules" in wanted:
        rules_rows(arguments, work, rows)
    rows.show(arguments.margin / 100)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as out:
            json.dump(rows.table(arguments.margin / 100), out, indent=1)


def prepare(arguments, work):
    """The harness and what its origin serves: its own preparation, run without a peer."""
    shutil.copytree(arguments.harness, work + "/harness")
    subprocess.run(["chmod", "-R", "u+w", work + "/harness"], check=True)
    subprocess.run(["make", "-s", "-C", work + "/harness/proxy"], check=True)
    subprocess.run(["bash", work + "/harness/proxy/ns.sh", work, "/usr/bin/python3", work + "/harness/proxy/bench.py", "--work", work, "--data",
                    arguments.data, "--out", work + "/none.json", "--peers", "direct", "--tests", ""], stdout=subprocess.DEVNULL, check=False)
    for side in SIDES:
        shutil.copy(f"{getattr(arguments, side)}/schoolgate", f"{work}/schoolgate-{side}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--old", "--new", "--data", "--harness"):
        parser.add_argument(name, required=True, type=os.path.abspath)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--rows", default="proxy,tls,rules,log")
    parser.add_argument("--margin", type=float, default=3, help="per cent that count as no difference")
    parser.add_argument("--secs", type=int, default=1)
    parser.add_argument("--json")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    if arguments.work:
        in_namespace(arguments, arguments.work)
        return
    work = tempfile.mkdtemp(prefix="schoolgate-turns-", dir="/tmp")
    os.chmod(work, 0o755)
    try:
        prepare(arguments, work)
        subprocess.run(["bash", work + "/harness/proxy/ns.sh", work, "/usr/bin/python3", os.path.abspath(__file__), *sys.argv[1:], "--work", work],
                       check=True, cwd=os.getcwd())
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
