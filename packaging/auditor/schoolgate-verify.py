#!/usr/bin/env python3
"""Is a Schoolgate log what it was when it was sealed? The same question as `schoolgate log verify`, answered without that program:
by Python's standard library and minisign (Debian: minisign).

  schoolgate-verify.py FOLDER --key seal.pub [--seal DIGEST] [--json]

FOLDER is the log's folder or a copy of it. The key is the one that the auditor noted down when sealing began, the digest that of a
seal which left the machine. Exit code 0: whole; 1: something is not as it was sealed; 2: it could not be looked at.

A seal is a text (proxy/audit/seal_text.h) with the SHA-256 of rows written as bytes (proxy/audit/seal_bytes.h): each column followed
by ';', an integer as its digits, a text as its length, ':' and its bytes, NULL as '-'; a row ends with a line feed.
"""
import argparse
import base64
import glob
import hashlib
import itertools
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile

ROW, EVENT, NAME = "row", "event", "name"
# name, what it is, of the safeguarding file alone, columns and tables
TABLES = (
    ("access", ROW, False,
     "SELECT a.id, a.ts_ms, a.code, a.client_id, a.host_id, a.ruling_id, a.action, a.seen, a.method, a.port, a.status, a.bytes_up,"
     " a.bytes_down, a.duration_ms, a.ended, a.path, d.cause, s.count"
     " FROM access a LEFT JOIN detail d ON d.id = a.id LEFT JOIN summed s ON s.id = a.id"),
    ("tunnel_end", ROW, False, "SELECT a.id, a.bytes_up, a.bytes_down, a.duration_ms, a.ended FROM tunnel_end a"),
    ("event", EVENT, False, "SELECT a.id, a.ts_ms, a.actor, a.what, a.detail FROM event a"),
    ("action", NAME, False, "SELECT a.id, a.name FROM action a"),
    ("method", NAME, False, "SELECT a.id, a.name FROM method a"),
    ("seen", NAME, False, "SELECT a.id, a.name FROM seen a"),
    ("ended", NAME, False, "SELECT a.id, a.name FROM ended a"),
    ("host", NAME, False, "SELECT a.id, a.name FROM host a"),
    ("client", NAME, False, "SELECT a.id, a.name FROM client a"),
    ("policy", NAME, False, "SELECT a.id, a.revision, a.digest, a.loaded_ms FROM policy a"),
    ("ruling", NAME, False,
     "SELECT a.id, a.policy_id, a.tier, a.action, a.flags, a.layer, a.reason, a.category, a.file, a.line FROM ruling a"),
    ("again", ROW, True, "SELECT a.id, a.rang FROM again a"),
    ("case_hit", ROW, True, "SELECT a.id, a.case_id FROM case_hit a"),
    ("alert_case", ROW, True,
     "SELECT a.id, a.code, a.opened_ms, a.until_ms, a.client_id, a.theme, a.tier, a.place, a.shared FROM alert_case a"),
    ("case_step", ROW, True, "SELECT a.id, a.case_id, a.ts_ms, a.state, a.actor, a.note FROM case_step a"),
    ("case_message", ROW, True, "SELECT a.id, a.step_id, a.ts_ms, a.way, a.failed FROM case_message a"),
)
SQL = {name: sql for name, _, _, sql in TABLES}
WHAT = {name: what for name, what, _, _ in TABLES}
IN_ORDER = ("deleted_by_rule", "summed_by_rule", "not_sealed_yet", "before_sealing")
SPAN_MS = 10 * 60 * 1000
ROWS_OF_A_SPAN, MOST_IDS = 4096, 20
ROWS_OF_A_STOP = 100_000  # with more of them the last span is sealed at the next start


