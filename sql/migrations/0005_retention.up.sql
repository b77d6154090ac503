-- Retention: a leaf of the ring is truncated when all of it was acknowledged long enough ago.

-- How long acknowledged events are kept, and so how fast the ring turns: a slot lasts a twelfth of it,
-- and a ring of 16 slots then leaves 4 slots for what is being filled, acknowledged and truncated.
ALTER TABLE onceward.outbox_ring ADD COLUMN retain_seconds integer NOT NULL DEFAULT 3600
  CHECK (retain_seconds BETWEEN 12 AND 2592000);
ALTER TABLE onceward.outbox_ring ADD CONSTRAINT outbox_ring_is_large_enough
  CHECK (slots * slot_seconds >= retain_seconds + 4 * slot_seconds);

-- Sets how long acknowledged events are kept, 12 seconds to 30 days. For the owner. Events that are
-- in the outbox keep their slots; for one turn of the ring a slot may hold rows of two periods, which
-- only keeps them longer.
CREATE FUNCTION onceward.outbox_retain(p_retain interval) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_retain integer := ceil(extract(epoch FROM p_retain));
  v_slot integer := ceil(v_retain / 12.0);
BEGIN
  UPDATE onceward.outbox_ring SET retain_seconds = v_retain, slot_seconds = v_slot;
  EXECUTE format('ALTER TABLE onceward.outbox ALTER COLUMN slot SET DEFAULT '
                 '((floor(extract(epoch FROM now()) / %s))::bigint & 15)::smallint', v_slot);
END $$;

-- Whether a leaf has a row that some shard's cursor does not cover. Two index probes a shard, however
-- large the leaf; a bucket that no shard owns counts as not acknowledged.
CREATE FUNCTION onceward.outbox_unacknowledged(p_slot smallint) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
  v_shard record;
  v_found boolean;
BEGIN
  IF (SELECT coalesce(sum(bucket_to - bucket_from + 1), 0) FROM onceward.relay_cursor) <> 256 THEN
    RETURN true;
  END IF;
  FOR v_shard IN SELECT bucket_from, bucket_to, lo::pg_snapshot AS lo FROM onceward.relay_cursor LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM onceward.outbox_%1$s WHERE xid >= $1 AND bucket::integer BETWEEN $3 AND $4)'
                   ' OR EXISTS (SELECT FROM onceward.outbox_%1$s WHERE xid = ANY ($2) AND bucket::integer BETWEEN $3 AND $4)',
                   p_slot)
      INTO v_found
      USING pg_snapshot_xmax(v_shard.lo), ARRAY(SELECT pg_snapshot_xip(v_shard.lo)),
            v_shard.bucket_from::integer, v_shard.bucket_to::integer;
    IF v_found THEN
      RETURN true;
    END IF;
  END LOOP;
  RETURN false;
END $$;

-- Truncates one leaf if all of it was acknowledged longer than the retention ago. Safe whoever calls it and whenever:
-- under ACCESS EXCLUSIVE no inserter is in flight, and every statement here sees what committed before it. A
-- transaction that began in an old period may insert there afterwards: readers read all slots.
--   -> filling | empty | unacknowledged | retained | busy | truncated
-- Locks: none but for the truncation itself, which waits 50 ms at the most, so that writers never queue behind it.
CREATE FUNCTION onceward.outbox_clean_slot(p_slot smallint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '50ms' SET enable_seqscan = off AS $$
DECLARE
  v_ring onceward.outbox_ring;
  v_acked_at timestamptz;
  v_has_rows boolean;
BEGIN
  SELECT * INTO STRICT v_ring FROM onceward.outbox_ring;
  IF p_slot NOT BETWEEN 0 AND v_ring.slots - 1 THEN
    RAISE EXCEPTION 'outbox_clean_slot: there is no slot %', p_slot;
  END IF;
  IF p_slot = (floor(extract(epoch FROM clock_timestamp()) / v_ring.slot_seconds))::bigint % v_ring.slots THEN
    UPDATE onceward.outbox_slot SET acked_at = NULL WHERE slot = p_slot AND acked_at IS NOT NULL;
    RETURN 'filling';
  END IF;
  EXECUTE format('SELECT EXISTS (SELECT FROM onceward.outbox_%s)', p_slot) INTO v_has_rows;
  IF NOT v_has_rows THEN
    RETURN 'empty';
  END IF;
  IF onceward.outbox_unacknowledged(p_slot) THEN
    UPDATE onceward.outbox_slot SET acked_at = NULL WHERE slot = p_slot AND acked_at IS NOT NULL;
    RETURN 'unacknowledged';
  END IF;
  UPDATE onceward.outbox_slot SET acked_at = clock_timestamp() WHERE slot = p_slot AND acked_at IS NULL;
  SELECT acked_at INTO STRICT v_acked_at FROM onceward.outbox_slot WHERE slot = p_slot;
  IF clock_timestamp() < v_acked_at + v_ring.retain_seconds * interval '1 second' THEN
    RETURN 'retained';
  END IF;
  BEGIN
    EXECUTE format('LOCK TABLE onceward.outbox_%s IN ACCESS EXCLUSIVE MODE', p_slot);
  EXCEPTION WHEN lock_not_available THEN
    RETURN 'busy';
  END;
  IF onceward.outbox_unacknowledged(p_slot) THEN
    RETURN 'unacknowledged';
  END IF;
  EXECUTE format('TRUNCATE onceward.outbox_%s', p_slot);
  UPDATE onceward.outbox_slot SET acked_at = NULL WHERE slot = p_slot;
  RETURN 'truncated';
END $$;

REVOKE ALL ON FUNCTION onceward.outbox_retain(interval), onceward.outbox_unacknowledged(smallint),
                       onceward.outbox_clean_slot(smallint) FROM PUBLIC;
REVOKE UPDATE ON onceward.outbox_slot FROM onceward_relay;
GRANT EXECUTE ON FUNCTION onceward.outbox_clean_slot(smallint) TO onceward_relay;

INSERT INTO onceward.schema_version (version, name, compatible_from, checksum) VALUES (5, 'retention', 5, '3ab1ad1a4a5a03978852de70e02af9efb1962061617cd2745fe2902088728109');
