-- topics_used ($1 events at most) -> topic, pinned partitions or null, whether the newest events name it
--
-- The topics of the newest events, and those that are pinned. The role onceward_monitor is enough.
-- Plan: Merge Append of the leaves' (seq, bucket) indexes, backward, cut by the limit.
-- Locks: none.
SELECT coalesce(p.topic, u.topic), p.partitions, u.topic IS NOT NULL
FROM onceward.topic_pin p
FULL JOIN (SELECT DISTINCT topic FROM (SELECT topic FROM onceward.outbox ORDER BY seq DESC LIMIT $1::bigint) newest) u
  ON u.topic = p.topic
ORDER BY 1
