-- aside_bury ($1 shard, $2 lease_id, $3 seq, $4 id, $5 reason) -> a row; none when fenced
--
-- Makes an event of the outbox, or of a held topic, a dead letter. The row is the tombstone too: who
-- replays the outbox from an older cursor skips the event.
-- Plan: index scans on (seq, bucket) of every leaf.
-- Locks: the cursor row of the shard, against a takeover in between.
WITH mine AS (
  SELECT shard FROM onceward.relay_cursor c
  WHERE shard = $1::smallint AND lease_id = $2::uuid
    AND EXISTS (SELECT FROM onceward.relay_life l WHERE l.shard = c.shard AND l.lease_id = c.lease_id)
  FOR SHARE
), held AS (
  DELETE FROM onceward.outbox_held h USING mine
  WHERE h.id = $4::uuid AND h.seq = $3::bigint
  RETURNING h.xid, h.seq, h.id, h.topic, h.key, h.type, h.payload, h.content_type, h.headers, h.created_at
), event AS (
  SELECT * FROM held
  UNION ALL
  SELECT xid, seq, id, topic, key, type, payload, content_type, headers, created_at
  FROM onceward.outbox WHERE seq = $3::bigint AND id = $4::uuid AND NOT EXISTS (SELECT FROM held)
), buried AS (
  INSERT INTO onceward.outbox_dead
    (shard, xid, seq, id, topic, key, type, payload, content_type, headers, created_at, reason)
  SELECT mine.shard, event.*, $5 FROM event, mine
  ON CONFLICT (id, seq) DO NOTHING
)
SELECT 1 FROM mine
