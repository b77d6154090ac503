-- The relay's own state. The cursor of record is always here, in the database of the outbox.

-- One row a shard: which buckets it owns, who holds it, and how far it has published.
CREATE TABLE onceward.relay_cursor (
  shard       smallint PRIMARY KEY,
  bucket_from smallint NOT NULL,
  bucket_to   smallint NOT NULL CHECK (bucket_to BETWEEN bucket_from AND 255),
  incarnation uuid     NOT NULL DEFAULT gen_random_uuid(),  -- one life of the server, as the relay saw it
  system_id   text,
  timeline    text,
  epoch       bigint   NOT NULL DEFAULT 0,                  -- grows with every lease; for order and logs
  lease_id    uuid,                                         -- the fencing token: random, compared for equality
  owner       text,
  lease_until timestamptz,
  lo          text     NOT NULL,                            -- a snapshot: everything visible in it is acknowledged
  hi          text,                                         -- the end of a large window in progress
  done_seq    bigint   NOT NULL DEFAULT 0,                  -- progress inside (lo, hi]; means nothing without hi
  state       text     NOT NULL DEFAULT 'idle' CHECK (state IN ('idle', 'running', 'stopped')),
  reason      text,                                         -- why it is stopped, and what to do
  updated_at  timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);
INSERT INTO onceward.relay_cursor (shard, bucket_from, bucket_to, lo) VALUES (0, 0, 255, pg_current_snapshot()::text);

-- A proof of life: UNLOGGED, so that it is empty after a crash of the server and on a promoted
-- standby. A snapshot held in memory is valid only while the row of its lease is here.
CREATE UNLOGGED TABLE onceward.relay_life (
  shard    smallint PRIMARY KEY,
  lease_id uuid NOT NULL
) WITH (fillfactor = 20);

-- The partition count a topic had when it was first published to: more partitions would move keys.
CREATE TABLE onceward.topic_pin (
  topic      text PRIMARY KEY,
  partitions integer NOT NULL CHECK (partitions > 0),
  pinned_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Events that Kafka refused for good, with their reason. The row stays as a tombstone until the
-- cursor has passed the event, so that a replay does not publish what a person has decided on.
CREATE TABLE onceward.outbox_dead (
  id           uuid PRIMARY KEY,
  shard        smallint NOT NULL,
  xid          xid8     NOT NULL,
  seq          bigint   NOT NULL,
  topic        text     NOT NULL,
  key          bytea,
  type         text     NOT NULL,
  payload      bytea,
  content_type text,
  headers      jsonb,
  created_at   timestamptz NOT NULL,
  state        text NOT NULL DEFAULT 'dead' CHECK (state IN ('dead', 'redriven', 'discarded')),
  reason       text NOT NULL,
  dead_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);

GRANT SELECT ON onceward.outbox, onceward.outbox_ring TO onceward_relay;
GRANT SELECT, UPDATE ON onceward.relay_cursor, onceward.outbox_slot TO onceward_relay;
GRANT SELECT, INSERT, UPDATE ON onceward.relay_life, onceward.outbox_dead TO onceward_relay;
GRANT SELECT, INSERT ON onceward.topic_pin TO onceward_relay;
GRANT SELECT ON SEQUENCE onceward.outbox_seq TO onceward_relay;
GRANT SELECT ON onceward.relay_cursor, onceward.outbox_slot, onceward.outbox_ring, onceward.topic_pin TO onceward_monitor;
GRANT SELECT (id, shard, seq, topic, type, created_at, state, reason, dead_at) ON onceward.outbox_dead TO onceward_monitor;
GRANT SELECT (slot, bucket, xid, seq, id, topic, type, created_at) ON onceward.outbox TO onceward_monitor;

INSERT INTO onceward.schema_version (version, name, compatible_from, checksum) VALUES (3, 'relay', 3, '021ddb03789875ae843de987881aeb262110c43a51f33dc697fbfbba12d7aee7');
