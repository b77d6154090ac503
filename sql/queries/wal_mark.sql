-- wal_mark ($1 prefix, $2 name) -> snapshot, publication, place
--
-- Writes a mark into the WAL, with the statement's own snapshot, which is taken before; and tells what the
-- publication is in that snapshot, as slot_look does.
-- Locks: none.
SELECT pg_current_snapshot()::text,
       coalesce((SELECT format('%s %s %s %s', p.oid, p.xmin, r.oid, r.xmin)
                 FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
                 WHERE p.pubname = 'onceward' AND r.prrelid = 'onceward.outbox'::regclass), ''),
       pg_logical_emit_message(true, $1, $2)
