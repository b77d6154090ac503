-- inbox_progress_exists ($1 consumer, $2 topic, $3 partition, $4 epoch, $5 next_off) -> boolean
--
-- Whether a batch whose COMMIT was in doubt has committed. Asked under the lock on the position row,
-- which the batch in doubt held to its end.
SELECT EXISTS (SELECT FROM onceward.inbox_progress
               WHERE consumer = $1 AND topic = $2 AND partition = $3 AND next_off = $5 AND epoch = $4)
