"""Makes duplicates of events, as a restored backup, a rewound cursor or an operator's replay would.

What is injected is counted event by event, and only where it must be delivered again:
- a cursor that is put back makes the relay publish everything between the two snapshots once more;
- a partition that is replayed makes its consumer read applied messages once more.
"""
import collections

import settings

OLDER_BY = 5            # looks; the cursor goes back to where it was so many looks ago
REPLAYED_MESSAGES = 120
REPLAYED_LEAST = 60     # more than a consumer's batch, so that one of its batches ends inside what is replayed


class Duplicates:
    def __init__(self, measures):
        self.measures = measures
        self.cursors = {service: collections.deque(maxlen=OLDER_BY + 1) for service in settings.SERVICES}
        self.republished = []   # (service, event id)
        self.replayed = []      # (consumer, topic, partition, first offset, end offset)

    def look(self):
        """Remembers where the cursors are; called about once a second."""
        for service, seen in self.cursors.items():
            lo = self.measures.rows(service, "SELECT lo FROM onceward.relay_cursor WHERE shard = 0")[0][0]
            if not seen or seen[-1] != lo:
                seen.append(lo)

    def put_cursor_back(self, service):
        """The relay at work loses its lease and its place; whoever comes next publishes from the older one.

        @return How many events will be published again.
        """
        if len(self.cursors[service]) < 2:
            return 0
        older = self.cursors[service][0]
        with self.measures.transaction(service) as cursor:
            cursor.execute("SELECT lo FROM onceward.relay_cursor WHERE shard = 0 FOR UPDATE")
            newer = cursor.fetchone()[0]
            cursor.execute("UPDATE onceward.relay_cursor SET lo = %s, hi = NULL, done_seq = 0,"
                           " lease_id = NULL, lease_until = NULL WHERE shard = 0", (older,))
            cursor.execute("SELECT id::text FROM onceward.outbox WHERE pg_visible_in_snapshot(xid, %s::pg_snapshot)"
                           " AND NOT pg_visible_in_snapshot(xid, %s::pg_snapshot)", (newer, older))
            again = [event_id for (event_id,) in cursor.fetchall()]
        self.republished += [(service, event_id) for event_id in again]
        self.cursors[service].clear()
        return len(again)

    def replay_partition(self, consumer, topic, partition):
        """The consumer is fenced and starts over from an older offset.

        @return How many messages it will read again.
        """
        place = (consumer, topic, partition)
        with self.measures.transaction(consumer) as cursor:
            # Each batch of the consumer holds this row, so from here on none is under way.
            cursor.execute("UPDATE onceward.inbox_position SET epoch = epoch + 1"
                           " WHERE (consumer, topic, partition) = (%s, %s, %s)", place)
            cursor.execute("SELECT max(next_off) FROM onceward.inbox_progress"
                           " WHERE (consumer, topic, partition) = (%s, %s, %s)", place)
            end = cursor.fetchone()[0] or 0
            first = max(0, end - REPLAYED_MESSAGES)
            cursor.execute("DELETE FROM onceward.inbox_progress"
                           " WHERE (consumer, topic, partition) = (%s, %s, %s) AND next_off > %s", (*place, first))
            cursor.execute("UPDATE onceward.inbox_position SET next_off = %s"
                           " WHERE (consumer, topic, partition) = (%s, %s, %s)", (first, *place))
        if end > first:
            self.replayed.append((*place, first, end))
        return end - first

    def can_be_replayed(self, consumer):
        """Its partitions with enough in them; each only once, so that the positions tell whether it was read again."""
        before = {tuple(replay[:3]) for replay in self.replayed}
        return [place for place, end in sorted(self.measures.positions(consumer).items())
                if end >= REPLAYED_LEAST and (consumer, *place) not in before]

    def not_read_again(self):
        """Replays after which no batch ended inside the range: its consumer cannot have read it again."""
        missing = []
        for consumer, topic, partition, first, end in self.replayed:
            batches = self.measures.rows(
                consumer, "SELECT count(*) FROM onceward.inbox_progress WHERE (consumer, topic, partition)"
                          " = (%s, %s, %s) AND next_off > %s AND next_off <= %s",
                (consumer, topic, partition, first, end))[0][0]
            if batches == 0:
                missing.append(f"{consumer} has not read {topic}[{partition}] again from offset {first} to {end}")
        return missing
