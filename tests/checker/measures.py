"""What a run did, counted: nothing here can fail a run."""
import bisect
import collections


def percentile(values, share):
    """The nearest rank, of sorted values."""
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def latencies_ms(run):
    """From a writer's hearing of its commit to the effect, an entry for each event."""
    committed_at = {line["tx"]: line["t"] for line in run.transactions if line["type"] == "ok"}
    return sorted((row["at"] - committed_at[row["tx"]]) / 1e6 for row in run.ledger if row["tx"] in committed_at)


def deliveries(run):
    """Messages that committed batches covered, and how many of them were repeats of an earlier one.

    From the consumer's positions over the topic: a batch covers the offsets from the position before
    it to its own.
    """
    offsets, ids = collections.defaultdict(list), collections.defaultdict(list)
    for row in run.topic:
        offsets[row["partition"]].append(row["offset"])
        ids[row["partition"]].append(row["id"])
    position, seen, total, repeats = collections.Counter(), set(), 0, 0
    for row in run.progress:
        part = row["partition"]
        if not row["reset"]:
            begin = bisect.bisect_left(offsets[part], position[part])
            end = bisect.bisect_left(offsets[part], row["next_off"])
            for message in ids[part][begin:end]:
                total += 1
                repeats += message in seen
                seen.add(message)
        position[part] = row["next_off"]
    return total, repeats


def seconds_of_work(run):
    times = [line["t"] for line in run.transactions]
    return max((max(times) - min(times)) / 1e9, 1e-9)


def measure(run):
    delivered, refused = deliveries(run)
    waits = latencies_ms(run)
    outcomes = collections.Counter(line["type"] for line in run.transactions)
    orders = len(run.committed())
    faults = collections.Counter(fault["fault"] for fault in run.faults)
    return {
        "orders": orders,
        "events": len(run.business),
        "rolled_back": outcomes["fail"],
        "in_doubt": outcomes["info"],
        "kills": faults["kill"] + faults["crash"],
        "faults": dict(sorted(faults.items())),
        "published": len(run.topic),
        "published_again": len(run.topic) - len({row["id"] for row in run.topic}),
        "deliveries": delivered,
        "duplicates_injected": sum(fault.get("duplicates", 0) for fault in run.faults),
        "duplicates_refused": refused,
        "orders_per_s": round(orders / seconds_of_work(run), 1),
        "p50_ms": round(percentile(waits, 0.50), 1),
        "p99_ms": round(percentile(waits, 0.99), 1),
    }
