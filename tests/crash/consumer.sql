-- The consumer's effect: a row a message, numbered in the order of application.
CREATE TABLE ledger (
  n bigserial PRIMARY KEY, id uuid NOT NULL, tx uuid NOT NULL, k integer NOT NULL, v bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp());

CREATE ROLE consumer LOGIN IN ROLE onceward_inbox;
GRANT INSERT ON ledger TO consumer;
GRANT USAGE ON SEQUENCE ledger_n_seq TO consumer;

-- What each consumer wrote as its position, in order: entries are numbered while the position is locked.
CREATE TABLE progress_log (
  n bigserial PRIMARY KEY, partition integer NOT NULL, next_off bigint NOT NULL, epoch bigint NOT NULL,
  reset boolean NOT NULL DEFAULT false);
CREATE FUNCTION log_progress() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO public.progress_log (partition, next_off, epoch) VALUES (NEW.partition, NEW.next_off, NEW.epoch);
  RETURN NULL;
END $$;
CREATE TRIGGER log_progress AFTER INSERT ON onceward.inbox_progress FOR EACH ROW EXECUTE FUNCTION log_progress();
