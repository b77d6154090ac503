"""The checker's own tests: a good run passes, and each kind of broken one is told by its name.

Run by `python3 -m unittest discover -s tests/checker`.
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import check
import history
from snapshots import Snapshot

MS = 1_000_000
KEYS, PARTITIONS, TRANSACTIONS = 4, 2, 40


def good_run():
    """Forty transactions on four keys; every fourth changes two keys, every tenth is rolled back.

    Transaction 7 was in doubt and committed, 13 in doubt and did not; 22 and 23 were not flushed when
    the server crashed. The relay repeated some events, the driver put a position back once.
    """
    run = history.Run([], [], [], [], [], [], [], [], [], [])
    versions = dict.fromkeys(range(KEYS), 0)
    log = {p: [] for p in range(PARTITIONS)}
    for number in range(TRANSACTIONS):
        tx, t = f"tx-{number}", number * 10 * MS
        keys = sorted({number % KEYS, (number * 7 + 1) % KEYS}) if number % 4 == 0 else [number % KEYS]
        operations = [[k, versions[k] + 1, f"id-{number}-{k}"] for k in keys]
        outcome = "fail" if number % 10 == 9 else "info" if number in (7, 13) else "ok"
        run.transactions.append({"t": t, "p": "writer-1", "f": "tx", "type": outcome, "tx": tx,
                                 "sync": number not in (22, 23), "ops": operations})
        if outcome == "fail" or number in (13, 22, 23):
            continue
        for k, v, i in operations:
            versions[k] = v
            run.business.append({"tx": tx, "key": k, "v": v})
            event = {"id": i, "tx": tx, "key": k, "v": v}
            run.outbox.append(event)
            log[k % PARTITIONS].append(event)
    run.accounts += [{"key": k, "v": v} for k, v in versions.items()]
    n = 0
    for part, events in log.items():
        repeated = events[:6] + events[3:]  # the relay went back by three events once
        run.topic += [{"partition": part, "offset": offset, **e} for offset, e in enumerate(repeated)]
        for e in events:
            n += 1
            run.ledger.append({"n": n, **e, "at": int(e["tx"][3:]) * 10 * MS + 5 * MS})
        # Four offsets a batch under epoch 1; then the position is put back to 4, and epoch 2 goes on.
        run.progress += [{"n": 0, "partition": part, "next_off": off, "epoch": 1, "reset": False} for off in (4, 8)]
        run.progress += [{"n": 0, "partition": part, "next_off": 4, "epoch": 2, "reset": True},
                         {"n": 0, "partition": part, "next_off": len(repeated), "epoch": 3, "reset": False}]
    for number, row in enumerate(run.progress):
        row["n"] = number
    for number, lo in enumerate(["700:700:", "700:720:700,710", "710:740:710,735", "740:740:"]):
        run.cursor.append({"n": number, "epoch": 1 + number // 2, "lease_id": f"lease-{number // 2}",
                           "incarnation": "a", "lo": lo, "reset": False})
    run.faults += [{"t": 50 * MS, "fault": "kill", "target": "relay-1"},
                   {"t": 235 * MS, "fault": "crash", "target": "producer"},
                   {"t": 300 * MS, "fault": "replay", "target": "partition 0", "duplicates": 4}]
    return run


def judge(run):
    return check.judge(history.Run(**copy.deepcopy(vars(run))))


class Checker(unittest.TestCase):
    def setUp(self):
        self.run_ = good_run()

    def broken(self, *rules):
        """Asserts that exactly these rules are broken, and that each is told in words."""
        verdict = judge(self.run_)
        self.assertFalse(verdict["ok"])
        self.assertEqual(sorted(rules), sorted(verdict["violations"]))
        return verdict

    def applied(self, key):
        return [row for row in self.run_.ledger if row["key"] == key]

    def published(self, key):
        return [row for row in self.run_.topic if row["key"] == key]

    def test_accepts_a_good_run_with_repeats_and_crashes(self):
        verdict = judge(self.run_)

        self.assertEqual({}, verdict["violations"])
        self.assertTrue(verdict["ok"])
        self.assertTrue(verdict["conserved"])
        self.assertEqual((0, 0, 0), (verdict["lost"], verdict["applied_twice"], verdict["disorder"]))

    def test_counts_what_was_done(self):
        verdict = judge(self.run_)

        self.assertEqual(33, verdict["orders"])
        self.assertEqual(2, verdict["kills"])
        self.assertEqual(2, verdict["in_doubt"])
        self.assertEqual(4, verdict["duplicates_injected"])
        self.assertEqual(2 * 3, verdict["published_again"])
        # Each partition: three from the relay's step back, four and the repeats among them from the reset.
        self.assertEqual(2 * (3 + 4), verdict["duplicates_refused"])
        self.assertEqual(len(self.run_.topic) + 2 * 4, verdict["deliveries"])
        self.assertEqual(5.0, verdict["p50_ms"])

    def test_tells_an_event_lost_between_topic_and_ledger(self):
        gone = self.applied(1)[-1]
        self.run_.ledger.remove(gone)

        self.assertIn("is in the topic", self.broken("lost", "not_conserved")["violations"]["lost"][0])

    def test_tells_an_event_lost_before_the_topic(self):
        gone = self.applied(1)[-1]
        self.run_.ledger.remove(gone)
        self.run_.topic = [row for row in self.run_.topic if row["id"] != gone["id"]]

        self.assertIn("is not in the topic", self.broken("lost", "not_conserved")["violations"]["lost"][0])

    def test_tells_an_event_lost_in_the_middle_of_its_key_as_disorder_too(self):
        self.run_.ledger.remove(self.applied(3)[2])

        self.broken("lost", "not_conserved", "disorder")

    def test_tells_a_late_event_that_was_skipped(self):
        late = self.run_.outbox[10]
        for rows in (self.run_.topic, self.run_.ledger):
            rows[:] = [row for row in rows if row["id"] != late["id"]]

        self.assertEqual(1, self.broken("lost", "not_conserved", "disorder", "torn")["lost"])

    def test_tells_a_transaction_that_took_effect_in_part(self):
        double = next(row["tx"] for row in reversed(self.run_.outbox)
                      if sum(r["tx"] == row["tx"] for r in self.run_.outbox) == 2)
        part = [row for row in self.run_.ledger if row["tx"] == double][0]
        self.run_.ledger.remove(part)

        self.assertIn("torn", judge(self.run_)["violations"])

    def test_tells_an_id_applied_twice(self):
        again = dict(self.applied(2)[3], n=1000)
        self.run_.ledger.append(again)

        self.assertEqual(1, self.broken("applied_twice", "not_conserved")["applied_twice"])

    def test_tells_a_version_applied_under_two_ids(self):
        again = dict(self.applied(2)[-1], n=1000, id="another")
        self.run_.ledger.append(again)

        self.assertIn("applied_twice", judge(self.run_)["violations"])

    def test_tells_two_events_of_a_key_applied_in_the_wrong_order(self):
        first, second = self.applied(3)[4:6]
        first["n"], second["n"] = second["n"], first["n"]

        self.broken("disorder")

    def test_tells_two_events_of_a_key_published_in_the_wrong_order(self):
        first, second = self.published(3)[-2:]
        first["offset"], second["offset"] = second["offset"], first["offset"]

        self.assertIn("topic", self.broken("disorder")["violations"]["disorder"][0])

    def test_lets_repeats_come_in_any_later_place(self):
        repeat = dict(self.published(0)[0], offset=1000)
        self.run_.topic.append(repeat)

        self.assertTrue(judge(self.run_)["ok"])

    def test_tells_a_key_in_two_partitions(self):
        self.published(0)[-1]["partition"] = 1
        for offset, row in enumerate(r for r in self.run_.topic if r["partition"] == 1):
            row["offset"] = offset

        self.assertIn("disorder", judge(self.run_)["violations"])

    def test_tells_a_published_event_of_a_transaction_that_never_was(self):
        self.run_.topic.append({"partition": 0, "offset": 1000, "id": "ghost", "tx": "tx-9", "key": 0, "v": 99})

        self.assertIn("phantom", judge(self.run_)["violations"])

    def test_tells_an_unflushed_event_that_was_published_before_the_crash(self):
        lost = next(line for line in self.run_.transactions if line["tx"] == "tx-22")
        key, version, name = lost["ops"][0]
        self.run_.topic.append({"partition": key % PARTITIONS, "offset": 1000, "id": name, "tx": "tx-22",
                                "key": key, "v": version})

        # Its version was given out again after the crash.
        self.broken("phantom", "disorder")

    def test_tells_an_effect_without_a_message(self):
        gone = self.applied(1)[-1]["id"]
        self.run_.topic = [row for row in self.run_.topic if row["id"] != gone]

        self.broken("phantom")

    def test_tells_a_business_row_without_its_event(self):
        gone = self.applied(1)[-1]["id"]
        for rows in (self.run_.outbox, self.run_.topic, self.run_.ledger):
            rows[:] = [row for row in rows if row["id"] != gone]

        self.broken("unatomic", "not_conserved")

    def test_tells_an_event_without_its_business_row(self):
        gone = next(row for row in self.run_.business if row["tx"] == "tx-7")
        self.run_.business.remove(gone)

        self.assertIn("unatomic", judge(self.run_)["violations"])

    def test_tells_a_rolled_back_transaction_that_is_there(self):
        next(line for line in self.run_.transactions if line["tx"] == "tx-3")["type"] = "fail"

        self.broken("unatomic")

    def test_tells_an_acknowledged_transaction_that_is_gone(self):
        next(line for line in self.run_.transactions if line["tx"] == "tx-22")["sync"] = True

        self.broken("unatomic")

    def test_lets_an_unflushed_transaction_go_only_in_a_crash_after_it(self):
        self.run_.faults = [f for f in self.run_.faults if f["fault"] != "crash"]

        self.assertEqual(2, self.broken("unatomic")["unatomic"])

    def test_tells_a_transaction_that_no_writer_knows(self):
        self.run_.transactions = [line for line in self.run_.transactions if line["tx"] != "tx-5"]

        self.broken("unatomic")

    def test_tells_an_event_that_was_changed_on_its_way(self):
        self.published(2)[-1]["tx"] = "tx-1"

        self.broken("altered")

    def test_tells_a_position_written_by_a_fenced_consumer(self):
        self.run_.progress.append({"n": 1000, "partition": 1, "next_off": 1000, "epoch": 1, "reset": False})

        self.broken("unfenced")

    def test_tells_a_position_that_moved_back(self):
        self.run_.progress.append({"n": 1000, "partition": 1, "next_off": 2, "epoch": 3, "reset": False})

        self.broken("moved_back")

    def test_tells_a_cursor_written_by_a_fenced_relay(self):
        self.run_.cursor.append(dict(self.run_.cursor[0], n=1000, lo="740:740:"))

        self.broken("unfenced")

    def test_tells_two_holders_of_one_epoch(self):
        self.run_.cursor.append(dict(self.run_.cursor[-1], n=1000, lease_id="another"))

        self.broken("unfenced")

    def test_tells_a_cursor_that_moved_back(self):
        self.run_.cursor.append(dict(self.run_.cursor[-1], n=1000, lo="735:740:735"))

        self.broken("moved_back")

    def test_lets_the_driver_put_the_cursor_back(self):
        self.run_.cursor.append(dict(self.run_.cursor[-1], n=1000, lo="700:700:", reset=True))

        self.assertTrue(judge(self.run_)["ok"])

    def test_tells_a_message_that_was_kept_aside(self):
        gone = self.applied(1)[-1]
        self.run_.ledger.remove(gone)
        self.run_.dead.append({"id": gone["id"]})

        self.assertEqual(0, self.broken("kept_aside", "not_conserved")["lost"])


class Snapshots(unittest.TestCase):
    def test_see_what_was_finished_before_them(self):
        snapshot = Snapshot("10:20:10,15")

        self.assertEqual([True, False, True, False, False], [snapshot.sees(x) for x in (9, 10, 14, 15, 20)])

    def test_compare_by_what_they_see(self):
        self.assertTrue(Snapshot("15:20:15").sees_all_of(Snapshot("10:20:10,15")))
        self.assertFalse(Snapshot("10:20:10").sees_all_of(Snapshot("15:20:15")))
        self.assertFalse(Snapshot("10:19:").sees_all_of(Snapshot("10:20:")))
        self.assertTrue(Snapshot("20:20:").sees_all_of(Snapshot("20:20:")))


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.path = pathlib.Path(self.directory.name)

    def write(self, run):
        for name, rows in vars(run).items():
            file = "writer-1" if name == "transactions" else name
            (self.path / f"{file}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def check(self):
        return subprocess.run([sys.executable, check.__file__, str(self.path), "--json", str(self.path / "verdict")],
                              capture_output=True, text=True)

    def test_exits_with_0_for_a_good_run_and_writes_the_verdict(self):
        self.write(good_run())

        self.assertEqual(0, self.check().returncode)
        self.assertTrue(json.loads((self.path / "verdict").read_text())["ok"])

    def test_exits_with_1_for_a_broken_run(self):
        run = good_run()
        run.ledger.pop()
        self.write(run)

        done = self.check()
        self.assertEqual(1, done.returncode)
        self.assertIn("BROKEN", done.stdout)

    def test_refuses_a_run_with_a_file_missing(self):
        self.write(good_run())
        (self.path / "ledger.jsonl").unlink()

        self.assertEqual(2, self.check().returncode)

    def test_refuses_a_run_in_which_nothing_happened(self):
        self.write(history.Run([], [], [], [], [], [], [], [], [], []))

        done = self.check()
        self.assertEqual(2, done.returncode)
        self.assertIn("nothing happened", done.stderr)


if __name__ == "__main__":
    unittest.main()
