-- inbox_dead_insert ($1 consumer, $2 topic, $3 partition, $4 off, $5 id, $6 key, $7 type, $8 payload, $9 headers,
--                    $10 reason, $11 kind, $12 sqlstate, $13 attempts, $14 payload_hash, $15 created_at in ms) -> kept
--
-- Keeps a message aside with its reason. A repeat of a batch finds its own rows, also when they are
-- settled and keep no payload; kept is false when the place holds another message, which must not
-- be overwritten.
WITH added AS (
  INSERT INTO onceward.inbox_dead (consumer, topic, partition, off, id, key, type, payload, headers, reason, kind,
                                   sqlstate, attempts, payload_hash, created_at)
  VALUES ($1, $2, $3, $4, $5, $6::bytea, $7, $8::bytea, $9::jsonb, $10, $11, $12, $13::int, $14::bigint,
          to_timestamp(nullif($15::bigint, -1) / 1000.0))
  ON CONFLICT (consumer, topic, partition, off) DO NOTHING RETURNING 1)
SELECT EXISTS (SELECT FROM added) OR EXISTS (
  SELECT FROM onceward.inbox_dead d
  WHERE d.consumer = $1 AND d.topic = $2 AND d.partition = $3 AND d.off = $4 AND d.id IS NOT DISTINCT FROM $5
    AND CASE WHEN d.payload_hash IS NULL THEN d.payload IS NOT DISTINCT FROM $8::bytea
             ELSE d.payload_hash = $14::bigint END) AS kept
