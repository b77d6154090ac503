-- The inbox in operation: days that are dropped when no consumer judges by them any more, and
-- messages that were set aside, edited, and handed to their consumer again.

-- Who remembers ids, and for how long. No day from `ids_since` on was ever dropped, so there an id
-- that is unknown is new; consumers quarantine what is older.
CREATE TABLE onceward.inbox_consumer (
  consumer       text PRIMARY KEY,
  window_days    integer NOT NULL CHECK (window_days BETWEEN 1 AND 365),
  window_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),  -- a process with this window
  ids_since      date NOT NULL,
  seen_at        timestamptz NOT NULL DEFAULT clock_timestamp()   -- a process with any window
);

-- Day partitions of `inbox` or `inbox_progress`, with those that were detached and not yet dropped.
-- Detaching by stages exists from PostgreSQL 14 on.
CREATE FUNCTION onceward.inbox_days(p_parent text) RETURNS TABLE (day date, name text, state text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT to_date(right(c.relname, 8), 'YYYYMMDD'), c.relname::text,
         CASE WHEN i.inhrelid IS NULL THEN 'detached'
              WHEN coalesce((to_jsonb(i) ->> 'inhdetachpending')::boolean, false) THEN 'detaching'
              ELSE 'attached' END
  FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
  WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'onceward.inbox'::regclass)
    AND c.relkind = 'r' AND c.relname ~ ('^' || p_parent || '_[0-9]{8}$')
  ORDER BY 1
$$;

