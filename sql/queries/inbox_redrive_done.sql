-- inbox_redrive_done ($1 number, $2 xid)
--
-- Settles a dead letter that has taken effect, in the transaction of its effect. Touches no row when
-- this is not the transaction $2: a handler has ended that one.
UPDATE onceward.inbox_dead
SET state = 'redriven', settled_at = clock_timestamp(), key = NULL, payload = NULL, headers = NULL
WHERE number = $1 AND state = 'redrive' AND pg_current_xact_id() = $2::xid8
