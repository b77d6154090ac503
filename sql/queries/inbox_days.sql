-- inbox_days ($1 consumer, $2 window in days) -> last_day, ids_since; in days since 1970
--
-- Says that the consumer is there, and makes the day partitions from the oldest id that it still
-- judges to a week ahead.
-- Locks: SHARE UPDATE EXCLUSIVE on the two parents for each day made; readers and writers go on.
SELECT d.last_day - date '1970-01-01', d.ids_since - date '1970-01-01'
FROM onceward.inbox_keep_days($1, $2::int) d
