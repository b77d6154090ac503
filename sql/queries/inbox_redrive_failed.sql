-- inbox_redrive_failed ($1 number, $2 reason, $3 sqlstate)
--
-- A dead letter that was handed to its handler again and failed for good waits for a decision again.
-- Touches no row when another process has settled it meanwhile.
UPDATE onceward.inbox_dead
SET state = 'dead', reason = $2, sqlstate = $3, attempts = attempts + 1, dead_at = clock_timestamp()
WHERE number = $1 AND state = 'redrive'
