"""What the customers order, and how they place it: over HTTP, again and again until answered, or as
a slow program that holds its database transaction open."""
import http.client
import json
import random
import time

import psycopg2

SKUS = 20
ACCOUNTS = 40
QUANTITY_MAX = 3
AMOUNT_MAX = 5000        # cents
ENOUGH_FOR = 0.9         # stock and money cover this part of what is ordered
ANSWER_SECONDS = 60      # how long a client asks again before it gives up
RETRY_PAUSE_SECONDS = 0.1


def order(number, seed):
    """Order `number` of a run; the same seed gives the same order."""
    dice = random.Random(f"{seed}/{number}")
    return {"id": f"o-{number}", "account": f"account-{dice.randrange(ACCOUNTS)}",
            "sku": f"sku-{dice.randrange(SKUS)}", "quantity": dice.randint(1, QUANTITY_MAX),
            "amount": dice.randint(100, AMOUNT_MAX), "address": f"{dice.randint(1, 99)} Main Street"}


def supplies(orders):
    """The first stock a sku and the first balance an account: short of what will be asked for."""
    stock = int(orders / SKUS * (1 + QUANTITY_MAX) / 2 * ENOUGH_FOR)
    balance = int(orders / ACCOUNTS * (100 + AMOUNT_MAX) / 2 * ENOUGH_FOR * 0.9)  # refused orders are not paid
    return stock, balance


def seed_tables(inventory, payment, orders):
    stock, balance = supplies(orders)
    with inventory, inventory.cursor() as cursor:
        cursor.executemany("INSERT INTO stock (sku, available) VALUES (%s, %s)",
                           [(f"sku-{n}", stock) for n in range(SKUS)])
    with payment, payment.cursor() as cursor:
        cursor.executemany("INSERT INTO account VALUES (%s, %s)",
                           [(f"account-{n}", balance) for n in range(ACCOUNTS)])


class NoAnswer(Exception):
    pass


class Client:
    """Asks until it is answered, always under one Idempotency-Key for one order."""

    def __init__(self, port):
        self.port = port

    def place(self, o, key):
        """Orders `o` by a key of the client's own. @return The id that the shop gave the order."""
        body = {name: value for name, value in o.items() if name != "id"}
        status, answer = self.post("/orders", body, {"Idempotency-Key": f'"{key}"'})
        if status != 201:
            raise RuntimeError(f"POST /orders answered {status}")
        return json.loads(answer)["id"]

    def post(self, path, body, headers=None):
        deadline = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline:
            status, answer, later = self.try_once(path, json.dumps(body), headers or {})
            if status is not None and status < 500 and not later:
                return status, answer
            time.sleep(RETRY_PAUSE_SECONDS)
        raise NoAnswer(f"POST {path}: no answer within {ANSWER_SECONDS} s")

    def try_once(self, path, text, headers):
        """@return Status, body, and whether the server asks to come again later; no status without an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("POST", path, text, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.getheader("Retry-After") is not None
        except (OSError, http.client.HTTPException):
            return None, None, False
        finally:
            connection.close()


class SlowProgram:
    """Places orders by SQL, from another language, and commits late: after many others have."""

    def __init__(self, conninfo):
        self.connection = psycopg2.connect(conninfo)

    def place(self, o, wait):
        """`wait` returns when it is late enough to commit."""
        payload = {"version": 1, **{name: o[name] for name in ("account", "sku", "quantity", "amount", "address")}}
        with self.connection, self.connection.cursor() as cursor:
            cursor.execute("INSERT INTO orders (order_id, account, sku, quantity, amount, address)"
                           " VALUES (%(id)s, %(account)s, %(sku)s, %(quantity)s, %(amount)s, %(address)s)", o)
            cursor.execute("SELECT onceward.add('orders', %s, 'order.placed', %s::jsonb)",
                           (o["id"], json.dumps(payload)))
            wait()

    def close(self):
        self.connection.close()
