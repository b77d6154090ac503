"""Measures the relay's drain beside the limits of the same machine, in one run.

Every round does all of it, so that a slow moment of the machine hits all figures alike; a figure is
the median over the rounds. Ratios count, not the numbers.
"""
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import psycopg2
from kafka import KafkaConsumer, TopicPartition

ROOT = pathlib.Path(__file__).resolve().parent.parent
PARTITIONS, KEYS, PAYLOAD = 6, 1000, 300
WAIT_SECONDS = 300


class World:
    """A private PostgreSQL from `onceward dev`, and a private Kafka broker."""

    def __init__(self, build, directory):
        self.build, self.directory = build, pathlib.Path(directory)
        self.kafka = self.run(ROOT / "scripts/kafka", "start", "--dir", self.directory / "kafka").strip()
        state = self.directory / "state.json"
        self.dev = subprocess.Popen(
            [build / "cli/onceward", "dev", "--kafka", self.kafka, "--database", "bench", "--state-file", state],
            stdout=subprocess.DEVNULL)
        wait_for(state.exists, "onceward dev to start")
        self.database = json.loads(state.read_text())["databases"]["bench"]
        self.consumer = KafkaConsumer(bootstrap_servers=self.kafka)

    def close(self):
        self.consumer.close()
        self.dev.send_signal(signal.SIGTERM)
        self.dev.wait(60)
        self.run(ROOT / "scripts/kafka", "stop", "--dir", self.directory / "kafka")

    def run(self, *command):
        return subprocess.run([str(c) for c in command], check=True, stdout=subprocess.PIPE, text=True).stdout

    def limit(self, *arguments):
        return json.loads(self.run(self.build / "bench/onceward_bench_limits", *arguments))

    def topic(self, name):
        self.run(ROOT / "scripts/kafka", "topic", "--dir", self.directory / "kafka", name,
                 "--partitions", PARTITIONS)
        return name

    def records(self, topic):
        parts = [TopicPartition(topic, p) for p in range(PARTITIONS)]
        return sum(self.consumer.end_offsets(parts).values())

    def sql(self, statement):
        connection = psycopg2.connect(self.database)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    def fill(self, topic, events):
        """Adds events of 300 bytes in transactions of 1,000, as committed long ago."""
        self.sql("TRUNCATE onceward.outbox")
        self.sql("UPDATE onceward.relay_cursor SET lo = pg_current_snapshot()::text, hi = NULL, lease_until = NULL")
        self.sql(f"""
            DO $$ BEGIN
              FOR i IN 1..{events // 1000} LOOP
                INSERT INTO onceward.outbox (topic, key, type, payload)
                SELECT '{topic}', convert_to('key-' || n % {KEYS}, 'UTF8'), 'bench',
                       convert_to(rpad(n::text, {PAYLOAD}, 'x'), 'UTF8') FROM generate_series(1, 1000) n;
                COMMIT;
              END LOOP;
            END $$""")
        self.sql("VACUUM ANALYZE onceward.outbox")


def wait_for(condition, what):
    end = time.monotonic() + WAIT_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"waited {WAIT_SECONDS} s for {what}")
        time.sleep(0.01)


def peak_memory_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def drain(world, topic, events):
    """Starts a relay before `events` waiting ones; times from the first record seen to the last."""
    relay = subprocess.Popen([world.build / "cli/onceward", "relay", "--database", world.database,
                              "--brokers", world.kafka, "--log-level", "warning", "--admin-listen", "off"])
    try:
        wait_for(lambda: world.records(topic) > 0, "the relay's first record")
        first, begin = world.records(topic), time.monotonic()
        wait_for(lambda: world.records(topic) >= events, "the relay to drain")
        rate = (events - first) / (time.monotonic() - begin)
        return {"events_per_s": rate, "cpu_us_per_event": cpu_seconds(relay.pid) * 1e6 / events,
                "rss_mb": peak_memory_mb(relay.pid)}
    finally:
        relay.send_signal(signal.SIGTERM)
        relay.wait(60)


def one_round(world, number, events):
    topic = world.topic(f"drain-{number}")
    world.fill(topic, events)
    copied = world.limit("copy", world.database)
    produced = world.limit("produce", world.kafka, world.topic(f"limit-{number}"), PARTITIONS, events, PAYLOAD, KEYS)
    drained = drain(world, topic, events)
    limit = 1 / (1 / copied["events_per_s"] + 1 / produced["events_per_s"])
    return {("limit.copy_binary", "1/s"): copied["events_per_s"],
            ("limit.produce", "1/s"): produced["events_per_s"],
            ("limit.produce_cpu_us", "us"): produced["cpu_us_per_event"],
            ("limit.pipeline", "1/s"): limit,
            ("poll.drain", "1/s"): drained["events_per_s"],
            ("poll.drain_of_limit", "ratio"): drained["events_per_s"] / limit,
            ("poll.cpu_us_per_event", "us"): drained["cpu_us_per_event"],
            ("poll.rss_mb", "MB"): drained["rss_mb"]}


def large_backlog(world, events):
    topic = world.topic("drain-large")
    world.fill(topic, events)
    drained = drain(world, topic, events)
    return {("poll.drain_1m", "1/s"): drained["events_per_s"], ("poll.rss_mb_1m", "MB"): drained["rss_mb"]}


def summary(rounds):
    rows = []
    for name, unit in rounds[0]:
        values = [r[name, unit] for r in rounds]
        rows.append({"name": name, "value": round(statistics.median(values), 3), "unit": unit,
                     "min": round(min(values), 3), "max": round(max(values), 3), "rounds": len(values)})
    return rows


def markdown(rows):
    lines = ["| figure | median | lowest | highest | unit |", "| --- | ---: | ---: | ---: | --- |"]
    for r in rows:
        lines.append(f"| {r['name']} | {r['value']:,} | {r['min']:,} | {r['max']:,} | {r['unit']} |")
    return "\n".join(lines)


def measure(build, quick, json_file):
    rounds, events, large = (2, 50_000, 100_000) if quick else (5, 200_000, 1_000_000)
    with tempfile.TemporaryDirectory(prefix="onceward-bench-") as directory:
        os.chmod(directory, 0o755)
        world = World(build, directory)
        try:
            measured = []
            for number in range(rounds):
                measured.append(one_round(world, number, events))
                print(f"== round {number + 1} of {rounds}", file=sys.stderr, flush=True)
            rows = summary(measured) + summary([large_backlog(world, large)])
        finally:
            world.close()
    print(f"{events:,} waiting events of {PAYLOAD} bytes, {KEYS:,} keys, {PARTITIONS} partitions; "
          f"the large backlog has {large:,}; {rounds} rounds\n")
    print(markdown(rows))
    if json_file:
        pathlib.Path(json_file).write_text(json.dumps(rows, indent=1) + "\n")
