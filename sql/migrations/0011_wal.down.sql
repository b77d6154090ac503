DROP PUBLICATION onceward;
ALTER TABLE onceward.relay_cursor DROP COLUMN capture, DROP COLUMN wal_lsn;
DELETE FROM onceward.schema_version WHERE version = 11;
