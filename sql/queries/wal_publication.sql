-- wal_publication () -> publication, as slot_look tells it
--
-- Locks: none.
SELECT coalesce((SELECT format('%s %s %s %s', p.oid, p.xmin, r.oid, r.xmin)
                 FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
                 WHERE p.pubname = 'onceward' AND r.prrelid = 'onceward.outbox'::regclass), '')
