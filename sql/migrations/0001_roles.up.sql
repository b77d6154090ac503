-- The roles that services and processes are granted. None can log in: GRANT onceward_app TO my_service;
CREATE SCHEMA IF NOT EXISTS onceward;

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
