"""Brings faults about, by a seed. Each fault is one method of the same name; each is written down."""
import json
import random
import signal
import time

import duplicates

PAUSE_RELAY_SECONDS = 3.0  # longer than the lease of these runs
PAUSE_CONSUMER_SECONDS = 4.0  # longer than their Kafka session
UNFLUSHED_SECONDS = 1.0
NEEDS_BROKER = ("kill_broker", "kill_broker_then_relays", "republish")


class Nemesis:
    def __init__(self, world, profile, seed):
        self.world, self.profile = world, profile
        self.dice = random.Random(seed)
        self.log = open(world.directory / "faults.jsonl", "a", buffering=1)
        self.later = []  # (time, action): what a fault has to undo
        # Each kind once in the seed's order, so that a short run has them all; then by weight.
        self.first = sorted(profile.faults)
        self.dice.shuffle(self.first)

    def note(self, fault, target, **more):
        self.log.write(json.dumps({"t": time.time_ns(), "p": "driver", "f": "fault", "fault": fault,
                                   "target": target, **more}) + "\n")

    def run(self, seconds):
        """Faults for so long; then everything that is paused goes on."""
        end = time.monotonic() + seconds
        due = time.monotonic() + self.dice.uniform(*self.profile.pause)
        while time.monotonic() < end:
            self.tick()
            if time.monotonic() >= due:
                if fault := self.choose():
                    getattr(self, fault)()
                due = time.monotonic() + self.dice.uniform(*self.profile.pause)
            time.sleep(0.05)
        for _, action in self.later:
            action()
        self.later = []
        while not self.world.broker.ready():
            self.pass_time(0.1)

    def pass_time(self, seconds):
        """Waits, and brings back what ends meanwhile."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.tick()
            time.sleep(0.05)

    def tick(self):
        for process, how in self.world.watch():
            self.note("kill" if how == -signal.SIGKILL else "exit", process, by="itself", status=how)
        now = time.monotonic()
        due = [action for at, action in self.later if at <= now]
        self.later = [entry for entry in self.later if entry[0] > now]
        for action in due:
            action()

    def choose(self):
        """The next fault. Some want a broker, which may be on its way up from the last one."""
        names = sorted(self.profile.faults)
        fault = self.first[-1] if self.first else self.dice.choices(names, [self.profile.faults[n] for n in names])[0]
        if fault in NEEDS_BROKER and not self.world.broker.ready():
            return None
        if self.first:
            self.first.pop()
        return fault

    def one_of(self, processes):
        """One that runs and is not paused; None when there is none."""
        fit = [p for p in processes if p.running() and not p.stopped]
        return self.dice.choice(fit) if fit else None

    def kill(self, process):
        if process:
            process.kill()
            self.note("kill", process.name, by="driver")

    def pause(self, process, seconds):
        if process:
            process.pause()
            self.note("stop", process.name, seconds=seconds)
            self.later.append((time.monotonic() + seconds, process.resume))

    # The faults.

    def kill_relay(self):
        self.kill(self.world.holder() or self.one_of(self.world.relays))

    def kill_consumer(self):
        self.kill(self.one_of(self.world.consumers))

    def pause_relay(self):
        self.pause(self.world.holder(), PAUSE_RELAY_SECONDS)

    def pause_consumer(self):
        self.pause(self.one_of(self.world.consumers), PAUSE_CONSUMER_SECONDS)

    def terminate_backends(self):
        database, query = self.dice.choice((
            (self.world.producer, "usename IN ('writer', 'relay')"), (self.world.consumer, "usename = 'consumer'")))
        count = self.dice.randint(1, 3)
        killed = database.query(f"SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity "
                                f"WHERE {query} ORDER BY random() LIMIT {count}) a")[0][0]
        self.note("terminate", database.name, count=killed)

    def crash(self, database):
        database.server.kill()
        database.server.start()
        # Noted after the restart: whatever a writer was told before that may be gone.
        self.note("crash", database.name)

    def crash_producer(self):
        self.crash(self.world.producer)

    def crash_consumer(self):
        self.crash(self.world.consumer)

    def crash_producer_unflushed(self):
        """Lets nobody ask for a flush for a while, so that the crash takes back acknowledged commits."""
        flag = self.world.directory / "all-async"
        flag.touch()
        self.pass_time(UNFLUSHED_SECONDS)
        self.world.producer.server.kill()
        flag.unlink()
        self.world.producer.server.start()
        self.note("crash", self.world.producer.name, unflushed=True)

    def kill_broker(self):
        self.world.broker.kill()
        self.note("kill", "broker", by="driver")
        self.world.broker.start_soon()

    def kill_broker_then_relays(self):
        """The broker first: whatever the relays send now reaches nobody."""
        self.world.broker.kill()
        self.note("kill", "broker", by="driver")
        self.pass_time(2.0)
        for relay in self.world.relays:
            self.kill(relay)
        self.world.broker.start_soon()

    def put_cursor_back(self):
        count = duplicates.put_cursor_back(self.world.producer, self.world.remembered)
        self.note("replay", "cursor", duplicates=count)

    def replay_partition(self):
        count, partition = duplicates.replay_partition(self.world.consumer, self.dice)
        self.note("replay", f"partition {partition}", duplicates=count)

    def republish(self):
        count, partition = duplicates.republish(self.world.broker.address, self.world.topic, self.dice)
        self.note("replay", f"copies in partition {partition}", duplicates=count)
