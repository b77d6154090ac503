-- inbox_redrive_next ($1 consumer, $2 topic, $3 partition)
--   -> number, off, id, as_new, key in hex, type, payload in hex, headers, created_at in ms, attempts
--
-- The first dead letter of a partition that is to be applied again; asked under the lock on the
-- position, so that two owners do not wait for each other here.
-- Plan: Index Scan on inbox_dead_redrive. Locks: FOR UPDATE on the row.
SELECT d.number, d.off, coalesce(d.redrive_id::text, d.id), d.redrive_id IS NOT NULL, encode(d.key, 'hex'),
       coalesce(d.type, ''), encode(d.payload, 'hex'), coalesce(d.headers, '[]'),
       coalesce(floor(extract(epoch FROM d.created_at) * 1000)::bigint, 0), d.attempts
FROM onceward.inbox_dead d
WHERE d.consumer = $1 AND d.topic = $2 AND d.partition = $3 AND d.state = 'redrive'
ORDER BY d.off LIMIT 1 FOR UPDATE
