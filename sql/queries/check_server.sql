-- check_server () -> level, what, remedy
--
-- What the server's settings take away from the guarantees.
-- Locks: none.
SELECT 'problem', format('the server is PostgreSQL %s, but the outbox needs 13 or newer', current_setting('server_version')),
       'upgrade it'
WHERE current_setting('server_version_num')::integer < 130000
UNION ALL
SELECT 'problem', 'the server is a standby, where open transactions look finished and their events would be lost',
       'connect to the primary (target_session_attrs=read-write)'
WHERE pg_is_in_recovery()
UNION ALL
SELECT 'problem', format('%s is off, so that committed events can vanish in a crash', name),
       format('ALTER SYSTEM SET %s = on; SELECT pg_reload_conf();', name)
FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'
UNION ALL
SELECT 'warning', 'synchronous_commit is off: a crash takes back what services were told is committed, with its events',
       format('ALTER DATABASE %I SET synchronous_commit = on;', current_database())
WHERE current_setting('synchronous_commit') = 'off'
UNION ALL
SELECT 'warning', 'wal_level is minimal: there can be neither a standby nor an archive',
       'ALTER SYSTEM SET wal_level = replica; then restart the server'
WHERE current_setting('wal_level') = 'minimal'
UNION ALL
SELECT 'warning', format('%s of %s connections are in use', used, allowed),
       format('ALTER SYSTEM SET max_connections = %s; then restart the server', allowed * 2)
FROM (SELECT count(*) AS used, current_setting('max_connections')::integer AS allowed
      FROM pg_stat_activity WHERE datid IS NOT NULL) c
WHERE used > allowed * 0.9
UNION ALL
SELECT 'warning', 'idle_in_transaction_session_timeout is 0: a forgotten transaction holds back VACUUM and the outbox''s disk for ever',
       format('ALTER DATABASE %I SET idle_in_transaction_session_timeout = ''5min'';', current_database())
WHERE current_setting('idle_in_transaction_session_timeout') = '0'
