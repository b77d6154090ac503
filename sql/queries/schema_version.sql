-- schema_version ($1 the version that the program was built for) -> version, compatible_from
--
-- The newest applied migration, and the oldest program that all those newer than the asking one still serve; 0
-- where there is none.
-- Locks: none.
SELECT coalesce(max(version), 0), coalesce(max(compatible_from) FILTER (WHERE version > $1::integer), 0)
FROM onceward.schema_version
