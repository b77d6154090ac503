-- inbox_settings ($1 statement_timeout, $2 lock_timeout, $3 idle_in_transaction_session_timeout; with units)
--
-- Bounds every wait of the transaction that runs it first. Local to it, so that it works through a
-- transaction pooler. The third frees the position row when this process is stopped by a debugger
-- or its machine freezes: without it the next owner would wait for ever.
SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true),
       set_config('idle_in_transaction_session_timeout', $3, true)
