-- inbox_position_lock ($1 consumer, $2 topic, $3 partition) -> next_off; no row: never started
--
-- Waits for the batch of the present owner. A statement of its own: the one that reads
-- inbox_progress next must take its snapshot after that batch has ended, or it misses its end.
SELECT next_off FROM onceward.inbox_position
WHERE consumer = $1 AND topic = $2 AND partition = $3 FOR UPDATE
