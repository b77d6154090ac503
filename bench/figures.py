"""Figures of several rounds, their medians, and how they are written."""
import json
import pathlib
import statistics


def summary(rounds):
    """Rows {name, value, unit, min, max, rounds} of rounds that are dicts of (name, unit) and value."""
    rows = []
    for name, unit in rounds[0]:
        values = [r[name, unit] for r in rounds]
        rows.append({"name": name, "value": round(statistics.median(values), 3), "unit": unit,
                     "min": round(min(values), 3), "max": round(max(values), 3), "rounds": len(values)})
    return rows


def markdown(rows):
    lines = ["| figure | median | lowest | highest | unit |", "| --- | ---: | ---: | ---: | --- |"]
    for r in rows:
        lines.append(f"| {r['name']} | {r['value']:,} | {r['min']:,} | {r['max']:,} | {r['unit']} |")
    return "\n".join(lines)


def publish(heading, rows, json_file):
    print(f"{heading}\n\n{markdown(rows)}")
    if json_file:
        pathlib.Path(json_file).write_text(json.dumps(rows, indent=1) + "\n")
