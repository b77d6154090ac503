-- slot_bytes ($1 shard) -> bytes of WAL that the shard's slot keeps; no row where there is no slot
--
-- Locks: none.
SELECT coalesce(CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_lsn() - s.restart_lsn END, 0)::bigint
FROM pg_replication_slots s JOIN pg_database d ON d.oid = s.datoid
WHERE d.datname = current_database() AND s.slot_name = left('onceward', 40) || '_' || d.oid || '_' || $1::smallint
