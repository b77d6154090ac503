-- Answers are forgotten: an operation that is asked for again runs again.
DROP FUNCTION onceward.operation_clean();
DROP FUNCTION onceward.operation_retain(integer);
DROP FUNCTION onceward.operation_end(text, text, bytea, bytea, text);
DROP FUNCTION onceward.operation_begin(text, text, bytea, integer);
DROP FUNCTION onceward.operation_slots();
DROP FUNCTION onceward.operation_lock(text, text);
DROP TABLE onceward.operation, onceward.operation_ring;
DELETE FROM onceward.schema_version WHERE version = 10;
