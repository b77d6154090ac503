-- The cursor goes: a relay that starts after a later 0003 publishes only what commits from then on.
DROP TABLE onceward.outbox_dead, onceward.topic_pin, onceward.relay_life, onceward.relay_cursor;
REVOKE ALL ON onceward.outbox, onceward.outbox_ring, onceward.outbox_slot FROM onceward_relay, onceward_monitor;
REVOKE ALL ON SEQUENCE onceward.outbox_seq FROM onceward_relay;
DELETE FROM onceward.schema_version WHERE version = 3;
