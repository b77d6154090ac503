"""What the tests of the examples share: a private PostgreSQL and broker, and a main that reports as
GoogleTest does, since scripts/run_tests.py asks every test for that."""
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("ONCEWARD_BUILD", ROOT / "build/dev"))
sys.path.insert(0, str(ROOT / "examples/shop/demo"))

import psycopg2  # noqa: E402
from processes import Child, end_all  # noqa: E402

WAIT_SECONDS = 60


def eventually(condition, seconds=WAIT_SECONDS):
    """Polls until `condition` is true; False when it does not become so in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class World:
    """`onceward dev` with the given databases and topics, and processes beside it."""

    def __init__(self, databases, topics=()):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="onceward-examples-"))
        self.children = []
        state = self.directory / "dev.json"
        command = [BUILD / "cli/onceward", "dev", "--state-file", state]
        for name in databases:
            command += ["--database", name]
        for name in topics:
            command += ["--topic", f"{name}:4"]
        self.dev = Child("dev", command, self.directory)
        self.dev.start()
        if not eventually(lambda: state.exists() or not self.dev.running()) or not self.dev.running():
            raise RuntimeError("onceward dev did not start:\n" + self.dev.last_words())
        read = json.loads(state.read_text())
        self.brokers, self.databases = read["brokers"], read["databases"]

    def sql(self, database, text, parameters=()):
        connection = psycopg2.connect(self.databases[database])
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(text, parameters)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def start(self, name, *command, environment=None):
        child = Child(name, [BUILD / command[0], *command[1:]], self.directory, environment)
        self.children.append(child)
        child.start()
        return child

    def start_relay(self, database):
        return self.start(f"relay-{database}", "cli/onceward", "relay", "--database", self.databases[database],
                          "--brokers", self.brokers, "--admin-listen", "off")

    def logs(self):
        return "\n".join(f"--- {child.name}\n{child.last_words()}" for child in [self.dev, *self.children])

    def close(self):
        end_all(self.children, 15)
        self.dev.end(15)
        shutil.rmtree(self.directory, ignore_errors=True)


class Reporting(unittest.TextTestResult):
    """Also keeps (class, name, seconds, problem) of each test."""

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()
        self.rows = getattr(self, "rows", [])

    def note(self, test, problem):
        self.rows.append((type(test).__name__, test._testMethodName, time.monotonic() - self.began, problem))

    def addSuccess(self, test):
        super().addSuccess(test)
        self.note(test, None)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.note(test, str(err[1]))

    def addError(self, test, err):
        super().addError(test, err)
        if isinstance(test, unittest.TestCase):
            self.note(test, f"{err[0].__name__}: {err[1]}")


def write_report(path, rows):
    suite = xml.Element("testsuite")
    for suite_name, name, seconds, problem in rows:
        case = xml.SubElement(suite, "testcase", classname=suite_name, name=name, time=f"{seconds:.2f}", status="run")
        if problem is not None:
            xml.SubElement(case, "failure", message=problem)
    xml.ElementTree(suite).write(path)


def main():
    report = [a.split(":", 1)[1] for a in sys.argv if a.startswith("--gtest_output=xml:")]
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(verbosity=2, resultclass=Reporting).run(suite)
    if report:
        write_report(report[0], getattr(result, "rows", []))
    sys.exit(0 if result.wasSuccessful() and result.testsRun else 1)
