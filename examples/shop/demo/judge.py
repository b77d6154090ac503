"""Gathers the evidence in one database and runs the checks over it."""
import pathlib
import re

from psycopg2.extras import execute_values

import kafka_log
import settings

HERE = pathlib.Path(__file__).parent
CHECK = re.compile(r"-- kind: (\w+)\n-- name: (.+)\n((?:(?!-- kind).*\n?)+)")
LINES_SHOWN = 5

LEDGER = ("SELECT %s, n, at, order_id, event_id::text, step, item, quantity, amount, version FROM ledger", "ledger")
OUTBOX = ("SELECT %s, topic, convert_from(key, 'UTF8'), seq, id::text, type FROM onceward.outbox", "outbox")


def checks():
    """[(kind, name, sql)] of checks.sql."""
    found = CHECK.findall((HERE / "checks.sql").read_text())
    return [(kind, name, sql.strip().rstrip(";")) for kind, name, sql in found]


class Judge:
    def __init__(self, connection):
        self.connection = connection
        self.cursor = connection.cursor()
        self.cursor.execute((HERE / "judge_schema.sql").read_text())

    def insert(self, table, rows):
        rows = list(rows)
        if rows:
            execute_values(self.cursor, f"INSERT INTO {table} VALUES %s", rows, page_size=1000)

    def gather(self, looks, brokers, load, duplicates):
        """Copies the evidence; everything has to be at rest."""
        for service in settings.SERVICES:
            for sql, table in (LEDGER, OUTBOX):
                self.insert(table, looks.rows(service, sql, (service,)))
        self.insert("account", looks.rows("payment", "SELECT account, balance FROM account"))
        self.insert("stock", looks.rows("inventory", "SELECT sku, available, reserved, shipped FROM stock"))
        self.insert("kafka", kafka_log.records(brokers))
        self.insert("hears", ((consumer, topic, kind) for consumer, topics in settings.HEARS.items()
                              for topic, kinds in topics.items() for kind in kinds))
        self.insert("acknowledged", ((order_id,) for order_id in load.acknowledged))
        self.insert("late", ((order_id,) for order_id in load.late))
        self.insert("republished", duplicates.republished)
        self.insert("replayed", duplicates.replayed)
        self.cursor.execute("ANALYZE")
        self.connection.commit()

    def violations(self):
        """{kind: count}, and a sentence for each check that found some."""
        counts, sentences = {}, []
        for kind, name, sql in checks():
            self.cursor.execute(sql)
            rows = self.cursor.fetchall()
            counts[kind] = counts.get(kind, 0) + len(rows)
            if rows:
                shown = "; ".join(" ".join(str(value) for value in row) for row in rows[:LINES_SHOWN])
                sentences.append(f"{kind}: not so in {len(rows)} cases that {name}: {shown}")
        return counts, sentences

    def number(self, sql):
        self.cursor.execute(sql)
        return self.cursor.fetchone()[0] or 0

    def outcomes(self):
        self.cursor.execute("SELECT outcome, count(*) FROM ended GROUP BY 1 ORDER BY 2 DESC")
        return dict(self.cursor.fetchall())

    def deliveries(self):
        return self.number("SELECT count(*) FROM delivery")

    def duplicates_injected(self):
        """Deliveries that the demo caused on purpose, of events that had been delivered before."""
        return self.number("""
            SELECT (SELECT count(*) FROM republished r JOIN outbox o USING (id) JOIN hears h USING (topic, type))
                 + (SELECT count(*) FROM replayed r
                    JOIN kafka k ON (k.topic, k.partition) = (r.topic, r.partition)
                                AND k.off >= r.first_off AND k.off < r.end_off
                    JOIN hears h ON (h.consumer, h.topic, h.type) = (r.consumer, k.topic, k.type))""")

    def duplicates_refused(self):
        """Deliveries that left no effect. Counted from Kafka's log and the ledgers, not from the
        consumers' own counters, which die with them."""
        return self.deliveries() - self.number("SELECT count(*) FROM effect")

    def latencies_ms(self, placed_before=None):
        """Median and 99th percentile from an order's placing to its last effect; orders whose own
        transaction was held open on purpose are left out."""
        self.cursor.execute("""
            SELECT percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY ms) FROM (
              SELECT extract(epoch FROM max(at) - min(at)) * 1000 AS ms FROM ledger
              WHERE order_id IN (SELECT order_id FROM ended) AND order_id NOT IN (SELECT order_id FROM late)
              GROUP BY order_id HAVING %s::timestamptz IS NULL OR min(at) < %s) l""", (placed_before, placed_before))
        found = self.cursor.fetchone()[0]
        return [round(float(value), 1) for value in found] if found else [None, None]

    def seconds(self):
        """From the first effect to the last."""
        return float(self.number("SELECT extract(epoch FROM max(at) - min(at)) FROM ledger WHERE step <> 'seeded'"))
