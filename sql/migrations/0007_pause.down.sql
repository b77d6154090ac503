DROP TABLE onceward.relay_pause;
DELETE FROM onceward.schema_version WHERE version = 7;
