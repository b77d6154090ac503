-- check_inbox () -> level, what, remedy
--
-- Whether there are partitions for the days to come; consumers make them while they run.
-- Locks: none.
SELECT CASE WHEN last_day < today THEN 'problem' ELSE 'warning' END,
       format('%s has partitions until %s only, and no consumer has made more', parent, coalesce(last_day::text, 'never')),
       'SELECT onceward.inbox_make_days(current_date, current_date + 7);'
FROM (SELECT parent, (now() AT TIME ZONE 'UTC')::date AS today, max(substring(c.relname FROM '[0-9]{8}$')::date) AS last_day
      FROM unnest(ARRAY['onceward.inbox', 'onceward.inbox_progress']) parent
      LEFT JOIN pg_inherits i ON i.inhparent = parent::regclass LEFT JOIN pg_class c ON c.oid = i.inhrelid
      GROUP BY parent) d
WHERE (last_day IS NULL OR last_day < today + 2) AND EXISTS (SELECT FROM onceward.inbox_position)
