-- aside_load ($1 shard) -> what ('buried' | 'held'), seq, id, topic
--
-- What a lease's holder must not publish as it comes: the dead letters that the cursor has not passed,
-- whatever a person has decided on them since, and the topics that are held.
-- Locks: none.
SELECT 'buried', d.seq, d.id, NULL FROM onceward.outbox_dead d
JOIN onceward.relay_cursor c ON c.shard = d.shard
WHERE d.shard = $1::smallint AND NOT pg_visible_in_snapshot(d.xid, c.lo::pg_snapshot)
UNION ALL
SELECT 'held', NULL, NULL, topic FROM onceward.outbox_hold WHERE shard = $1::smallint
