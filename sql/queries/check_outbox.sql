-- check_outbox () -> level, what, remedy
--
-- What somebody has changed of the outbox that publishing all of it, in time, and truncating it rest on. A relay
-- starts nevertheless: that nothing is published helps nobody.
-- Locks: none.
SELECT 'problem', format('the shards in relay_cursor own %s of 256 buckets: events of the others are never published', owned),
       'UPDATE onceward.relay_cursor so that the ranges bucket_from to bucket_to cover 0 to 255 once'
FROM (SELECT count(DISTINCT bucket) AS owned FROM onceward.relay_cursor, generate_series(bucket_from::integer, bucket_to::integer) bucket) o
WHERE owned <> 256
UNION ALL
SELECT 'problem', format('a slot lasts %s s and there are %s, too few to keep acknowledged events for %s s',
                         slot_seconds, slots, retain_seconds),
       format('SELECT onceward.outbox_retain(''%s seconds'');', retain_seconds)
FROM onceward.outbox_ring WHERE slots * slot_seconds < retain_seconds + 4 * slot_seconds
UNION ALL
SELECT 'problem', format('outbox.slot does not turn every %s s, as outbox_ring says', slot_seconds),
       format('SELECT onceward.outbox_retain(''%s seconds'');', retain_seconds)
FROM onceward.outbox_ring, pg_attrdef d
WHERE d.adrelid = 'onceward.outbox'::regclass
  AND d.adnum = (SELECT attnum FROM pg_attribute WHERE attrelid = d.adrelid AND attname = 'slot')
  AND pg_get_expr(d.adbin, d.adrelid) !~ format('/ \(?%s\)', slot_seconds)
UNION ALL
SELECT 'problem', format('index %s is not valid, so that a read may take very long', i.indexrelid::regclass),
       format('REINDEX INDEX CONCURRENTLY %s;', i.indexrelid::regclass)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = 'onceward'::regnamespace AND NOT i.indisvalid
UNION ALL
SELECT 'problem', format('index onceward.outbox_%s_%s is missing, so that a read may take very long', slot, name),
       format('CREATE INDEX CONCURRENTLY outbox_%1$s_%2$s ON onceward.outbox_%1$s (%3$s);', slot, name, columns)
FROM onceward.outbox_ring, generate_series(0, slots::integer - 1) slot,
     (VALUES ('xid', 'xid, seq, (bucket::integer)'), ('seq', 'seq, bucket')) wanted (name, columns)
WHERE to_regclass(format('onceward.outbox_%s_%s', slot, name)) IS NULL
