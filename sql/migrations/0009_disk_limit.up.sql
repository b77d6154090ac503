-- How large the outbox may become on disk before relay and status raise an alarm. Nothing is ever
-- refused or dropped for it: what is not published has to stay, and services have to go on.
ALTER TABLE onceward.outbox_ring ADD COLUMN disk_limit_bytes bigint NOT NULL DEFAULT 10737418240
  CHECK (disk_limit_bytes > 0);

-- Sets it. For the owner.
CREATE FUNCTION onceward.outbox_disk_limit(p_bytes bigint) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  UPDATE onceward.outbox_ring SET disk_limit_bytes = p_bytes
$$;
REVOKE ALL ON FUNCTION onceward.outbox_disk_limit(bigint) FROM PUBLIC;

INSERT INTO onceward.schema_version (version, name, compatible_from, checksum) VALUES (9, 'disk_limit', 8, '3ac971c64fdcae402f05937f6d292746aa4c2092a38e352da5e532c44282ad0c');
