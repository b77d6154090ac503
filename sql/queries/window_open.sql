-- window_open ($1 bucket_from, $2 bucket_to, $3 xmax(lo), $4 xip(lo), $5 events_max, $6 shard, $7 lease_id)
--   -> one header row: hi, wal_end, durable, alive; then events in no order
--
-- Everything visible to this statement that the snapshot lo did not see. The window's end hi is the
-- statement's own snapshot, so probing and reading are one round trip. Read in binary; the header
-- row has no seq. wal_end is taken after the snapshot, hence behind every commit that it sees; with
-- synchronous standbys only a commit of ours can tell that they have it.
-- Plan: index scans on (xid, seq, bucket::integer) of every leaf; no sort, no sequential scan.
-- Locks: none.
SELECT NULL::bigint AS seq, NULL::timestamptz AS created_at, NULL::uuid AS id, NULL::text AS topic, NULL::text AS type,
       NULL::bytea AS key, NULL::bytea AS payload, NULL::text AS content_type, NULL::text AS headers,
       pg_current_snapshot()::text AS hi, w.wal_end::text,
       current_setting('synchronous_standby_names') = '' AND pg_current_wal_flush_lsn() >= w.wal_end AS durable,
       EXISTS (SELECT FROM onceward.relay_life l WHERE l.shard = $6::smallint AND l.lease_id = $7::uuid) AS alive
FROM (SELECT pg_current_wal_insert_lsn() AS wal_end OFFSET 0) w
UNION ALL
(SELECT seq, created_at, id, topic, type, key, payload, content_type, headers::text,
        NULL, NULL, NULL, NULL
 FROM onceward.outbox
 WHERE xid >= $3::xid8 AND bucket::integer BETWEEN $1::integer AND $2::integer
 LIMIT $5::bigint)
UNION ALL
(SELECT seq, created_at, id, topic, type, key, payload, content_type, headers::text,
        NULL, NULL, NULL, NULL
 FROM onceward.outbox
 WHERE xid = ANY ($4::xid8[]) AND bucket::integer BETWEEN $1::integer AND $2::integer
 LIMIT $5::bigint)
