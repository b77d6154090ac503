-- inbox_position_create ($1 consumer, $2 topic, $3 partition, $4 next_off)
--
-- The first start of a consumer on a partition. Where a row exists, it counts and this does nothing.
INSERT INTO onceward.inbox_position (consumer, topic, partition, next_off) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING
