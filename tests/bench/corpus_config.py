#!/usr/bin/env python3
"""Writes a configuration that loads a whole corpus of real lists, for the trace check and the proxy benchmark.

  corpus_config.py DATA OUT [--listen PORT]

DATA holds lists/<category>/{domains,urls}, patterns/p_real.txt and policy.json (which categories are blocked).
OUT gets schoolgate.yaml, categories.yaml and one tier, "trace", that blocks exactly those categories. The patterns are
asked about every request but only recorded, since the labels of the trace come from domains and URLs alone.
"""
import argparse
import json
import os
import re


def write(path, lines):
    with open(path, "w") as out:
        out.write("\n".join(lines) + "\n")


def quoted(text):
    return json.dumps(text)


def write_config(data, out, port, clients=("127.0.0.0/8",)):
    data, out = os.path.abspath(data), os.path.abspath(out)
    os.makedirs(out + "/tiers.d", exist_ok=True)
    blocked = set(json.load(open(data + "/policy.json"))["blocked_categories"])
    folders = sorted(os.listdir(data + "/lists"))
    category_of = {folder: re.sub(r"[^a-z0-9_]", "_", folder) for folder in folders}

    lines = ["version: 1", "categories:"]
    for name in [*category_of.values(), "patterns"]:
        lines.append(f"  {name}: {{name: {{vi: {quoted(name)}, en: {quoted(name)}}}, reason: {{vi: '-', en: '-'}}}}")
    write(out + "/categories.yaml", lines)

    lines = ["version: 1", "tier: trace", "name: {vi: trace, en: trace}", "default: allow", "voice: pupils", "pupils: true",
             "warn_without_page: allow_and_record", "tunnel:"]
    for choice in ("address_target", "odd_address", "sni_mismatch", "no_sni", "several_names", "sni_is_address", "not_tls",
                   "hidden_name"):
        lines.append(f"  {choice}: allow")
    lines += ["  ports: [443, 80, 8080]", "categories:"]
    lines += [f"  {category_of[f]}: {'block' if f in blocked else 'allow'}" for f in folders]
    lines.append("  patterns: allow+record")
    write(out + "/tiers.d/trace.yaml", lines)

    lines = ["version: 1", "school: {name: Trace, language: en}", "listen:", f"  proxy: ['127.0.0.1:{port}']",
             "  clients: [" + ", ".join(quoted(c) for c in clients) + "]", "unknown_tier: trace",
             "upstream: {allow_networks: ['127.0.0.0/8']}",
             "categories: categories.yaml", "tiers_dir: tiers.d", "state_directory: state",
             "control_socket: control.sock", "log: {directory: log, key_file: log/pseudonym.key}", "lists:"]
    for name in folders:
        for format_name in ("domains", "urls"):
            path = f"{data}/lists/{name}/{format_name}"
            if os.path.exists(path) and os.path.getsize(path) > 0:
                lines.append(f"  - {{name: {quoted(name + '-' + format_name)}, category: {category_of[name]}, format: {format_name}, "
                             f"path: {quoted(path)}}}")
    lines.append(f"  - {{name: patterns, category: patterns, format: patterns, path: {quoted(data + '/patterns/p_real.txt')}}}")
    write(out + "/schoolgate.yaml", lines)
    for folder in ("state", "log"):
        os.makedirs(f"{out}/{folder}", exist_ok=True)
    return out + "/schoolgate.yaml"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("out")
    parser.add_argument("--listen", type=int, default=3128)
    arguments = parser.parse_args()
    print(write_config(arguments.data, arguments.out, arguments.listen))


if __name__ == "__main__":
    main()
