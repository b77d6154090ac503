-- The outbox: an append-only log on a ring of leaf partitions. No row is ever updated or deleted;
-- a leaf is truncated when every relay has acknowledged all of it.

-- CACHE 1 is a correctness requirement: a cached sequence hands one key's events numbers that run
-- against the order of their transactions.
CREATE SEQUENCE onceward.outbox_seq AS bigint CACHE 1;

CREATE FUNCTION onceward.uuid7() RETURNS uuid
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
           PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
           52, 1), 53, 1), 'hex')::uuid
$$;

-- Milliseconds since 1970 of a UUIDv7. Plain expressions, so that the planner can inline it.
CREATE FUNCTION onceward.uuid7_ms(id uuid) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT ('x0000' || pg_catalog.encode(pg_catalog.substring(pg_catalog.uuid_send(id), 1, 6), 'hex'))::pg_catalog.bit(64)::pg_catalog.int8
$$;

-- The unit of sharding: the first byte of SHA-256 over topic, a zero byte and key. Portable, so
-- that other engines can compute it; an event without a key is spread by its id.
CREATE FUNCTION onceward.bucket_of(topic text, key bytea, id uuid) RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT pg_catalog.get_byte(pg_catalog.sha256(pg_catalog.decode(topic, 'escape')
           || pg_catalog.decode('00', 'hex') || coalesce(key, pg_catalog.uuid_send(id))), 0)::pg_catalog.int2
$$;

