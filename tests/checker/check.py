#!/usr/bin/python3
"""Judges a run: check.py DIR [--json FILE]. Exits with 1 when a rule is broken, 2 when DIR is no run."""
import argparse
import json
import sys

import history
import measures
import rules
from findings import Findings


def judge(run):
    findings = Findings()
    for rule in rules.ALL:
        rule(run, findings)
    counts = dict(findings.counts)
    conserved = counts.pop("not_conserved") == 0
    return {**measures.measure(run), **counts, "conserved": conserved, "ok": not findings.any(),
            "violations": findings.first}


def table(verdict):
    """The verdict as text: what was done, then what is wrong."""
    lines = [f"  {name:<20} {value}" for name, value in verdict.items() if name not in ("violations", "ok", "faults")]
    lines.insert(6, "  faults               " + ", ".join(f"{n} {k}" for k, n in verdict["faults"].items()))
    for rule, found in verdict["violations"].items():
        lines += [f"  {rule}:"] + [f"    {text}" for text in found]
    return "\n".join(lines + ["  verdict              " + ("all well" if verdict["ok"] else "BROKEN")])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory")
    parser.add_argument("--json", metavar="FILE", help="also write the verdict there")
    given = parser.parse_args()
    try:
        verdict = judge(history.load(given.directory))
    except history.BadRun as error:
        print(f"check: {error}", file=sys.stderr)
        return 2
    if given.json:
        with open(given.json, "w", encoding="utf-8") as out:
            json.dump(verdict, out, indent=2)
            out.write("\n")
    print(table(verdict))
    return 0 if verdict["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
