-- The inventory service. What is on the shelf moves from available to reserved to shipped, or back.
CREATE TABLE IF NOT EXISTS stock (
  sku       text PRIMARY KEY,
  available bigint NOT NULL CHECK (available >= 0),
  reserved  bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  shipped   bigint NOT NULL DEFAULT 0 CHECK (shipped >= 0)
);

-- No unique order_id, on purpose: that no order is served twice is the inbox's work here, and a
-- second time must be seen by whoever checks the ledger, not be hidden by an index.
CREATE TABLE IF NOT EXISTS reservation (
  order_id text    NOT NULL,
  sku      text    NOT NULL,
  quantity integer NOT NULL,
  state    text    NOT NULL CHECK (state IN ('reserved', 'refused', 'released', 'shipped'))
);
CREATE INDEX IF NOT EXISTS reservation_order ON reservation (order_id);

-- One line per movement; the step follows from which way the goods went.
CREATE OR REPLACE FUNCTION stock_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO ledger (step, item, quantity) VALUES ('seeded', NEW.sku, NEW.available);
  ELSE
    INSERT INTO ledger (step, item, quantity) VALUES (
      CASE WHEN NEW.available < OLD.available AND NEW.reserved > OLD.reserved THEN 'reserved'
           WHEN NEW.available > OLD.available AND NEW.reserved < OLD.reserved THEN 'released'
           WHEN NEW.shipped > OLD.shipped AND NEW.reserved < OLD.reserved THEN 'shipped'
           ELSE 'unexplained' END,
      NEW.sku, abs(NEW.reserved - OLD.reserved));
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER moved AFTER INSERT OR UPDATE ON stock
  FOR EACH ROW EXECUTE FUNCTION stock_ledger();

CREATE OR REPLACE FUNCTION refusal_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ledger (order_id, step, item, quantity) VALUES (NEW.order_id, 'refused', NEW.sku, 0);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER refused AFTER INSERT ON reservation
  FOR EACH ROW WHEN (NEW.state = 'refused') EXECUTE FUNCTION refusal_ledger();
