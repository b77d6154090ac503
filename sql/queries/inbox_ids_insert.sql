-- inbox_ids_insert ($1 consumer, $2 days, $3 ids, $4 buckets, $5 payload hashes) -> id
--
-- Remembers ids; returns those that were new. An id that another transaction is inserting is waited
-- for: committed, it is a repeat; rolled back, it is ours. READ COMMITTED is required for that.
-- The arrays come sorted by id, so that competitors lock in one order.
INSERT INTO onceward.inbox (consumer, day, id, bucket, payload_hash)
SELECT $1, m.day, m.id, m.bucket, m.payload_hash
FROM unnest($2::date[], $3::uuid[], $4::smallint[], $5::bigint[]) m(day, id, bucket, payload_hash)
ON CONFLICT DO NOTHING RETURNING id
