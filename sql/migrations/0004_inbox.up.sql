-- The consumer's side: which message ids have taken effect, and how far each partition is applied.

CREATE TABLE onceward.inbox (
  consumer     text     NOT NULL,
  day          date     NOT NULL,   -- of the id's own time, so that (consumer, id) is unique and days can be dropped
  id           uuid     NOT NULL,
  bucket       smallint NOT NULL,   -- as in the outbox, for comparing the two
  payload_hash bigint   NOT NULL,   -- the same id with another payload is a producer's bug, not a repeat
  PRIMARY KEY (consumer, day, id)
) PARTITION BY RANGE (day);

-- Who consumes a partition. Updated at assignment only: a hot row under a stranger's long
-- transaction would grow slower with every version.
CREATE TABLE onceward.inbox_position (
  consumer   text    NOT NULL,
  topic      text    NOT NULL,
  partition  integer NOT NULL,
  epoch      bigint  NOT NULL DEFAULT 0,     -- the fencing token of the partition's present owner
  owner      text,
  next_off   bigint  NOT NULL,               -- folded from inbox_progress at assignment
  state      text    NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'stopped')),
  reason     text,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer, topic, partition)
);

-- How far a partition is applied: one insert a batch, in the batch's own transaction.
CREATE TABLE onceward.inbox_progress (
  day       date    NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'UTC')::date,
  consumer  text    NOT NULL,
  topic     text    NOT NULL,
  partition integer NOT NULL,
  next_off  bigint  NOT NULL,
  epoch     bigint  NOT NULL
) PARTITION BY RANGE (day);
CREATE INDEX inbox_progress_position ON onceward.inbox_progress (consumer, topic, partition, next_off);

-- Messages that cannot be applied and must not be lost, with their reason: quarantined (older than
-- the dedup window, so that nobody can say whether they are new) or refused for good.
CREATE TABLE onceward.inbox_dead (
  consumer     text    NOT NULL,
  topic        text    NOT NULL,
  partition    integer NOT NULL,
  off          bigint  NOT NULL,
  id           text,
  key          bytea,
  type         text,
  payload      bytea,
  headers      jsonb,
  reason       text NOT NULL,
  dead_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer, topic, partition, off)
);

-- Makes the day partitions of inbox and inbox_progress that are missing between two days.
-- Stand-alone first, then attached, so that nobody who reads or writes the parent waits.
CREATE FUNCTION onceward.inbox_make_days(p_from date, p_to date) RETURNS integer
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
REVOKE ALL ON FUNCTION onceward.inbox_make_days(date, date) FROM PUBLIC;

SELECT onceward.inbox_make_days((now() AT TIME ZONE 'UTC')::date - 8, (now() AT TIME ZONE 'UTC')::date + 7);

GRANT EXECUTE ON FUNCTION onceward.inbox_make_days(date, date) TO onceward_inbox;
GRANT SELECT, INSERT ON onceward.inbox, onceward.inbox_progress, onceward.inbox_dead TO onceward_inbox;
GRANT SELECT, INSERT, UPDATE ON onceward.inbox_position TO onceward_inbox;
GRANT SELECT ON onceward.inbox_position, onceward.inbox_progress TO onceward_monitor;
GRANT SELECT (consumer, topic, partition, off, id, type, reason, dead_at) ON onceward.inbox_dead TO onceward_monitor;

INSERT INTO onceward.schema_version (version, name, compatible_from, checksum) VALUES (4, 'inbox', 4, '54b2c6310d65677baddcd2eb86d9ccc5b5138a6f3e0cfea6b209e7b6b09c5a9e');
