"""The page of metrics: well-formed, documented, and enough for the alerts that come with it."""
import re
import unittest

import exposition
from fixture import ROOT, AdminTest, eventually, main


def documented():
    text = (ROOT / "docs/metrics.md").read_text()
    return dict(re.findall(r"^\| `(\w+)` \| (counter|gauge|histogram) \|", text, re.M))


class Metrics(AdminTest):
    options = {"capture": "wal"}  # the one that has all of them

    def families(self):
        return exposition.read(self.ask("/metrics").text)

    def published(self):
        """All families there are: some need an event, a sample, a connection."""
        self.add_event()
        self.assertTrue(eventually(lambda: documented().keys() <= self.families().keys()),
                        documented().keys() - self.families().keys())
        return self.families()

    def test_are_well_formed(self):
        answer = self.ask("/metrics")
        self.assertEqual(answer.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8")
        self.assertEqual(exposition.lint(self.published()), [])

    def test_are_those_that_are_documented_and_no_others(self):
        self.assertEqual({name: family[0] for name, family in self.published().items()}, documented())

    def test_name_the_outbox_and_the_shard(self):
        for name, (_, _, samples) in self.published().items():
            if not re.match(r"onceward_(relay|outbox|kafka)_", name):
                continue
            for labels, _ in samples:
                self.assertEqual((labels["outbox"], labels["shard"]), ("onceward", "0"), name)
                self.assertLessEqual(labels.keys(), {"outbox", "shard", "target", "broker", "le", "__name__"})

    def test_measure_how_long_events_take(self):
        def counted(name):
            ((_, total, count),) = exposition.histograms(self.families()[f"onceward_relay_{name}"][2]).values()
            return total, count
        before = counted("end_to_end_latency_seconds")[1]
        for _ in range(3):
            self.add_event()
        # At least: an event that another test has added may still have been on its way.
        self.assertTrue(eventually(lambda: counted("end_to_end_latency_seconds")[1] >= before + 3))
        self.assertGreaterEqual(counted("batch_events")[0], before + 3)
        for name in ("publish_duration_seconds", "checkpoint_duration_seconds"):
            total, count = counted(name)
            self.assertGreater(count, 0, name)
            self.assertGreater(total, 0, name)

    def test_show_each_broker(self):
        self.assertTrue(eventually(lambda: "onceward_kafka_requests_total" in self.families()))
        samples = self.families()["onceward_kafka_requests_total"][2]
        self.assertEqual([labels["broker"] for labels, _ in samples], ["1"])
        self.assertGreater(samples[0][1], 0)

    def test_count_what_happens(self):
        for _ in range(7):
            self.add_event()
        ((added,),) = self.world.sql("shop", "SELECT count(*) FROM onceward.outbox")
        self.assertGreaterEqual(added, 7)
        self.assertTrue(eventually(
            lambda: self.families()["onceward_relay_published_total"][2][0][1] == added))
        self.assertTrue(eventually(
            lambda: self.families()["onceward_outbox_pending_events"][2][0][1] == 0))


class Alerts(unittest.TestCase):
    TEXT = (ROOT / "deploy/prometheus/onceward.rules.yml").read_text()

    def test_use_metrics_that_there_are(self):
        used = set(re.findall(r"\bonceward_[a-z_]+\b", " ".join(re.findall(r"expr: (.*)", self.TEXT))))
        self.assertGreater(len(used), 5)
        of_histograms = {f"{name}{part}" for name, kind in documented().items() if kind == "histogram"
                         for part in ("_bucket", "_sum", "_count")}
        self.assertEqual(used - documented().keys() - of_histograms, set())

    def test_say_how_urgent_they_are_and_what_to_do(self):
        alerts = self.TEXT.split("- alert: ")[1:]
        self.assertGreater(len(alerts), 10)
        for alert in alerts:
            for part in ("expr: ", "severity: ", "summary: ", "description: "):
                self.assertIn(part, alert)
        self.assertEqual(len(alerts), len({a.split()[0] for a in alerts}))


class Exposition(unittest.TestCase):
    """The reader itself would notice."""

    def test_refuses_what_is_wrong(self):
        good = "# HELP a Text.\n# TYPE a gauge\na{x=\"1\"} 1\n"
        self.assertEqual(exposition.read(good), {"a": ("gauge", "Text.", [({"x": "1"}, 1.0)])})
        for bad in (good[:-1], good + good, good + "b 1\n", good + 'a{x="1"} 2\n', good.replace("gauge", "thing"),
                    good.replace('"1"', '"1'), good.replace("} 1", "} one"), good.replace("# HELP a", "# HELP 1a"),
                    good + "\n"):
            with self.assertRaises((exposition.Wrong, ValueError), msg=bad):
                exposition.read(bad)

    def test_complains_as_promtool_does(self):
        self.assertEqual(exposition.lint({"a_total": ("gauge", "T", [({}, 1)])}), ["a_total is a gauge"])
        self.assertEqual(exposition.lint({"a": ("counter", "T", [({}, 1)])}), ["a is a counter"])
        self.assertEqual(exposition.lint({"a_ms": ("gauge", "T", [({}, 1)])}), ["a_ms has no base unit"])
        self.assertEqual(exposition.lint({"a": ("gauge", "T", [])}), ["a has no sample"])

    def test_knows_what_a_histogram_is(self):
        page = ("# HELP a Text.\n# TYPE a histogram\na_count 3\na_sum 4\n"
                'a_bucket{le="1"} 2\na_bucket{le="+Inf"} 3\n')
        self.assertEqual(exposition.lint(exposition.read(page)), [])
        for bad in (page.replace('{le="1"} 2', '{le="1"} 4'), page.replace("a_count 3", "a_count 4"),
                    page.replace("a_sum 4\n", ""), page.replace('a_bucket{le="+Inf"} 3\n', "")):
            self.assertEqual(len(exposition.lint(exposition.read(bad))), 1, bad)
        for bad in (page.replace("a_sum", "a_total"), page.replace('{le="1"}', ""), page.replace("histogram", "gauge")):
            with self.assertRaises(exposition.Wrong, msg=bad):
                exposition.read(bad)


if __name__ == "__main__":
    main()
