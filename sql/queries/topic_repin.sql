-- topic_repin ($1 topic, $2 partitions)
--
-- Pins the topic to another count and ends all leases: a relay keeps a topic's count as long as its lease, so each
-- begins again, and with the new one. The proof of life follows the lease's new id, which keeps the incarnation.
-- Locks: all rows of relay_cursor and relay_life, the topic's row of topic_pin.
WITH pin AS (
  INSERT INTO onceward.topic_pin (topic, partitions) VALUES ($1, $2::integer)
  ON CONFLICT (topic) DO UPDATE SET partitions = EXCLUDED.partitions, pinned_at = clock_timestamp()
), freed AS (
  UPDATE onceward.relay_cursor SET lease_id = gen_random_uuid(), lease_until = NULL, owner = NULL
  WHERE lease_id IS NOT NULL
  RETURNING shard, lease_id
)
UPDATE onceward.relay_life l SET lease_id = f.lease_id FROM freed f WHERE l.shard = f.shard
