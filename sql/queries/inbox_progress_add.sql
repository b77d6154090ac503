-- inbox_progress_add ($1 consumer, $2 topic, $3 partition, $4 next_off, $5 epoch)
--
-- Closes a batch: everything below next_off is applied or kept aside. Insert only, because updates
-- of one row grow slower with every version while any transaction in the cluster stays open.
INSERT INTO onceward.inbox_progress (consumer, topic, partition, next_off, epoch) VALUES ($1, $2, $3, $4, $5)
