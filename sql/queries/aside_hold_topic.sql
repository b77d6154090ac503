-- aside_hold_topic ($1 shard, $2 lease_id, $3 topic, $4 reason) -> a row; none when fenced
--
-- From the next lease on, the topic's events go to outbox_held.
-- Locks: the cursor row of the shard, against a takeover in between.
WITH mine AS (
  SELECT shard FROM onceward.relay_cursor c
  WHERE shard = $1::smallint AND lease_id = $2::uuid
    AND EXISTS (SELECT FROM onceward.relay_life l WHERE l.shard = c.shard AND l.lease_id = c.lease_id)
  FOR SHARE
), held AS (
  INSERT INTO onceward.outbox_hold (shard, topic, reason) SELECT shard, $3, $4 FROM mine
  ON CONFLICT (shard, topic) DO NOTHING
)
SELECT 1 FROM mine
