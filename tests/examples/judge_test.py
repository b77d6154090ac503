"""The demo's checks find what they are for: each violation is planted in a clean history, by itself."""
import unittest

import psycopg2
import support
from judge import Judge, checks

import report
import settings

# One order of each outcome, as (service, order, step, item, quantity, amount, version), in time order.
SHIPPED = [("orders", "a", "placed", "placed", 2, 50, 1), ("shipping", "a", "addressed", None, 0, 0, 1),
           ("inventory", "a", "reserved", "tea", 2, 0, None), ("payment", "a", "captured", "ann", 0, 50, None),
           ("shipping", "a", "sent", None, 0, 0, None), ("inventory", "a", "shipped", "tea", 2, 0, None),
           ("orders", "a", "closed", "shipped", 2, 50, 2), ("shipping", "a", "closed", None, 0, 0, 2)]
REFUSED = [("orders", "b", "placed", "placed", 9, 50, 1), ("shipping", "b", "addressed", None, 0, 0, 1),
           ("inventory", "b", "refused", "tea", 0, 0, None), ("payment", "b", "waived", "ann", 0, 0, None),
           ("orders", "b", "closed", "refused", 9, 50, 2), ("shipping", "b", "closed", None, 0, 0, 2)]
DECLINED = [("orders", "c", "placed", "placed", 1, 70, 1), ("shipping", "c", "addressed", None, 0, 0, 1),
            ("inventory", "c", "reserved", "tea", 1, 0, None), ("payment", "c", "declined", "bob", 0, 0, None),
            ("inventory", "c", "released", "tea", 1, 0, None), ("orders", "c", "closed", "declined", 1, 70, 2),
            ("shipping", "c", "closed", None, 0, 0, 2)]
SEEDS = [("inventory", "", "seeded", "tea", 10, 0, None), ("payment", "", "seeded", "ann", 0, 100, None)]

# What causes each effect: the event's type, and the topic and service that it comes from.
CAUSES = {("inventory", "reserved"): "order.placed", ("inventory", "refused"): "order.placed",
          ("inventory", "shipped"): "shipment.sent", ("inventory", "released"): "payment.declined",
          ("payment", "captured"): "stock.reserved", ("payment", "declined"): "stock.reserved",
          ("payment", "waived"): "stock.refused", ("shipping", "sent"): "payment.captured",
          ("shipping", "closed"): "order.closed", ("shipping", "addressed"): "order.placed"}
CLOSES = {"shipped": "shipment.sent", "refused": "payment.waived", "declined": "stock.released"}
FROM = {"order": ("orders", "orders"), "stock": ("inventory", "inventory"), "payment": ("payments", "payment"),
        "shipment": ("shipping", "shipping")}

EVENT = "md5(%s || %s)::uuid"  # of an order and a type: here each order has one event of a type

# The name of the check that has to see it: what is done to the clean history.
PLANTED = {
    "an order that a client was told is placed is in the books": "INSERT INTO acknowledged VALUES ('z')",
    "every order ends": "DELETE FROM ledger WHERE order_id = 'b' AND step = 'closed' AND service = 'orders'",
    "an order that has ended has all effects of its outcome":
        "DELETE FROM ledger WHERE order_id = 'a' AND step = 'sent'",
    "every version of an order is known to the shipping service":
        "DELETE FROM ledger WHERE service = 'shipping' AND order_id = 'b' AND version = 2",
    "every committed event is in Kafka": "DELETE FROM kafka WHERE key = 'c' AND type = 'order.closed'",
    "every delivered event had an effect at each service that handles it":
        "DELETE FROM ledger WHERE order_id = 'c' AND step = 'released'",
    "a client was told of each order in the books: none was made twice for one key":
        "INSERT INTO ledger SELECT service, n, at, 'second', NULL, step, item, quantity, amount, version"
        " FROM ledger WHERE order_id = 'a' AND step = 'placed'",
    "no event has two effects at one service": "INSERT INTO ledger SELECT * FROM ledger WHERE step = 'captured'",
    "no step of an order happens twice":
        "INSERT INTO ledger SELECT service, n, at, order_id, NULL, step, item, quantity, amount, version"
        " FROM ledger WHERE step = 'sent'",
    "the shipping service hears of an order's versions in their order":
        "UPDATE ledger SET n = -n WHERE service = 'shipping' AND order_id = 'a' AND version = 2",
    "in Kafka, an order's versions first appear in their order":
        "UPDATE kafka SET off = -1 WHERE key = 'a' AND type = 'order.closed'",
    "in Kafka, the events of a key first appear in the order in which the outbox numbered them":
        "UPDATE outbox SET seq = -seq WHERE key = 'a' AND type = 'order.closed'",
    "an order's events are all in one partition of a topic":
        "UPDATE kafka SET partition = 1 WHERE key = 'a' AND type = 'order.closed'",
    "no effect comes before its cause":
        "UPDATE ledger SET at = at - interval '1 h' WHERE order_id = 'a' AND step = 'sent'",
    "no effect has an order that was never placed, and none a cause that is not there":
        "UPDATE ledger SET order_id = 'z' WHERE order_id = 'a' AND step = 'sent'",
    "an order has no effect of another outcome":
        "INSERT INTO ledger SELECT service, n, at, 'b', NULL, step, item, 0, 0, version"
        " FROM ledger WHERE step = 'sent'",
    "every event in Kafka was committed by its service":
        "DELETE FROM outbox WHERE key = 'a' AND type = 'order.closed'",
    "money is on the accounts or captured": "UPDATE account SET balance = balance + 1",
    "what was captured is the price of what was sent":
        "UPDATE ledger SET amount = 51 WHERE order_id = 'a' AND step = 'placed'",
    "what was seeded of a good is available, reserved or shipped": "UPDATE stock SET available = 7",
    "no goods stay reserved, and the shipped ones are those of the orders that were sent":
        "UPDATE stock SET available = available - 1, reserved = 1",
    "nothing moved in a way that no step explains": "UPDATE ledger SET step = 'unexplained' WHERE step = 'sent'",
}