-- As before, but progress is written for today only, so it needs no days that are past.
CREATE OR REPLACE FUNCTION onceward.inbox_make_days(p_from date, p_to date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_parent text; v_from date; v_day date; v_name text; v_made integer := 0;
BEGIN
  IF p_to - p_from > 400 THEN
    RAISE EXCEPTION 'inbox_make_days: % to % is more than 400 days', p_from, p_to;
  END IF;
  PERFORM pg_advisory_xact_lock(1330528856, hashtext('inbox_make_days'));
  FOREACH v_parent IN ARRAY ARRAY['inbox', 'inbox_progress'] LOOP
    v_from := p_from;
    IF v_parent = 'inbox_progress' THEN
      v_from := greatest(p_from, (clock_timestamp() AT TIME ZONE 'UTC')::date - 1);
    END IF;
    FOR v_day IN SELECT generate_series(v_from, p_to, interval '1 day')::date LOOP
      v_name := v_parent || '_' || to_char(v_day, 'YYYYMMDD');
      CONTINUE WHEN to_regclass(format('onceward.%I', v_name)) IS NOT NULL;
      EXECUTE format('CREATE TABLE onceward.%I (LIKE onceward.%I INCLUDING ALL, CHECK (day >= %L AND day < %L))',
                     v_name, v_parent, v_day, v_day + 1);
      EXECUTE format('ALTER TABLE onceward.%I ATTACH PARTITION onceward.%I FOR VALUES FROM (%L) TO (%L)',
                     v_parent, v_name, v_day, v_day + 1);
      v_made := v_made + 1;
    END LOOP;
  END LOOP;
  RETURN v_made;
END $$;

-- Says that a consumer is there, and makes the days that it judges by, to a week ahead. A consumer
-- calls it before its first batch and then every hour.
--   -> last_day: the last one of the days from today on; ids_since: see inbox_consumer.
-- A smaller window counts only when no process has called with the larger one for two days, since
-- old and new processes run beside each other while a service is deployed.
CREATE FUNCTION onceward.inbox_keep_days(p_consumer text, p_window_days integer, OUT last_day date, OUT ids_since date)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_now timestamptz := clock_timestamp();
  v_today date := (v_now AT TIME ZONE 'UTC')::date;
BEGIN
  PERFORM pg_advisory_xact_lock(1330528856, hashtext('inbox_make_days'));
  INSERT INTO onceward.inbox_consumer AS c (consumer, window_days, ids_since)
  SELECT p_consumer, p_window_days,
         CASE WHEN EXISTS (SELECT FROM onceward.inbox_position p WHERE p.consumer = p_consumer)
              THEN (SELECT min(d.day) FROM onceward.inbox_days('inbox') d)
              ELSE date '1970-01-01' END  -- it has applied nothing yet
  ON CONFLICT (consumer) DO UPDATE SET
    seen_at = v_now,
    window_days = CASE WHEN EXCLUDED.window_days >= c.window_days OR c.window_seen_at < v_now - interval '2 days'
                       THEN EXCLUDED.window_days ELSE c.window_days END,
    window_seen_at = CASE WHEN EXCLUDED.window_days >= c.window_days OR c.window_seen_at < v_now - interval '2 days'
                          THEN v_now ELSE c.window_seen_at END
  RETURNING c.ids_since INTO ids_since;
  PERFORM onceward.inbox_make_days(v_today - p_window_days - 1, v_today + 7);
  last_day := (SELECT max(d.day) FROM onceward.inbox_days('inbox') d WHERE d.state = 'attached');
END $$;

-- The oldest day whose ids some consumer may still judge by; a day more than its window says, for
-- clocks and for transactions that began before midnight. Null: no consumer is there, keep all.
-- One that was away for longer than its window is not counted: it finds `ids_since` raised, and
-- quarantines what it cannot judge.
CREATE FUNCTION onceward.inbox_oldest_day() RETURNS date
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date - max(c.window_days) - 1
  FROM onceward.inbox_consumer c
  WHERE c.seen_at > clock_timestamp() - (c.window_days + 1) * interval '1 day'
$$;

-- Moves into `inbox_position` what only progress of days before `p_before` knows: the position of a
-- partition that has been idle since. The first comparison is an index probe, and false for all
-- others but those that run under one epoch since then.
CREATE FUNCTION onceward.inbox_fold_progress(p_before date) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  UPDATE onceward.inbox_position p
  SET next_off = greatest(p.next_off, (
        SELECT max(g.next_off) FROM onceward.inbox_progress g
        WHERE g.consumer = p.consumer AND g.topic = p.topic AND g.partition = p.partition AND g.epoch = p.epoch))
  WHERE CASE
    WHEN coalesce((SELECT max(g.next_off) FROM onceward.inbox_progress g
                   WHERE g.consumer = p.consumer AND g.topic = p.topic AND g.partition = p.partition
                     AND g.day < p_before) <= p.next_off, true)
    THEN false
    ELSE (SELECT max(g.next_off) FROM onceward.inbox_progress g
          WHERE g.consumer = p.consumer AND g.topic = p.topic AND g.partition = p.partition
            AND g.epoch = p.epoch AND g.day < p_before)
         > greatest(p.next_off, (SELECT max(g.next_off) FROM onceward.inbox_progress g
          WHERE g.consumer = p.consumer AND g.topic = p.topic AND g.partition = p.partition
            AND g.epoch = p.epoch AND g.day >= p_before))
    END
$$;

-- The day partitions that may be dropped, oldest first. What made them needed is settled before it
-- answers: positions are folded, and every consumer is told from which day on ids are complete.
-- Progress of today and yesterday stays, for commits in doubt.
-- Locks: position rows of idle partitions; waits 50 ms at the most.
CREATE FUNCTION onceward.inbox_days_to_drop() RETURNS TABLE (parent text, name text, state text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '50ms' AS $$
DECLARE
  v_ids date := onceward.inbox_oldest_day();
  v_progress date := (clock_timestamp() AT TIME ZONE 'UTC')::date - 1;
BEGIN
  PERFORM pg_advisory_xact_lock(1330528856, hashtext('inbox_make_days'));
  IF EXISTS (SELECT FROM onceward.inbox_days('inbox_progress') d WHERE d.day < v_progress) THEN
    PERFORM onceward.inbox_fold_progress(v_progress);
  END IF;
  IF EXISTS (SELECT FROM onceward.inbox_days('inbox') d WHERE d.day < v_ids) THEN
    UPDATE onceward.inbox_consumer c SET ids_since = v_ids WHERE c.ids_since < v_ids;
  END IF;
  RETURN QUERY
    SELECT t.parent, d.name, d.state
    FROM (VALUES ('inbox', v_ids), ('inbox_progress', v_progress)) t(parent, oldest),
         LATERAL onceward.inbox_days(t.parent) d
    WHERE d.day < t.oldest ORDER BY d.day, t.parent;
END $$;

-- Drops the oldest day of `p_parent` that may go.
--   -> its name and `dropped`, or `busy` when somebody uses it or the parent; null: there is none.
-- Locks: ACCESS EXCLUSIVE on the parent and the day, as DROP needs them; waits 50 ms at the most, so
-- that nobody who comes behind it waits longer. `onceward inbox maintain` does without that lock,
-- but only the tables' owner can.
CREATE FUNCTION onceward.inbox_drop_day(p_parent text, OUT name text, OUT outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '50ms' AS $$
DECLARE
  v_state text;
BEGIN
  SELECT d.name, d.state INTO name, v_state FROM onceward.inbox_days_to_drop() d WHERE d.parent = p_parent LIMIT 1;
  IF name IS NULL THEN
    RETURN;
  END IF;
  IF v_state <> 'detached' THEN
    EXECUTE format('LOCK TABLE ONLY onceward.%I IN ACCESS EXCLUSIVE MODE', p_parent);
  END IF;
  EXECUTE format('LOCK TABLE ONLY onceward.%I IN ACCESS EXCLUSIVE MODE NOWAIT', name);
  EXECUTE format('DROP TABLE onceward.%I', name);
  outcome := 'dropped';
EXCEPTION WHEN lock_not_available THEN
  outcome := 'busy';
END $$;

-- Consumers that were there before: nobody knows their windows, so what is there counts as needed.
SELECT onceward.inbox_keep_days(c.consumer, c.days)
FROM (SELECT DISTINCT p.consumer, least(greatest((clock_timestamp() AT TIME ZONE 'UTC')::date - (
             SELECT min(d.day) FROM onceward.inbox_days('inbox') d) - 1, 1), 365) AS days
      FROM onceward.inbox_position p) c;

-- What a person decides about a message that was set aside. `number` names it.
--   dead -> redrive -> redriven, or dead again with the new reason;  dead -> discarded
-- What is settled keeps neither key nor payload nor headers.
ALTER TABLE onceward.inbox_dead
  ADD COLUMN number       bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
  ADD COLUMN kind         text NOT NULL DEFAULT 'quarantined' CHECK (kind IN ('quarantined', 'refused')),
  ADD COLUMN state        text NOT NULL DEFAULT 'dead' CHECK (state IN ('dead', 'redrive', 'redriven', 'discarded')),
  ADD COLUMN sqlstate     text,
  ADD COLUMN attempts     integer NOT NULL DEFAULT 0,  -- of a handler, before it was set aside and since
  ADD COLUMN payload_hash bigint,                      -- tells a repeat from another message at its place
  ADD COLUMN created_at   timestamptz,                 -- the Kafka timestamp
  ADD COLUMN redrive_id   uuid,                        -- of a quarantined one that is to be applied as new
  ADD COLUMN settled_at   timestamptz;
CREATE INDEX inbox_dead_redrive ON onceward.inbox_dead (consumer, topic, partition, off) WHERE state = 'redrive';
CREATE INDEX inbox_dead_dead ON onceward.inbox_dead (consumer) WHERE state = 'dead';

-- Locks one that waits for a decision. The others' statements wait for it.
CREATE FUNCTION onceward.inbox_dead_open(p_number bigint) RETURNS onceward.inbox_dead
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_row onceward.inbox_dead;
BEGIN
  SELECT * INTO v_row FROM onceward.inbox_dead d WHERE d.number = p_number FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'inbox_dead has no number %', p_number USING ERRCODE = 'no_data_found';
  END IF;
  IF v_row.state <> 'dead' THEN
    RAISE EXCEPTION 'number % is % already', p_number,
      CASE v_row.state WHEN 'redrive' THEN 'being redriven' ELSE v_row.state END
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  RETURN v_row;
END $$;

CREATE FUNCTION onceward.inbox_dead_audit(p_action text, p_row onceward.inbox_dead, p_detail jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO onceward.audit (action, subject, detail)
  VALUES ('inbox dead ' || p_action, p_row.number::text,
          jsonb_build_object('consumer', p_row.consumer, 'topic', p_row.topic, 'partition', p_row.partition,
                             'offset', p_row.off, 'id', p_row.id) || p_detail);
END $$;

-- Replaces the payload (null: a tombstone), the headers, or both, of one that waits for a decision.
-- Headers are an array of [name, text] or [name, {"base64": "..."}]; null leaves them as they are.
CREATE FUNCTION onceward.inbox_dead_edit(p_number bigint, p_edit_payload boolean, p_payload bytea, p_headers jsonb)
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_row onceward.inbox_dead := onceward.inbox_dead_open(p_number);
BEGIN
  IF octet_length(p_payload) > 900000 THEN
    RAISE EXCEPTION 'the payload has % bytes, at most 900000 are allowed', octet_length(p_payload)
      USING ERRCODE = 'string_data_right_truncation';
  END IF;
  IF p_headers IS NOT NULL AND (jsonb_typeof(p_headers) <> 'array' OR EXISTS (
       SELECT FROM jsonb_array_elements(p_headers) h
       WHERE jsonb_typeof(h) <> 'array' OR jsonb_array_length(h) <> 2 OR jsonb_typeof(h->0) <> 'string'
          OR NOT (jsonb_typeof(h->1) = 'string' OR coalesce(jsonb_typeof(h->1->'base64') = 'string', false)))) THEN
    RAISE EXCEPTION 'headers must be an array of [name, text] or [name, {"base64": "..."}]'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  UPDATE onceward.inbox_dead d
  SET payload = CASE WHEN p_edit_payload THEN p_payload ELSE d.payload END,
      headers = coalesce(p_headers, d.headers)
  WHERE d.number = p_number;
  PERFORM onceward.inbox_dead_audit('edit', v_row, jsonb_build_object(
    'payload', p_edit_payload, 'headers', p_headers IS NOT NULL,
    'payload_sha256_before', encode(sha256(v_row.payload), 'hex'),
    'payload_sha256_after', encode(sha256(CASE WHEN p_edit_payload THEN p_payload ELSE v_row.payload END), 'hex')));
END $$;

-- Hands a message to its consumer again, which applies it once, under the id that this returns. A
-- quarantined one may have taken effect; whoever knows that it has not says `p_as_new`.
CREATE FUNCTION onceward.inbox_dead_redrive(p_number bigint, p_as_new boolean DEFAULT false) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_row onceward.inbox_dead := onceward.inbox_dead_open(p_number);
  v_id uuid;
BEGIN
  IF v_row.kind = 'quarantined' AND NOT p_as_new THEN
    RAISE EXCEPTION 'number % was quarantined: %', p_number, v_row.reason
      USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Find out whether it has taken effect. If not, redrive it as new, under a new id.';
  END IF;
  IF v_row.kind = 'refused' AND p_as_new THEN
    RAISE EXCEPTION 'number % was refused by its handler and has taken no effect: it is redriven under its own id', p_number
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  v_id := CASE WHEN p_as_new THEN onceward.uuid7() ELSE v_row.id::uuid END;
  UPDATE onceward.inbox_dead d
  SET state = 'redrive', redrive_id = CASE WHEN p_as_new THEN v_id END
  WHERE d.number = p_number;
  PERFORM onceward.inbox_dead_audit('redrive', v_row, jsonb_build_object('as_new', p_as_new, 'redrive_id', v_id));
  RETURN v_id;
END $$;

-- Decides that a message is not to take effect. The row stays, so that a repeat of it is known.
CREATE FUNCTION onceward.inbox_dead_discard(p_number bigint, p_why text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_row onceward.inbox_dead := onceward.inbox_dead_open(p_number);
BEGIN
  UPDATE onceward.inbox_dead d
  SET state = 'discarded', settled_at = clock_timestamp(), key = NULL, payload = NULL, headers = NULL
  WHERE d.number = p_number;
  PERFORM onceward.inbox_dead_audit('discard', v_row, jsonb_build_object('why', p_why, 'reason', v_row.reason));
END $$;

REVOKE ALL ON FUNCTION
  onceward.inbox_days(text), onceward.inbox_keep_days(text, integer), onceward.inbox_oldest_day(),
  onceward.inbox_fold_progress(date), onceward.inbox_days_to_drop(), onceward.inbox_drop_day(text),
  onceward.inbox_dead_open(bigint), onceward.inbox_dead_audit(text, onceward.inbox_dead, jsonb),
  onceward.inbox_dead_edit(bigint, boolean, bytea, jsonb), onceward.inbox_dead_redrive(bigint, boolean),
  onceward.inbox_dead_discard(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION onceward.inbox_keep_days(text, integer), onceward.inbox_drop_day(text) TO onceward_inbox;
GRANT UPDATE (state, reason, sqlstate, attempts, dead_at, settled_at, key, payload, headers)
  ON onceward.inbox_dead TO onceward_inbox;
GRANT SELECT ON onceward.inbox_consumer TO onceward_monitor;
GRANT SELECT (number, kind, state, sqlstate, attempts, settled_at) ON onceward.inbox_dead TO onceward_monitor;

INSERT INTO onceward.schema_version (version, name, compatible_from, checksum) VALUES (8, 'inbox_operation', 6, 'cc82e78229f88a16d6a6c3fec7818cbf3b59ccb3221a7a25f8ffe6bc5b306c11');
