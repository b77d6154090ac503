-- aside_hold ($1 shard, $2 lease_id, $3 seqs, $4 ids) -> rows held, rows found; no row when fenced
--
-- Copies events of held topics behind the ones that wait, in the order of the arrays. An event that a
-- crash lets come again is there already and keeps its place. Where fewer rows are
-- found than were asked for, none is held: an event that came out of the WAL is committed, but not visible while
-- its commit waits for a standby.
-- Plan: nested loop, index scans on (seq, bucket) of every leaf.
-- Locks: the cursor row of the shard, against a takeover in between.
WITH mine AS (
  SELECT shard FROM onceward.relay_cursor c
  WHERE shard = $1::smallint AND lease_id = $2::uuid
    AND EXISTS (SELECT FROM onceward.relay_life l WHERE l.shard = c.shard AND l.lease_id = c.lease_id)
  FOR SHARE
), events AS (
  SELECT mine.shard, e.n, o.xid, o.seq, o.id, o.topic, o.key, o.type, o.payload, o.content_type, o.headers, o.created_at
  FROM mine, unnest($3::bigint[], $4::uuid[]) WITH ORDINALITY AS e (seq, id, n)
  JOIN onceward.outbox o ON o.seq = e.seq AND o.id = e.id
), held AS (
  INSERT INTO onceward.outbox_held (shard, xid, seq, id, topic, key, type, payload, content_type, headers, created_at)
  SELECT shard, xid, seq, id, topic, key, type, payload, content_type, headers, created_at
  FROM events
  WHERE (SELECT count(*) FROM events) = cardinality($3::bigint[])
  ORDER BY n
  ON CONFLICT (id, seq) DO NOTHING
  RETURNING 1
)
SELECT (SELECT count(*) FROM held), (SELECT count(*) FROM events) FROM mine