class TheJudge(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = support.World(["judge"])
        cls.addClassCleanup(cls.world.close)
        cls.connection = psycopg2.connect(cls.world.databases["judge"])
        cls.addClassCleanup(cls.connection.close)
        cls.judge = Judge(cls.connection)
        cls.write_history()
        cls.connection.commit()

    def tearDown(self):
        self.connection.rollback()

    @classmethod
    def write_history(cls):
        judge = cls.judge
        judge.insert("hears", ((c, t, k) for c, topics in settings.HEARS.items() for t, kinds in topics.items()
                               for k in kinds))
        lines = SEEDS + SHIPPED + REFUSED + DECLINED
        for n, (service, order, step, item, quantity, amount, version) in enumerate(lines):
            kind = CLOSES[item] if (service, step) == ("orders", "closed") else CAUSES.get((service, step))
            judge.cursor.execute(
                f"INSERT INTO ledger VALUES (%s, %s, now() + %s * interval '1 s', %s,"
                f" CASE WHEN %s IS NOT NULL THEN {EVENT} END, %s, %s, %s, %s, %s)",
                (service, n, n, order, kind, order, kind, step, item, quantity, amount, version))
        judge.cursor.execute("INSERT INTO acknowledged VALUES ('a'), ('b'), ('c')")
        judge.cursor.execute("INSERT INTO account VALUES ('ann', 50)")
        judge.cursor.execute("INSERT INTO stock VALUES ('tea', 8, 0, 2)")
        for order, kinds in {"a": "order.placed stock.reserved payment.captured shipment.sent order.closed",
                             "b": "order.placed stock.refused payment.waived order.closed",
                             "c": "order.placed stock.reserved payment.declined stock.released order.closed"}.items():
            for n, kind in enumerate(kinds.split()):
                cls.write_event(order, kind, n)

    @classmethod
    def write_event(cls, order, kind, n):
        topic, service = FROM[kind.split(".")[0]]
        version = {"order.placed": 1, "order.closed": 2}.get(kind)
        off = 100 * "abc".index(order) + n + 1
        cls.judge.cursor.execute(f"INSERT INTO outbox VALUES (%s, %s, %s, %s, {EVENT}, %s)",
                                 (service, topic, order, off, order, kind, kind))
        cls.judge.cursor.execute(f"INSERT INTO kafka VALUES (%s, 0, %s, %s, {EVENT}, %s, %s)",
                                 (topic, off, order, order, kind, kind, version))

    def names_that_see(self):
        seen = []
        for _, name, sql in checks():
            self.judge.cursor.execute(sql)
            if self.judge.cursor.fetchall():
                seen.append(name)
        return seen

    def test_a_clean_history_has_no_violation(self):
        self.assertEqual(self.judge.violations(), ({k: 0 for k, _, _ in checks()}, []))

    def test_each_check_sees_what_is_planted_for_it(self):
        self.assertEqual(set(PLANTED), {name for _, name, _ in checks()})
        for name, plant in PLANTED.items():
            with self.subTest(name):
                self.judge.cursor.execute(plant)
                self.assertIn(name, self.names_that_see())
                self.connection.rollback()

    def test_a_repeat_in_kafka_is_a_refused_duplicate_at_each_of_its_consumers(self):
        deliveries, refused = self.judge.deliveries(), self.judge.duplicates_refused()
        self.assertEqual(refused, 0)

        self.judge.cursor.execute("INSERT INTO kafka SELECT topic, partition, 999, key, id, type, version FROM kafka"
                                  " WHERE key = 'a' AND type = 'order.placed'")

        self.assertEqual(self.judge.deliveries(), deliveries + 2)
        self.assertEqual(self.judge.duplicates_refused(), 2)
        self.assertEqual(self.judge.violations()[0]["applied_twice"], 0)

    def test_a_replayed_range_counts_what_its_consumer_handles(self):
        self.judge.cursor.execute("INSERT INTO replayed VALUES ('inventory', 'orders', 0, 0, 1000)")

        self.assertEqual(self.judge.duplicates_injected(), 3)  # order.placed of three orders, not order.closed
        self.assertEqual(self.judge.duplicates_refused(), 3)


class TheVerdict(unittest.TestCase):
    GOOD = {"orders": 500, "kills": 18, "kills_by_process": {"relay": 9, "service": 9}, "exits": {},
            "duplicates_injected": 200, "duplicates_refused": 200, "lost": 0, "applied_twice": 0, "disorder": 0,
            "phantoms": 0, "conserved": True}

    def test_a_good_run_has_no_failures(self):
        self.assertEqual(report.failures(self.GOOD, 500), [])

    def test_each_number_that_is_not_as_it_must_be_fails_the_run(self):
        bad = {"orders": 499, "kills": 9, "kills_by_process": {"relay": 18, "service": 0}, "exits": {"relay": [-11]},
               "duplicates_injected": 199, "duplicates_refused": 199, "lost": 1, "applied_twice": 1, "disorder": 1,
               "phantoms": 1, "conserved": False}
        self.assertEqual(set(bad), set(self.GOOD))
        for name, value in bad.items():
            with self.subTest(name):
                self.assertEqual(len(report.failures({**self.GOOD, name: value}, 500)), 1)


if __name__ == "__main__":
    support.main()
