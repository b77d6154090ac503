"""Places the orders, at a steady pace, from several clients at once."""
import random
import threading
import time

import customers

LEAST_SECONDS = 50       # the pace leaves room for the kills, however few the orders are
RESERVE_SHARE = 0.07     # of the orders, at the end: they come slowly until the last kill, so that there is work for it
RESERVE_PAUSE_SECONDS = 1.0
CLIENTS = 6
SLOW_PROGRAMS = 3
LATE_SHARE = 0.03        # orders whose transaction is held open
LATE_AFTER = 100         # ... until so many later ones have been placed
LATE_SECONDS_MAX = 4     # ... or this time has passed
REPEATED_SHARE = 0.05    # orders that the client posts a second time, under the same Idempotency-Key
READDRESSED_SHARE = 0.3  # orders whose address changes, once or more


class Load:
    def __init__(self, port, orders_conninfo, orders, seed):
        self.port, self.conninfo, self.orders, self.seed = port, orders_conninfo, orders, seed
        self.acknowledged = []   # ids that a client was told are placed
        self.late = []           # ids of those that were committed late
        self.errors = []
        self.stopped = threading.Event()
        self.hurry = threading.Event()  # nothing waits for more work: the reserve may come at once
        self.lock = threading.Lock()
        self.threads = []
        self.began_at = None
        everything = list(range(orders))
        random.Random(f"late/{seed}").shuffle(everything)
        late = set(everything[:int(orders * LATE_SHARE)])
        self.late_numbers = iter(sorted(late))
        self.numbers = iter(n for n in range(orders) if n not in late)
        self.rate = orders / LEAST_SECONDS

    def start(self):
        self.began_at = time.monotonic()
        jobs = [self.serve_client] * CLIENTS + [self.serve_slow_program] * SLOW_PROGRAMS
        for job in jobs:
            thread = threading.Thread(target=self.guarded, args=(job,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def placed(self):
        return len(self.acknowledged)

    def running(self):
        return any(thread.is_alive() for thread in self.threads)

    def guarded(self, job):
        try:
            job()
        except Exception as error:  # shown by the main thread; the run fails
            self.errors.append(f"{type(error).__name__}: {error}")

    def next_number(self, numbers):
        """The next order, when its turn has come by the pace; None at the end."""
        with self.lock:
            number = next(numbers, None)
        if number is not None:
            self.stopped.wait(max(0.0, self.began_at + number / self.rate - time.monotonic()))
            if number >= self.orders * (1 - RESERVE_SHARE):
                self.hurry.wait(RESERVE_PAUSE_SECONDS)
        return None if self.stopped.is_set() else number

    def serve_client(self):
        client = customers.Client(self.port)
        for number in iter(lambda: self.next_number(self.numbers), None):
            o = customers.order(number, self.seed)
            self.place(client, o, random.Random(f"behaviour/{self.seed}/{number}"))

    def place(self, client, o, dice):
        times = 2 if dice.random() < REPEATED_SHARE else 1
        ids = {client.place(o, f"{self.seed}/{o['id']}") for _ in range(times)}
        self.acknowledged += ids  # of all answers: a second order for one key is one too many
        if len(ids) > 1:
            raise RuntimeError(f"one order, posted {times} times under one key, was answered with the ids {ids}")
        order_id = ids.pop()
        if dice.random() < READDRESSED_SHARE:
            for n in range(dice.randint(1, 3)):
                client.post(f"/orders/{order_id}/address", {"address": f"{n} Side Street"})

    def serve_slow_program(self):
        program = customers.SlowProgram(self.conninfo)
        try:
            for number in iter(lambda: self.next_number(self.late_numbers), None):
                o = customers.order(number, self.seed)
                program.place(o, self.until_late)
                self.acknowledged.append(o["id"])
                self.late.append(o["id"])
        finally:
            program.close()

    def until_late(self):
        enough = self.placed() + LATE_AFTER
        deadline = time.monotonic() + LATE_SECONDS_MAX
        while self.placed() < enough and time.monotonic() < deadline:
            if self.stopped.wait(0.02):
                return
