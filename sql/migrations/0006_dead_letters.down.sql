DROP FUNCTION onceward.outbox_forget_tombstones(smallint), onceward.dead_discard(uuid, bigint),
              onceward.dead_redrive(uuid, bigint, boolean), onceward.dead_edit(uuid, bigint, text, bytea, text, jsonb),
              onceward.dead_locked(uuid, bigint);
DROP TABLE onceward.outbox_held, onceward.outbox_hold, onceward.audit;
DROP INDEX onceward.outbox_dead_shard;
ALTER TABLE onceward.outbox_dead DROP CONSTRAINT outbox_dead_pkey;
DELETE FROM onceward.outbox_dead d WHERE EXISTS (
  SELECT FROM onceward.outbox_dead newer WHERE newer.id = d.id AND newer.seq > d.seq);
ALTER TABLE onceward.outbox_dead ADD PRIMARY KEY (id);
GRANT UPDATE ON onceward.outbox_dead TO onceward_relay;
DELETE FROM onceward.schema_version WHERE version = 6;
