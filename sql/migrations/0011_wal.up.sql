-- The write-ahead log as a second way to read the outbox.

-- Everything that was committed before this place in the WAL is acknowledged, as is what lo sees. Null while the
-- table is polled.
ALTER TABLE onceward.relay_cursor ADD COLUMN wal_lsn pg_lsn;

-- How the holder of the lease reads, or the last one did.
ALTER TABLE onceward.relay_cursor ADD COLUMN capture text NOT NULL DEFAULT 'poll' CHECK (capture IN ('poll', 'wal'));

-- Inserts only: leaves are truncated when all of them is acknowledged, and nothing is ever updated or deleted. By
-- the root, so that rows of all leaves come under one description. It is here before any slot is: a slot that is
-- older than its publication cannot be read.
CREATE PUBLICATION onceward FOR TABLE onceward.outbox WITH (publish = 'insert', publish_via_partition_root = true);

INSERT INTO onceward.schema_version (version, name, compatible_from, checksum) VALUES (11, 'wal', 8, 'f4080077ef8f892f538110e60a36bb9baad6b82bbaba214485c0b7efb1071594');
