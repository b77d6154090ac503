-- check_transactions ($1 age from which a transaction counts as long) -> level, what, remedy
--
-- What holds back VACUUM in this database, and the truncation of the leaves it has locked.
-- Locks: none.
SELECT 'warning', format('a transaction of %s (%s) has been open for %s', coalesce(usename, '?'), state,
                         date_trunc('second', clock_timestamp() - xact_start)),
       format('SELECT pg_terminate_backend(%s);', pid)
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
  AND xact_start < clock_timestamp() - $1::interval
UNION ALL
SELECT 'warning', format('the transaction of %s is prepared since %s and waits for a decision', owner, date_trunc('second', prepared)),
       format('ROLLBACK PREPARED %L; or COMMIT PREPARED %L;', gid, gid)
FROM pg_prepared_xacts WHERE database = current_database() AND prepared < clock_timestamp() - $1::interval
UNION ALL
SELECT 'warning', format('replication slot %s is not in use and keeps the WAL since %s', slot_name, restart_lsn),
       format('SELECT pg_drop_replication_slot(%L); if nothing will come back for it', slot_name)
FROM pg_replication_slots WHERE NOT active
UNION ALL
SELECT 'warning', format('%s cannot see other users'' transactions, which may hold back VACUUM', current_user),
       format('GRANT pg_read_all_stats TO %I;', current_user)
WHERE NOT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
