"""Measures the relay beside the limits of the same machine, in one run.

Every round does all of it, so that a slow moment of the machine hits all figures alike; a figure is
the median over the rounds. Ratios count, not the numbers.
"""
import sys
import time

from figures import publish, summary
from world import KEYS, PARTITIONS, PAYLOAD, cpu_seconds, peak_memory_mb, temporary_world, wait_for

TRANSACTION = 10_000  # messages in one of Kafka's
RATES = (500, 2000)   # events a second, a transaction each

# The engines and deliveries that are measured, by the options that choose them.
RELAYS = {"poll": ()}

FULL = {"rounds": 5, "events": 200_000, "large": 2_000_000, "seconds": 10, "transactions": 1_000}
QUICK = {"rounds": 2, "events": 50_000, "large": 100_000, "seconds": 3, "transactions": 200}


def in_line(*rates):
    """What steps one after another make together."""
    return 1 / sum(1 / rate for rate in rates)


def drain(world, topic, events, options):
    """Starts a relay before `events` waiting ones; times from the first record seen to the last."""
    with world.relay(*options) as relay:
        wait_for(lambda: world.records(topic) > 0, "the relay's first record")
        first, begin = world.records(topic), time.monotonic()
        wait_for(lambda: world.records(topic) >= events, "the relay to drain")
        rate = (events - first) / (time.monotonic() - begin)
        return {"events_per_s": rate, "cpu_us_per_event": cpu_seconds(relay.pid) * 1e6 / events,
                "rss_mb": peak_memory_mb(relay.pid)}


def limits(world, name, size):
    events = size["events"]
    copied = world.probe("copy", world.database)
    produced = world.probe("produce", *world.load(world.topic(f"produce-{name}"), events))
    in_tx = world.probe("produce-tx", *world.load(world.topic(f"produce-tx-{name}"), events), TRANSACTION)
    floor = world.probe("floor", *world.load(world.topic(f"floor-{name}"), 0), RATES[-1], size["seconds"])
    return {("limit.copy_binary", "1/s"): copied["events_per_s"],
            ("limit.produce", "1/s"): produced["events_per_s"],
            ("limit.produce_cpu_us", "us"): produced["cpu_us_per_event"],
            ("limit.produce_tx", "1/s"): in_tx["events_per_s"],
            ("limit.pipeline", "1/s"): in_line(copied["events_per_s"], produced["events_per_s"]),
            ("limit.pipeline_tx", "1/s"): in_line(copied["events_per_s"], in_tx["events_per_s"]),
            ("limit.floor_p50_ms", "ms"): floor["p50_ms"],
            ("limit.floor_p99_ms", "ms"): floor["p99_ms"]}


def naive(world, name, events):
    world.fill_naive()
    drained = world.probe("naive", world.database, *world.load(world.topic(f"naive-{name}"), events))
    return {("naive.drain", "1/s"): drained["events_per_s"],
            ("naive.cpu_us_per_event", "us"): drained["cpu_us_per_event"]}


def drained(world, relay, options, topic, events, known):
    d = drain(world, topic, events, options)
    return {(f"{relay}.drain", "1/s"): d["events_per_s"],
            (f"{relay}.drain_of_limit", "ratio"): d["events_per_s"] / known["limit.pipeline", "1/s"],
            (f"{relay}.drain_of_naive", "ratio"): d["events_per_s"] / known["naive.drain", "1/s"],
            (f"{relay}.cpu_us_per_event", "us"): d["cpu_us_per_event"],
            (f"{relay}.cpu_of_limit", "ratio"): d["cpu_us_per_event"] / known["limit.produce_cpu_us", "us"],
            (f"{relay}.rss_mb", "MB"): d["rss_mb"]}


def latencies(world, relay, options, topic, seconds):
    """From INSERT to consumer while the relay runs."""
    figures = {}
    with world.relay(*options):
        world.probe("path", world.database, *world.load(topic, 0), RATES[0], 1)  # until it has its lease
        for rate in RATES:
            seen = world.probe("path", world.database, *world.load(topic, 0), rate, seconds)
            figures[f"{relay}.lat{rate}_p50_ms", "ms"] = seen["p50_ms"]
            figures[f"{relay}.lat{rate}_p99_ms", "ms"] = seen["p99_ms"]
    figures["limit.commit_p50_ms", "ms"] = seen["commit_p50_ms"]
    figures["limit.commit_p99_ms", "ms"] = seen["commit_p99_ms"]
    return figures


def writer(world, transactions):
    rates = world.probe("writer", world.database, transactions)
    return {("sdk.plain", "1/s"): rates["plain_per_s"],
            ("sdk.insert_of_plain", "ratio"): rates["insert_per_s"] / rates["plain_per_s"],
            ("sdk.add_of_plain", "ratio"): rates["add_per_s"] / rates["plain_per_s"],
            ("sdk.add_of_insert", "ratio"): rates["add_per_s"] / rates["insert_per_s"]}


def one_round(world, name, size):
    events = size["events"]
    topics = {relay: world.topic(f"{relay}-{name}") for relay in RELAYS}
    world.fill(topics["poll"], events)
    figures = limits(world, name, size) | naive(world, name, events)
    for relay, options in RELAYS.items():
        world.fill(topics[relay], events)
        figures |= drained(world, relay, options, topics[relay], events, figures)
        figures |= latencies(world, relay, options, topics[relay], size["seconds"])
    return figures | writer(world, size["transactions"])


def large_backlogs(world, events):
    figures = {}
    for relay, options in RELAYS.items():
        topic = world.topic(f"{relay}-large")
        world.fill(topic, events)
        d = drain(world, topic, events, options)
        figures |= {(f"{relay}.drain_2m", "1/s"): d["events_per_s"], (f"{relay}.rss_mb_2m", "MB"): d["rss_mb"]}
    return figures


def measure(build, quick, json_file):
    size = QUICK if quick else FULL
    with temporary_world(build) as world:
        rounds = []
        for number in range(size["rounds"]):
            rounds.append(one_round(world, str(number), size))
            print(f"== round {number + 1} of {size['rounds']}", file=sys.stderr, flush=True)
        rows = summary(rounds) + summary([large_backlogs(world, size["large"])])
    publish(f"{size['events']:,} waiting events of {PAYLOAD} bytes, {KEYS:,} keys, {PARTITIONS} partitions; `drain_2m` and "
            f"`rss_mb_2m` with {size['large']:,}; {size['rounds']} rounds", rows, json_file)
