DROP FUNCTION onceward.outbox_disk_limit(bigint);
ALTER TABLE onceward.outbox_ring DROP COLUMN disk_limit_bytes;
DELETE FROM onceward.schema_version WHERE version = 9;
