"""Reads a run's directory. README.md names the files and their fields."""
import dataclasses
import json
import pathlib


class BadRun(Exception):
    """The directory does not hold a run that can be judged."""


@dataclasses.dataclass
class Run:
    transactions: list  # outcome lines of all writers
    faults: list
    business: list
    accounts: list
    outbox: list
    topic: list
    ledger: list
    dead: list
    progress: list
    cursor: list

    def __post_init__(self):
        self.topic.sort(key=lambda r: (r["partition"], r["offset"]))
        for rows in (self.ledger, self.progress, self.cursor):
            rows.sort(key=lambda r: r["n"])

    def committed(self):
        """The truth: transaction -> {(key, version)}, from the business rows."""
        found = {}
        for row in self.business:
            found.setdefault(row["tx"], set()).add((row["key"], row["v"]))
        return found


def read_lines(path):
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield json.loads(line)
            except ValueError as error:
                raise BadRun(f"{path}:{number} is not JSON: {error}") from error


def load(directory):
    directory = pathlib.Path(directory)
    writers = sorted(directory.glob("writer-*.jsonl"))
    if not writers:
        raise BadRun(f"no writer-*.jsonl in {directory}")
    tables = {}
    for name in (field.name for field in dataclasses.fields(Run) if field.name != "transactions"):
        path = directory / f"{name}.jsonl"
        if not path.exists():
            raise BadRun(f"{path} is missing")
        tables[name] = list(read_lines(path))
    run = Run(transactions=[line for path in writers for line in read_lines(path)], **tables)
    for name in ("transactions", "business", "outbox"):
        if not getattr(run, name):
            raise BadRun(f"{name} is empty: nothing happened that could be judged")
    return run
