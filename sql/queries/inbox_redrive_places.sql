-- inbox_redrive_places ($1 consumer) -> topic, partition
--
-- Where dead letters wait for being handed to the consumer again.
-- Plan: Index Only Scan on the partial index inbox_dead_redrive, empty but for those. Locks: none.
SELECT DISTINCT topic, partition FROM onceward.inbox_dead WHERE consumer = $1 AND state = 'redrive'
