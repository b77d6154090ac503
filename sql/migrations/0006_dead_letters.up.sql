-- What leaves the order of the outbox: dead letters, which Kafka refused for good, and the events of
-- held topics, which cannot be published to for now.

-- What a person did, and to what. Written by the functions below, in the transaction of the deed.
CREATE TABLE onceward.audit (
  at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor   text        NOT NULL DEFAULT session_user,
  action  text        NOT NULL,
  subject text        NOT NULL,
  detail  jsonb       NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_at ON onceward.audit (at);
GRANT SELECT ON onceward.audit TO onceward_monitor;

-- A redriven event has its old id and a new number, and may be refused again.
ALTER TABLE onceward.outbox_dead DROP CONSTRAINT outbox_dead_pkey;
ALTER TABLE onceward.outbox_dead ADD PRIMARY KEY (id, seq);
CREATE INDEX outbox_dead_shard ON onceward.outbox_dead (shard, dead_at);

-- The topics that a shard does not publish to for now. Their events go to outbox_held.
CREATE TABLE onceward.outbox_hold (
  shard  smallint    NOT NULL,
  topic  text        NOT NULL,
  reason text        NOT NULL,
  since  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (shard, topic)
);

-- The events of held topics, in the order in which they will be published.
CREATE TABLE onceward.outbox_held (
  place        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shard        smallint NOT NULL,
  xid          xid8     NOT NULL,
  seq          bigint   NOT NULL,
  id           uuid     NOT NULL,
  topic        text     NOT NULL,
  key          bytea,
  type         text     NOT NULL,
  payload      bytea,
  content_type text,
  headers      jsonb,
  created_at   timestamptz NOT NULL,
  UNIQUE (id, seq)
);
CREATE INDEX outbox_held_next ON onceward.outbox_held (shard, topic, place);

REVOKE UPDATE ON onceward.outbox_dead FROM onceward_relay;
GRANT SELECT, INSERT, DELETE ON onceward.outbox_hold, onceward.outbox_held TO onceward_relay;
GRANT SELECT ON onceward.outbox_hold TO onceward_monitor;
GRANT SELECT (place, shard, seq, id, topic, type, created_at) ON onceward.outbox_held TO onceward_monitor;

-- Dead letters are edited, redriven and discarded by the owner, through these functions only: each
-- leaves a row in the audit. All fail with a sentence when the dead letter is not there any more.

CREATE FUNCTION onceward.dead_locked(p_id uuid, p_seq bigint) RETURNS onceward.outbox_dead
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_dead onceward.outbox_dead;
BEGIN
  SELECT * INTO v_dead FROM onceward.outbox_dead WHERE id = p_id AND seq = p_seq AND state = 'dead' FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'event % (seq %) is not among the dead letters, or was redriven or discarded before', p_id, p_seq;
  END IF;
  RETURN v_dead;
END $$;

-- Replaces parts of a dead letter, so that it can be published; null leaves a part as it is.
CREATE FUNCTION onceward.dead_edit(p_id uuid, p_seq bigint, p_topic text DEFAULT NULL, p_payload bytea DEFAULT NULL,
                                   p_content_type text DEFAULT NULL, p_headers jsonb DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_dead onceward.outbox_dead := onceward.dead_locked(p_id, p_seq);
BEGIN
  IF NOT coalesce(onceward.headers_ok(p_headers), true) THEN
    RAISE EXCEPTION 'headers must be an array of [name, text] or [name, {"base64": "..."}] pairs';
  END IF;
  UPDATE onceward.outbox_dead
  SET topic = coalesce(p_topic, topic), payload = coalesce(p_payload, payload),
      content_type = coalesce(p_content_type, content_type), headers = coalesce(p_headers, headers)
  WHERE id = p_id AND seq = p_seq;
  INSERT INTO onceward.audit (action, subject, detail) VALUES ('dead edit', p_id::text, jsonb_build_object(
    'seq', p_seq, 'topic', v_dead.topic, 'new_topic', p_topic, 'payload_bytes', octet_length(v_dead.payload),
    'new_payload_bytes', octet_length(p_payload), 'new_content_type', p_content_type, 'headers_changed', p_headers IS NOT NULL));
END $$;

-- Puts a dead letter into the outbox again, behind everything that is there. It keeps its id, so that
-- consumers that have applied it refuse it; with p_as_new it gets a new one, for consumers whose window
-- has passed.
--   -> the id under which it will be published
CREATE FUNCTION onceward.dead_redrive(p_id uuid, p_seq bigint, p_as_new boolean DEFAULT false) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_dead onceward.outbox_dead := onceward.dead_locked(p_id, p_seq);
  v_id uuid := CASE WHEN p_as_new THEN onceward.uuid7() ELSE p_id END;
BEGIN
  INSERT INTO onceward.outbox (id, topic, key, type, payload, content_type, headers, late)
  VALUES (v_id, v_dead.topic, v_dead.key, v_dead.type, v_dead.payload, v_dead.content_type, v_dead.headers, true);
  UPDATE onceward.outbox_dead SET state = 'redriven', key = NULL, payload = NULL, headers = NULL
  WHERE id = p_id AND seq = p_seq;
  INSERT INTO onceward.audit (action, subject, detail) VALUES ('dead redrive', p_id::text, jsonb_build_object(
    'seq', p_seq, 'topic', v_dead.topic, 'type', v_dead.type, 'reason', v_dead.reason, 'new_id', v_id));
  RETURN v_id;
END $$;

-- Gives a dead letter up: its key, payload and headers are erased.
CREATE FUNCTION onceward.dead_discard(p_id uuid, p_seq bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_dead onceward.outbox_dead := onceward.dead_locked(p_id, p_seq);
BEGIN
  UPDATE onceward.outbox_dead SET state = 'discarded', key = NULL, payload = NULL, headers = NULL
  WHERE id = p_id AND seq = p_seq;
  INSERT INTO onceward.audit (action, subject, detail) VALUES ('dead discard', p_id::text, jsonb_build_object(
    'seq', p_seq, 'topic', v_dead.topic, 'type', v_dead.type, 'reason', v_dead.reason));
END $$;

-- Forgets redriven and discarded dead letters once the cursor has passed the event: until then the
-- row is a tombstone, which keeps a replay from publishing what a person has decided on.
--   -> how many
CREATE FUNCTION onceward.outbox_forget_tombstones(p_shard smallint) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH forgotten AS (
    DELETE FROM onceward.outbox_dead d USING onceward.relay_cursor c
    WHERE c.shard = p_shard AND d.shard = p_shard AND d.state <> 'dead'
      AND pg_visible_in_snapshot(d.xid, c.lo::pg_snapshot)
    RETURNING 1)
  SELECT count(*) FROM forgotten
$$;

REVOKE ALL ON FUNCTION onceward.dead_locked(uuid, bigint), onceward.dead_redrive(uuid, bigint, boolean),
                       onceward.dead_edit(uuid, bigint, text, bytea, text, jsonb),
                       onceward.dead_discard(uuid, bigint), onceward.outbox_forget_tombstones(smallint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION onceward.outbox_forget_tombstones(smallint) TO onceward_relay;

INSERT INTO onceward.schema_version (version, name, compatible_from, checksum) VALUES (6, 'dead_letters', 6, '74a8b95f0e0909650614c3b3da212fbf9b9cede2f354b7d0b75a04b70a5b30dc');
