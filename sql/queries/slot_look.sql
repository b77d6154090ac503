-- slot_look ($1 shard, $2 place in the WAL or null)
--   -> name, exists, ours, lost, continuous, active_pid, publication, changed_at
--
-- A shard's replication slot. It is continuous when everything behind $2 comes through it: what it has given
-- up was behind the cursor, and the place is one of this server's WAL. A slot that was made anew, or moved
-- by hand, has given up more. Slots belong to the cluster, so the database is part of the name.
--
-- The publication: a text that changes whenever it is altered, empty where it is not the one that the migration
-- has made; and the transactions that altered it last. What is committed while it is another one is not streamed.
-- Locks: none.
SELECT n.name, s.slot_name IS NOT NULL,
       coalesce(s.plugin = 'pgoutput' AND s.datoid = n.oid AND NOT s.temporary, true),
       coalesce(s.wal_status = 'lost', false),
       coalesce(s.confirmed_flush_lsn <= $2::pg_lsn AND $2::pg_lsn <= pg_current_wal_flush_lsn(), false),
       s.active_pid,
       CASE WHEN p.pubviaroot AND p.pubinsert AND NOT p.pubupdate AND NOT p.pubdelete AND NOT p.pubtruncate
            THEN coalesce(format('%s %s %s %s', p.oid, p.xmin, r.oid, r.xmin), '') ELSE '' END,
       format('{%s,%s}', coalesce(p.xmin::text, '0'), coalesce(r.xmin::text, '0'))
FROM (SELECT oid, left('onceward', 40) || '_' || oid || '_' || $1::smallint AS name
      FROM pg_database WHERE datname = current_database()) n
LEFT JOIN pg_replication_slots s ON s.slot_name = n.name
LEFT JOIN (pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = 'onceward.outbox'::regclass)
  ON p.pubname = 'onceward'
