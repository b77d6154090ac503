-- inbox_position_take ($1 consumer, $2 topic, $3 partition, $4 owner) -> epoch, next_off
--
-- Fences the former owner and folds what it has applied into the position. Only the progress of the
-- row's own epoch counts: earlier progress is in next_off already, unless a person has put next_off
-- back and raised the epoch, to have messages delivered again.
-- Plan: the one row by primary key; Merge Append of Index Scan Backward on the progress, which ends
-- at the first row of that epoch.
UPDATE onceward.inbox_position p
SET epoch = p.epoch + 1, owner = $4, state = 'running', reason = NULL, updated_at = clock_timestamp(),
    next_off = greatest(p.next_off, (
      SELECT g.next_off FROM onceward.inbox_progress g
      WHERE g.consumer = $1 AND g.topic = $2 AND g.partition = $3 AND g.epoch = p.epoch
      ORDER BY g.next_off DESC LIMIT 1))
WHERE p.consumer = $1 AND p.topic = $2 AND p.partition = $3
RETURNING p.epoch, p.next_off
