#!/usr/bin/python3
"""Runs services while everything under them is killed, and has the result judged.

Transactions change keys and add an event for each change; two relays publish the events; two
consumers write each into a ledger. Relays, consumers, database sessions, both PostgreSQL servers and
the broker are killed (kill -9), relays and consumers also paused, messages repeated, by --seed. Then
the faults stop, the rest must drain, and tests/checker judges what is left. Exits with 1 when
anything is broken.
"""
import argparse
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile

import drain
import dump
import processes
import profiles
from brokers import EmbeddedBroker, RealBroker, ROOT
from nemesis import Nemesis
from world import World


def say(message):
    print(f"== {message}", file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/crash", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=2, help="how long faults happen, 0.1 to 600; default 2")
    parser.add_argument("--seed", type=int, help="of writers and faults; default: a random one, which is shown")
    parser.add_argument("--kafka", choices=("real", "embedded"), default="real")
    parser.add_argument("--engine", choices=("poll", "wal"), default="poll", help="how the relays read the outbox; default: poll")
    parser.add_argument("--plant", choices=sorted(profiles.PLANTS), help="run with this bug, in a short run of its own")
    parser.add_argument("--expect-caught", action="store_true", help="exit with 0 when the checker objects, else with 1")
    parser.add_argument("--list-plants", action="store_true", help="print the bugs that --plant takes")
    parser.add_argument("--json", metavar="FILE", help="write the verdict there")
    parser.add_argument("--keep", action="store_true", help="keep the run's directory")
    parser.add_argument("--build", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    given = parser.parse_args()
    most = profiles.EMBEDDED_MINUTES_MAX if given.kafka == "embedded" else 600
    if not 0.1 <= given.minutes <= most:
        parser.error(f"--minutes is {given.minutes}; it must lie between 0.1 and {most}")
    if given.kafka == "embedded" and profiles.needs_real(given.plant):
        parser.error(f"--plant {given.plant} shows only when a broker dies, which the embedded one cannot")
    return given


def play(world, seed):
    """The run itself. Returns whether everything drained, and who did not end well."""
    nemesis = Nemesis(world, world.profile, seed)
    say(f"running for {world.profile.seconds:.0f} s with faults: {', '.join(sorted(world.profile.faults))}")
    nemesis.run(world.profile.seconds)
    badly = processes.end_all(world.writers, 15)
    say("faults have stopped, waiting for the rest")
    for process in world.tested():
        process.environment["ONCEWARD_CRASH"] = ""
    drained = drain.drain(world, nemesis.tick)
    return drained, badly + processes.end_all(world.tested(), 30)


def judge(directory, verdict_file):
    done = subprocess.run([sys.executable, ROOT / "tests/checker/check.py", directory, "--json", verdict_file])
    if done.returncode not in (0, 1):
        raise RuntimeError("the checker could not judge the run")
    return json.loads(verdict_file.read_text())


def run(given, directory, seed):
    """Returns the verdict."""
    profile = profiles.of(given.minutes, given.plant, given.kafka)
    say(f"seed {seed}" + (f", planted bug: {given.plant}" if given.plant else ""))
    with contextlib.ExitStack() as started:
        broker = RealBroker(directory) if given.kafka == "real" else EmbeddedBroker(directory, given.build)
        started.callback(broker.stop)
        world = World(directory, given.build, profile, seed, broker, given.engine)
        started.callback(world.close)
        world.start()
        drained, ended_badly = play(world, seed)
        dump.databases(world)
        dump.topic(world)
    verdict = judge(directory, directory / "verdict.json")
    verdict.update(seed=seed, engine=given.engine, kafka=given.kafka, plant=given.plant, drained=drained,
                   ended_badly=[f"{name} with {how}" for name, how in ended_badly])
    if not drained:
        print("  not drained: events were waiting when the bound was reached")
    for text in verdict["ended_badly"]:
        print(f"  {text} at the end, after SIGTERM")
    verdict["ok"] = verdict["ok"] and drained and not ended_badly
    return verdict


def main():
    given = arguments()
    if given.list_plants:
        print("\n".join(profiles.PLANTS))
        return 0
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(1 << 32)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    directory = pathlib.Path(tempfile.mkdtemp(prefix="onceward-crash."))
    os.chmod(directory, 0o711)  # PostgreSQL's account goes through it
    kept = True
    try:
        verdict = run(given, directory, seed)
        kept = given.keep or (not verdict["ok"] and not given.expect_caught)
    except (KeyboardInterrupt, SystemExit):
        kept = given.keep
        raise
    finally:
        if kept:
            say(f"the run is kept in {directory}")
        else:
            shutil.rmtree(directory, ignore_errors=True)
    if given.json:
        pathlib.Path(given.json).write_text(json.dumps(verdict, indent=2) + "\n")
    if given.expect_caught:
        return 1 if not verdict["violations"] else 0
    return 0 if verdict["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
