-- topic_pending ($1 topic, $2 rows at most) -> count
--
-- The topic's events that a relay may be publishing: those that no stored cursor has passed, as in backlog.sql. Not
-- where the shard holds the topic: nothing is published to it then, and what waits goes out when the count is right.
-- Locks: none.
SELECT count(*) FROM (
  SELECT FROM onceward.relay_cursor c
  JOIN onceward.outbox o
    ON o.xid >= pg_snapshot_xmin(c.lo::pg_snapshot) AND o.bucket BETWEEN c.bucket_from AND c.bucket_to
  WHERE o.topic = $1 AND NOT pg_visible_in_snapshot(o.xid, c.lo::pg_snapshot)
    AND NOT (c.hi IS NOT NULL AND o.seq <= c.done_seq AND pg_visible_in_snapshot(o.xid, c.hi::pg_snapshot))
    AND NOT EXISTS (SELECT FROM onceward.outbox_hold h WHERE h.shard = c.shard AND h.topic = $1)
  LIMIT $2::bigint) p
