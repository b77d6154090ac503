-- aside_unhold ($1 shard, $2 lease_id, $3 seqs, $4 ids) -> a row; none when fenced
--
-- Forgets held events that are published now.
-- Locks: the cursor row of the shard, against a takeover in between.
WITH mine AS (
  SELECT shard FROM onceward.relay_cursor c
  WHERE shard = $1::smallint AND lease_id = $2::uuid
    AND EXISTS (SELECT FROM onceward.relay_life l WHERE l.shard = c.shard AND l.lease_id = c.lease_id)
  FOR SHARE
), published AS (
  DELETE FROM onceward.outbox_held h USING mine, unnest($3::bigint[], $4::uuid[]) AS e (seq, id)
  WHERE h.id = e.id AND h.seq = e.seq
)
SELECT 1 FROM mine
