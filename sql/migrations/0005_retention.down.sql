-- Nothing is truncated any more. The slots keep the length that outbox_retain gave them.
DROP FUNCTION onceward.outbox_clean_slot(smallint), onceward.outbox_unacknowledged(smallint),
              onceward.outbox_retain(interval);
ALTER TABLE onceward.outbox_ring DROP CONSTRAINT outbox_ring_is_large_enough, DROP COLUMN retain_seconds;
GRANT UPDATE ON onceward.outbox_slot TO onceward_relay;
DELETE FROM onceward.schema_version WHERE version = 5;
