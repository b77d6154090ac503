"""Everything of one run: two databases, a broker, writers, relays, consumers, and their files."""
import contextlib
import pathlib
import subprocess
import sys
import time

import psycopg2

import brokers
import processes
from postgres import Postgres

HERE = pathlib.Path(__file__).resolve().parent
KEYS = 40
LEASE_MS, SESSION_MS = 1500, 2000


class Database:
    def __init__(self, name, server):
        self.name, self.server = name, server

    @contextlib.contextmanager
    def transaction(self):
        connection = self.server.connect(self.name)
        connection.autocommit = False
        try:
            with connection, connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def query(self, sql):
        with self.transaction() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def script(self, path):
        with self.transaction() as cursor:
            cursor.execute(path.read_text())


class World:
    def __init__(self, directory, build, profile, seed, broker, engine):
        self.engine = engine
        self.directory, self.build, self.profile, self.seed = directory, build, profile, seed
        self.topic, self.broker = brokers.TOPIC, broker
        self.remembered = []  # the last places of the relay's cursor, oldest first
        self.remembered_at = 0.0
        # An idle WAL writer: what is not flushed by a commit stays unflushed until a crash.
        settings = {"wal_writer_delay": "10s", "wal_level": "logical" if engine == "wal" else "replica"}
        self.producer = Database("producer", Postgres(directory, "producer", settings))
        self.consumer = Database("consumer", Postgres(directory, "consumer", {}))
        self.writers, self.relays, self.consumers = [], [], []

    def start(self):
        for database, schema in ((self.producer, "producer.sql"), (self.consumer, "consumer.sql")):
            database.server.start()
            with contextlib.closing(database.server.connect("postgres")) as connection:
                connection.cursor().execute(f"CREATE DATABASE {database.name}")
            self.migrate(database)
            database.script(HERE / schema)
        with self.producer.transaction() as cursor:
            cursor.execute("INSERT INTO account (k) SELECT generate_series(0, %s)", (KEYS + 9,))
        self.relays = [self.relay(n) for n in (1, 2)]
        self.consumers = [self.ledger_consumer(n) for n in (1, 2)]
        self.writers = [self.writer(n) for n in range(1, self.profile.writers + 1)]
        for process in self.tested() + self.writers:
            process.start()

    def tested(self):
        return self.relays + self.consumers

    def migrate(self, database):
        done = subprocess.run([self.build / "cli/onceward", "migrate", "up", "--database",
                                         database.server.dsn(database.name)], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"onceward migrate up failed:\n{done.stdout}{done.stderr}")

    def environment(self, crash):
        return {"ONCEWARD_CRASH": crash, "ONCEWARD_PLANT": self.profile.plant}

    def relay(self, number):
        name = f"relay-{number}"
        command = [self.build / "cli/onceward", "relay", "--database", self.producer.server.dsn("producer", "relay"),
                   "--brokers", self.broker.address, "--name", name, "--lease-ttl", f"{LEASE_MS}ms",
                   "--retry-max", "1s", "--admin-listen", "off", "--capture", self.engine]
        return processes.Process(name, command, self.environment(self.profile.relay_crash), self.directory)

    def ledger_consumer(self, number):
        command = [self.build / "tests/crash/ledger_consumer", "--database",
                   self.consumer.server.dsn("consumer", "consumer"), "--brokers", self.broker.address,
                   "--consumer", "ledger", "--topic", self.topic, "--workers", 2, "--batch-max", 50, "--session-ms", SESSION_MS]
        return processes.Process(f"consumer-{number}", command, self.environment(self.profile.consumer_crash),
                                 self.directory)

    def writer(self, number):
        p = self.profile
        command = [sys.executable, HERE / "writer.py", "--dsn", self.producer.server.dsn("producer", "writer"),
                   "--dir", self.directory, "--name", number, "--seed", self.seed, "--topic", self.topic, "--keys", KEYS,
                   "--pause", p.writer_pause, "--late", p.late, "--asynchronous", p.asynchronous]
        return processes.Process(f"writer-{number}", command, {}, self.directory)

    def watch(self):
        """Brings back what has ended. Returns who ended by itself, and how."""
        self.remember_cursor()
        ended = []
        for process in self.tested() + self.writers:
            how = process.watch()
            if how is not None:
                ended.append((process.name, how))
        return ended

    def remember_cursor(self):
        """Keeps the cursor's places of the last seconds, for putting it back."""
        if time.monotonic() - self.remembered_at < 0.5:
            return
        self.remembered_at = time.monotonic()
        try:
            lo = self.producer.query("SELECT lo FROM onceward.relay_cursor WHERE shard = 0")[0][0]
        except psycopg2.OperationalError:
            return
        self.remembered = [*self.remembered, lo][-6:]

    def holder(self):
        """The relay that holds the lease and is not paused; None when nobody does."""
        try:
            rows = self.producer.query("SELECT owner FROM onceward.relay_cursor WHERE lease_until > clock_timestamp()")
        except psycopg2.OperationalError:
            return None
        return next((r for r in self.relays if rows and r.running() and not r.stopped
                     and (rows[0][0] or "").startswith(r.name)), None)

    def close(self):
        for process in self.tested() + self.writers:
            process.wanted = False
            process.kill()
        for database in (self.producer, self.consumer):
            database.server.stop()
