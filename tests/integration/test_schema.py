"""`schoolgate schema`: what an editor is told of a file, held against what the program says of the same file. What the schema refuses
the program refuses; what the program refuses for a key's name, its kind, its words or its absence the schema refuses too."""
import copy
import glob
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

import jsonschema
import yaml

from harness import ROOT, program

DEFAULTS = os.path.join(ROOT, "config/defaults")
GOLDEN = os.path.join(ROOT, "tests/golden/diagnostics")

# Codes of keys, kinds, words, numbers and effects (config/text/diag_codes.h).
OF_SHAPE = {"SG1101", "SG1102", "SG1103", "SG1104", "SG1105", "SG1106", "SG1107", "SG1110", "SG1205"}

# Wrong files of the golden cases that no schema can tell from good ones, by case and file, and why.
NOT_IN_A_SCHEMA = {("tired_words.txt: version 1.0", "tiers.d/pupil.yaml"): "1.0 is the number 1 in JSON"}


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema, as the language server of editors reads a file; PyYAML's own is 1.1, with "no" and 11:30 as numbers."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in (("null", r"~|null|Null|NULL|", "~nN\0"), ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
                            ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
                            ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789")):
    for letter in first:
        Core.yaml_implicit_resolvers.setdefault("" if letter == "\0" else letter, []).append(
            (f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$")))


def plain_int(loader, node):
    text = loader.construct_scalar(node)
    return int(text, 0) if text.lstrip("+-").lower().startswith(("0x", "0o")) else int(text)


Core.add_constructor("tag:yaml.org,2002:int", plain_int)


def read(text):
    """As JSON has it: keys are texts. An error of YAML is raised."""
    def with_text_keys(value):
        if isinstance(value, dict):
            return {key if isinstance(key, str) else json.dumps(key): with_text_keys(one) for key, one in value.items()}
        return [with_text_keys(one) for one in value] if isinstance(value, list) else value
    return with_text_keys(yaml.load(text, Core))


def kind_of(name):
    for folder, kind in (("tiers.d/", "tier"), ("lists.d/", "lists"), ("bundles.d/", "bundles")):
        if name.startswith(folder) and name.endswith(".yaml"):
            return kind
    kind = name.removesuffix(".yaml")
    return "schoolgate" if kind == "quickstart" else kind if name.endswith(".yaml") and "/" not in name else None


def cases():
    """(case, {file: text}, what `check` says of it) of every golden case; files that are added to others are left out."""
    for path in sorted(glob.glob(os.path.join(GOLDEN, "*.txt"))):
        with open(path, encoding="utf-8") as source:
            for case in source.read().split("@@ case ")[1:]:
                parts = re.split(r"^@@ (.*)\n", case, flags=re.M)
                files = {parts[i].removeprefix("file "): parts[i + 1] for i in range(1, len(parts), 2) if parts[i].startswith("file ")}
                said = parts[parts.index("expect") + 1]
                yield f"{os.path.basename(path)}: {parts[0].strip()}", files, said


class Schemas:
    def __init__(self):
        self.folder = tempfile.mkdtemp()
        subprocess.run([program(), "schema", "--out", self.folder], check=True)
        self.of = {}
        for path in glob.glob(os.path.join(self.folder, "*.json")):
            with open(path, encoding="utf-8") as source:
                schema = json.load(source)
            jsonschema.Draft7Validator.check_schema(schema)
            self.of[os.path.basename(path).removesuffix(".json")] = jsonschema.Draft7Validator(schema)

    def refuses(self, kind, value):
        return next((f"{'/'.join(map(str, error.absolute_path))}: {error.message}"[:200] for error in self.of[kind].iter_errors(value)), None)


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.schemas = Schemas()
        cls.addClassCleanup(shutil.rmtree, cls.schemas.folder)

    def test_each_is_printed_in_both_languages(self):
        listed = subprocess.run([program(), "schema"], capture_output=True, text=True, check=True).stdout
        kinds = [line.split()[0] for line in listed.splitlines()]
        self.assertEqual(sorted(kinds), sorted(self.schemas.of))
        for kind in kinds:
            for lang, path in (("vi", f"{kind}.json"), ("en", f"en/{kind}.json")):
                printed = subprocess.run([program(), "schema", kind, "--lang", lang], capture_output=True, text=True, check=True).stdout
                with open(os.path.join(self.schemas.folder, path), encoding="utf-8") as source:
                    self.assertEqual(printed, source.read())
                schema = json.loads(printed)
                for where, shape in [(kind, schema), *schema.get("definitions", {}).items()]:
                    for key, value in shape["properties"].items():
                        self.assertTrue(value.get("description"), f"{kind}: {where}: {key}")
        self.assertIn("Hiện trên các trang", printed if "schoolgate" == kind else
                      subprocess.run([program(), "schema", "schoolgate", "--lang", "vi"], capture_output=True, text=True, check=True).stdout)
        wrong = subprocess.run([program(), "schema", "tiers"], capture_output=True, text=True, check=False)
        self.assertEqual(wrong.returncode, 2, wrong.stderr)

    def test_what_ships_is_good_and_names_its_schema(self):
        seen = 0
        for path in glob.glob(os.path.join(DEFAULTS, "**/*.yaml"), recursive=True):
            name = os.path.relpath(path, DEFAULTS)
            if name.startswith("pages/"):
                continue  # texts of pages, which the proxy reads itself
            with self.subTest(name):
                with open(path, encoding="utf-8") as source:
                    text = source.read()
                kind = kind_of(name)
                self.assertIsNone(self.schemas.refuses(kind, read(text)))
                head = text[:text.index("\nversion:")]
                self.assertIn(f"\n# yaml-language-server: $schema=/usr/share/schoolgate/schema/{kind}.json", head)
                self.assertFalse(head.startswith("# yaml-language-server"))  # the first line is for people
                seen += 1
        self.assertGreaterEqual(seen, 19)

    def test_golden_wrong_files(self):
        seen, refused, wrong = 0, 0, []
        for case, files, said in cases():
            errors = re.findall(r"^(\S+?)(?::\d+:\d+)?: error (SG\d+)", said, re.M)
            for name, text in files.items():
                if not (kind := kind_of(name)) or kind not in self.schemas.of:
                    continue
                try:
                    value = read(text)
                except (yaml.YAMLError, ValueError):
                    continue  # no YAML: an editor says that without a schema
                codes = {code for file, code in errors if file == name}
                told = self.schemas.refuses(kind, value)
                seen += 1
                refused += told is not None
                if told and not codes:
                    wrong.append(f"{case}: {name}: only the schema refuses it: {told}")
                elif not told and codes & OF_SHAPE and (case, name) not in NOT_IN_A_SCHEMA:
                    wrong.append(f"{case}: {name}: the schema lets it pass: {sorted(codes & OF_SHAPE)}")
                elif (case, name) in NOT_IN_A_SCHEMA and (told or not codes & OF_SHAPE):
                    wrong.append(f"{case}: {name}: need not stand in NOT_IN_A_SCHEMA")
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))
        self.assertGreater(seen, 100)
        self.assertGreater(refused, 30)


