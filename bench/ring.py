"""Many events through a small ring, under a transaction that stays open all the time.

What grows with the number of events, or slows down with it, shows here: the rate of each tenth of the
run, dead rows, and the disk that is left when everything is acknowledged.
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

import psycopg2

from relay import KEYS, PAYLOAD, World, wait_for

BATCH = 1000
RETENTION = "12 seconds"  # the shortest: the ring turns in 16 s
DISK = "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('onceward.outbox')"
DEAD = ("SELECT coalesce(sum(n_dead_tup), 0) FROM pg_stat_user_tables WHERE schemaname = 'onceward' AND "
        "(relname ~ '^outbox_[0-9]+$')")


def one(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def autocommitting(database):
    connection = psycopg2.connect(database)
    connection.autocommit = True
    return connection


class Writer(threading.Thread):
    """Adds `events` in transactions of 1,000, at most `lead` ahead of what is published."""

    def __init__(self, database, topic, events, published, lead):
        super().__init__(daemon=True)
        self.database, self.topic, self.events = database, topic, events
        self.published, self.lead = published, lead
        self.failed = None

    def run(self):
        try:
            connection = autocommitting(self.database)
            with connection.cursor() as cursor:
                for written in range(0, self.events, BATCH):
                    while written - self.published() > self.lead:
                        time.sleep(0.01)
                    cursor.execute(
                        "INSERT INTO onceward.outbox (topic, key, type, payload) "
                        "SELECT %s, convert_to('key-' || n %% %s, 'UTF8'), 'bench', "
                        "convert_to(rpad(n::text, %s, 'x'), 'UTF8') FROM generate_series(1, %s) n",
                        (self.topic, KEYS, PAYLOAD, BATCH))
        except psycopg2.Error as error:
            self.failed = error


def tenths(world, topic, events, writer, counter):
    """The rate of each tenth of the events, as they arrive in Kafka."""
    rates, begin = [], time.monotonic()
    for tenth in range(1, 11):
        goal = events * tenth // 10

        def reached():
            if writer.failed:
                raise writer.failed
            counter["published"] = world.records(topic)
            return counter["published"] >= goal

        wait_for(reached, f"tenth {tenth}")
        now = time.monotonic()
        rates.append(events / 10 / (now - begin))
        print(f"== {goal:,} events, {rates[-1]:,.0f}/s", file=sys.stderr, flush=True)
        begin = now
    return rates


def measure(build, quick, json_file):
    events = 200_000 if quick else 2_000_000
    with tempfile.TemporaryDirectory(prefix="onceward-bench-") as directory:
        os.chmod(directory, 0o755)
        world = World(build, directory)
        try:
            rows = run(world, events)
        finally:
            world.close()
    print(f"{events:,} events of {PAYLOAD} bytes through a ring that turns in 16 s, a transaction open all the time\n")
    print("| figure | value | unit |\n| --- | ---: | --- |")
    for row in rows:
        print(f"| {row['name']} | {row['value']:,} | {row['unit']} |")
    if json_file:
        pathlib.Path(json_file).write_text(json.dumps(rows, indent=1) + "\n")


def run(world, events):
    look = autocommitting(world.database)
    world.sql(f"SELECT onceward.outbox_retain('{RETENTION}')")
    baseline = one(look, DISK)
    stranger = psycopg2.connect(world.database)  # with an event of its own, never committed
    one(stranger, "SELECT onceward.add('ring', 'stranger', 'bench', '{}'::jsonb)")
    topic, counter, peak = world.topic("ring"), {"published": 0}, {"disk": baseline}
    relay = subprocess.Popen([world.build / "cli/onceward", "relay", "--database", world.database, "--brokers",
                              world.kafka, "--log-level", "warning", "--admin-listen", "off"])
    try:
        writer = Writer(world.database, topic, events, lambda: counter["published"], lead=100_000)
        writer.start()
        rates = tenths(world, topic, events, writer, counter)
        peak["disk"] = one(look, DISK)
        stranger.rollback()
        stranger.close()
        wait_for(lambda: one(look, "SELECT NOT EXISTS (SELECT FROM onceward.outbox)"), "the ring to be empty")
        return [{"name": "ring.first_tenth", "value": round(rates[0]), "unit": "1/s"},
                {"name": "ring.last_tenth", "value": round(rates[-1]), "unit": "1/s"},
                {"name": "ring.last_of_first", "value": round(rates[-1] / rates[0], 3), "unit": "ratio"},
                {"name": "ring.dead_rows", "value": int(one(look, DEAD)), "unit": "rows"},
                {"name": "ring.disk_at_the_end", "value": round(peak["disk"] / 2**20, 1), "unit": "MiB"},
                {"name": "ring.disk_before", "value": round(baseline / 2**20, 3), "unit": "MiB"},
                {"name": "ring.disk_after", "value": round(one(look, DISK) / 2**20, 3), "unit": "MiB"}]
    finally:
        relay.send_signal(signal.SIGTERM)
        relay.wait(60)
