-- The ledger of a service: what really happened to its tables, written by triggers of the business
-- tables themselves. Neither the services' code nor Onceward writes here, so it can testify.
CREATE TABLE IF NOT EXISTS ledger (
  n        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  order_id text    NOT NULL DEFAULT coalesce(current_setting('shop.order_id', true), ''),
  event_id uuid    DEFAULT nullif(current_setting('shop.event_id', true), '')::uuid,  -- what caused it
  step     text    NOT NULL,
  item     text,                          -- the sku or the account
  quantity bigint  NOT NULL DEFAULT 0,
  amount   bigint  NOT NULL DEFAULT 0,    -- cents
  version  integer                        -- of the order, where the event carries one
);
CREATE INDEX IF NOT EXISTS ledger_order ON ledger (order_id);

CREATE OR REPLACE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is append-only';
END $$;
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
