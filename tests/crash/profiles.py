"""What a run does: its length, its writers, its faults. A planted bug gets a run that brings it out soon."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Profile:
    seconds: float
    faults: dict  # name of a fault in nemesis.py -> weight
    pause: tuple = (0.3, 1.5)  # seconds between two faults
    relay_crash: str = ""  # ONCEWARD_CRASH of the relays
    consumer_crash: str = ""
    plant: str = ""  # ONCEWARD_PLANT of relays and consumers
    writers: int = 4
    writer_pause: float = 0.012  # mean seconds between two transactions of a writer
    late: float = 0.01  # share of transactions that stay open
    asynchronous: float = 0.2  # share with synchronous_commit=off
    drain_seconds: float = 90  # the longest wait for the rest, once faults have stopped
    stall_seconds: float = 45  # given up earlier when nothing has moved for this long


RELAY_POINTS = "relay.after_lease:0.05,relay.after_read:0.002,relay.after_produce:0.002," \
               "relay.before_checkpoint:0.02,relay.after_checkpoint:0.02"
CONSUMER_POINTS = "inbox.after_ids:0.001,inbox.before_commit:0.001,inbox.after_commit:0.001," \
                  "inbox.before_kafka_commit:0.001"

ALL_FAULTS = {
    "kill_relay": 4, "kill_consumer": 4, "terminate_backends": 3, "pause_relay": 1, "pause_consumer": 1,
    "crash_producer": 1, "crash_producer_unflushed": 1, "crash_consumer": 1, "kill_broker": 1,
    "put_cursor_back": 1, "replay_partition": 2, "republish": 2,
}


def full(minutes):
    return Profile(seconds=minutes * 60, faults=ALL_FAULTS, relay_crash=RELAY_POINTS, consumer_crash=CONSUMER_POINTS)


_short = {"drain_seconds": 15, "stall_seconds": 4, "pause": (0.2, 0.6), "late": 0.0, "asynchronous": 0.0}

# Each run holds what brings its bug out and little else, so that it is caught within seconds.
PLANTS = {
    # Ids are not looked at: whatever is delivered again takes effect again.
    "no-dedup": Profile(seconds=6, faults={"republish": 1, "put_cursor_back": 1}, **_short),
    # The position is stored before the effects: a crash between the two loses them.
    "early-ack": Profile(seconds=8, faults={"kill_consumer": 1}, consumer_crash="inbox.before_commit:0.05", **_short),
    # The cursor passes what the broker has not acknowledged: broker and relay die, and it is gone.
    "relay-early-checkpoint": Profile(seconds=10, faults={"kill_broker_then_relays": 1}, **_short),
    # The cursor is the highest number seen: what commits after it with a lower one is never read.
    "skip-late": Profile(seconds=7, faults={"kill_consumer": 1}, **{**_short, "late": 0.05, "pause": (1, 2)}),
    # A relay that was paused and replaced writes its old place over its successor's.
    "unfenced-cursor": Profile(seconds=14, faults={"pause_relay": 1}, **{**_short, "pause": (3.5, 4)}),
}


# The embedded broker keeps a few megabytes a partition and cannot die.
EMBEDDED_MINUTES_MAX = 3
BROKER_FAULTS = {"kill_broker", "kill_broker_then_relays"}


def needs_real(plant):
    return plant is not None and set(PLANTS[plant].faults) <= BROKER_FAULTS


def of(minutes, plant, kafka):
    """The profile that the command line asks for."""
    profile = dataclasses.replace(PLANTS[plant], plant=plant) if plant else full(minutes)
    if kafka == "real":
        return profile
    return dataclasses.replace(profile, faults={k: v for k, v in profile.faults.items() if k not in BROKER_FAULTS})
