-- Takes 0008 back. Days are not dropped any more. Dead letters that wait for their consumer wait for
-- a decision again; what was settled leaves, since the older schema would show it as waiting.
DROP FUNCTION onceward.inbox_dead_discard(bigint, text);
DROP FUNCTION onceward.inbox_dead_redrive(bigint, boolean);
DROP FUNCTION onceward.inbox_dead_edit(bigint, boolean, bytea, jsonb);
DROP FUNCTION onceward.inbox_dead_audit(text, onceward.inbox_dead, jsonb);
DROP FUNCTION onceward.inbox_dead_open(bigint);
DELETE FROM onceward.inbox_dead WHERE state IN ('redriven', 'discarded');
DROP INDEX onceward.inbox_dead_redrive, onceward.inbox_dead_dead;
REVOKE UPDATE (state, reason, sqlstate, attempts, dead_at, settled_at, key, payload, headers)
  ON onceward.inbox_dead FROM onceward_inbox;
REVOKE SELECT (number, kind, state, sqlstate, attempts, settled_at) ON onceward.inbox_dead FROM onceward_monitor;
ALTER TABLE onceward.inbox_dead
  DROP COLUMN number, DROP COLUMN kind, DROP COLUMN state, DROP COLUMN sqlstate, DROP COLUMN attempts,
  DROP COLUMN payload_hash, DROP COLUMN created_at, DROP COLUMN redrive_id, DROP COLUMN settled_at;

DROP FUNCTION onceward.inbox_drop_day(text);
DROP FUNCTION onceward.inbox_days_to_drop();
DROP FUNCTION onceward.inbox_fold_progress(date);
DROP FUNCTION onceward.inbox_oldest_day();
DROP FUNCTION onceward.inbox_keep_days(text, integer);
DROP FUNCTION onceward.inbox_days(text);
DROP TABLE onceward.inbox_consumer;

CREATE OR REPLACE FUNCTION onceward.inbox_make_days(p_from date, p_to date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_parent text; v_day date; v_name text; v_made integer := 0;
BEGIN
  IF p_to - p_from > 400 THEN
    RAISE EXCEPTION 'inbox_make_days: % to % is more than 400 days', p_from, p_to;
  END IF;
  PERFORM pg_advisory_xact_lock(1330528856, hashtext('inbox_make_days'));
  FOREACH v_parent IN ARRAY ARRAY['inbox', 'inbox_progress'] LOOP
    FOR v_day IN SELECT generate_series(p_from, p_to, interval '1 day')::date LOOP
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
DELETE FROM onceward.schema_version WHERE version = 8;
