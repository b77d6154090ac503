-- topic_pending ($1 topic, $2 rows at most) -> count
--
-- The topic's events that are not published: those that no stored cursor has passed, as in backlog.sql, and held ones.
-- Locks: none.
SELECT count(*) FROM (
  SELECT FROM onceward.relay_cursor c
  JOIN onceward.outbox o
    ON o.xid >= pg_snapshot_xmin(c.lo::pg_snapshot) AND o.bucket BETWEEN c.bucket_from AND c.bucket_to
  WHERE o.topic = $1 AND NOT pg_visible_in_snapshot(o.xid, c.lo::pg_snapshot)
    AND NOT (c.hi IS NOT NULL AND o.seq <= c.done_seq AND pg_visible_in_snapshot(o.xid, c.hi::pg_snapshot))
  UNION ALL
  SELECT FROM onceward.outbox_held WHERE topic = $1
  LIMIT $2::bigint) p
