-- window_confirm ($1 shard, $2 lease_id, $3 wal_end or null) -> alive, durable
--
-- Whether the lease's proof of life is still there, and the WAL flushed up to wal_end.
-- Locks: none.
SELECT EXISTS (SELECT FROM onceward.relay_life WHERE shard = $1::smallint AND lease_id = $2::uuid),
       coalesce(current_setting('synchronous_standby_names') = '' AND pg_current_wal_flush_lsn() >= $3::pg_lsn, false)
