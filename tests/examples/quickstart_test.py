"""The quickstart does what the README says: money that leaves one database arrives in the other, once."""
import subprocess
import unittest

import support


class Quickstart(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = support.World(["here", "there"], ["payments"])
        cls.addClassCleanup(cls.world.close)
        schema = (support.ROOT / "examples/quickstart/schema.sql").read_text()
        for database in ("here", "there"):
            cls.world.sql(database, schema)

    def pay(self, amount):
        return subprocess.run([support.BUILD / "examples/quickstart/quickstart_pay", self.world.databases["here"],
                               "alice", "bob", str(amount)], capture_output=True, text=True)

    def balance(self, database, name):
        return self.world.sql(database, "SELECT balance FROM account WHERE name = %s", (name,))[0][0]

    def start_receiver(self):
        return self.world.start("receive", "examples/quickstart/quickstart_receive", self.world.databases["there"],
                                self.world.brokers)

    # Goal: what was paid arrives exactly once, also when the relay and the receiver are killed.
    # Method: pay, wait until it has arrived, kill both, pay again; the sums must be exact.
    def test_what_is_paid_arrives_once_across_kills(self):
        relay, receiver = self.world.start_relay("here"), self.start_receiver()
        for amount in (5, 7, 11):
            self.assertEqual(self.pay(amount).returncode, 0)
        arrived = support.eventually(lambda: self.balance("there", "bob") == 23)
        self.assertTrue(arrived, self.world.logs())

        relay.kill(in_flight=1)
        receiver.kill(in_flight=1)
        self.assertEqual(self.pay(2).returncode, 0)

        arrived = support.eventually(lambda: self.balance("there", "bob") == 25)
        self.assertTrue(arrived, self.world.logs())
        self.assertEqual(self.balance("here", "alice"), 75)

    def test_the_receiver_ends_well_on_sigterm(self):
        receiver = self.start_receiver()
        positions = "SELECT count(*) FROM onceward.inbox_position"
        started = support.eventually(lambda: self.world.sql("there", positions) != [(0,)])
        self.assertTrue(started, self.world.logs())

        receiver.end(30)

        self.assertEqual(receiver.process.returncode, 0)

    def test_a_payment_that_fails_leaves_no_event(self):
        before = self.world.sql("here", "SELECT count(*) FROM onceward.outbox")

        refused = self.pay(1_000_000)

        self.assertEqual(refused.returncode, 1)
        self.assertIn("balance", refused.stderr)
        self.assertEqual(self.world.sql("here", "SELECT count(*) FROM onceward.outbox"), before)


if __name__ == "__main__":
    support.main()