# A school that uses nearly every key, each file small.
GOOD = {
    "schoolgate.yaml": """
version: 1
school: {name: Test, language: en, time_zone: Asia/Ho_Chi_Minh, safeguarding: {person: P, room: R, phone: "1"}, it_contact: IT}
listen:
  proxy: ["127.0.0.1:3128", {address: "127.0.0.1:3131", tier: pupil}]
  transparent: {http: "127.0.0.1:3129", tls: ["127.0.0.1:3130"], tproxy: true}
  clients: [127.0.0.0/8, 10.0.0.0/8]
  admin: {address: "127.0.0.1:8443", clients: [127.0.0.1], names: [gate.test], tls: {certificate: a.crt, key: a.key}}
unknown_tier: pupil
who: [{network: [10.1.0.0/16], tier: staff, label: Office, shared: true, trusts_ca: true}, {network: 10.2.0.0/16, tier: pupil, label: Lab, seats: shared, trusts_ca: false}]
lists:
  - {name: bets, category: gambling, format: domains, path: lists/bets.txt, action: warn, suffixes: false, reach: list}
log: {directory: log, key_file: log/keys, keep_days: 90, min_days: 30, max_megabytes: 100}
state_directory: state
control_socket: control.sock
workers: 1
timeouts: {head: 15s, keep_alive: 60, connect: 10s, hello: 10s, response: 5m, body: 5m, tunnel_idle: 5m, drain: 0s}
limits: {connections: 800, connections_per_client: 100, requests_per_second_per_client: 200, request_burst_per_client: 900, min_bytes_per_second: 500, head_bytes: 65536, url_bytes: 16384}
upstream: {allow_networks: [10.9.0.0/16], dns_servers: [127.0.0.1], hosts_file: hosts, idle_per_origin: 4, idle_total: 8}
https: {never_inspect: {categories: [games], hosts: [bank.test]}, exceptions: [{host: old.test, reason: old, until: 2099-06-30}]}
alerts: {digest: "15:30", mail: {server: mail.test, tls: tls, port: 465, user: u, password_file: secret, from: a@test.vn, to: [b@test.vn]}}
pac: {proxies: ["192.168.10.1:3128"], direct: [own.test]}
gateway: {dns_port: 53, masquerade: eth0, open: [{tier: pupil, proto: udp, ports: ["3478-3481", 19302], to: 198.51.100.0/24, why: meet, review_by: 2099-06-30}]}
""",
    "categories.yaml": """
version: 1
categories:
  gambling: {name: Gambling, reason: {vi: a, en: b}, kind: ordinary, show_name: older, names: lookalikes, folders: [gambling]}
  games: {name: Games, reason: Later., beats_protecting: false}
  self_harm: {name: S, reason: R, show_name: no}
  learning: {name: Learning, reason: Open., kind: protecting, names: benign}
skipped_folders: [mixed]
""",
    "tiers.d/pupil.yaml": """
version: 1
tier: pupil
name: {vi: a, en: b}
ages: 11-14
voice: pupils
pupils: true
default: allow
warn_without_page: block
unknown_on_hosting: warn
unknown_engines: warn
safesearch: strict
youtube: moderate
lookalikes: record
https: names
may_override: [games]
tunnel: {address_target: block, odd_address: block, sni_mismatch: allow, no_sni: allow_and_record, several_names: block, sni_is_address: block, not_tls: block, hidden_name: block, ports: [443], http_ports: [80, "1024-2000"]}
categories: {gambling: block+locked, games: warn, self_harm: help+alert, other: allow+record}
allow:
  - one.test
  - {domain: two.test, why: w, record: true, terms: off, tunnel: [not_tls]}
  - {url: three.test/x}
  - {pattern: 'four', target: host, case_sensitive: true, hit: ["http://four.test/"], miss: ["http://five.test/"]}
  - {bundle: video}
warn: [six.test, {domain: seven.test, why: w}]
block: [{pattern: 'eight', target: path}, {bundle: video2}]
ai: [{site: ai.test, why: w, review_by: 2099-06-30}, {bundle: video3, why: w, review_by: 2099-06-30}]
timetable: [{when: "T2-T6 07:00-11:30", categories: [games], action: block}]
tests: [{url: "http://one.test/", expect: allow, at: "T2 08:30"}]
""",
    "tiers.d/staff.yaml": """
version: 1
tier: staff
name: Staff
extends: pupil
pupils: false
voice: adults
default: block
open_categories: [learning]
https: {mode: names}
""",
    "locked.yaml": """
version: 1
categories: [gambling]
allow: [{domain: open.test, why: w}]
block: [shut.test, {pattern: 'closed', target: host}]
""",
    "hotlines.yaml": """
version: 1
hotlines: [{id: "111", name: {vi: a, en: b}, phone: "111", hours: h, cost: c, note: n, web: "http://help.test", sites: [more.test, {domain: most.test}]}]
""",
    "periods.yaml": """
version: 1
lessons: {morning: {days: T2-T7, periods: {1: "07:00-07:45", 2: {time: "07:50-08:35", name: N}}}, afternoon: {days: [T2], periods: {6: "13:30-14:15"}}, evening: {periods: {10: "19:00-20:30"}}}
shortest_break: 10
boarding: "T2-T5 17:00-06:30"
terms: [{name: I, from: 2027-09-06, to: 2028-01-15}]
exam_days: [{name: E, date: 2027-12-20}]
holidays: [{name: H, from: 2028-02-05, to: 2028-02-10, unconfirmed: false}, {name: K, date: 2028-04-30}]
exams: [{name: X, date: 2028-03-10, times: "07:30-09:00", room: Lab, tier: pupil, only: [video]}]
""",
    "delegation.yaml": """
version: 1
teachers: [{account: lan, tiers: [pupil], open: [games], block: [games], rooms: [Lab], lines: true, unknown: false, open_minutes_max: 45}]
""",
    "expect.yaml": """
version: 1
must_work: [one.test, {host: two.test, tiers: [pupil], why: w}]
""",
    "pages.yaml": """
version: 1
vi: {ask: {pupils: "{it_contact}"}, block: {adults: {title: t, body: ["{reason}", s]}, small_children: {title: t, body: s}}}
en: {warn: {pupils: {body: "{reason} {continue_minutes}"}}}
""",
    "pins.yaml": """
version: 1
pins: [{url: "http://one.test/", tier: pupil, expect: allow, at: "T2 08:30", why: w, by: b}]
""",
    "lists.d/own.yaml": """
version: 1
lists:
  - {name: fun, category: games, format: hosts, path: lists/fun.txt}
  - {name: tree, format: squidguard, path: lists/tree, map: {odd: games}, suffixes: false}
""",
    "bundles.yaml": """
version: 1
bundles:
  video: {name: V, hosts: [video.test], shared: [fonts.shared.test], source: s, date: 2026-01-31, checked: true}
  video2: {hosts: [video2.test], source: s, date: 2026-01-31, checked: false}
  video3: {hosts: [video3.test], source: s, date: 2026-01-31, checked: false}
""",
    "terms.yaml": """
version: 1
short_spellings: {không: [ko, k]}
path_not_on: [learning]
path_unless: [khởi tố]
categories:
  games:
    short_spellings: true
    rules: [{id: g1, term: chơi game, bare: choi game, unless: lập trình, gap: 1, match: auto, where: search+path, action: warn, bare_action: allow, hit: [chơi game], miss: [chơi cờ]}]
""",
    "safesearch.yaml": """
version: 1
engines:
  tim:
    sites: [tim.test]
    words: [q]
    paths: [/tag/]
    safe: {level: youtube, hosts: [www.tim.test], connect_to: {strict: s.tim.test, moderate: m.tim.test}, parameter: {paths: [/search], name: safe, value: active}, header: {name: X, strict: S, moderate: M}}
    otherwise: {pupil: warn, staff: allow}
    small: true
  hai: {sites: [hai.test], safe: {hosts: [hai.test], connect_to: s.hai.test}, otherwise: block}
""",
}
BESIDE = {"lists/bets.txt": "bet.test\n", "lists/fun.txt": "0.0.0.0 fun.test\n", "lists/tree/odd/domains": "odd.test\n", "secret": "x", "hosts": "", "a.crt": "", "a.key": ""}


