-- Every check is a query that returns a line for each violation; no line is good. The demo runs them
-- all and adds them up by kind. A line has up to four columns: what, and where to look.

-- kind: lost
-- name: an order that a client was told is placed is in the books
SELECT order_id FROM acknowledged EXCEPT SELECT order_id FROM ledger WHERE service = 'orders' AND step = 'placed';

-- kind: lost
-- name: every order ends
SELECT order_id FROM ledger WHERE service = 'orders' AND step = 'placed' EXCEPT SELECT order_id FROM ended;

-- kind: lost
-- name: an order that has ended has all effects of its outcome
SELECT e.order_id, x.service, x.step FROM ended e JOIN expected x USING (outcome)
EXCEPT SELECT order_id, service, step FROM ledger;

-- kind: lost
-- name: every version of an order is known to the shipping service
SELECT order_id, version FROM ledger WHERE service = 'orders'
EXCEPT SELECT order_id, version FROM ledger WHERE service = 'shipping';

-- kind: lost
-- name: every committed event is in Kafka
SELECT service, id, type, key FROM outbox WHERE id NOT IN (SELECT id FROM kafka);

-- kind: lost
-- name: every delivered event had an effect at each service that handles it
SELECT consumer, id FROM delivery EXCEPT SELECT service, event_id FROM effect;

-- kind: applied_twice
-- name: a client was told of each order in the books: none was made twice for one key
SELECT order_id FROM ledger WHERE service = 'orders' AND step = 'placed' EXCEPT SELECT order_id FROM acknowledged;

-- kind: applied_twice
-- name: no event has two effects at one service
SELECT service, event_id, count(*) FROM effect GROUP BY 1, 2 HAVING count(*) > 1;

-- kind: applied_twice
-- name: no step of an order happens twice
SELECT service, order_id, step, version FROM ledger
WHERE step NOT IN ('seeded') GROUP BY 1, 2, 3, 4 HAVING count(*) > 1;

-- kind: disorder
-- name: the shipping service hears of an order's versions in their order
SELECT order_id, version, before FROM (
  SELECT order_id, version, lag(version) OVER (PARTITION BY order_id ORDER BY n) AS before
  FROM ledger WHERE service = 'shipping' AND version IS NOT NULL) v
WHERE version < before;

-- kind: disorder
-- name: in Kafka, an order's versions first appear in their order
SELECT key, version, before FROM (
  SELECT key, version, max(version) OVER (PARTITION BY key ORDER BY off ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    AS before FROM (SELECT key, id, version, min(off) AS off FROM kafka WHERE topic = 'orders' GROUP BY 1, 2, 3) f) v
WHERE version < before;

-- kind: disorder
-- name: in Kafka, the events of a key first appear in the order in which the outbox numbered them
SELECT topic, key, id, seq FROM (
  SELECT o.topic, o.key, o.id, o.seq, max(o.seq) OVER (
    PARTITION BY o.topic, o.key ORDER BY f.off ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
  FROM outbox o JOIN (SELECT id, min(off) AS off FROM kafka GROUP BY id) f USING (id)) v
WHERE seq < before;

-- kind: disorder
-- name: an order's events are all in one partition of a topic
SELECT topic, key FROM kafka GROUP BY 1, 2 HAVING count(DISTINCT partition) > 1;

-- kind: disorder
-- name: no effect comes before its cause
SELECT l.service, l.order_id, l.step, c.step FROM ledger l JOIN follows f USING (service, step)
JOIN ledger c ON (c.service, c.step, c.order_id) = (f.cause_service, f.cause_step, l.order_id)
GROUP BY 1, 2, 3, 4 HAVING min(l.at) < min(c.at);

-- kind: phantom
-- name: no effect has an order that was never placed, and none a cause that is not there
SELECT l.service, l.order_id, l.step, f.cause_step FROM ledger l JOIN follows f USING (service, step)
WHERE NOT EXISTS (SELECT FROM ledger c, follows g
                  WHERE (g.service, g.step) = (l.service, l.step)
                    AND (c.service, c.step, c.order_id) = (g.cause_service, g.cause_step, l.order_id));

-- kind: phantom
-- name: an order has no effect of another outcome
SELECT l.order_id, e.outcome, l.service, l.step FROM ledger l JOIN ended e USING (order_id)
JOIN (SELECT DISTINCT service, step FROM expected) s USING (service, step)
WHERE NOT EXISTS (SELECT FROM expected x WHERE (x.outcome, x.service, x.step) = (e.outcome, l.service, l.step));

-- kind: phantom
-- name: every event in Kafka was committed by its service
SELECT topic, id, key FROM kafka WHERE id NOT IN (SELECT id FROM outbox);

-- kind: not_conserved
-- name: money is on the accounts or captured
SELECT seeded, balances, captured FROM
  (SELECT coalesce(sum(amount), 0) AS seeded FROM ledger WHERE service = 'payment' AND step = 'seeded') s,
  (SELECT coalesce(sum(balance), 0) AS balances FROM account) b,
  (SELECT coalesce(sum(amount), 0) AS captured FROM ledger WHERE service = 'payment' AND step = 'captured') c
WHERE seeded <> balances + captured;

-- kind: not_conserved
-- name: what was captured is the price of what was sent
SELECT captured, price FROM
  (SELECT coalesce(sum(amount), 0) AS captured FROM ledger WHERE service = 'payment' AND step = 'captured') c,
  (SELECT coalesce(sum(o.amount), 0) AS price FROM ledger o WHERE o.service = 'orders' AND o.step = 'placed'
     AND o.order_id IN (SELECT order_id FROM ledger WHERE service = 'shipping' AND step = 'sent')) p
WHERE captured <> price;

-- kind: not_conserved
-- name: what was seeded of a good is available, reserved or shipped
SELECT sku, seeded.quantity, available + reserved + shipped FROM stock
FULL JOIN (SELECT item AS sku, sum(quantity) AS quantity FROM ledger
           WHERE service = 'inventory' AND step = 'seeded' GROUP BY item) seeded USING (sku)
WHERE seeded.quantity IS DISTINCT FROM available + reserved + shipped;

-- kind: not_conserved
-- name: no goods stay reserved, and the shipped ones are those of the orders that were sent
SELECT reserved, shipped, ordered FROM
  (SELECT coalesce(sum(reserved), 0) AS reserved, coalesce(sum(shipped), 0) AS shipped FROM stock) s,
  (SELECT coalesce(sum(o.quantity), 0) AS ordered FROM ledger o WHERE o.service = 'orders' AND o.step = 'placed'
     AND o.order_id IN (SELECT order_id FROM ledger WHERE service = 'shipping' AND step = 'sent')) p
WHERE reserved <> 0 OR shipped <> ordered;

-- kind: not_conserved
-- name: nothing moved in a way that no step explains
SELECT service, order_id, step FROM ledger WHERE step = 'unexplained';
