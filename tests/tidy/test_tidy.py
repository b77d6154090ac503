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

    def test_public_headers_show_no_type_of_kafka_and_one_of_http(self):
        shown = [str(p.relative_to(ROOT)) for p in tracked("*/include/onceward/*.hpp")
                 if re.search(r"rdkafka|httplib", re.sub(r"///.*", "", p.read_text()))]
        self.assertEqual(shown, ["sdk/idempotency/include/onceward/idempotency_guard.hpp"])

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


def table(page, heading):
    """The first cells of the table below a heading, without their quotes."""
    section = (ROOT / page).read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [row.split("|")[1].strip().strip("`") for row in re.findall(r"^\|.*", section, re.M)][2:]


class Names(unittest.TestCase):
    """docs/interface.md is generated; here the tables that it comes from are held against the sources."""

    def test_every_variable_that_is_read_is_documented_and_the_other_way_round(self):
        read = set()
        for path in tracked("cli/*.cpp", "sdk/src/*.cpp", "inbox/*.cpp", "outbox-relay/*.cpp"):
            text = path.read_text()
            for names in re.findall(r'(?:getenv|environment|variable|number_in|value_of)\((?:env, )?"([A-Z_]+)"', text):
                read.add(names)
            for loop in re.findall(r'for \(const char\* name : \{((?:"[A-Z_]+"(?:, )?)+)\}\) \{\s*if \([^)]*getenv', text):
                read.update(re.findall(r"[A-Z_]+", loop))
        named = set(table("docs/interface.md", "Environment variables"))
        self.assertIn("NOTIFY_SOCKET", read)
        self.assertEqual(named - {"ONCEWARD_KAFKA_NAME"}, read)

    def test_every_command_that_prints_json_has_its_keys_documented(self):
        page = (ROOT / "docs/configuration.md").read_text()
        commands = re.findall(r"^- `--json` of `onceward ([a-z ]+)`", page, re.M)
        outputs = [o for o in table("docs/interface.md", "Keys of JSON") if o.endswith("--json")]
        self.assertGreater(len(commands), 9)
        for command in commands:
            self.assertTrue([o for o in outputs if f"{o} ".startswith(f"onceward {command} ")], command)
        for output in outputs:
            self.assertTrue([c for c in commands if output.startswith(f"onceward {c} ")], output)

    def test_every_crash_point_is_armed_by_the_crash_runs_and_no_other(self):
        product = "\n".join(p.read_text() for p in tracked("cli/*.cpp", "inbox/*.cpp", "outbox-relay/*.cpp"))
        armed = set(re.findall(r"([a-z]+\.[a-z_]+):0\.", (ROOT / "tests/crash/profiles.py").read_text()))
        self.assertEqual(set(re.findall(r'crash_point\("([^"]+)"\)', product)), armed)

    def test_planted_bugs_of_the_documents_exist_and_those_of_the_program_are_documented(self):
        product = "\n".join(p.read_text() for p in tracked("inbox/*.cpp", "outbox-relay/*.cpp", "sdk/*.cpp"))
        bugs = set(re.findall(r'planted\("([^"]+)"\)', product))
        simulated = set(re.findall(r'\{plant::\w+, "([^"]+)"\}', (ROOT / "tests/sim/plant.cpp").read_text()))
        named = set(re.findall(r"\*([a-z]+(?:-[a-z]+)+)\*", (ROOT / "docs/guarantees.md").read_text()))
        self.assertEqual(bugs - named, set())
        self.assertEqual(named - bugs - simulated, set())
        listed = subprocess.run([ROOT / "scripts/crash", "--list-plants"],
                                check=True, capture_output=True, text=True).stdout.split()
        self.assertTrue(listed)
        self.assertEqual(set(listed) - bugs, set())


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

    def test_one_test_stands_for_all_commands_only_where_it_goes_over_them(self):
        sources = "\n".join(p.read_text() for p in tracked("tests/*.cpp"))
        bad = []
        for command, option, suite, test in self.tested:
            body = re.search(rf"^TEST_F\({suite}, {test}\) {{$.*?^}}$", sources, re.S | re.M)
            if command == "all" and not (body and f'every_command_with("{option}")' in body.group()):
                bad.append(f"{suite}.{test} does not go over every_command_with(\"{option}\")")
        self.assertEqual(bad, [])

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
