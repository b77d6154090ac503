-- Idempotent operations: an operation's answer, stored in the transaction of its effect, so that
-- whoever asks again is given the answer and causes no second effect.

-- How long answers are kept: the day of the operation (UTC) and at least so many days more.
CREATE TABLE onceward.operation_ring (
  only_row    boolean  PRIMARY KEY DEFAULT true CHECK (only_row),
  retain_days smallint NOT NULL DEFAULT 1 CHECK (retain_days BETWEEN 1 AND 13)
);
INSERT INTO onceward.operation_ring DEFAULT VALUES;

-- A ring of a leaf a day: rows leave by TRUNCATE of a leaf that is no longer looked into, and no
-- partition can be missing. Inserted once and never updated.
CREATE TABLE onceward.operation (
  slot         smallint    NOT NULL,  -- the number of the day, modulo 16
  scope        text        NOT NULL CHECK (octet_length(scope) BETWEEN 1 AND 255),
  operation_id text        NOT NULL CHECK (octet_length(operation_id) BETWEEN 1 AND 255),
  fingerprint  bytea       NOT NULL CHECK (octet_length(fingerprint) <= 64),  -- of what was asked for
  result       bytea       NOT NULL CHECK (octet_length(result) <= 1048576),
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (slot, scope, operation_id)
) PARTITION BY LIST (slot);
DO $$
BEGIN
  FOR i IN 0..15 LOOP
    EXECUTE format('CREATE TABLE onceward.operation_%s PARTITION OF onceward.operation FOR VALUES IN (%s)', i, i);
  END LOOP;
END $$;

-- What excludes two callers of one operation; 64 bits of SHA-256, so that nobody can choose ids that
-- wait for another's.
CREATE FUNCTION onceward.operation_lock(p_scope text, p_operation_id text) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT ('x' || encode(substr(sha256(convert_to(p_scope, 'UTF8') || '\x00'::bytea || convert_to(p_operation_id, 'UTF8')),
                               1, 8), 'hex'))::bit(64)::bigint
$$;

-- The leaves that are looked into: those of the days that are kept, and tomorrow's, since after a
-- failover the clock may be a little behind. All others may be emptied.
CREATE FUNCTION onceward.operation_slots() RETURNS smallint[]
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
  SELECT array_agg((d % 16)::smallint)
  FROM onceward.operation_ring r, (SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date - date '1970-01-01' AS today) t,
       generate_series(t.today - r.retain_days, t.today + 1) d
$$;

-- Begins an operation in the caller's transaction, and excludes all others from it until that ends.
-- p_wait_ms: how long to wait for another caller who is at it; 0: not at all.
--   -> state new: run it, then call operation_end with `xact`
--            stored: it took effect, and `result` is its answer
--            mismatch: it took effect with another fingerprint
--            in_flight: somebody else is at it; the transaction is as it was
-- The lock first, then the look: in READ COMMITTED each statement here sees all that was committed
-- before it, and so what the last holder of the lock has stored. An older snapshot would not.
CREATE FUNCTION onceward.operation_begin(p_scope text, p_operation_id text, p_fingerprint bytea, p_wait_ms integer,
                                         OUT state text, OUT result bytea, OUT xact text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_lock bigint := onceward.operation_lock(p_scope, p_operation_id);
  v_lock_timeout text := current_setting('lock_timeout');
  v_fingerprint bytea;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'an idempotent operation needs a transaction in READ COMMITTED, this one is in %',
      upper(current_setting('transaction_isolation')) USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'In others it cannot see what a caller before it has stored.';
  END IF;
  IF NOT pg_try_advisory_xact_lock(v_lock) THEN
    IF p_wait_ms <= 0 THEN
      state := 'in_flight';
      RETURN;
    END IF;
    BEGIN
      PERFORM set_config('lock_timeout', p_wait_ms || 'ms', true);
      PERFORM pg_advisory_xact_lock(v_lock);
      PERFORM set_config('lock_timeout', v_lock_timeout, true);
    EXCEPTION WHEN lock_not_available THEN
      state := 'in_flight';
      RETURN;
    END;
  END IF;
  -- The leaves as a constant, so that no other one is opened and locked.
  EXECUTE format('SELECT o.fingerprint, o.result FROM onceward.operation o'
                 ' WHERE o.slot = ANY (%L::smallint[]) AND o.scope = $1 AND o.operation_id = $2 LIMIT 1',
                 onceward.operation_slots())
    INTO v_fingerprint, result USING p_scope, p_operation_id;
  IF v_fingerprint IS NULL THEN
    state := 'new';
    xact := pg_current_xact_id()::text;
  ELSIF v_fingerprint <> p_fingerprint THEN
    state := 'mismatch';
    result := NULL;
  ELSE
    state := 'stored';
  END IF;
END $$;

-- Stores the answer of an operation that operation_begin called new, in the same transaction.
CREATE FUNCTION onceward.operation_end(p_scope text, p_operation_id text, p_fingerprint bytea, p_result bytea, p_xact text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_xact IS DISTINCT FROM pg_current_xact_id()::text THEN
    RAISE EXCEPTION 'an operation ends in another transaction than it began in'
      USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Give it one open transaction: no autocommit, and no pooler that changes sessions between statements.';
  END IF;
  INSERT INTO onceward.operation (slot, scope, operation_id, fingerprint, result)
  VALUES ((((clock_timestamp() AT TIME ZONE 'UTC')::date - date '1970-01-01') % 16)::smallint,
          p_scope, p_operation_id, p_fingerprint, p_result);
END $$;

-- Sets how many days answers are kept. For the owner.
CREATE FUNCTION onceward.operation_retain(p_days integer) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  UPDATE onceward.operation_ring SET retain_days = p_days::smallint
$$;

-- Empties the leaves of days that are not kept any more. @return how many.
-- Locks: ACCESS EXCLUSIVE on a leaf that nobody looks into, waited for 50 ms at the most.
CREATE FUNCTION onceward.operation_clean() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '50ms' AS $$
DECLARE
  v_kept smallint[];
  v_used boolean;
  v_emptied integer := 0;
BEGIN
  PERFORM FROM onceward.operation_ring FOR SHARE;  -- no longer retention begins meanwhile
  v_kept := onceward.operation_slots();
  FOR v_slot IN 0..15 LOOP
    CONTINUE WHEN v_slot = ANY (v_kept);
    EXECUTE format('SELECT EXISTS (SELECT FROM onceward.operation_%s)', v_slot) INTO v_used;
    CONTINUE WHEN NOT v_used;
    BEGIN
      EXECUTE format('TRUNCATE onceward.operation_%s', v_slot);
      v_emptied := v_emptied + 1;
    EXCEPTION WHEN lock_not_available THEN
      NULL;  -- the next call will do it
    END;
  END LOOP;
  RETURN v_emptied;
END $$;

REVOKE ALL ON FUNCTION
  onceward.operation_lock(text, text), onceward.operation_slots(), onceward.operation_retain(integer),
  onceward.operation_begin(text, text, bytea, integer), onceward.operation_end(text, text, bytea, bytea, text),
  onceward.operation_clean() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  onceward.operation_begin(text, text, bytea, integer), onceward.operation_end(text, text, bytea, bytea, text),
  onceward.operation_clean() TO onceward_app;
GRANT SELECT ON onceward.operation_ring TO onceward_monitor;

INSERT INTO onceward.schema_version (version, name, compatible_from, checksum) VALUES (10, 'operation', 8, '8a8b5f5ec6799b71425b79a5f99fc8d60a710b286687530d674489e3e4fb5680');
