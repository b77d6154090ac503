-- The roles that services and processes are granted. None can log in: GRANT onceward_app TO my_service;
CREATE SCHEMA IF NOT EXISTS onceward;

-- Which migrations are applied. Each file records itself in its last line, whatever tool runs it: with the
-- SHA-256 of all that stands above that line, and with the oldest program that still works afterwards, told by
-- the version that it was built for.
CREATE TABLE onceward.schema_version (
  version         integer     PRIMARY KEY,
  name            text        NOT NULL,
  compatible_from integer     NOT NULL CHECK (compatible_from <= version),
  checksum        text        NOT NULL,
  applied_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  applied_by      text        NOT NULL DEFAULT session_user
);
-- Whoever may use the schema may know its version: every process checks it at start.
GRANT SELECT ON onceward.schema_version TO PUBLIC;

DO $$
DECLARE role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['onceward_app', 'onceward_relay', 'onceward_inbox', 'onceward_monitor'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;  -- another database of this cluster migrates at the same time
      END;
    END IF;
  END LOOP;
END $$;

REVOKE ALL ON SCHEMA onceward FROM PUBLIC;
GRANT USAGE ON SCHEMA onceward TO onceward_app, onceward_relay, onceward_inbox, onceward_monitor;

INSERT INTO onceward.schema_version (version, name, compatible_from, checksum) VALUES (1, 'roles', 1, 'ce1d067d9659b649867bd8e0e85f85775322482e64ef19f21d4367620521dd30');
