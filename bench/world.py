"""The servers that a measurement runs on, and what it reads of a process."""
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager

import psycopg2
from kafka import KafkaConsumer, TopicPartition

ROOT = pathlib.Path(__file__).resolve().parent.parent
PARTITIONS, KEYS, PAYLOAD = 6, 1000, 300
WAIT_SECONDS = 300

BUSINESS = """
CREATE SCHEMA bench;
CREATE TABLE bench.account (id bigint PRIMARY KEY, balance bigint NOT NULL);
INSERT INTO bench.account SELECT n, 0 FROM generate_series(0, 9) n;
CREATE TABLE bench.naive (seq bigserial PRIMARY KEY, id uuid NOT NULL, key bytea, payload bytea);
"""


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
        self.sql(BUSINESS)

    def close(self):
        self.consumer.close()
        self.dev.send_signal(signal.SIGTERM)
        self.dev.wait(60)
        self.run(ROOT / "scripts/kafka", "stop", "--dir", self.directory / "kafka")

    def run(self, *command):
        return subprocess.run([str(c) for c in command], check=True, stdout=subprocess.PIPE, text=True).stdout

    def probe(self, *arguments):
        """A command of bench/main.cpp."""
        return json.loads(self.run(self.build / "bench/onceward_bench", *arguments))

    def load(self, topic, events):
        return [self.kafka, topic, PARTITIONS, events, PAYLOAD, KEYS]

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

    def fill_naive(self):
        """The same events in a table without order, for the naive relay."""
        self.sql("TRUNCATE bench.naive")
        self.sql("INSERT INTO bench.naive (id, key, payload) SELECT id, key, payload FROM onceward.outbox ORDER BY seq")
        self.sql("VACUUM ANALYZE bench.naive")

    @contextmanager
    def relay(self, *options):
        process = subprocess.Popen([str(c) for c in (
            self.build / "cli/onceward", "relay", "--database", self.database, "--brokers", self.kafka,
            "--log-level", "warning", "--admin-listen", "off", *options)])
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


@contextmanager
def temporary_world(build):
    with tempfile.TemporaryDirectory(prefix="onceward-bench-") as directory:
        os.chmod(directory, 0o755)
        world = World(build, directory)
        try:
            yield world
        finally:
            world.close()


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
