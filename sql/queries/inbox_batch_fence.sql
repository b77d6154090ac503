-- inbox_batch_fence ($1 consumer, $2 topic, $3 partition, $4 epoch, $5 statement_timeout, $6 lock_timeout,
--                    $7 idle_in_transaction_session_timeout; with units) -> now in ms since 1970, xid
--
-- Opens a batch: the lock on the position row lasts to its end, so that nobody takes the partition
-- in the middle. No row: another owner has raised the epoch. Sets the transaction's bounds as
-- inbox_settings does, before the lock, without a round trip of their own.
-- Plan: one row by primary key. Locks: FOR UPDATE on it.
SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint, pg_current_xact_id()
FROM (SELECT set_config('statement_timeout', $5, true), set_config('lock_timeout', $6, true),
             set_config('idle_in_transaction_session_timeout', $7, true) OFFSET 0) settings,
     onceward.inbox_position p
WHERE p.consumer = $1 AND p.topic = $2 AND p.partition = $3 AND p.epoch = $4 FOR UPDATE OF p
