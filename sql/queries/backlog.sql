-- backlog ($1 bucket_from, $2 bucket_to, $3 lo, $4 hi or lo, $5 done_seq, $6 rows at most) -> count, age of the oldest in s
--
-- What the stored cursor has not passed. The bound on xid lets the index find it among the rows that
-- are kept after publication; rows of a large window in progress that are published already are left
-- out. With hi = lo the last condition is always true.
-- Plan: index scans on (xid, seq, bucket::integer) of every leaf; cheap by the limit.
-- Locks: none.
SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0) FROM (
  SELECT created_at FROM onceward.outbox
  WHERE xid >= pg_snapshot_xmin($3::pg_snapshot) AND bucket BETWEEN $1::smallint AND $2::smallint
    AND NOT pg_visible_in_snapshot(xid, $3::pg_snapshot)
    AND NOT (seq <= $5::bigint AND pg_visible_in_snapshot(xid, $4::pg_snapshot))
  LIMIT $6::bigint) p
