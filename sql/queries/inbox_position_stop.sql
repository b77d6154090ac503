-- inbox_position_stop ($1 consumer, $2 topic, $3 partition, $4 epoch, $5 reason)
--
-- Says that the partition waits for a person. No row is touched when another owner has it.
UPDATE onceward.inbox_position SET state = 'stopped', reason = $5, updated_at = clock_timestamp()
WHERE consumer = $1 AND topic = $2 AND partition = $3 AND epoch = $4
