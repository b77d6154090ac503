-- What took effect is forgotten: a consumer that starts after a later 0004 applies its topics again.
DROP FUNCTION onceward.inbox_make_days(date, date);
DROP TABLE onceward.inbox_dead, onceward.inbox_progress, onceward.inbox_position, onceward.inbox;
DELETE FROM onceward.schema_version WHERE version = 4;
