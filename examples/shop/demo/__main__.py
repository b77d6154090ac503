"""The demo from beginning to end; see README.md beside this file."""
import os
import pathlib
import signal
import subprocess
import sys
import time

import customers
import kafka_log
import report
import settings
from chaos import Chaos
from duplicates import Duplicates
from judge import Judge
from load import Load
from measures import Measures, bounded
from stack import Failure, Stack, wait_until

DRAIN_SECONDS = 240      # after the last order; and as long again for each DRAIN_ORDERS
DRAIN_ORDERS = 20_000
STUCK_SECONDS = 30       # without any progress: longer than leases and group sessions take to expire
STEP_SECONDS = 0.05
PROGRESS_SECONDS = 5
TARGETS = ["onceward", *(f"shop_{service}" for service in settings.SERVICES)]


def say(text):
    print(f"== {text}", flush=True)


def build(given):
    """The directory of the binaries; as scripts/build has it."""
    if given.build:
        return given.build
    preset = "ci" if os.environ.get("CI") == "true" else "dev"
    subprocess.run([settings.ROOT / "scripts/build", preset, *TARGETS], check=True)
    return pathlib.Path(os.environ.get("ONCEWARD_BUILD_ROOT", settings.ROOT / "build")) / preset


class Progress:
    """One line every few seconds, rewritten in place on a terminal."""

    def __init__(self, load, looks, stack, duplicates):
        self.load, self.looks, self.stack, self.duplicates = load, looks, stack, duplicates
        self.terminal = sys.stdout.isatty()
        self.shown_at = 0.0

    def show(self):
        if time.monotonic() - self.shown_at < (0.5 if self.terminal else PROGRESS_SECONDS):
            return
        self.shown_at = time.monotonic()
        kills = sum(child.kills for child in self.stack.children())
        injected = len(self.duplicates.republished) + sum(end - first for *_, first, end in self.duplicates.replayed)
        text = (f"   {self.load.placed():>6} of {self.load.orders} orders placed, {self.looks.closed():>6} ended; "
                f"{kills:>2} kills, {injected:>5} events sent or read again")
        print(f"\r{text}" if self.terminal else text, end="" if self.terminal else "\n", flush=True)

    def end(self):
        if self.terminal:
            print()


def place_orders(stack, looks, load, chaos, progress):
    load.start()
    while (load.running() or not chaos.done()) and not load.errors:
        stack.revive()
        chaos.step(load.placed() / load.orders)
        progress.show()
        if chaos.done():
            load.hurry.set()
        time.sleep(STEP_SECONDS)


def at_rest(looks, load, brokers):
    if looks.closed() < load.placed() or looks.unfinished() > 0:
        return False
    ends = kafka_log.ends(brokers)
    return all(looks.positions(service).get((topic, partition), 0) >= ends[topic, partition]
               for service, topics in settings.HEARS.items()
               for topic in topics for partition in range(settings.PARTITIONS))


def drain(stack, looks, load, progress):
    """Waits until every event has been applied. @return Whether that came about."""
    seen, changed_at = None, time.monotonic()

    def ended():
        nonlocal seen, changed_at
        stack.revive()
        progress.show()
        now = (looks.all_steps(), [looks.positions(service) for service in settings.SERVICES])
        if now != seen:
            seen, changed_at = now, time.monotonic()
        return time.monotonic() - changed_at > STUCK_SECONDS or at_rest(looks, load, stack.brokers)

    bounded(ended, DRAIN_SECONDS * (1 + load.orders / DRAIN_ORDERS), pause=0.2)
    return at_rest(looks, load, stack.brokers)


def run(given, stack):
    stack.start()
    inventory, payment = stack.connect("inventory"), stack.connect("payment")
    customers.seed_tables(inventory, payment, given.orders)
    looks = Measures(stack)
    duplicates = Duplicates(looks)
    chaos = Chaos(stack, looks, duplicates, given.seed)
    load = Load(stack.ports["orders"], stack.conninfo("orders"), given.orders, given.seed)
    progress = Progress(load, looks, stack, duplicates)

    wait_until("the consumers have their partitions",
               lambda: all(looks.has_partitions(service) for service in settings.SERVICES))

    say(f"placing {given.orders} orders, seed {given.seed}")
    try:
        place_orders(stack, looks, load, chaos, progress)
        load.stop()
        rested = drain(stack, looks, load, progress)
    finally:
        progress.end()
        load.stop()

    say("judging")
    judge = Judge(stack.connect_judge())
    judge.gather(looks, stack.brokers, load, duplicates)
    counts, sentences = judge.violations()
    found = report.results(judge, stack, load, chaos, counts)
    wrong = report.failures(found, given.orders) + load.errors + chaos.problems + duplicates.not_read_again()
    if not rested:
        wrong.append("the shop did not come to rest: " + open_ends(stack, looks))
    return found, wrong, sentences


def open_ends(stack, looks):
    waiting = {service: looks.waiting_for_relay(service) for service in settings.SERVICES}
    return f"{looks.closed()} orders ended, events not noted as published: {waiting}"


def show(found, wrong, sentences, seconds):
    print(report.table(found))
    for sentence in sentences:
        print(f"  {sentence}")
    if wrong:
        say("FAILED: " + "; ".join(wrong))
    else:
        say(f"every event took effect exactly once ({seconds:.0f} s)")


def how_to_look(stack):
    say("everything keeps running:")
    for service in settings.SERVICES:
        print(f"   curl http://127.0.0.1:{stack.ports[service]}/stats      psql '{stack.conninfo(service)}'")
    print(f"   psql '{stack.databases[settings.JUDGE]}'      # all ledgers side by side")
    print(f"   logs: {stack.directory}/*.log")
    kafka = f"; {settings.ROOT}/scripts/kafka stop --dir {stack.directory}/kafka" if stack.kafka == "real" else ""
    print(f"   stop: kill {' '.join(map(str, stack.pids()))}{kafka}; rm -r {stack.directory}")


def take_signals():
    # Also where a script's background job inherited an ignored SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))


def run_in(stack, given):
    """@return The exit code; the stack is down afterwards unless it is to be kept."""
    began, kept = time.monotonic(), False
    try:
        found, wrong, sentences = run(given, stack)
        show(found, wrong, sentences, time.monotonic() - began)
        if given.json:
            report.write_json(given.json, found)
        kept = given.keep
        return 1 if wrong else 0
    except Failure as failure:
        say(f"FAILED: {failure}")
        return 1
    finally:
        if kept:
            how_to_look(stack)
        else:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # an impatient second Ctrl-C would leave servers behind
            stack.stop()


def main():
    given = settings.parse()
    take_signals()
    try:
        binaries = build(given)
        plant = f", with the planted bug {given.plant}" if given.plant else ""
        say(f"starting the shop on {given.kafka} Kafka{plant}")
        return run_in(Stack(binaries, given.kafka, given.plant, given.keep), given)
    except subprocess.CalledProcessError as error:
        return error.returncode  # it has said why
    except KeyboardInterrupt:
        say("interrupted")
        return 130


if __name__ == "__main__":
    sys.exit(main())
