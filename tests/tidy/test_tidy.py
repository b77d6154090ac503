"""What people forget: rules of the tree that no compiler checks."""
import hashlib
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

FORBIDDEN_IN_CORE = re.compile(
    r"#include\s*<(pqxx|libpq|librdkafka|httplib|thread|mutex|condition_variable|random|iostream|fstream)"
    r"|::now\(\)|getenv")
CORES = ("sdk/src/core", "outbox-relay/src/relay/core", "inbox/src/inbox/core")

OF_OTHERS = ("workflow", "preset", "install", "prefix", "cflags", "libs")  # options of CMake and pkg-config


def tracked(*patterns):
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, check=True, capture_output=True, text=True)
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def region(path, name):
    """The lines between `// [name]` and `// [/name]`."""
    text = path.read_text()
    return re.search(rf"// \[{name}\]\n(.*?)// \[/{name}\]", text, re.S).group(1)


class Tree(unittest.TestCase):
    def test_core_has_no_io_clock_thread_or_chance(self):
        found = []
        for folder in CORES:
            for path in tracked(f"{folder}/*"):
                for number, line in enumerate(path.read_text().splitlines(), 1):
                    if FORBIDDEN_IN_CORE.search(line):
                        found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
        self.assertEqual(found, [])

    def test_public_headers_show_no_type_of_kafka_or_http(self):
        shown = [str(p.relative_to(ROOT)) for p in tracked("*/include/onceward/*.hpp")
                 if re.search(r"rdkafka|httplib", re.sub(r"///.*", "", p.read_text()))]
        self.assertEqual(shown, [])

    def test_no_test_is_disabled_or_skips_itself(self):
        bad = [str(p.relative_to(ROOT)) for p in tracked("tests/*.cpp", "tests/*.py")
               if p != pathlib.Path(__file__).resolve()
               and re.search(r"GTEST_SKIP|DISABLED_|unittest\.skip|skipTest", p.read_text())]
        self.assertEqual(bad, [])

    def test_every_migration_and_query_is_embedded(self):
        listed = set(re.findall(r"(?:migrations|queries)/\S+\.sql", (ROOT / "sql/CMakeLists.txt").read_text()))
        there = {str(p.relative_to(ROOT / "sql")) for p in tracked("sql/queries/*.sql", "sql/migrations/*.sql")}
        self.assertEqual(there - listed, set())

    def test_every_migration_has_a_way_down_and_a_last_line_that_records_it(self):
        wrong = []
        for path in tracked("sql/migrations/*.up.sql"):
            version, name = re.fullmatch(r"(\d{4})_(\w+)\.up\.sql", path.name).groups()
            text, line = path.read_text().rstrip("\n").rsplit("\n", 1)
            seal = hashlib.sha256((text + "\n").encode()).hexdigest()
            if not re.fullmatch(r"INSERT INTO onceward\.schema_version \(version, name, compatible_from, checksum\) "
                                rf"VALUES \({int(version)}, '{name}', \d+, '{seal}'\);", line):
                wrong.append(f"{path.name}: run scripts/seal-migrations")
            if not path.with_name(path.name.replace(".up.", ".down.")).exists():
                wrong.append(f"{path.name}: has no way down")
        self.assertEqual(wrong, [])


class Documents(unittest.TestCase):
    def test_readme_shows_the_quickstart_as_it_is_compiled(self):
        readme = (ROOT / "README.md").read_text()
        for file, name in (("pay.cpp", "add"), ("receive.cpp", "apply")):
            self.assertIn(region(ROOT / "examples/quickstart" / file, name), readme)

    def test_the_page_on_testing_shows_the_example_as_it_is_compiled(self):
        page = (ROOT / "docs/testing.md").read_text()
        for name in ("decide", "recorder", "handler", "harness"):
            self.assertIn(region(ROOT / "examples/testing/stock_test.cpp", name), page)

    def test_links_lead_somewhere(self):
        broken = []
        for page in tracked("*.md"):
            text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
                if not target.startswith("http") and not (page.parent / target).exists():
                    broken.append(f"{page.relative_to(ROOT)}: {target}")
        self.assertEqual(broken, [])

    def test_tests_named_in_the_guarantees_exist(self):
        sources = "\n".join(p.read_text() for p in tracked("tests/*.cpp", "tests/*.py", "tests/*.hpp"))
        named = re.findall(r"`([A-Za-z]+)\.([A-Za-z0-9]+)`", (ROOT / "docs/guarantees.md").read_text())
        self.assertTrue(named)
        missing = [f"{suite}.{test}" for suite, test in named
                   if not re.search(rf"TEST(?:_F|_P)?\(\s*{suite},\s*{test}\)", sources)]
        self.assertEqual(missing, [])

    def test_options_named_in_the_documents_exist(self):
        options = "\n".join(p.read_text() for p in tracked("cli/*.cpp", "sdk/src/options/*", "scripts/*", "examples/shop/demo/*.py",
                                                           "tests/crash/*.py", "bench/*.py", "CMakePresets.json"))
        unknown = []
        for page in tracked("README.md", "docs/*.md", "sql/README.md"):
            for name in re.findall(r"`[^`]*?--([a-z][a-z-]+)", page.read_text()):
                if name not in OF_OTHERS and name not in options:
                    unknown.append(f"{page.relative_to(ROOT)}: --{name}")
        self.assertEqual(unknown, [])


def documented_options():
    """(command, option) of every row that docs/configuration.md lists."""
    found, command = set(), ""
    for line in (ROOT / "docs/configuration.md").read_text().splitlines():
        if line.startswith("#"):
            heading = re.fullmatch(r"### onceward (\S+)", line)
            command = heading.group(1) if heading else ""
        elif command and (row := re.match(r"\| `([a-z-]+)` \|", line)):
            found.add((command, row.group(1)))
    return found


class Options(unittest.TestCase):
    """docs/configuration.md is compared with the program elsewhere, so it tells all options there are."""

    def setUp(self):
        self.tested = re.findall(r"\| (\w+) \| `([a-z-]+)` \| `(\w+)\.(\w+)` \|", (ROOT / "tests/options.md").read_text())

    def test_each_has_a_test_that_changes_it(self):
        options = documented_options()
        self.assertGreater(len(options), 20)
        named = {(command, option) for command, option, _, _ in self.tested}
        self.assertEqual({o for o in options if o not in named and ("all", o[1]) not in named}, set(),
                         "tests/options.md names no test for these")

    def test_none_is_tested_that_does_not_exist(self):
        options = documented_options()
        known = options | {("all", option) for _, option in options}
        self.assertEqual({(c, o) for c, o, _, _ in self.tested} - known, set())

    def test_the_tests_exist(self):
        sources = "\n".join(p.read_text() for p in tracked("tests/*.cpp"))
        missing = [f"{suite}.{test}" for _, _, suite, test in self.tested
                   if not re.search(rf"TEST(?:_F|_P)?\(\s*{suite},\s*{test}\)", sources)]
        self.assertEqual(missing, [])


if __name__ == "__main__":
    unittest.main()
