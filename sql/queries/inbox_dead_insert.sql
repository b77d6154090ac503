-- inbox_dead_insert ($1 consumer, $2 topic, $3 partition, $4 off, $5 id, $6 key, $7 type, $8 payload, $9 headers,
--                    $10 reason) -> kept
--
-- Keeps a message aside with its reason. A repeat of a batch finds its own rows; kept is false when
-- the place holds another message, which must not be overwritten.
WITH added AS (
  INSERT INTO onceward.inbox_dead (consumer, topic, partition, off, id, key, type, payload, headers, reason)
  VALUES ($1, $2, $3, $4, $5, $6::bytea, $7, $8::bytea, $9::jsonb, $10)
  ON CONFLICT DO NOTHING RETURNING 1)
SELECT EXISTS (SELECT FROM added) OR EXISTS (
  SELECT FROM onceward.inbox_dead d
  WHERE d.consumer = $1 AND d.topic = $2 AND d.partition = $3 AND d.off = $4
    AND d.id IS NOT DISTINCT FROM $5 AND d.payload IS NOT DISTINCT FROM $8::bytea) AS kept
