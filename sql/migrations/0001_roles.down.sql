-- The roles stay: they belong to the whole cluster, where other databases and schemas may use them.
DROP TABLE onceward.schema_version;
DROP SCHEMA onceward;
