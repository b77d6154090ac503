"""The rules. Each takes a run and adds what breaks it to the findings; README.md has them in words."""
import collections

from snapshots import Snapshot


def identity(row):
    return row["tx"], row["key"], row["v"]


def in_words(row):
    return f"key {row['key']} version {row['v']} of transaction {row['tx']} (id {row['id']})"


def writers_and_database_agree(run, findings):
    """What writers were told against what the database holds, and events against business rows."""
    committed = run.committed()
    crashes = [f["t"] for f in run.faults if f["fault"] == "crash"]
    told = set()
    for line in run.transactions:
        tx, there = line["tx"], line["tx"] in committed
        told.add(tx)
        operations = {(key, version) for key, version, _ in line["ops"]}
        if line["type"] == "fail" and there:
            findings.add("unatomic", f"transaction {tx} was rolled back and its rows are there")
        elif line["type"] == "ok" and not there:
            if line["sync"] or not any(t >= line["t"] for t in crashes):
                findings.add("unatomic", f"transaction {tx} was acknowledged and its rows are not there")
        elif line["type"] == "ok" and committed[tx] != operations:
            findings.add("unatomic", f"transaction {tx} wrote {sorted(operations)}, there is {sorted(committed[tx])}")
    for tx in committed.keys() - told:
        findings.add("unatomic", f"transaction {tx} is in the business table and no writer knows it")


def events_and_business_rows_agree(run, findings):
    business = {identity(row) for row in run.business}
    events = collections.Counter(identity(row) for row in run.outbox)
    for tx, key, version in business - events.keys():
        findings.add("unatomic", f"key {key} version {version} of transaction {tx} has a business row and no event")
    for (tx, key, version), count in events.items():
        if (tx, key, version) not in business:
            findings.add("unatomic", f"key {key} version {version} of transaction {tx} has an event and no business row")
        if count > 1:
            findings.add("unatomic", f"key {key} version {version} of transaction {tx} has {count} events")


def one_id_means_one_event(run, findings):
    """Also the rule against phantoms: whatever was delivered must be in the outbox, unchanged."""
    outbox = {row["id"]: identity(row) for row in run.outbox}
    published = {row["id"] for row in run.topic}
    for place, rows in (("topic", run.topic), ("ledger", run.ledger)):
        for row in rows:
            if row["id"] not in outbox:
                findings.add("phantom", f"{in_words(row)} is in the {place} and was never committed")
            elif outbox[row["id"]] != identity(row):
                findings.add("altered", f"{in_words(row)} in the {place} is {outbox[row['id']]} in the outbox")
    for row in run.ledger:
        if row["id"] in outbox and row["id"] not in published:
            findings.add("phantom", f"{in_words(row)} took effect and is not in the topic")


def nothing_is_lost(run, findings):
    applied = {row["id"] for row in run.ledger}
    aside = {row["id"] for row in run.dead}
    published = {row["id"] for row in run.topic}
    parts = collections.defaultdict(set)
    for row in run.outbox:
        parts[row["tx"]].add(row["id"] in applied or row["id"] in aside)
        if row["id"] not in applied and row["id"] not in aside:
            where = "is in the topic, has no effect" if row["id"] in published else "is not in the topic"
            findings.add("lost", f"{in_words(row)} {where}")
    for tx, outcomes in parts.items():
        if len(outcomes) == 2:
            findings.add("torn", f"transaction {tx} took effect in part")
    for row in run.dead:
        findings.add("kept_aside", f"id {row['id']} was kept aside")


def nothing_is_applied_twice(run, findings):
    for which, count in collections.Counter(row["id"] for row in run.ledger).items():
        if count > 1:
            findings.add("applied_twice", f"id {which} is in the ledger {count} times")
    ids = collections.defaultdict(set)
    for row in run.ledger:
        ids[row["key"], row["v"]].add(row["id"])
    for (key, version), which in ids.items():
        if len(which) > 1:
            findings.add("applied_twice", f"key {key} version {version} is in the ledger under the ids {sorted(which)}")


def versions_rise_by_one(rows, place, findings):
    """First occurrences only: repeats of what was seen do no harm to the order."""
    last, seen = collections.Counter(), set()
    for row in rows:
        if row["id"] in seen:
            continue
        seen.add(row["id"])
        if row["v"] != last[row["key"]] + 1:
            findings.add("disorder", f"{in_words(row)} follows version {last[row['key']]} in the {place}")
        last[row["key"]] = max(last[row["key"]], row["v"])


def keys_are_in_order(run, findings):
    versions_rise_by_one(run.ledger, "ledger", findings)
    versions_rise_by_one(run.topic, "topic", findings)
    partitions = collections.defaultdict(set)
    for row in run.topic:
        partitions[row["key"]].add(row["partition"])
    for key, where in partitions.items():
        if len(where) > 1:
            findings.add("disorder", f"key {key} is in partitions {sorted(where)}")


def versions_are_conserved(run, findings):
    business = collections.Counter(row["key"] for row in run.business)
    effects = collections.Counter(row["key"] for row in run.ledger)
    versions = {row["key"]: row["v"] for row in run.accounts}
    for key in versions.keys() | business.keys() | effects.keys():
        numbers = versions.get(key, 0), business[key], effects[key]
        if len(set(numbers)) > 1:
            findings.add("not_conserved", f"key {key}: version {numbers[0]}, {numbers[1]} business rows, "
                                          f"{numbers[2]} effects")


def positions_only_move_on(run, findings):
    last = {}
    for row in run.progress:
        before = last.get(row["partition"])
        where = f"partition {row['partition']}, entry {row['n']}"
        if before and row["epoch"] < before["epoch"]:
            findings.add("unfenced", f"{where}: epoch {row['epoch']} wrote after epoch {before['epoch']}")
        if before and not row["reset"] and row["next_off"] <= before["next_off"]:
            findings.add("moved_back", f"{where}: from {before['next_off']} to {row['next_off']}")
        last[row["partition"]] = row


def cursors_only_move_on(run, findings):
    before = None
    for row in run.cursor:
        if before and row["epoch"] < before["epoch"]:
            findings.add("unfenced", f"cursor entry {row['n']}: epoch {row['epoch']} after {before['epoch']}")
        if before and row["epoch"] == before["epoch"] and not row["reset"] and \
                None not in (row["lease_id"], before["lease_id"]) and row["lease_id"] != before["lease_id"]:
            findings.add("unfenced", f"cursor entry {row['n']}: two leases in epoch {row['epoch']}")
        comparable = before and not row["reset"] and row["incarnation"] == before["incarnation"]
        if comparable and not Snapshot(row["lo"]).sees_all_of(Snapshot(before["lo"])):
            findings.add("moved_back", f"cursor entry {row['n']}: from {before['lo']} to {row['lo']}")
        before = row


ALL = (writers_and_database_agree, events_and_business_rows_agree, one_id_means_one_event, nothing_is_lost,
       nothing_is_applied_twice, keys_are_in_order, versions_are_conserved, positions_only_move_on,
       cursors_only_move_on)
