"""The shop's HTTP API and the three ways in which an order ends."""
import http.client
import json
import signal
import socket
import unittest

import support
from stack import free_port

import settings


class Shop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = support.World(settings.SERVICES, settings.TOPICS)
        cls.addClassCleanup(cls.world.close)
        cls.ports = {service: free_port() for service in settings.SERVICES}
        for service in settings.SERVICES:
            cls.world.sql(service, (settings.SHOP / "common/ledger.sql").read_text())
            cls.world.sql(service, (settings.SHOP / service / "schema.sql").read_text())
        cls.world.sql("inventory", "INSERT INTO stock (sku, available) VALUES ('tea', 10)")
        cls.world.sql("payment", "INSERT INTO account VALUES ('ann', 1000), ('bob', 1)")
        for service in settings.SERVICES:
            cls.world.start_relay(service)
            cls.world.start(service, f"examples/shop/shop_{service}", "--database", cls.world.databases[service],
                            "--brokers", cls.world.brokers, "--port", str(cls.ports[service]))
        for service in settings.SERVICES:
            if not support.eventually(lambda s=service: cls.alive(s)):
                raise RuntimeError(cls.world.logs())

    @classmethod
    def ask(cls, service, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", cls.ports[service], timeout=10)
        try:
            text = body if body is None or isinstance(body, str) else json.dumps(body)
            connection.request(method, path, text, headers or {})
            answer = connection.getresponse()
            content = answer.read()
            return answer.status, json.loads(content) if content else None
        finally:
            connection.close()

    @classmethod
    def alive(cls, service):
        try:
            return cls.ask(service, "GET", "/healthz")[0] == 200
        except OSError:
            return False

    @staticmethod
    def order(order_id, **changes):
        return {"id": order_id, "account": "ann", "sku": "tea", "quantity": 1, "amount": 100,
                "address": "1 Main Street", **changes}

    def status(self, order_id):
        return self.ask("orders", "GET", f"/orders/{order_id}")[1].get("status")

    def place_and_wait(self, order):
        self.assertEqual(self.ask("orders", "POST", "/orders", order)[0], 201)
        ended = support.eventually(lambda: self.status(order["id"]) != "placed")
        self.assertTrue(ended, self.world.logs())
        return self.status(order["id"])

    def steps(self, service, order_id):
        return [step for (step,) in self.world.sql(
            service, "SELECT step FROM ledger WHERE order_id = %s ORDER BY n", (order_id,))]

    def test_an_order_with_stock_and_money_is_shipped(self):
        self.assertEqual(self.place_and_wait(self.order("good")), "shipped")
        self.assertEqual(self.steps("payment", "good"), ["captured"])
        self.assertTrue(support.eventually(lambda: self.steps("inventory", "good") == ["reserved", "shipped"]))
        self.assertEqual(self.ask("shipping", "GET", "/orders/good")[1]["sent"], "1")

    def test_an_order_without_stock_is_refused(self):
        self.assertEqual(self.place_and_wait(self.order("much", quantity=1000)), "refused")
        self.assertEqual(self.steps("payment", "much"), ["waived"])

    def test_an_order_without_money_is_declined_and_its_stock_released(self):
        self.assertEqual(self.place_and_wait(self.order("poor", account="bob")), "declined")
        self.assertEqual(self.steps("inventory", "poor"), ["reserved", "released"])
        self.assertEqual(self.steps("payment", "poor"), ["declined"])

    def test_a_repeated_post_finds_the_order_it_made(self):
        self.assertEqual(self.ask("orders", "POST", "/orders", self.order("again"))[0], 201)
        self.assertEqual(self.ask("orders", "POST", "/orders", self.order("again"))[0], 200)
        self.assertEqual(self.ask("orders", "POST", "/orders", self.order("again", quantity=2))[0], 409)

    def post_once(self, key, order, port=None):
        """@return Status, answer, and whether it is marked as given before."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.ports["orders"], timeout=10)
        try:
            connection.request("POST", "/orders", json.dumps(order), {"Idempotency-Key": f'"{key}"'})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read()), answer.getheader("Idempotent-Replayed") == "true"
        finally:
            connection.close()

    def without_id(self, address):
        order = self.order("", address=address)
        del order["id"]
        return order

    def placed_at(self, address):
        return self.world.sql("orders", "SELECT order_id FROM orders WHERE address = %s", (address,))

    def test_a_repeat_under_one_key_is_given_the_same_answer_and_makes_no_second_order(self):
        status, answer, replayed = self.post_once("k1", self.without_id("1 Key Street"))
        self.assertEqual((status, replayed), (201, False))

        self.assertEqual(self.post_once("k1", self.without_id("1 Key Street")), (201, answer, True))
        self.assertEqual(self.post_once("k1", self.without_id("2 Key Street"))[0], 422)
        self.assertEqual(self.placed_at("1 Key Street"), [(answer["id"],)])
        self.assertEqual(self.placed_at("2 Key Street"), [])

    # Goal: a service that dies around its COMMIT makes one order, whichever side of it.
    # Method: a second service that kills itself there takes the request, and the first one its repeat.
    def test_an_order_whose_service_is_killed_in_its_commit_is_made_once(self):
        for point, committed in (("guard.before_commit", False), ("guard.after_commit", True)):
            with self.subTest(point):
                port = free_port()
                dying = self.world.start(f"dying-{committed}", "examples/shop/shop_orders", "--database",
                                         self.world.databases["orders"], "--brokers", self.world.brokers, "--port",
                                         str(port), environment={"ONCEWARD_CRASH": f"{point}:1"})
                self.assertTrue(support.eventually(lambda p=port: self.connects("127.0.0.1", p)), self.world.logs())
                order = self.without_id(f"{point} Street")
                with self.assertRaises((OSError, http.client.HTTPException)):
                    self.post_once(point, order, port)
                self.assertEqual(dying.process.wait(30), -signal.SIGKILL)

                status, answer, replayed = self.post_once(point, order)

                self.assertEqual((status, replayed), (201, committed))
                self.assertEqual(self.placed_at(order["address"]), [(answer["id"],)])

    def test_every_order_has_at_least_four_events(self):
        for order_id, changes in (("four", {}), ("four-much", {"quantity": 1000}), ("four-poor", {"account": "bob"})):
            self.place_and_wait(self.order(order_id, **changes))
            events = sum(self.world.sql(service, "SELECT count(*) FROM onceward.outbox WHERE key = %s::bytea",
                                        (order_id,))[0][0] for service in settings.SERVICES)
            self.assertGreaterEqual(events, 4)

    def test_a_bad_order_is_refused_with_the_reason(self):
        status, answer = self.ask("orders", "POST", "/orders", self.order("bad", quantity=0))
        self.assertEqual((status, answer), (400, {"error": "quantity is 1 to 1000"}))
        self.assertEqual(self.ask("orders", "POST", "/orders", "{")[0], 400)
        self.assertEqual(self.ask("orders", "POST", "/orders", self.order("a/b"))[0], 400)
        self.assertEqual(self.ask("orders", "GET", "/orders/nobody")[0], 404)

    def test_the_http_server_refuses_what_it_cannot_bound(self):
        self.assertEqual(self.ask("orders", "GET", "/" + "x" * 600)[0], 414)
        self.assertEqual(self.ask("orders", "GET", "/healthz", "body")[0], 400)
        self.assertEqual(self.ask("orders", "POST", "/orders", "x" * 100_000)[0], 413)
        self.assertEqual(self.ask("orders", "POST", "/orders", "{}", {"Content-Encoding": "gzip"})[0], 415)
        self.assertEqual(self.ask("orders", "POST", "/orders", "{}", {"Transfer-Encoding": "chunked"})[0], 501)

    def test_a_service_ends_well_on_sigterm(self):
        port = free_port()
        second = self.world.start("ending", "examples/shop/shop_payment", "--database", self.world.databases["payment"],
                                  "--brokers", self.world.brokers, "--port", str(port))
        listening = support.eventually(lambda: self.connects("127.0.0.1", port))
        self.assertTrue(listening, self.world.logs())

        second.end(30)

        self.assertEqual(second.process.returncode, 0)
        self.assertFalse(self.connects("127.0.0.1", port))

    def test_a_port_that_is_taken_is_an_error(self):
        second = self.world.start("second", "examples/shop/shop_payment", "--database",
                                  self.world.databases["payment"], "--brokers", self.world.brokers,
                                  "--port", str(self.ports["payment"]))

        self.assertTrue(support.eventually(lambda: not second.running()))
        self.assertEqual(second.process.returncode, 1)
        self.assertIn("is taken", second.last_words())

    def test_the_api_listens_on_this_machine_only(self):
        address = socket.gethostbyname(socket.gethostname())
        if address.startswith("127."):
            address = "127.0.0.2"
        self.assertFalse(self.connects(address, self.ports["orders"]))

    @staticmethod
    def connects(address, port):
        try:
            socket.create_connection((address, port), timeout=2).close()
            return True
        except OSError:
            return False


if __name__ == "__main__":
    support.main()
