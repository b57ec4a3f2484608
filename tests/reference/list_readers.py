"""Adblock lists as we read them against the engines that their authors write for: what each closes, on the host alone.

    tools/dev reference [--seed N] [--lists N] [--show REASON]

A seed makes rules and hosts. First each rule alone: where we close what an engine does not, or the other way round, one of
REASONS must say why. Then lists of several with exceptions, $important and $badfilter: where each rule alone means the same
to both, the list must, too. The engines come from npm by their names, into build/reference; without npm or without a network
nothing is compared, and that is said.
"""
import argparse
import collections
import os
import random
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
ENGINES = ("adguard", "ghostery")
PACKAGES = ("@adguard/tsurlfilter@2.2.23", "@ghostery/adblocker@2.18.2")

LABELS = ("ads", "ad", "adserv", "track", "x", "bet", "b88", "kinh-doanh", "w_w", "www", "cdn", "a1")
SUFFIXES = ("test", "com", "vn", "com.vn", "co.uk", "example")
OPTIONS = ("important", "all", "document", "popup", "third-party", "script", "denyallow=a.test", "client=x", "ctag=device_pc",
           "dnstype=A", "dnsrewrite=a.test", "domain=a.test", "badfilter")


class Maker:
    """Rules and hosts out of a seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def one_of(self, *what):
        return self.random.choice(what)

    def name(self):
        return ".".join([self.one_of(*LABELS) for _ in range(self.one_of(1, 1, 2))] + [self.one_of(*SUFFIXES)])

    def starred(self, name):
        if self.random.random() < 0.25:
            at = self.random.randrange(len(name))
            return name[:at] + "*" + name[at + 1:]
        labels = name.split(".")
        at = self.random.randrange(len(labels))
        labels[at] = self.one_of(labels[at] + "*", "*" + labels[at], "*")
        return ".".join(labels)

    def pattern(self):
        name = self.name()
        if self.random.random() < 0.35:
            name = self.starred(name)
        elif self.random.random() < 0.1:
            name = name.split(".")[0] + self.one_of("", ".", ".*")
        return (self.one_of("", "||", "||", "||", "|", ".", "*", "*.", "||*.", "://", "||www.") + name +
                self.one_of("", "^", "^", "^", "|", "^|", "*", "^*", ".", "/"))

    def expression(self):
        label, other, suffix = self.one_of(*LABELS), self.one_of(*LABELS), self.one_of(*SUFFIXES).replace(".", r"\.")
        return "/" + self.one_of(rf"^{label}\.", rf"{label}[0-9]*\.{suffix}$", rf"(^|\.){label}\.", rf"^[a-z]+\.{suffix}$", rf"{label}.*{suffix}",
                                 rf"^(?!www){label}", r"\d{1,2}\.", rf"{label}|{other}\.", rf"^(?:{label}|{other})\d*\.[a-z]+\.{suffix}$") + "/"

    def hosts_line(self):
        return (self.one_of("0.0.0.0", "127.0.0.1", "::", "::1", "0") + self.one_of(" ", "\t", "  ") +
                " ".join(self.name() for _ in range(self.one_of(1, 1, 2))) + self.one_of("", "", "", " # note", "#note"))

    def rule(self):
        kind = self.random.random()
        if kind < 0.12:
            return self.hosts_line()
        rule = self.expression() if kind < 0.24 else self.pattern()
        if self.random.random() < 0.1:
            rule = rule.upper() if rule[0] != "/" else rule
        if self.random.random() < 0.25:
            rule += "$" + ",".join(self.random.sample(OPTIONS, self.one_of(1, 1, 2)))
        if self.random.random() < 0.06:
            rule += self.one_of(" # note", " ! note", "  #note", " #")
        return rule

    def several(self):
        """A list: its rules, some of them exceptions, some taken back."""
        rules = [self.rule() for _ in range(self.one_of(1, 2, 3))]
        rules += [self.random.choice(rules) for _ in range(self.one_of(0, 1))]  # the same rule as exception, perhaps
        rules = ["@@" + rule if self.random.random() < 0.35 and not is_hosts_line(rule) else rule for rule in rules]
        rules = [with_option(rule, "important") if self.random.random() < 0.2 else rule for rule in rules]
        if self.random.random() < 0.3:
            rules.append(with_option(self.random.choice(rules), "badfilter"))
        self.random.shuffle(rules)
        return rules

    def hosts(self, rules):
        """Hosts that the rules speak of, those beside, below and behind them, and a few others."""
        out = {self.name() for _ in range(3)}
        for rule in rules:
            for word in re.sub(r"[@|^/$\\!#()\[\]?+{}:,=]", " ", rule).lower().split():
                for star in ("", "x", "a.b"):
                    name = word.strip(".").replace("*", star).strip(".")
                    out.update((name, "www." + name, "x" + name, name + "x", name + ".com"))
        good = sorted(host for host in out if re.fullmatch(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z][a-z0-9_-]*", host))
        return self.random.sample(good, min(len(good), 24))


def is_hosts_line(rule):
    return re.match(r"(?:0|0\.0\.0\.0|127\.0\.0\.1|::1?)\s", rule) is not None


def has_comment(rule):
    return re.search(r"\s[#!]", rule) is not None


def with_option(rule, option):
    if is_hosts_line(rule) or has_comment(rule) or option in options_of(rule):
        return rule
    return rule + (("," if options_of(rule) else "$") + option)


def options_of(rule):
    found = re.search(r"\$([a-z~][^$]*)$", rule)
    return [one.strip() for one in found.group(1).split(",")] if found and not (rule.startswith("/") and rule.endswith("/")) else []


def body_of(rule):
    """Without mark of exception, options and comment."""
    rule = re.sub(r"\s+[#!].*$", "", rule.removeprefix("@@"))
    return rule[:rule.rindex("$")] if options_of(rule) else rule


def is_expression(rule):
    body = body_of(rule)
    return len(body) > 2 and body.startswith("/") and body.endswith("/")


def is_plain(rule):
    """A name of a plain list: no mark of Adblock, perhaps "*"."""
    return not is_hosts_line(rule) and re.fullmatch(r"[A-Za-z0-9_.*-]+", body_of(rule)) is not None


# Why we and an engine differ on a rule alone: a word for it, the engine ("": both), whether we close "more" or "less", the
# reason, and of which rules it holds. What is not here is a fault, theirs or ours.
REASONS = (
    ("below a plain name", "", "more", "A plain list's name holds what lies below it, as in every plain list that we read.",
     lambda rule: is_hosts_line(rule) or is_plain(rule)),
    ("hosts line", "ghostery", "more", "Hosts files are no business of a browser's blocker.", is_hosts_line),
    ("address 0", "", "more", "A hosts file's address written as 0, which the engine does not know.", lambda rule: rule.startswith("0 ")),
    ("blank", "adguard", "more", "Blanks in a hosts line other than one space, which the engine does not know.", is_hosts_line),
    ("comment", "", "more", "A comment behind a rule, which the engine takes for a part of it.", has_comment),
    ("capitals", "adguard", "more", "A rule in capitals, which the engine compares with names as they are.", lambda rule: rule != rule.lower()),
    ("$all and the like", "adguard", "more", "Options for browsers that narrow nothing; AdGuard's name server refuses the rule.",
     lambda rule: {"all", "document", "popup"} & {one.lower() for one in options_of(rule)}),
    ("| at the end", "", "more", "The end of a name for a name server, of a whole address for a browser, and for npm's AdGuard.",
     lambda rule: body_of(rule).rstrip("^*").endswith("|")),
    ("| in front", "ghostery", "more", "The begin of a name for a name server, of a whole address for a browser.",
     lambda rule: body_of(rule).startswith("|") and not body_of(rule).startswith("||")),
    ("an expression about a name", "ghostery", "more", "Asked of the name by a name server, of a whole address by a browser.", is_expression),
    ("alternatives", "adguard", "more", "AdGuard looks first for a piece of text that need not stand in a name which the expression finds.",
     lambda rule: is_expression(rule) and ("|" in body_of(rule) or ".*" in body_of(rule))),
    ("short", "adguard", "more", "AdGuard takes no rule of under four letters.", lambda rule: len(body_of(rule)) < 4),
    ("_ beside a star", "adguard", "more", "AdGuard looks first for a whole word, of which _ is a part.", lambda rule: re.search(r"_\*|\*_", rule) is not None),
    ("popup", "ghostery", "more", "Ghostery asks whether a window opens; a name that is closed opens none.", lambda rule: "popup" in options_of(rule.lower())),
    ("||na*me", "ghostery", "more", "A star stands for any text of a name from any label on, as AdGuard reads it.",
     lambda rule: body_of(rule).startswith("||") and "*" in body_of(rule)),
    ("||label/", "ghostery", "more", "A name of one label is a name, too.", lambda rule: re.fullmatch(r"\|\|[^./*]+/", body_of(rule)) is not None),
    ("a name that goes on", "", "less", "||name, |name and ://name without ^ hold longer names, too, for the engine; nobody means it.",
     lambda rule: body_of(rule).startswith(("|", "://")) and not body_of(rule).rstrip("|").endswith(("^", "/"))),
    ("begins at a label", "", "less", "A plain name that goes on with * begins at a label, so that ad.* does not hold road.example.",
     lambda rule: not body_of(rule).startswith("|") and body_of(rule).rstrip("^|").endswith("*")),
    ("a part of a name", "", "less", "A plain name holds every address in which it stands for the engine, and is a name of a plain list for us.",
     is_plain),
)


# Where lists of several are not compared, though each rule alone means the same: the engine ("": both), why, and the lists.
SET_ASIDE = (
    ("ghostery", "an important exception lifts what is important for AdGuard, and for Ghostery nothing does",
     lambda rules: any(rule.startswith("@@") and "important" in options_of(rule) for rule in rules)),
    ("", "an exception with no mark in front, and none or a star at its end, is passed over", lambda rules: any(
        rule.startswith("@@") and not body_of(rule).startswith(("|", "://")) and
        (not body_of(rule).endswith(("^", "|", "/")) or body_of(rule).rstrip("^|").endswith("*")) for rule in rules)),
    ("", "an exception for documents or windows is one of a browser", lambda rules: any(
        rule.startswith("@@") and {"popup", "document", "all"} & set(options_of(rule.lower())) for rule in rules)),
    ("adguard", "a plain name is a line of a hosts file, which nothing takes back",
     lambda rules: any("badfilter" in options_of(rule) and is_plain(rule) for rule in rules)),
    ("ghostery", "Ghostery reads ||name* in one way alone and in another beside other rules of the name",
     lambda rules: any(body_of(rule).startswith("||") and body_of(rule).endswith("*") for rule in rules)),
    ("ghostery", "Ghostery takes back what begins with || and has no star, in the same letters", lambda rules: any(
        "badfilter" in options_of(rule) and (not body_of(rule).startswith("||") or "*" in rule or rule != rule.lower()) for rule in rules)),
)


def ask(command, lists):
    text = "".join("".join(f"R{rule}\n" for rule in rules) + "".join(f"H{host}\n" for host in hosts) + "\n" for rules, hosts in lists)
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{command[0]} ended with {done.returncode}: {done.stderr[-2000:]}")
    answers = done.stdout.split("\n")[:-1]
    if len(answers) != len(lists):
        sys.exit(f"{command[0]} answered {len(answers)} of {len(lists)} lists")
    return answers


class Answers:
    """What three readers say of lists: for each a digit a host."""

    def __init__(self, reader, lists):
        self.lists = lists
        ours = ask([reader], lists)
        theirs = ask(["node", os.path.join(HERE, "engines.cjs"), os.path.join(ROOT, "build/reference")], lists)
        self.ours = [line.partition(" ")[0] for line in ours]
        self.passed_over = [line.partition(" ")[2] for line in ours]
        self.theirs = {engine: [line.split(" ")[i] for line in theirs] for i, engine in enumerate(ENGINES)}


def reason_for(rule, engine, way, passed_over):
    if way == "less" and passed_over:
        return "passed over: " + passed_over
    for word, whose, which_way, _, holds in REASONS:
        if whose in ("", engine) and which_way == way and holds(rule):
            return word
    return None


def compare_alone(reader, maker, count, show):
    """Rules alone. How many differences have which reason, and those that have none."""
    lists = [([rule], maker.hosts([rule])) for rule in (maker.rule() for _ in range(count))]
    answers = Answers(reader, lists)
    counted, faults, told = collections.Counter(), [], set()
    for i, (rules, hosts) in enumerate(lists):
        for engine in ENGINES:
            for host, our, their in zip(hosts, answers.ours[i], answers.theirs[engine][i]):
                if their == "-":
                    counted[f"{engine}: no answer"] += 1
                    continue
                counted["asked"] += 1
                if our == their:
                    continue
                way = "more" if our == "1" else "less"
                reason = reason_for(rules[0], engine, way, answers.passed_over[i])
                counted[f"{engine} {way}: {reason}"] += 1
                text = f"{rules[0]!r} and {host}: we close {way} than {engine}"
                if reason is None:
                    if (i, engine, way) not in told:
                        faults.append(text)
                    told.add((i, engine, way))
                elif show and show in reason:
                    print(text + (f" ({answers.passed_over[i]})" if answers.passed_over[i] else ""))
    return counted, faults


def alone(rule):
    """The rule as one that closes whatever else there is; for what it holds."""
    kept = [option for option in options_of(rule) if option != "badfilter"]
    comment = re.search(r"\s+[#!].*$", rule)
    return body_of(rule) + ("$" + ",".join(kept) if kept else "") + (comment.group() if comment else "")


def compare_together(reader, maker, count):
    lists = []
    while len(lists) < count:
        rules = maker.several()
        if len(rules) > 1:
            lists.append((rules, maker.hosts(rules)))
    together = Answers(reader, lists)
    parts = Answers(reader, [([rule if is_hosts_line(rule) else alone(rule)], hosts) for rules, hosts in lists for rule in rules])
    counted, faults, at = collections.Counter(), [], 0
    for i, (rules, hosts) in enumerate(lists):
        mine = range(at, at + len(rules))
        at += len(rules)
        for engine in ENGINES:
            aside = [why for whose, why, holds in SET_ASIDE if whose in ("", engine) and holds(rules)]
            if aside:
                counted[f"{engine}: {aside[0]}"] += len(hosts)
                continue
            for h, host in enumerate(hosts):
                if together.theirs[engine][i][h] == "-" or any(parts.ours[j][h] != parts.theirs[engine][j][h] for j in mine):
                    counted["a rule alone differs, or has no answer"] += 1
                    continue
                counted["asked"] += 1
                our, their = together.ours[i][h], together.theirs[engine][i][h]
                if our != their:
                    faults.append(f"{rules!r} and {host}: we close {'more' if our == '1' else 'less'} than {engine}")
    return counted, faults


def install():
    """False: they cannot be had here, and it was said why."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            print(f"skipped: there is no {program} here")
            return False
    folder = os.path.join(ROOT, "build/reference")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "package.json"), "w", encoding="utf-8") as out:
        out.write('{"private": true}\n')
    installed = all(os.path.isdir(os.path.join(folder, "node_modules", package.rpartition("@")[0])) for package in PACKAGES)
    if installed:
        return True
    done = subprocess.run(["npm", "install", "--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", *PACKAGES], cwd=folder,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print("skipped: npm cannot bring the engines:", *[line for line in done.stderr.splitlines() if line.strip()][:1])
        return False
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reader", help="build/release/tests/our_reader")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lists", type=int, default=6000, help="of each kind")
    parser.add_argument("--show", help="print what has this reason")
    options = parser.parse_args()
    if not install():
        return 0
    maker = Maker(options.seed)
    counted, faults = compare_alone(options.reader, maker, options.lists, options.show)
    print("rules alone:")
    for word, count in sorted(counted.items()):
        print(f"  {count:8} {word}")
    counted, more = compare_together(options.reader, maker, options.lists)
    print("rules together:")
    for word, count in sorted(counted.items()):
        print(f"  {count:8} {word}")
    faults += more
    for fault in faults[:60]:
        print("FAULT:", fault)
    print(f"{len(faults)} differences without a reason")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
