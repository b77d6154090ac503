-- The payment service. Money leaves an account when a payment is captured.
CREATE TABLE IF NOT EXISTS account (
  account text PRIMARY KEY,
  balance bigint NOT NULL CHECK (balance >= 0)   -- cents
);

-- No unique order_id, on purpose: see the reservation table of the inventory.
CREATE TABLE IF NOT EXISTS payment (
  order_id text   NOT NULL,
  account  text   NOT NULL,
  amount   bigint NOT NULL,
  state    text   NOT NULL CHECK (state IN ('captured', 'declined', 'waived'))
);
CREATE INDEX IF NOT EXISTS payment_order ON payment (order_id);

CREATE OR REPLACE FUNCTION account_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO ledger (step, item, amount) VALUES ('seeded', NEW.account, NEW.balance);
  ELSE
    INSERT INTO ledger (step, item, amount)
    VALUES (CASE WHEN NEW.balance < OLD.balance THEN 'captured' ELSE 'unexplained' END,
            NEW.account, OLD.balance - NEW.balance);
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER moved AFTER INSERT OR UPDATE ON account
  FOR EACH ROW EXECUTE FUNCTION account_ledger();

CREATE OR REPLACE FUNCTION payment_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ledger (order_id, step, item) VALUES (NEW.order_id, NEW.state, NEW.account);
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER not_captured AFTER INSERT ON payment
  FOR EACH ROW WHEN (NEW.state <> 'captured') EXECUTE FUNCTION payment_ledger();
