-- The judge's database: the four ledgers side by side, what the outboxes committed, what Kafka holds.
CREATE TABLE ledger (
  service text, n bigint, at timestamptz, order_id text, event_id uuid, step text, item text,
  quantity bigint, amount bigint, version integer);
CREATE TABLE outbox (service text, topic text, key text, seq bigint, id uuid, type text);
CREATE TABLE kafka (topic text, partition integer, off bigint, key text, id uuid, type text, version integer);
CREATE TABLE acknowledged (order_id text);                        -- a client was told: placed
CREATE TABLE late (order_id text);                                -- its transaction was held open
CREATE TABLE hears (consumer text, topic text, type text);        -- what each service handles
CREATE TABLE republished (service text, id uuid);                 -- cursors put back: once a time
CREATE TABLE replayed (consumer text, topic text, partition integer, first_off bigint, end_off bigint);
CREATE TABLE account (account text, balance bigint);
CREATE TABLE stock (sku text, available bigint, reserved bigint, shipped bigint);

-- Which effects an order has, by how it ended.
CREATE TABLE expected (outcome text, service text, step text);
INSERT INTO expected VALUES
  ('shipped',  'inventory', 'reserved'), ('shipped',  'payment', 'captured'), ('shipped',  'shipping', 'sent'),
  ('shipped',  'inventory', 'shipped'),
  ('declined', 'inventory', 'reserved'), ('declined', 'payment', 'declined'), ('declined', 'inventory', 'released'),
  ('refused',  'inventory', 'refused'),  ('refused',  'payment', 'waived');

-- Which effect follows from which.
CREATE TABLE follows (service text, step text, cause_service text, cause_step text);
INSERT INTO follows VALUES
  ('inventory', 'reserved', 'orders',    'placed'),   ('inventory', 'refused',  'orders',    'placed'),
  ('payment',   'captured', 'inventory', 'reserved'), ('payment',   'declined', 'inventory', 'reserved'),
  ('payment',   'waived',   'inventory', 'refused'),  ('shipping',  'sent',     'payment',   'captured'),
  ('inventory', 'shipped',  'shipping',  'sent'),     ('inventory', 'released', 'payment',   'declined');

-- Every delivery of an event to a service that handles it: what lies in Kafka once for each of its
-- consumers, and what was replayed once more. All of it has gone past the consumer, since the demo
-- waits until the consumers' positions are at the end of the log.
CREATE VIEW delivery AS
  SELECT h.consumer, k.id, k.topic, k.partition, k.off FROM kafka k JOIN hears h USING (topic, type)
  UNION ALL
  SELECT h.consumer, k.id, k.topic, k.partition, k.off FROM replayed r
  JOIN kafka k ON (k.topic, k.partition) = (r.topic, r.partition) AND k.off >= r.first_off AND k.off < r.end_off
  JOIN hears h ON (h.consumer, h.topic, h.type) = (r.consumer, k.topic, k.type);

-- The ledger's lines that an event caused: a handled event causes exactly one.
CREATE VIEW effect AS SELECT * FROM ledger WHERE event_id IS NOT NULL;

-- How each order ended, by the orders service.
CREATE VIEW ended AS SELECT DISTINCT order_id, item AS outcome FROM ledger WHERE service = 'orders' AND step = 'closed';
