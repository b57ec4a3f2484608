#!/usr/bin/env python3
"""Every mark, in one run: the rules, the proxy and inspected https beside the peers that are installed, as one table.

  tools/dev bench all --harness DIR --data DATA [--only rules,proxy,tls] [--out FILE]

DIR and DATA as in proxy_bench.py; needs root. Takes about a quarter of an hour, and a machine that does nothing else. The table is
written in Markdown, to FILE too.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def lines_of(name, arguments):
    with tempfile.NamedTemporaryFile("r", suffix=".json") as file:
        harness = [] if name == "rules" else ["--harness", arguments.harness]
        done = subprocess.run([ROOT + "/tools/dev", "bench", name, *harness, "--data", arguments.data, "--json", file.name], check=False)
        if done.returncode != 0:
            print(f"{name} failed: its marks are missing", file=sys.stderr)
        return [line for line in map(json.loads, file) if line.get("mark") is not None]


def table(lines):
    yield "| mark | now | aim | |"
    yield "|---|---|---|---|"
    for line in lines:
        aim = f"{'≤' if line['at_most'] else '≥'} {line['mark']:.3g}"
        yield f"| {line['name']} | {line['value']:.3g} | {aim} | {'ok' if line['ok'] else '**missed**'} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--harness", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--only", default="rules,proxy,tls")
    parser.add_argument("--out")
    arguments = parser.parse_args()
    arguments.harness, arguments.data = os.path.abspath(arguments.harness), os.path.abspath(arguments.data)
    if os.geteuid() != 0:
        sys.exit("it makes network namespaces: run it as root")
    for needed in (arguments.harness + "/proxy/bench.py", arguments.data + "/lists", arguments.data + "/sets/scale.txt"):
        if not os.path.exists(needed):
            sys.exit(f"there is no {needed}: DATA is the unpacked corpus, after data/build_sets.sh of the harness")
    lines = [line for name in arguments.only.split(",") for line in lines_of(name, arguments)]
    text = "\n".join(table(lines))
    print("\n" + text)
    if arguments.out:
        with open(arguments.out, "w", encoding="utf-8") as out:
            out.write(text + "\n")
    return 0 if lines else 1


if __name__ == "__main__":
    sys.exit(main())
