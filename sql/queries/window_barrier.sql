-- window_barrier ($1 shard, $2 lease_id) -> alive, durable; no row when fenced
--
-- A synchronous commit of the cursor row: it flushes the WAL before it, hence every commit that was
-- visible earlier, and waits for synchronous standbys.
-- Locks: the cursor row of the shard.
UPDATE onceward.relay_cursor SET updated_at = clock_timestamp()
WHERE shard = $1::smallint AND lease_id = $2::uuid
  AND EXISTS (SELECT FROM onceward.relay_life WHERE shard = $1::smallint AND lease_id = $2::uuid)
RETURNING true, true
