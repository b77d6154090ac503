"""Waits until everything that was committed has taken effect, with a bound."""
import time

import psycopg2

import dump


def counts(world):
    """(committed, in effect, consumed up to the topic's end)."""
    committed = world.producer.query("SELECT count(*) FROM onceward.outbox")[0][0]
    applied = world.consumer.query("SELECT count(DISTINCT id) FROM ledger")[0][0]
    positions = dict(world.consumer.query("SELECT DISTINCT ON (partition) partition, next_off FROM progress_log "
                                          "ORDER BY partition, n DESC"))
    ends = dump.end_offsets(world.broker.address, world.topic)
    return committed, applied, all(positions.get(p, 0) >= end for p, end in ends.items())


def drain(world, tick):
    """Returns whether all is done; False once the bound is reached or nothing moves any more."""
    profile, begin = world.profile, time.monotonic()
    last, moved = None, begin
    while (now := time.monotonic()) - begin < profile.drain_seconds:
        tick()
        try:
            seen = counts(world)
        except psycopg2.OperationalError:
            seen = last
        if seen and seen[0] == seen[1] and seen[2]:
            return True
        if seen != last:
            last, moved = seen, now
        if now - moved > profile.stall_seconds:
            return False
        time.sleep(0.2)
    return False
