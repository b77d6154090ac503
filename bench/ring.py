"""Many events through a small ring, under a transaction that stays open all the time.

What grows with the number of events, or slows down with it, shows here: the rate of each tenth of the
run, dead rows, and the disk that is left when everything is acknowledged.
"""
import sys
import threading
import time

import psycopg2

from figures import publish, summary
from world import KEYS, PAYLOAD, temporary_world, wait_for

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
    with temporary_world(build) as world:
        rows = summary([run(world, events)])
    publish(f"{events:,} events of {PAYLOAD} bytes through a ring that turns in 16 s, a transaction open all the time",
            rows, json_file)


def run(world, events):
    look = autocommitting(world.database)
    world.sql(f"SELECT onceward.outbox_retain('{RETENTION}')")
    baseline = one(look, DISK)
    stranger = psycopg2.connect(world.database)  # with an event of its own, never committed
    one(stranger, "SELECT onceward.add('ring', 'stranger', 'bench', '{}'::jsonb)")
    topic, counter = world.topic("ring"), {"published": 0}
    with world.relay():
        writer = Writer(world.database, topic, events, lambda: counter["published"], lead=100_000)
        writer.start()
        rates = tenths(world, topic, events, writer, counter)
        at_the_end = one(look, DISK)
        stranger.rollback()
        stranger.close()
        wait_for(lambda: one(look, "SELECT NOT EXISTS (SELECT FROM onceward.outbox)"), "the ring to be empty")
        return {("ring.first_tenth", "1/s"): rates[0],
                ("ring.last_tenth", "1/s"): rates[-1],
                ("ring.last_of_first", "ratio"): rates[-1] / rates[0],
                ("ring.dead_rows", "rows"): int(one(look, DEAD)),
                ("ring.disk_at_the_end", "MiB"): at_the_end / 2**20,
                ("ring.disk_before", "MiB"): baseline / 2**20,
                ("ring.disk_after", "MiB"): one(look, DISK) / 2**20}
