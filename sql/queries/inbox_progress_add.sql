-- inbox_progress_add ($1 consumer, $2 topic, $3 partition, $4 next_off, $5 epoch, $6 xid)
--
-- Closes a batch: everything below next_off is applied or kept aside. Insert only, because updates
-- of one row grow slower with every version while any transaction in the cluster stays open.
-- No row is added when this is not the transaction $6: a handler has ended that one.
INSERT INTO onceward.inbox_progress (consumer, topic, partition, next_off, epoch)
SELECT $1::text, $2::text, $3::integer, $4::bigint, $5::bigint WHERE pg_current_xact_id() = $6::xid8
