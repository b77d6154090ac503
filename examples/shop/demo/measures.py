"""What each process is doing, as its database sees it."""
import collections
import contextlib
import time

import settings

Lease = collections.namedtuple("Lease", "id owner")  # the owner is a relay's name and a suffix


class Measures:
    """Connections of its own, one a database, in autocommit: each look is a look at now."""

    def __init__(self, stack):
        self.connections = {service: stack.connect(service) for service in settings.SERVICES}
        for connection in self.connections.values():
            connection.autocommit = True

    def close(self):
        for connection in self.connections.values():
            connection.close()

    def rows(self, service, sql, parameters=()):
        with self.connections[service].cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []

    @contextlib.contextmanager
    def transaction(self, service):
        """A cursor whose statements are one transaction, READ COMMITTED: each sees what is committed by then."""
        connection = self.connections[service]
        connection.autocommit = False
        try:
            with connection, connection.cursor() as cursor:
                yield cursor
        finally:
            connection.autocommit = True

    def steps(self, service):
        return dict(self.rows(service, "SELECT step, count(*) FROM ledger GROUP BY step"))

    def all_steps(self):
        return {service: self.steps(service) for service in settings.SERVICES}

    def now(self):
        return self.rows("orders", "SELECT clock_timestamp()")[0][0]

    def closed(self):
        return self.steps("orders").get("closed", 0)

    def batches_under_way(self, service):
        """Transactions of the service's consumer with effects that are written and not committed: each holds
        a lock on the ledger."""
        return self.rows(service, "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
                                  " WHERE relation = 'ledger'::regclass AND mode = 'RowExclusiveLock'"
                                  " AND application_name = %s", (f"onceward-inbox {service}",))[0][0]

    def has_partitions(self, service):
        """Whether the service's consumer has begun with all partitions that it reads."""
        return len(self.positions(service)) == len(settings.HEARS[service]) * settings.PARTITIONS

    def waiting_for_relay(self, service):
        """Committed events that the relay has not yet noted as published."""
        return self.rows(service, "SELECT count(*) FROM onceward.outbox, onceward.relay_cursor"
                                  " WHERE NOT pg_visible_in_snapshot(xid, lo::pg_snapshot)")[0][0]

    def lease(self, service):
        """Who publishes for the service now; None while nobody does."""
        rows = self.rows(service, "SELECT lease_id::text, owner FROM onceward.relay_cursor"
                                  " WHERE lease_until > clock_timestamp()")
        return Lease(*rows[0]) if rows else None

    def unfinished(self):
        """Events that some relay has still to publish."""
        return sum(self.waiting_for_relay(service) for service in settings.SERVICES)

    def positions(self, service):
        """How far the service has applied each partition: {(topic, partition): next offset}."""
        rows = self.rows(service, """
            SELECT topic, partition, max(next_off) FROM (
              SELECT topic, partition, next_off FROM onceward.inbox_position WHERE consumer = %(c)s
              UNION ALL
              SELECT topic, partition, next_off FROM onceward.inbox_progress WHERE consumer = %(c)s
            ) p GROUP BY topic, partition""", {"c": service})
        return {(topic, partition): offset for topic, partition, offset in rows}


def bounded(condition, seconds, pause=0.02):
    """Polls `condition`; False when it did not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