def places(value, at=()):
    """Where something stands in a file: every key and item."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield (*at, key)
            yield from places(one, (*at, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield (*at, index)
            yield from places(one, (*at, index))


def changed(value, at, change):
    out = copy.deepcopy(value)
    inner = out
    for step in at[:-1]:
        inner = inner[step]
    change(inner, at[-1])
    return out


def put(what):
    def change(inner, last):
        inner[last] = what
    return change


def misspell(inner, last):
    if isinstance(inner, dict):
        inner["zzzz"] = inner.pop(last)
    else:
        inner.append({"zzzz": 1})


def drop(inner, last):
    del inner[last]


CHANGES = {"another key": misspell, "without it": drop, "a word": put("qqq"), "a number": put(7), "true": put(True), "keys": put({"zzzz": "x"}),
           "a list of lists": put([["x"]]), "nothing": put(None), "empty": put("")}


class Mutations(unittest.TestCase):
    """Every key and item of a good school, changed in each way; the program and the schema are asked about the same file."""
    LONG = True

    @classmethod
    def setUpClass(cls):
        cls.schemas = Schemas()
        cls.addClassCleanup(shutil.rmtree, cls.schemas.folder)

    def check(self, name=None, text=None):
        with tempfile.TemporaryDirectory() as folder:
            for file, content in {**GOOD, **BESIDE, **({name: text} if name else {})}.items():
                path = os.path.join(folder, file)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="utf-8") as out:
                    out.write(content)
            done = subprocess.run([program(), "check", "--json", "-c", os.path.join(folder, "schoolgate.yaml")], capture_output=True, text=True, check=False)
            said = json.loads(done.stdout)["diagnostics"]
        return [one for one in said if one["severity"] == "error"]

    def test_the_good_school_is_good(self):
        self.assertEqual(self.check(), [])
        for name, text in GOOD.items():
            self.assertIsNone(self.schemas.refuses(kind_of(name), read(text)), name)

    def one(self, name, at, what, value):
        told = self.schemas.refuses(kind_of(name), value)
        errors = self.check(name, re.sub(r'"([0-9]+)": ', r"\1: ", json.dumps(value, ensure_ascii=False)))
        own = {one["code"] for one in errors if one["file"].endswith(name)}
        where = f"{name}: {'/'.join(map(str, at))}: {what}"
        if told and not own:
            return f"{where}: only the schema refuses it: {told}"
        if not told and own & OF_SHAPE:
            return f"{where}: the schema lets it pass: " + "; ".join(one["message"] for one in errors if one["code"] in OF_SHAPE)
        return None

    def test_changed_files(self):
        jobs = []
        for name, text in GOOD.items():
            good = read(text)
            # An item of a list is changed in three ways: what stands in it is changed in all.
            jobs += [(name, at, what, changed(good, at, change)) for at in places(good) for what, change in CHANGES.items()
                     if isinstance(at[-1], str) or what in ("a word", "keys", "nothing")]
        if not os.environ.get("SCHOOLGATE_ALL_CHANGES"):
            jobs = jobs[::2]  # each key still in half of the ways
        with ThreadPoolExecutor(4) as pool:
            wrong = [one for one in pool.map(lambda job: self.one(*job), jobs) if one]
        self.assertEqual(wrong, [], f"{len(jobs)} files\n" + "\n".join(wrong))
        self.assertGreater(len(jobs), 750)


if __name__ == "__main__":
    unittest.main()
