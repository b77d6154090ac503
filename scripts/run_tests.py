#!/usr/bin/python3
"""Runs the tests of one ctest label and tells them by name: run_tests.py BUILD_DIR LABEL [--results FILE].

Each test executable is run with all of its cases, a long one in shards, and several of these runs at a
time, the longest first; ctest is asked only which there are and how long they take, which its property COST
says in seconds of a case. A case that is skipped or disabled counts as failed, and so does an executable that
dies. Prints a line a case; the results file gets "passed failed".
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

TIMEOUT_SECONDS = 600  # of a case, unless ctest's TIMEOUT says otherwise
EXECUTABLE_SECONDS_MAX = 1200
AT_ONCE = 4 * (os.cpu_count() or 1)  # runs; each has its own servers, and waits far more than it works
SHARD_SECONDS = 45  # below, what all cases of a run share would be done too often
COST_SECONDS = 0.5  # of a case without COST


def executables(build, label):
    """The distinct commands of a label -> (name, properties, for each of its cases: the seconds that it may take and
    those that it takes).

    gtest_discover_tests registers one executable many times, once for each case.
    """
    listing = json.loads(subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"],
                                        check=True, capture_output=True, text=True).stdout)
    found = {}
    for test in listing["tests"]:
        properties = {p["name"]: p["value"] for p in test.get("properties", [])}
        if label in properties.get("LABELS", []) and "command" in test:
            command = tuple(a for a in test["command"] if not a.startswith(("--gtest_", "--gtest-")))
            name, known, seconds = found.get(command, (test["name"], properties, []))
            found[command] = name, known, [*seconds, (float(properties.get("TIMEOUT", TIMEOUT_SECONDS)),
                                                      float(properties.get("COST", COST_SECONDS)))]
    return found


def runs(found):
    """(command, name, properties, shard variables, seconds that it may take) of each run, the longest first."""
    all_runs = []
    for command, (name, properties, cases) in found.items():
        bound, cost = (sum(each) for each in zip(*cases))
        shards = min(AT_ONCE, len(cases), 1 + int(cost / SHARD_SECONDS))
        for shard in range(shards):
            variables = {"GTEST_TOTAL_SHARDS": str(shards), "GTEST_SHARD_INDEX": str(shard)} if shards > 1 else {}
            all_runs.append((cost / shards, (command, name, properties, variables, bound)))
    return [what for _, what in sorted(all_runs, key=lambda r: -r[0])]


def environment(properties):
    assignments = properties.get("ENVIRONMENT", [])
    return {**os.environ, **dict(a.split("=", 1) for a in assignments)}


def cases_of(report):
    """(name, error or None, seconds) of each case in a gtest report."""
    for case in xml.etree.ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        failure = case.find("failure")
        if failure is not None:
            yield name, failure.get("message", "failed"), case.get("time")
        elif case.get("status") == "notrun" or case.get("result") in ("skipped", "suppressed") \
                or case.find("skipped") is not None:
            yield name, "it was skipped or disabled, which is not allowed", case.get("time")
        else:
            yield name, None, case.get("time")


def cases_in(output):
    """The same from the output of an executable that died before it wrote its report."""
    cases = {}
    for what, name in re.findall(r"^\[ +(RUN|OK|FAILED) +\] ([^\s,(]+)", output, re.M):
        cases[name] = None if what == "OK" else "it failed" if what == "FAILED" else "it did not end"
    return [(name, error, None) for name, error in cases.items()]


def run(command, name, properties, shard, seconds):
    """Runs one executable, or a shard of it; returns its cases and its output."""
    seconds = min(seconds, EXECUTABLE_SECONDS_MAX)
    with tempfile.TemporaryDirectory() as directory:
        report = pathlib.Path(directory) / "report.xml"
        try:
            done = subprocess.run([*command, f"--gtest_output=xml:{report}", "--gtest_color=no"],
                                  env={**environment(properties), **shard}, cwd=properties.get("WORKING_DIRECTORY"),
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=seconds)
            died = None if done.returncode == 0 else f"the executable ended with {done.returncode}"
            output = done.stdout
        except subprocess.TimeoutExpired as expired:
            died, output = f"the executable was ended after {seconds:.0f} s", expired.stdout or b""
        except OSError as error:
            died, output = f"the executable cannot be run: {error}", b""
        output = output.decode(errors="replace")
        cases = list(cases_of(report)) if report.exists() else cases_in(output)
    if not cases and died is None and "Running 0 tests" in output:
        died = "the executable has no test"
    if not cases or (died and not any(error for _, error, _ in cases)):
        cases.append((name, died, None))
    return cases, output


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("label")
    parser.add_argument("--results")
    given = parser.parse_args()
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        results = [pool.submit(run, *what) for what in runs(executables(given.build, given.label))]
    for cases, output in (r.result() for r in results):
        for case, error, seconds in cases:
            print(f"  {'FAILED' if error else 'ok    '}  {case}" + (f" ({float(seconds):.2f} s)" if seconds else ""))
        if any(error for _, error, _ in cases):
            print(output)
            print("".join(f"  FAILED  {case}: {error}\n" for case, error, _ in cases if error))
        failed += sum(error is not None for _, error, _ in cases)
        passed += sum(error is None for _, error, _ in cases)
        sys.stdout.flush()
    if given.results:
        pathlib.Path(given.results).write_text(f"{passed} {failed}\n")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
