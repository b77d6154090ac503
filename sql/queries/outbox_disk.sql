-- outbox_disk -> bytes, limit_bytes
--
-- What the outbox takes on disk, with its indexes, and the size beyond which that is an alarm.
-- Locks: none.
SELECT (SELECT sum(pg_total_relation_size(relid))::bigint FROM pg_partition_tree('onceward.outbox')),
       disk_limit_bytes
FROM onceward.outbox_ring