-- Headers are an array of [name, text] or [name, {"base64": "..."}]: ordered, repeatable, binary-safe.
CREATE FUNCTION onceward.headers_ok(headers jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
  SELECT CASE WHEN jsonb_typeof(headers) <> 'array' THEN false
         ELSE jsonb_array_length(headers) <= 68 AND octet_length(headers::text) <= 24576
              AND NOT EXISTS (
                SELECT FROM jsonb_array_elements(headers) h
                WHERE jsonb_typeof(h) <> 'array' OR jsonb_array_length(h) <> 2
                   OR jsonb_typeof(h->0) <> 'string' OR h->>0 = ''
                   OR h->>0 IN ('id', 'type', 'content-type')
                   OR (h->>0 LIKE 'onceward-%' AND h->>0 NOT IN ('onceward-correlation-id', 'onceward-causation-id'))
                   OR NOT (jsonb_typeof(h->1) = 'string' OR coalesce(
                           jsonb_typeof(h->1->'base64') = 'string' AND h->1->>'base64' ~ '^[A-Za-z0-9+/]*={0,2}$', false)))
         END
$$;

CREATE TABLE onceward.outbox (
  slot         smallint    NOT NULL DEFAULT ((floor(extract(epoch FROM now()) / 300))::bigint & 15)::smallint,
  bucket       smallint    NOT NULL GENERATED ALWAYS AS (onceward.bucket_of(topic, key, id)) STORED,
  xid          xid8        NOT NULL DEFAULT pg_current_xact_id(),
  seq          bigint      NOT NULL DEFAULT nextval('onceward.outbox_seq'),
  id           uuid        NOT NULL DEFAULT onceward.uuid7(),
  topic        text        NOT NULL,
  key          bytea,
  type         text        NOT NULL,
  payload      bytea,
  content_type text,
  headers      jsonb,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- A row that was inserted by redrive, promotion or repair, under an id made earlier.
  late         boolean     NOT NULL DEFAULT false,
  CONSTRAINT outbox_topic_is_a_kafka_topic CHECK (topic ~ '^[A-Za-z0-9._-]{1,249}$' AND topic NOT IN ('.', '..')),
  CONSTRAINT outbox_key_at_most_1024_bytes CHECK (octet_length(key) <= 1024),
  CONSTRAINT outbox_type_1_to_255_bytes CHECK (octet_length(type) BETWEEN 1 AND 255),
  CONSTRAINT outbox_payload_at_most_900000_bytes CHECK (octet_length(payload) <= 900000),
  CONSTRAINT outbox_content_type_at_most_255_bytes CHECK (octet_length(content_type) <= 255),
  CONSTRAINT outbox_headers_are_name_value_pairs CHECK (onceward.headers_ok(headers)),
  CONSTRAINT outbox_id_is_uuid7 CHECK (get_byte(uuid_send(id), 6) >> 4 = 7),
  CONSTRAINT outbox_id_time_within_an_hour CHECK (
    late OR abs(onceward.uuid7_ms(id) - (extract(epoch FROM created_at) * 1000)::bigint) <= 3600000)
) PARTITION BY LIST (slot);

-- Both indexes end in the bucket, so that a shard skips other shards' rows inside the index. One as
-- an integer, the other as it is: a query names the form of the index that it must get. With one
-- form for both, a leaf that holds one large transaction is read whole by (seq, bucket), because
-- its statistics say that every row matches.
DO $$ BEGIN
  FOR i IN 0..15 LOOP
    EXECUTE format('CREATE TABLE onceward.outbox_%s PARTITION OF onceward.outbox FOR VALUES IN (%s)', i, i);
    EXECUTE format('CREATE INDEX outbox_%s_xid ON onceward.outbox_%s (xid, seq, (bucket::integer))', i, i);
    EXECUTE format('CREATE INDEX outbox_%s_seq ON onceward.outbox_%s (seq, bucket)', i, i);
  END LOOP;
END $$;

-- One row: how the ring turns. Kept equal to the default of outbox.slot.
CREATE TABLE onceward.outbox_ring (
  only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  slots        smallint NOT NULL DEFAULT 16,
  slot_seconds integer  NOT NULL DEFAULT 300
);
INSERT INTO onceward.outbox_ring DEFAULT VALUES;

-- When all of a slot had become acknowledged; null while it has rows that are not.
CREATE TABLE onceward.outbox_slot (
  slot     smallint PRIMARY KEY,
  acked_at timestamptz
);
INSERT INTO onceward.outbox_slot SELECT generate_series(0, 15);

-- Adds one event: the way in for every language. A plain INSERT of the granted columns does the same.
--   p_serialize takes a lock on the key, held to the end of the transaction, before the event gets
--   its number; for callers who hold no lock of their own on what the key names.
CREATE FUNCTION onceward.add(
  p_topic text, p_key text, p_type text, p_payload jsonb, p_headers jsonb DEFAULT NULL,
  p_id uuid DEFAULT NULL, p_serialize boolean DEFAULT false) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN onceward.add_bytes(p_topic, convert_to(p_key, 'UTF8'), p_type, convert_to(p_payload::text, 'UTF8'),
                      'application/json', p_headers, p_id, p_serialize);
END $$;

-- The same for any bytes. Under a name of its own: drivers send literals without a type, and two forms
-- of one name would then be ambiguous.
CREATE FUNCTION onceward.add_bytes(
  p_topic text, p_key bytea, p_type text, p_payload bytea, p_content_type text,
  p_headers jsonb DEFAULT NULL, p_id uuid DEFAULT NULL, p_serialize boolean DEFAULT false) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_id uuid := coalesce(p_id, onceward.uuid7());
BEGIN
  IF p_serialize AND p_key IS NOT NULL THEN
    PERFORM onceward.lock_key(p_topic, p_key);
  END IF;
  INSERT INTO onceward.outbox (id, topic, key, type, payload, content_type, headers)
  VALUES (v_id, p_topic, p_key, p_type, p_payload, p_content_type, p_headers);
  RETURN v_id;
END $$;

-- Orders the transactions that add to one key. The two-integer key space keeps clear of the
-- application's own one-bigint advisory locks.
CREATE FUNCTION onceward.lock_key(p_topic text, p_key bytea) RETURNS void
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
  SELECT pg_advisory_xact_lock(1330528856, hashtext(p_topic || ' ' || encode(p_key, 'hex')))
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA onceward FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA onceward TO onceward_app;
GRANT USAGE ON SEQUENCE onceward.outbox_seq TO onceward_app;
GRANT INSERT (id, topic, key, type, payload, content_type, headers) ON onceward.outbox TO onceward_app;

INSERT INTO onceward.schema_version (version, name, compatible_from, checksum) VALUES (2, 'outbox', 2, '20125680c80e8d26c73eaf3cb11947ea13a1bae17479f4899f04d2f7af679384');
