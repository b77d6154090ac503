"""The verdict, as a table for people and as JSON for programs."""
import datetime
import json

LEAST_KILLS = 10
LEAST_DUPLICATES = 200
CALM_ENDS_BEFORE = datetime.timedelta(seconds=2)  # orders placed this long before the first kill were calm


def results(judge, stack, load, chaos, counts):
    """Everything that the demo found, under fixed names."""
    p50, p99 = judge.latencies_ms()
    calm_p50, calm_p99 = judge.latencies_ms(chaos.began_at and chaos.began_at - CALM_ENDS_BEFORE)
    ended = judge.number("SELECT count(*) FROM ended")
    children = stack.children()
    return {
        "orders": load.placed(),
        "outcomes": judge.outcomes(),
        "late_commits": len(load.late),
        "kills": sum(child.kills for child in children),
        "kills_by_process": {child.name: child.kills for child in children},
        "least_in_flight": {child.name: child.least_in_flight for child in children},
        "exits": {child.name: child.exits for child in children if child.exits},
        "events": judge.number("SELECT count(*) FROM outbox"),
        "deliveries": judge.deliveries(),
        "duplicates_injected": judge.duplicates_injected(),
        "duplicates_refused": judge.duplicates_refused(),
        "lost": counts.get("lost", 0),
        "applied_twice": counts.get("applied_twice", 0),
        "disorder": counts.get("disorder", 0),
        "phantoms": counts.get("phantom", 0),
        "conserved": counts.get("not_conserved", 0) == 0,
        "orders_per_s": round(ended / max(judge.seconds(), 0.001), 1),
        "placed_per_s": round(load.rate, 1),
        "p50_ms": p50, "p99_ms": p99, "calm_p50_ms": calm_p50, "calm_p99_ms": calm_p99,
    }


def failures(found, orders):
    """Why the run is not good, a sentence each; empty when it is."""
    wrong = [f"{name} is {found[name]}, not 0"
             for name in ("lost", "applied_twice", "disorder", "phantoms") if found[name]]
    if not found["conserved"]:
        wrong.append("money or stock is not conserved")
    if found["orders"] < orders:
        wrong.append(f"only {found['orders']} of {orders} orders were placed")
    if found["kills"] < LEAST_KILLS:
        wrong.append(f"only {found['kills']} kills, at least {LEAST_KILLS} are wanted")
    wrong += [f"{name} was never killed" for name, kills in found["kills_by_process"].items() if not kills]
    wrong += [f"{name} ended by itself with {codes}" for name, codes in found["exits"].items()]
    if found["duplicates_injected"] < LEAST_DUPLICATES:
        wrong.append(f"only {found['duplicates_injected']} duplicates were injected, "
                     f"at least {LEAST_DUPLICATES} are wanted")
    if found["duplicates_refused"] < found["duplicates_injected"]:
        wrong.append("fewer duplicates were refused than injected")
    return wrong


def table(found):
    outcomes = ", ".join(f"{count} {name}" for name, count in found["outcomes"].items())
    kills = ", ".join(f"{name} {count}" for name, count in found["kills_by_process"].items())
    lines = [
        ("orders", f"{found['orders']}: {outcomes}; {found['late_commits']} committed late"),
        ("events", found["events"]),
        ("deliveries", found["deliveries"]),
        ("duplicates injected", found["duplicates_injected"]),
        ("duplicates refused", found["duplicates_refused"]),
        ("lost", found["lost"]),
        ("applied twice", found["applied_twice"]),
        ("out of key order", found["disorder"]),
        ("without a cause", found["phantoms"]),
        ("money and stock", "conserved" if found["conserved"] else "NOT CONSERVED"),
        ("kills -9", f"{found['kills']}, each at work: {kills}"),
        ("throughput", f"{found['orders_per_s']} orders/s, placed at {found['placed_per_s']}/s"),
        ("latency", f"p50 {found['calm_p50_ms']} ms, p99 {found['calm_p99_ms']} ms before the first kill; "
                    f"p50 {found['p50_ms']} ms, p99 {found['p99_ms']} ms in all; order placed to last effect"),
    ]
    width = max(len(name) for name, _ in lines)
    return "\n".join(f"  {name:<{width}}  {value}" for name, value in lines)


def write_json(path, found):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(found, file, indent=2)
        file.write("\n")