def open_database(path):
    """For reading, as bytes; also where the folder cannot be written and nobody has it open."""
    for query in ("mode=ro", "immutable=1"):
        try:
            db = sqlite3.connect("file:" + path.replace("%", "%25").replace("?", "%3f").replace("#", "%23") + "?" + query, uri=True)
            db.text_factory = bytes
            db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            return db
        except sqlite3.OperationalError:
            if query != "mode=ro" or os.path.exists(path + "-wal"):
                raise
    raise sqlite3.OperationalError("cannot be opened")


def one(db, sql, *values):
    row = db.execute(sql, values).fetchone()
    return row[0] if row and row[0] is not None else 0


def has_table(db, name):
    return one(db, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?", name) == 1


def row_bytes(row):
    parts = []
    for value in row:
        if value is None:
            parts.append(b"-;")
        elif isinstance(value, int):
            parts.append(b"%d;" % value)
        else:
            parts.append(b"%d:%s;" % (len(value), value))
    return b"".join(parts) + b"\n"


def hash_rows(rows):
    """How many there are, and the digest of all."""
    digest, count, gathered = hashlib.sha256(), 0, []
    for row in rows:
        gathered.append(row_bytes(row))
        count += 1
        if len(gathered) >= 1000:
            digest.update(b"".join(gathered))
            gathered = []
    digest.update(b"".join(gathered))
    return count, digest.hexdigest() if count else "-"


def hash_table(db, name, after, last):
    if after >= last or not has_table(db, name):
        return 0, "-"
    return hash_rows(db.execute(SQL[name] + " WHERE a.id > ? AND a.id <= ? ORDER BY a.id", (after, last)))


def hash_ends(db, ids):
    def rows():
        for number in ids:
            yield from db.execute(SQL["tunnel_end"] + " WHERE a.id = ?", (number,))
    return hash_rows(rows())


def unpack_ids(packed):
    """Differences of growing numbers, seven bits a byte, the lowest first."""
    ids, before, step, shift = [], 0, 0, 0
    for byte in packed:
        step |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            before += step
            ids.append(before)
            step = shift = 0
    return ids


def untrue_spans(db):
    """What questions are answered by: spans that do not tell of all their rows."""
    untrue, names = [], ("host_id", "client_id", "ruling_id")
    if not has_table(db, "row_span"):
        return untrue
    end = one(db, "SELECT coalesce(max(id), 0) + 1 FROM access")
    for span, begin_ms, end_ms, *packed in db.execute("SELECT span, from_ms, to_ms, hosts, clients, rulings FROM row_span ORDER BY span"):
        first = span * ROWS_OF_A_SPAN
        if first + ROWS_OF_A_SPAN > end or len(untrue) == MOST_IDS:
            break
        within = f"FROM access WHERE id >= {first} AND id < {first + ROWS_OF_A_SPAN}"
        times = db.execute("SELECT min(ts_ms), max(ts_ms) " + within).fetchone()
        if times[0] is None:
            continue
        good = times[0] >= begin_ms and times[1] <= end_ms
        for name, told in zip(names, map(unpack_ids, packed)):
            held = {number for number, in db.execute(f"SELECT DISTINCT {name} " + within)}
            good = good and told == sorted(told) and held <= set(told)
        if not good:
            untrue.append(span)
    return untrue


def parse_seal(text):
    """The seal as a dictionary, or None: the text is none of a seal."""
    lines = text.decode("utf-8", "replace").split("\n")
    if lines[:1] != ["schoolgate seal 1"] or lines[-1:] != [""]:
        return None
    seal, tables = {}, {}
    order = ("number", "previous", "key", "made", "log", "kind", "file", "note", "time", "seals", "rows", "why")
    try:
        for name, line in zip(order, lines[1:]):
            key, seal[name] = line.split(": ", 1)
            if key != name:
                return None
        table_lines = lines[1 + len(order):-2]
        for line in table_lines:
            name, rest = line.split(": ", 1)
            after, last, count, digest = rest.split(" ")
            tables[name] = (int(after), int(last), int(count), digest)
        root = hashlib.sha256("".join(line + "\n" for line in table_lines).encode()).hexdigest()
        if lines[-2] != "root: " + root:
            return None
        seal["number"] = int(seal["number"])
        seal["made"] = int(seal["made"].split(" ")[0])
        seal["from"], seal["to"] = (int(word) for word in seal["time"].split(" "))
        seal["first"], seal["last"] = (int(word) for word in seal["seals"].split(" "))
        seal["rows"] = int(seal["rows"])
        seal["name"], seal["file_id"] = seal["file"].rsplit(" ", 1)
    except (ValueError, KeyError):
        return None
    if seal["kind"] not in ("opening", "span", "replaced", "removed"):
        return None
    seal["tables"] = tables
    return seal


class Unit:
    """A span, or spans that were replaced together."""

    def __init__(self, seal, first, last, ends, before=()):
        self.first, self.last, self.ends, self.before = first, last, ends, list(before)
        self.from_ms, self.to_ms, self.why = seal["from"], seal["to"], seal["why"]
        self.tables = {name: table for name, table in seal["tables"].items() if WHAT.get(name) == ROW}
        self.rows = self.tables.get("access", (0, 0, 0, ""))[2]
        self.removed = False


class Group:
    """The seals of one file."""

    def __init__(self, file, file_id):
        self.file, self.file_id = file, file_id
        self.seals, self.units, self.base, self.ends_before, self.gone = [], [], -1, [], None

    def take(self, seal, ends):
        self.seals.append(seal)
        if seal["kind"] == "opening":
            self.base, self.ends_before = seal["tables"].get("access", (0, -1))[1], ends
        elif seal["kind"] == "span":
            self.units.append(Unit(seal, seal["number"], seal["number"], ends))
        elif seal["kind"] == "removed" and seal["first"] == 0:
            self.gone = seal
            self.remove(self.units, seal)
        else:
            begin = next((i for i, unit in enumerate(self.units) if unit.first == seal["first"]), None)
            end = next((i for i, unit in enumerate(self.units) if unit.last == seal["last"]), None)
            if begin is None or end is None or end < begin:
                return
            parts = self.units[begin:end + 1]
            if seal["kind"] == "removed":
                self.remove(parts, seal)
            else:
                self.units[begin:end + 1] = [Unit(seal, parts[0].first, parts[-1].last, ends, parts)]

    @staticmethod
    def remove(units, seal):
        for unit in units:
            if not unit.removed:
                unit.removed, unit.why = True, seal["why"]


class Verifier:
    def __init__(self, folder, key_files, witness):
        self.folder, self.witness, self.findings, self.chains = folder, witness, [], []
        self.keys = {}  # name -> file
        for key_file in key_files:
            with open(key_file, encoding="ascii") as text:
                raw = base64.b64decode(text.read().split("\n")[1])
            self.keys[raw[2:10][::-1].hex().upper()] = key_file
        self.found_witness = False
        self.undone_ends = set()  # of the file at hand: a replacement took none of these yet

    def tell(self, kind, log, file="", table="", first=0, last=0, rows=0, ids=(), why=""):
        new = {"kind": kind, "in_order": kind in IN_ORDER, "log": log, "file": file, "table": table, "first_seal": first,
               "last_seal": last, "rows": rows, "ids": list(ids), "why": why}
        if self.findings:
            old = self.findings[-1]
            same = all(old[name] == new[name] for name in ("kind", "log", "file", "table", "why"))
            if same and not old["ids"] and not new["ids"] and first != 0 and first <= old["last_seal"] + 1:
                old["last_seal"] = max(old["last_seal"], last)
                old["rows"] += rows
                return
        self.findings.append(new)

    def signed(self, key, text, signature):
        """By minisign."""
        with tempfile.TemporaryDirectory() as place:
            for name, content in (("seal", text), ("seal.minisig", signature)):
                with open(os.path.join(place, name), "wb") as file:
                    file.write(content)
            command = ["minisign", "-Vq", "-p", self.keys[key], "-m", os.path.join(place, "seal")]
            return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def files(self, log):
        names = (os.path.basename(path) for path in glob.glob(glob.escape(self.folder) + "/" + log + "-*.db"))
        return sorted(name for name in names if re.fullmatch(log + r"-\d{4}-\d{2}\.db", name))

    def file_id(self, db):
        if not has_table(db, "born"):
            return "-"
        row = db.execute("SELECT id FROM born").fetchone()
        return row[0].decode("utf-8", "replace") if row else "-"

    def stopped(self):
        for file in reversed(self.files("access")):
            row = open_database(os.path.join(self.folder, file)).execute(
                "SELECT what FROM event WHERE what IN ('start', 'stop') ORDER BY id DESC LIMIT 1").fetchone()
            if row:
                return row[0] == b"stop"
        return False

    def chain(self, log):
        path = os.path.join(self.folder, "seals.db" if log == "access" else "seals-safeguarding.db")
        told = {"log": log, "readable": True, "seals": 0, "rows": 0, "last": 0, "last_digest": "", "key": ""}
        self.chains.append(told)
        if not os.path.exists(path):
            for file in self.files(log):
                db = open_database(os.path.join(self.folder, file))
                sealed = self.file_id(db) != "-"
                self.tell("seal_missing" if sealed else "before_sealing", log, "" if sealed else file,
                          rows=one(db, "SELECT count(*) FROM access"))
            return
        try:
            kept = open_database(path).execute("SELECT number, text, signature, ends FROM seal ORDER BY number").fetchall()
        except sqlite3.Error as error:
            told["readable"] = os.access(path, os.R_OK)
            if told["readable"]:
                self.tell("unreadable", log, why=str(error))
            return
        groups, gaps, number, digest, note = {}, [], 0, "-", ""
        for place, (here, text, signature, ends) in enumerate(kept):
            follows = here == number + 1
            if not follows:
                gaps.append((number + 1, here - 1))
                self.tell("seal_missing", log, first=number + 1, last=here - 1)
            seal = parse_seal(text)
            is_it = seal is not None and seal["number"] == here and seal["log"] == log
            # The last signature is over all seals before it, by their digests.
            if not is_it or (place == len(kept) - 1 and seal["key"] in self.keys and not self.signed(seal["key"], text, signature)):
                self.tell("seal_changed", log, first=here, last=here)
            elif follows and seal["previous"] != digest:
                self.tell("seal_changed", log, first=max(here - 1, 1), last=here)
            if is_it and seal["key"] not in self.keys:
                self.tell("key_changed", log, first=here, last=here, why=seal["key"])
            number, digest = here, hashlib.sha256(text + signature).hexdigest()
            self.found_witness = self.found_witness or (self.witness != "" and digest.startswith(self.witness))
            told["seals"] += 1
            if is_it:
                told["key"], note = seal["key"], seal["note"]
                group = groups.setdefault((seal["name"], seal["file_id"]), Group(seal["name"], seal["file_id"]))
                group.take(seal, unpack_ids(ends))
        told["last"], told["last_digest"] = number, digest
        stopped = note == "stop" and self.stopped()
        for key in sorted(groups):
            self.group(log, groups[key], gaps, stopped, told)
        for file in self.files(log):
            db = open_database(os.path.join(self.folder, file))
            if (file, self.file_id(db)) not in groups:
                self.rest(log, file, db, None, stopped)

    def group(self, log, group, gaps, stopped, told):
        path = os.path.join(self.folder, group.file)
        rows = sum(unit.rows for unit in group.units)
        first = group.units[0].first if group.units else 0
        last = max((unit.last for unit in group.units), default=0)
        try:
            db = open_database(path) if "/" not in group.file and os.path.exists(path) else None
        except sqlite3.Error as error:
            self.tell("unreadable", log, group.file, first=first, last=last, why=str(error))
            return
        if db is None or self.file_id(db) != group.file_id:
            if group.gone:
                number = group.gone["number"]
                self.tell("deleted_by_rule", log, group.file, first=first or number, last=last or number, rows=group.gone["rows"],
                          why=group.gone["why"])
            else:
                self.tell("no_file", log, group.file, first=first, last=last, rows=rows, why="another file" if db else "")
            return
        ends, before = {}, 0
        for seal in group.seals:
            over_gap = any(gap[1] > before and gap[0] < seal["number"] for gap in gaps)
            before = seal["number"]
            if seal["kind"] not in ("span", "opening"):
                continue
            for name, (after, to, _, _) in seal["tables"].items():
                if name == "tunnel_end":
                    continue
                if not over_gap and after != ends.get(name, -1):
                    self.tell("seal_changed", log, first=seal["number"], last=seal["number"])
                ends[name] = to
            for name, table in seal["tables"].items():
                what = WHAT.get(name, ROW)
                if what != ROW and not (what == EVENT and seal["kind"] == "opening"):
                    self.compare(log, group.file, db, name, table, hash_table(db, name, table[0], table[1]), seal["number"],
                                 seal["number"], self.tell)
        self.undone_ends = set()
        for unit in group.units:
            self.unit(log, group.file, db, unit, told)
        if untrue := untrue_spans(db):
            self.tell("index_changed", log, group.file, "row_span", ids=untrue)
        self.rest(log, group.file, db, group, stopped)

    def compare(self, log, file, db, name, sealed, found, first, last, tell):
        after, to, count, digest = sealed
        if found == (count, digest):
            return True
        if found[0] < count:
            ids = []
            if name != "tunnel_end":
                there = {row[0] for row in db.execute(f"SELECT id FROM {name} WHERE id > ? AND id <= ?", (after, to))}
                missing = (number for number in range(max(to - count + 1, after + 1), to + 1) if number not in there)
                ids = list(itertools.islice(missing, 21))
            tell("missing", log, file, name, first, last, count - found[0], ids if len(ids) == count - found[0] <= 20 else ())
        elif found[0] > count:
            tell("added", log, file, name, first, last, found[0] - count)
        else:
            tell("changed", log, file, name, first, last, count)
        return False

    def holds(self, log, file, db, unit, tell):
        good = True
        for name, table in unit.tables.items():
            found = hash_ends(db, unit.ends) if name == "tunnel_end" else hash_table(db, name, table[0], table[1])
            good = self.compare(log, file, db, name, table, found, unit.first, unit.last, tell) and good
        return good

    def unit(self, log, file, db, unit, told):
        if unit.removed:
            if unit.rows:
                self.tell("deleted_by_rule", log, file, first=unit.first, last=unit.last, rows=unit.rows, why=unit.why)
            return
        if unit.before:
            self.tell("summed_by_rule", log, file, first=unit.first, last=unit.last, rows=unit.rows, why=unit.why)
        wrong = []
        good = self.holds(log, file, db, unit, lambda *what: wrong.append(what))
        if good:
            told["rows"] += unit.rows
            return
        # Said, and not done yet.
        if unit.before and all(self.holds(log, file, db, part, lambda *what: None) for part in unit.before):
            told["rows"] += sum(part.rows for part in unit.before)
            self.undone_ends.update(number for part in unit.before for number in part.ends)
            return
        for what in wrong:
            self.tell(*what)

    def rest(self, log, file, db, group, stopped):
        """What no seal is about."""
        last = last_event = -1
        listed = set()
        for seal in group.seals if group else ():
            if "access" in seal["tables"] and seal["kind"] != "replaced":
                last = max(last, seal["tables"]["access"][1])
            if "event" in seal["tables"]:
                last_event = max(last_event, seal["tables"]["event"][1])
        if group:
            listed.update(self.undone_ends)
            listed.update(group.ends_before)
            for unit in group.units:
                listed.update(unit.ends)
            before = one(db, "SELECT count(*) FROM access WHERE id <= ?", group.base) if group.base > 0 else 0
            if before:
                self.tell("before_sealing", log, file, rows=before)
        strange = one(db, "SELECT count(*) FROM access WHERE id < 1")
        if strange:
            self.tell("added", log, file, "access", rows=strange)
        rows = all_rows = one(db, "SELECT count(*) FROM access WHERE id > ?", last)
        begin = one(db, "SELECT min(ts_ms + duration_ms) FROM access WHERE id > ?", last)
        end = one(db, "SELECT max(ts_ms + duration_ms) FROM access WHERE id > ?", last)
        invented = []
        for number, ended in db.execute("SELECT t.id, a.ended FROM tunnel_end t JOIN access a ON a.id = t.id ORDER BY t.id"):
            if number in listed:
                continue
            if ended is None and not stopped:
                all_rows += 1
            else:
                invented.append(number)
        if invented:
            self.tell("added", log, file, "tunnel_end", rows=len(invented), ids=invented[:20])

        def event_is(what):
            return one(db, "SELECT count(*) FROM event WHERE id > ? AND what = ?", last_event, what) != 0
        if end - begin > 2 * SPAN_MS or (event_is("stop") and rows <= ROWS_OF_A_STOP):
            self.tell("seal_missing", log, file, rows=all_rows)
        elif rows and group and stopped:
            self.tell("added", log, file, "access", rows=all_rows)
        elif all_rows:
            self.tell("not_sealed_yet", log, file, rows=all_rows)
        else:
            events = one(db, "SELECT count(*) FROM event WHERE id > ?", last_event)
            if events:
                self.tell("not_sealed_yet", log, file, "event", rows=events)

    def run(self):
        for log in ("access", "safeguarding"):
            self.chain(log)
        if self.witness and not self.found_witness:
            self.tell("no_witness", "access", why=self.witness)
        return all(finding["in_order"] for finding in self.findings)


def sentence(finding):
    place = finding["file"] or f"the {finding['log']} chain"
    if finding["first_seal"]:
        place += f", seals {finding['first_seal']} to {finding['last_seal']}"
    table = f", table {finding['table']}" if finding["table"] else ""
    ids = ", ids " + ", ".join(map(str, finding["ids"])) if finding["ids"] else ""
    why = f" ({finding['why']})" if finding["why"] else ""
    word = finding["kind"].replace("_", " ")
    return f"{word if finding['in_order'] else word.upper()}: {place}{table}: {finding['rows']} rows{ids}{why}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--key", required=True, action="append",
                        help="the public key, as `schoolgate log seal --key` prints it; also several times")
    parser.add_argument("--seal", default="", help="the digest of a seal that left the machine, or its first 12 digits or more")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    witness = asked.seal.replace(" ", "").lower()
    if witness and not re.fullmatch("[0-9a-f]{12,64}", witness):
        parser.error("--seal: not the digest of a seal, nor its first 12 digits or more")
    try:
        verifier = Verifier(asked.folder, asked.key, witness)
        whole = verifier.run()
    except (OSError, IndexError, ValueError, sqlite3.Error) as error:
        print(f"schoolgate-verify: {error}", file=sys.stderr)
        return 2
    if asked.json:
        print(json.dumps({"whole": whole, "chains": verifier.chains, "findings": verifier.findings}))
    else:
        for chain in verifier.chains:
            print(f"{chain['log']}: {chain['seals']} seals, {chain['rows']} rows as they were sealed; the last is number {chain['last']},"
                  f" {chain['last_digest']}")
        for finding in verifier.findings:
            print(sentence(finding))
        print("The log is whole." if whole else "The log is NOT as it was sealed.")
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
