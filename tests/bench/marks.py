"""Marks: what is aimed at, as a figure of ours divided by a peer's in the same run, or as it stands where no machine changes it."""
import json


def judged(marks, value_of, unit_of):
    """Of `marks` (figure, whose, peer or None, limit, at_most) those that this run has both sides of.

    value_of(figure, name) is a number or None. A line of JSON each: name, value, unit, mark, ok, ours, peer.
    """
    for figure, whose, peer, limit, at_most in marks:
        ours = value_of(figure, whose)
        theirs = value_of(figure, peer) if peer else 1
        if ours is None or not theirs:
            continue
        value = round(ours / theirs, 3) if peer else ours
        yield {"name": f"{figure} of {whose} to {peer}" if peer else f"{figure} of {whose}", "value": value,
               "unit": "ratio" if peer else unit_of(figure), "mark": limit, "at_most": at_most,
               "ok": value <= limit if at_most else value >= limit, "ours": ours, "peer": theirs if peer else None}


def print_marks(lines):
    print(f"\n{'mark':66}{'now':>9}{'aim':>10}")
    for line in lines:
        aim = f"{'<=' if line['at_most'] else '>='} {line['mark']}"
        print(f"{line['name']:66}{line['value']:>9}{aim:>10}  {'ok' if line['ok'] else 'MISSED'}")


def write_json(lines, path):
    with open(path, "w", encoding="utf-8") as out:
        for line in lines:
            out.write(json.dumps(line) + "\n")
