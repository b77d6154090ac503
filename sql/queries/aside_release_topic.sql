-- aside_release_topic ($1 shard, $2 lease_id, $3 topic) -> a row; none when fenced
--
-- The topic's events are published as they come again. Only for a topic of which no event waits: the
-- holder of the lease, who alone holds and publishes, has seen to that.
-- Locks: the cursor row of the shard, against a takeover in between.
WITH mine AS (
  SELECT shard FROM onceward.relay_cursor c
  WHERE shard = $1::smallint AND lease_id = $2::uuid
    AND EXISTS (SELECT FROM onceward.relay_life l WHERE l.shard = c.shard AND l.lease_id = c.lease_id)
  FOR SHARE
), released AS (
  DELETE FROM onceward.outbox_hold h USING mine
  WHERE h.shard = mine.shard AND h.topic = $3
    AND NOT EXISTS (SELECT FROM onceward.outbox_held e WHERE e.shard = mine.shard AND e.topic = $3)
)
SELECT 1 FROM mine
