-- lease_acquire ($1 shard, $2 owner, $3 ttl in ms, $4 own last lease_id or null, $5 capture)
--   -> lease_id, epoch, incarnation, bucket_from, bucket_to, lo, hi, done_seq, same_system, reason, wal_lsn; no row when another holds it
--
-- Takes a shard's lease when it is free or expired, by the database's clock, or when it is the
-- caller's own. Writes the proof of life. A new incarnation begins when the old proof of life is gone
-- or the server is another: then xids, sequence numbers and LSNs may have been handed out again.
-- Locks: the cursor row of the shard.
WITH here AS (
  SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system_id,
         left(pg_walfile_name(pg_current_wal_lsn()), 8) AS timeline
), before AS (
  SELECT c.shard, c.system_id AS old_system_id
  FROM onceward.relay_cursor c
  WHERE c.shard = $1::smallint
    AND (c.lease_id IS NULL OR c.lease_until IS NULL OR c.lease_until < clock_timestamp() OR c.lease_id = $4::uuid)
  FOR UPDATE
), taken AS (
  UPDATE onceward.relay_cursor c
  SET epoch = c.epoch + 1, lease_id = gen_random_uuid(), owner = $2,
      lease_until = clock_timestamp() + $3::bigint * interval '1 ms',
      incarnation = CASE
        WHEN c.system_id = here.system_id AND c.timeline = here.timeline
         AND EXISTS (SELECT FROM onceward.relay_life l WHERE l.shard = c.shard AND l.lease_id = c.lease_id)
        THEN c.incarnation ELSE gen_random_uuid() END,
      system_id = here.system_id, timeline = here.timeline, state = 'running', capture = $5, updated_at = clock_timestamp()
  FROM here, before
  WHERE c.shard = before.shard
  RETURNING c.*, coalesce(before.old_system_id = here.system_id, true) AS same_system
), life AS (
  INSERT INTO onceward.relay_life (shard, lease_id) SELECT shard, lease_id FROM taken
  ON CONFLICT (shard) DO UPDATE SET lease_id = EXCLUDED.lease_id
)
SELECT lease_id, epoch, incarnation, bucket_from, bucket_to, lo, hi, done_seq, same_system, reason, wal_lsn FROM taken
