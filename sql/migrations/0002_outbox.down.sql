-- Every event goes, published or not.
DROP TABLE onceward.outbox_slot, onceward.outbox_ring, onceward.outbox;
DROP FUNCTION onceward.add(text, text, text, jsonb, jsonb, uuid, boolean),
              onceward.add_bytes(text, bytea, text, bytea, text, jsonb, uuid, boolean),
              onceward.lock_key(text, bytea), onceward.headers_ok(jsonb), onceward.bucket_of(text, bytea, uuid),
              onceward.uuid7_ms(uuid), onceward.uuid7();
DROP SEQUENCE onceward.outbox_seq;
DELETE FROM onceward.schema_version WHERE version = 2;
