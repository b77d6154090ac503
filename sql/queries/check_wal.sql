-- check_wal ($1 whether it is this role that reads the WAL) -> level, what, remedy
--
-- What stands in the way of reading the outbox out of the WAL, or makes that dangerous. Minor versions are those
-- whose release notes name lost or skipped changes in logical decoding.
-- Locks: none.
SELECT 'problem', 'capture by wal needs PostgreSQL 14 or newer', 'set capture to poll, or upgrade the server'
WHERE current_setting('server_version_num')::integer < 140000
UNION ALL
SELECT 'problem', format('logical decoding of PostgreSQL %s can lose changes', current_setting('server_version')),
       format('install %s.%s or newer', major, minor)
FROM (VALUES (14, 19), (15, 14), (16, 10), (17, 6)) fixed (major, minor)
WHERE current_setting('server_version_num')::integer / 10000 = major
  AND current_setting('server_version_num')::integer % 10000 < minor
UNION ALL
SELECT 'problem', format('wal_level is %s, too low for capture by wal', current_setting('wal_level')),
       'ALTER SYSTEM SET wal_level = logical; then restart the server'
WHERE current_setting('wal_level') <> 'logical'
UNION ALL
SELECT 'problem', format('%s is 0, so that there can be no replication stream', name),
       format('ALTER SYSTEM SET %s = 10; then restart the server', name)
FROM pg_settings WHERE name IN ('max_replication_slots', 'max_wal_senders') AND setting = '0'
UNION ALL
SELECT 'problem', format('the role %s may not stream the WAL', current_user), format('ALTER ROLE %I REPLICATION;', current_user)
FROM pg_roles WHERE $1::boolean AND rolname = current_user AND NOT (rolreplication OR rolsuper)
UNION ALL
SELECT 'problem', 'the role may not write marks into the WAL',
       format('GRANT EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text) TO %I;', current_user)
WHERE $1::boolean AND NOT has_function_privilege('pg_logical_emit_message(boolean, text, text)', 'EXECUTE')
UNION ALL
SELECT 'problem', 'the publication onceward is missing, or is not one of the outbox''s inserts by its root',
       'DROP PUBLICATION IF EXISTS onceward; CREATE PUBLICATION onceward FOR TABLE onceward.outbox WITH (publish = ''insert'', publish_via_partition_root = true);'
WHERE NOT EXISTS (
  SELECT FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
  WHERE p.pubname = 'onceward' AND r.prrelid = 'onceward.outbox'::regclass AND p.pubviaroot
    AND p.pubinsert AND NOT p.pubupdate AND NOT p.pubdelete AND NOT p.pubtruncate)
UNION ALL
SELECT 'warning', 'max_slot_wal_keep_size is unlimited: a relay that is down for long fills the disk with WAL',
       'ALTER SYSTEM SET max_slot_wal_keep_size = ''10GB''; SELECT pg_reload_conf(); a slot that passes it costs no event'
WHERE current_setting('max_slot_wal_keep_size') = '-1'
UNION ALL
SELECT 'warning', format('replication slot %s keeps %s of WAL and nobody reads it', s.slot_name,
                         pg_size_pretty(CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_lsn() - s.restart_lsn END)),
       format('start a relay with capture = wal; or, where none is to read it again: SELECT pg_drop_replication_slot(%L);', s.slot_name)
FROM pg_replication_slots s JOIN pg_database d ON d.oid = s.datoid
WHERE d.datname = current_database() AND NOT s.active AND s.slot_name ~ (left('onceward', 40) || '_' || d.oid || '_[0-9]+$')
