-- inbox_day_drop ($1 inbox or inbox_progress) -> name, outcome (dropped or busy); nulls: nothing is to be dropped
--
-- Drops the oldest day that nobody needs any more.
-- Locks: ACCESS EXCLUSIVE on the parent and the day, waiting 50 ms at the most.
SELECT coalesce(d.name, ''), coalesce(d.outcome, '') FROM onceward.inbox_drop_day($1) d
