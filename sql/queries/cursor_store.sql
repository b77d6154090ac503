-- cursor_store ($1 shard, $2 lease_id, $3 ttl in ms, $4 lo, $5 hi or null, $6 done_seq, $7 wal_lsn or null) -> a row; none when fenced
--
-- Makes a position the place from which a successor resumes and extends the lease, in one commit.
-- Locks: the cursor row of the shard.
UPDATE onceward.relay_cursor
SET lease_until = clock_timestamp() + $3::bigint * interval '1 ms',
    lo = $4, hi = $5, done_seq = $6::bigint, wal_lsn = $7::pg_lsn, updated_at = clock_timestamp()
WHERE shard = $1::smallint AND lease_id = $2::uuid
  AND EXISTS (SELECT FROM onceward.relay_life WHERE shard = $1::smallint AND lease_id = $2::uuid)
RETURNING 1
