-- The shipping service. A parcel goes to the newest address, at most until it is sent.
CREATE TABLE IF NOT EXISTS parcel (
  order_id text    PRIMARY KEY,
  address  text    NOT NULL,
  version  integer NOT NULL DEFAULT 0,     -- of the order; 0 while only the payment is known
  sent     integer NOT NULL DEFAULT 0,     -- how often; more than once is what must not happen
  outcome  text
);

CREATE OR REPLACE FUNCTION parcel_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ledger (order_id, step, version)
  VALUES (NEW.order_id, TG_ARGV[0], CASE TG_ARGV[0] WHEN 'sent' THEN NULL ELSE NEW.version END);
  RETURN NULL;
END $$;
-- An UPDATE OF fires for a column that is set, also to the same value: a repeat is seen.
CREATE OR REPLACE TRIGGER addressed AFTER INSERT OR UPDATE OF address ON parcel
  FOR EACH ROW WHEN (NEW.version > 0) EXECUTE FUNCTION parcel_ledger('addressed');
CREATE OR REPLACE TRIGGER sent_new AFTER INSERT ON parcel
  FOR EACH ROW WHEN (NEW.sent > 0) EXECUTE FUNCTION parcel_ledger('sent');
CREATE OR REPLACE TRIGGER sent_old AFTER UPDATE OF sent ON parcel
  FOR EACH ROW EXECUTE FUNCTION parcel_ledger('sent');
CREATE OR REPLACE TRIGGER closed AFTER UPDATE OF outcome ON parcel
  FOR EACH ROW EXECUTE FUNCTION parcel_ledger('closed');
