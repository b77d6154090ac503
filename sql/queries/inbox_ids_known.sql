-- inbox_ids_known ($1 consumer, $2 days, $3 ids) -> id, payload_hash
--
-- What the inbox remembers of ids that were not new. A day whose partition is gone has none.
-- Plan: Nested Loop over the ids, Index Scan on the primary key of the day's partition.
SELECT i.id, i.payload_hash
FROM unnest($2::date[], $3::uuid[]) m(day, id)
JOIN onceward.inbox i ON i.consumer = $1 AND i.day = m.day AND i.id = m.id
