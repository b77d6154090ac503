-- check_order () -> level, what, remedy
--
-- What would publish a key's events out of their order: with this no relay starts.
-- Locks: none.
SELECT 'problem', format('sequence onceward.outbox_seq has CACHE %s, which inverts the order of a key''s events', seqcache),
       'ALTER SEQUENCE onceward.outbox_seq CACHE 1;'
FROM pg_sequence WHERE seqrelid = 'onceward.outbox_seq'::regclass AND seqcache <> 1
UNION ALL
SELECT 'problem', 'two shards in relay_cursor own the same buckets: their events are published twice, out of order',
       'UPDATE onceward.relay_cursor so that the ranges bucket_from to bucket_to cover 0 to 255 once'
WHERE EXISTS (SELECT FROM onceward.relay_cursor a JOIN onceward.relay_cursor b
              ON a.shard < b.shard AND a.bucket_from <= b.bucket_to AND b.bucket_from <= a.bucket_to)
