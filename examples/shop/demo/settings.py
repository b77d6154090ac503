"""The shape of the shop, and the command line."""
import argparse
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
SHOP = ROOT / "examples/shop"

PARTITIONS = 4
TOPICS = ("orders", "inventory", "payments", "shipping")
SERVICES = ("orders", "inventory", "payment", "shipping")
JUDGE = "shop_judge"

# Which events a service handles; others of the same topics pass it by.
HEARS = {
    "orders": {"shipping": ["shipment.sent"], "payments": ["payment.waived"], "inventory": ["stock.released"]},
    "inventory": {"orders": ["order.placed"], "payments": ["payment.declined"], "shipping": ["shipment.sent"]},
    "payment": {"inventory": ["stock.reserved", "stock.refused"]},
    "shipping": {"orders": ["order.placed", "order.addressed", "order.closed"], "payments": ["payment.captured"]},
}

# The orders service has a second relay that waits for the first one's lease.
RELAYS = {"relay-orders-a": "orders", "relay-orders-b": "orders", "relay-inventory": "inventory",
          "relay-payment": "payment", "relay-shipping": "shipping"}
LEASE_TTL_MS = 2000
SESSION_SECONDS = 3  # a killed consumer's partitions are free again after this; the default of 10 makes a long demo

PLANTS = ("no-dedup", "early-ack", "skip-late")
EMBEDDED_ORDERS_MAX = 8000  # the embedded broker keeps about 5 MiB of a partition


def database_of(service):
    return f"shop_{service}"


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Runs the shop, kills its processes, makes duplicates, and judges the outcome by SQL.")
    parser.add_argument("--kafka", choices=("embedded", "real"), default="embedded",
                        help="the in-process broker of `onceward dev`, or Apache Kafka by scripts/kafka")
    parser.add_argument("--orders", type=int, default=3000, metavar="N", help="orders to place (default 3000)")
    parser.add_argument("--keep", action="store_true", help="leave everything running to look at")
    parser.add_argument("--plant", choices=PLANTS, help="plant this bug; the demo has to find it and fails")
    parser.add_argument("--json", metavar="FILE", help="also write the results there")
    parser.add_argument("--seed", type=int, default=1, metavar="S",
                        help="of the orders and of the order of kills (default 1)")
    parser.add_argument("--build", metavar="DIR", help="use this build directory as it is, instead of building")
    given = parser.parse_args(arguments)
    if not 500 <= given.orders <= 1_000_000:
        parser.error("--orders: 500 to 1000000; fewer do not give every kill some work to hit")
    if given.kafka == "embedded" and given.orders > EMBEDDED_ORDERS_MAX:
        parser.error(f"--orders above {EMBEDDED_ORDERS_MAX} need --kafka real: the embedded broker drops the "
                     "oldest messages beyond 5 MiB a partition")
    return given
