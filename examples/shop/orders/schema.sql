-- The orders service. Every change of an order raises its version, under the row's lock.
CREATE TABLE IF NOT EXISTS orders (
  order_id  text PRIMARY KEY,   -- the client's or ours
  account   text    NOT NULL,
  sku       text    NOT NULL,
  quantity  integer NOT NULL CHECK (quantity > 0),
  amount    bigint  NOT NULL CHECK (amount > 0),
  address   text    NOT NULL,
  status    text    NOT NULL DEFAULT 'placed' CHECK (status IN ('placed', 'shipped', 'refused', 'declined')),
  version   integer NOT NULL DEFAULT 1,
  placed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE OR REPLACE FUNCTION orders_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ledger (order_id, step, item, quantity, amount, version)
  VALUES (NEW.order_id, TG_ARGV[0], NEW.status, NEW.quantity, NEW.amount, NEW.version);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER placed AFTER INSERT ON orders
  FOR EACH ROW EXECUTE FUNCTION orders_ledger('placed');
CREATE OR REPLACE TRIGGER addressed AFTER UPDATE OF address ON orders
  FOR EACH ROW EXECUTE FUNCTION orders_ledger('addressed');
CREATE OR REPLACE TRIGGER closed AFTER UPDATE OF status ON orders
  FOR EACH ROW EXECUTE FUNCTION orders_ledger('closed');
