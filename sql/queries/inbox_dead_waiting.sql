-- inbox_dead_waiting ($1 consumer, $2 most) -> boolean
--
-- Whether so many dead letters of a consumer wait for a person already.
-- Plan: Index Only Scan on the partial index inbox_dead_dead, `most` entries at the most.
SELECT count(*) >= $2::bigint
FROM (SELECT FROM onceward.inbox_dead d WHERE d.consumer = $1 AND d.state = 'dead' LIMIT $2::bigint) w
