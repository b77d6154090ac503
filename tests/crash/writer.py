#!/usr/bin/python3
"""A service that changes keys and adds an event for each change, in one transaction, and keeps a history.

Runs until SIGTERM; finishes the transaction in hand. Every outcome is told as it was seen: `ok`,
`fail` (rolled back, or the connection broke before COMMIT was sent), `info` (it broke in COMMIT).
"""
import argparse
import json
import pathlib
import random
import signal
import time
import uuid

import psycopg2
import psycopg2.errors

CHANGE = "UPDATE account SET v = v + 1 WHERE k = %s RETURNING v"
RECORD = """
  INSERT INTO journal (tx, k, v) VALUES (%(tx)s, %(k)s, %(v)s);
  SELECT onceward.add(%(topic)s, %(k)s::text, 'changed', jsonb_build_object('k', %(k)s, 'v', %(v)s, 'tx', %(tx)s))"""

# One key in `LATE_KEYS` belongs to the transactions that stay open: others would wait for their locks.
LATE_KEYS = 6
OPEN_SECONDS = 2.0


class Writer:
    def __init__(self, given):
        self.given = given
        self.dice = random.Random(f"{given.seed}/{given.name}")
        self.history = open(pathlib.Path(given.dir) / f"writer-{given.name}.jsonl", "a", buffering=1)
        self.async_flag = pathlib.Path(given.dir) / "all-async"
        self.connection, self.going = None, True
        signal.signal(signal.SIGTERM, self.stop)

    def stop(self, *_):
        self.going = False

    def run(self):
        while self.going:
            try:
                if self.connection is None:
                    self.connection = psycopg2.connect(self.given.dsn)
                self.transaction()
                time.sleep(self.dice.expovariate(1 / self.given.pause))
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                time.sleep(0.05)

    def choose(self):
        """What the next transaction is like."""
        late = self.dice.random() < self.given.late
        keys = range(self.given.keys, self.given.keys + LATE_KEYS) if late else range(self.given.keys)
        count = 1 if late else self.dice.choice((1, 1, 1, 2, 3))
        return {"late": late, "keys": sorted(self.dice.sample(keys, count)),
                "rollback": self.dice.random() < 0.1,
                "sync": not (self.dice.random() < self.given.asynchronous or self.async_flag.exists())}

    def transaction(self):
        plan, tx, operations = self.choose(), str(uuid.uuid4()), []
        outcome, broken = "fail", None
        try:
            self.change(plan, tx, operations)
            if plan["rollback"]:
                self.connection.rollback()
            else:
                outcome = "info"
                self.connection.commit()
                outcome = "ok"
        except psycopg2.errors.DeadlockDetected:
            outcome = "fail"
            self.connection.rollback()
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            broken = error
        self.write(tx, outcome, plan["sync"], operations)
        if broken:
            self.connection = None
            raise broken

    def change(self, plan, tx, operations):
        with self.connection.cursor() as cursor:
            if not plan["sync"]:
                cursor.execute("SET LOCAL synchronous_commit = off")
            for key in plan["keys"]:
                cursor.execute(CHANGE, (key,))
                version = cursor.fetchone()[0]
                cursor.execute(RECORD, {"tx": tx, "k": key, "v": version, "topic": self.given.topic})
                operations.append([key, version, str(cursor.fetchone()[0])])
        if plan["late"]:
            self.stay_open()

    def stay_open(self):
        end = time.monotonic() + OPEN_SECONDS
        while self.going and time.monotonic() < end:
            time.sleep(0.05)

    def write(self, tx, outcome, sync, operations):
        self.history.write(json.dumps({"t": time.time_ns(), "p": self.given.name, "f": "tx", "type": outcome,
                                       "tx": tx, "sync": sync, "ops": operations}) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name, kind in (("dsn", str), ("dir", str), ("name", str), ("seed", int), ("topic", str), ("keys", int),
                       ("pause", float), ("late", float), ("asynchronous", float)):
        parser.add_argument(f"--{name}", type=kind, required=True)
    Writer(parser.parse_args()).run()


if __name__ == "__main__":
    main()
