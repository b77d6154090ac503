"""Kills every process, more than once and always at work, and lets duplicates be made.

The actions are spread over the run by how many orders are placed, so that a slow machine sees as
much of them as a fast one. Everything here runs in the main thread.
"""
import random
import time

import settings

ROUNDS = 2                # how often each process is killed
WORK_SECONDS_MAX = 5      # how long to wait until the victim has work
CALM, OVER = 0.25, 0.92   # the parts of the orders placed at which it begins and ends
TRIES_MAX = 4             # how often an action that could not be done is put back in the queue


class Chaos:
    def __init__(self, stack, looks, duplicates, seed):
        self.stack, self.looks, self.duplicates = stack, looks, duplicates
        self.dice = random.Random(f"chaos/{seed}")
        self.plan = self.make_plan()
        self.planned = len(self.plan)
        self.began_at = None      # by the databases' clock
        self.dead_leases = set()  # of relays that were killed
        self.problems = []
        self.looked_at = 0.0

    def make_plan(self):
        """Actions in order; a relay pair is one victim, whoever of the two holds the lease."""
        plan = []
        for _ in range(ROUNDS):
            kills = [(self.kill_service, service) for service in settings.SERVICES]
            kills += [(self.kill_relay, service) for service in settings.RELAYS.values()]
            injections = [(self.put_cursor_back, service) for service in settings.SERVICES]
            injections += [(self.replay, consumer) for consumer in settings.SERVICES]
            part = kills + self.dice.sample(injections, len(injections) // 2 if plan else len(injections))
            self.dice.shuffle(part)
            plan += part
        return [(action, argument, 0) for action, argument in plan]

    def done(self):
        return not self.plan

    def step(self, part_placed):
        """Does what is due when this part of the orders is placed. At most one action."""
        if time.monotonic() - self.looked_at > 1.0:
            self.looked_at = time.monotonic()
            self.duplicates.look()
        finished = self.planned - len(self.plan)
        due = CALM + (OVER - CALM) * finished / self.planned
        if self.plan and part_placed >= due:
            self.began_at = self.began_at or self.looks.now()
            action, argument, tries = self.plan.pop(0)
            if not action(argument):
                self.put_off(action, argument, tries + 1)

    def put_off(self, action, argument, tries):
        if tries < TRIES_MAX:
            self.plan.append((action, argument, tries))
        else:
            self.problems.append(f"{action.__name__} {argument}: not possible in {tries} tries")

    def kill_service(self, service):
        return self.kill(self.stack.services[service], lambda: self.looks.batches_under_way(service))

    def kill_relay(self, service):
        """Kills the relay that holds the lease. One that has another beside it stays away long enough
        for that one to take over; alone it starts again at once."""
        lease = self.looks.lease(service)
        if lease is None or lease.id in self.dead_leases:
            return False
        pair = {name: child for name, child in self.stack.relays.items() if settings.RELAYS[name] == service}
        victims = [child for name, child in pair.items() if lease.owner.startswith(name)]
        away = 1.5 * settings.LEASE_TTL_MS / 1000 if len(pair) > 1 else 0.0
        killed = bool(victims) and self.kill(victims[0], lambda: self.looks.waiting_for_relay(service), away)
        if killed:
            self.dead_leases.add(lease.id)
        return killed

    def kill(self, child, work, away=0.0):
        """Kills it in the moment in which it is seen at work. @return Whether that was so."""
        deadline = time.monotonic() + WORK_SECONDS_MAX
        while time.monotonic() < deadline and child.running():
            in_flight = work()
            if in_flight > 0:
                child.kill(in_flight, away)
                return True
            time.sleep(0.001)
        return False

    def put_cursor_back(self, service):
        return self.duplicates.put_cursor_back(service) > 0

    def replay(self, consumer):
        places = self.duplicates.can_be_replayed(consumer)
        return bool(places) and self.duplicates.replay_partition(consumer, *self.dice.choice(places)) > 0
