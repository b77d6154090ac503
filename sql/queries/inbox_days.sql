-- inbox_days ($1 window in days) -> made, last_day in days since 1970
--
-- Makes the day partitions from the oldest id that is still judged to a week ahead.
-- Locks: SHARE UPDATE EXCLUSIVE on the two parents for each day made; readers and writers go on.
SELECT onceward.inbox_make_days(today - $1::int - 1, today + 7), (today + 7) - date '1970-01-01'
FROM (SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date AS today) t
