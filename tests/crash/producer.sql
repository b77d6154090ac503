-- The producer's business: a version a key, and a journal of its changes beside the events.
CREATE TABLE account (k integer PRIMARY KEY, v bigint NOT NULL DEFAULT 0);
CREATE TABLE journal (tx uuid NOT NULL, k integer NOT NULL, v bigint NOT NULL);

CREATE ROLE writer LOGIN IN ROLE onceward_app;
GRANT SELECT, UPDATE ON account TO writer;
GRANT INSERT ON journal TO writer;
CREATE ROLE relay LOGIN REPLICATION IN ROLE onceward_relay;

-- What each relay wrote into the cursor, in order: entries are numbered under the cursor's row lock.
CREATE TABLE cursor_log (
  n bigserial PRIMARY KEY, epoch bigint NOT NULL, lease_id uuid, incarnation uuid NOT NULL, lo text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(), reset boolean NOT NULL);
CREATE FUNCTION log_cursor() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO public.cursor_log (epoch, lease_id, incarnation, lo, reset)
  VALUES (NEW.epoch, NEW.lease_id, NEW.incarnation, NEW.lo, coalesce(current_setting('crash.reset', true), '') = 'on');
  RETURN NULL;
END $$;
CREATE TRIGGER log_cursor AFTER UPDATE ON onceward.relay_cursor FOR EACH ROW EXECUTE FUNCTION log_cursor();
