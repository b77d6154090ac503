"""What is installed can be used: by CMake, by pkg-config, and from a prefix that was moved; and Onceward as a part of
another project. The quickstart's programs are built each way and run."""
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "examples"))
import support  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
QUICKSTART = support.ROOT / "examples/quickstart"
CXX = os.environ.get("CXX", "c++")
SECONDS_MAX = 300  # of one command


def run(*command, environment=None):
    return subprocess.run([str(part) for part in command], env={**os.environ, **(environment or {})},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS_MAX)


def must(*command, environment=None):
    done = run(*command, environment=environment)
    if done.returncode != 0:
        raise AssertionError(f"{shlex.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def installed_size(prefix):
    return sum(1 for path in prefix.rglob("*") if path.is_file())


class Consumer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="onceward-consumer-"))
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        # Installed in one place, used in another: nothing may remember the first.
        must("cmake", "--install", support.BUILD, "--prefix", cls.directory / "first")
        cls.prefix = (cls.directory / "first").rename(cls.directory / "prefix")
        cls.modules = next(cls.prefix.rglob("pkgconfig"))

        cls.world = support.World(["here", "there"], ["payments"])
        cls.addClassCleanup(cls.world.close)
        for database in ("here", "there"):
            cls.world.sql(database, (QUICKSTART / "schema.sql").read_text())
        cls.world.start("relay", *cls.command_of_the_unit())

    @classmethod
    def command_of_the_unit(cls):
        """The ExecStart of the installed systemd unit, with a configuration of the test's own."""
        unit = (cls.prefix / "lib/systemd/system/onceward-relay@.service").read_text()
        program, *arguments = re.search("^ExecStart=(.*)$", unit, re.M).group(1).split()
        if program != str(cls.directory / "first/bin/onceward"):
            raise AssertionError(f"the unit starts {program}")
        file = cls.directory / "here.yaml"
        file.write_text(json.dumps({"database": cls.world.databases["here"], "brokers": cls.world.brokers}))
        return [cls.prefix / "bin/onceward", *(str(file) if a == "/etc/onceward/%i.yaml" else a for a in arguments)]

    def configure(self, name, *options, environment=None):
        return run("cmake", "-S", HERE, "-B", self.directory / name, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                   f"-DCMAKE_PREFIX_PATH={self.prefix}", *options, environment=environment)

    def build(self, name, *options, environment=None):
        configured = self.configure(name, *options, environment=environment)
        self.assertEqual(configured.returncode, 0, configured.stdout + configured.stderr)
        must("cmake", "--build", self.directory / name)
        return self.directory / name

    def module(self, *options, directories=()):
        """pkg-config, with the installed modules and those of `directories`, which go first."""
        path = ":".join(map(str, [*directories, self.modules]))
        return run("pkg-config", *options, environment={"PKG_CONFIG_PATH": path})

    def compile(self, module, source, *options):
        flags = self.module("--cflags", "--libs", module)
        self.assertEqual(flags.returncode, 0, flags.stderr)
        program = self.directory / f"{source.stem}-{module}"
        must(CXX, "-std=c++20", source, "-o", program, *flags.stdout.split(), *options)
        return program

    def without_kafka(self):
        """An environment in which pkg-config knows libpqxx, fmt and cpp-httplib, and neither libpq nor librdkafka."""
        directory = self.directory / "without-kafka"
        directory.mkdir(exist_ok=True)
        for name in ("libpqxx", "fmt", "cpp-httplib", "openssl", "libssl", "libcrypto", "zlib", "libbrotlicommon",
                     "libbrotlidec", "libbrotlienc"):
            from_directory = must("pkg-config", "--variable=pcfiledir", name).strip()
            shutil.copy(pathlib.Path(from_directory) / f"{name}.pc", directory)
        return {"PKG_CONFIG_LIBDIR": str(directory)}

    def other_pqxx(self):
        directory = self.directory / "other-pqxx"
        directory.mkdir(exist_ok=True)
        cflags, libs = (must("pkg-config", option, "libpqxx") for option in ("--cflags", "--libs"))
        (directory / "libpqxx.pc").write_text(
            f"Name: libpqxx\nDescription: another\nVersion: 99.1.0\nCflags: {cflags}\nLibs: {libs}\n")
        return directory

    def needed(self, program):
        return must("readelf", "--dynamic", program)

    def assert_pays(self, pay):
        """It adds an event."""
        events = "SELECT count(*) FROM onceward.outbox"
        before = self.world.sql("here", events)[0][0]
        must(pay, self.world.databases["here"], "alice", "bob", "1")
        self.assertEqual(self.world.sql("here", events)[0][0], before + 1)

    def assert_receives(self, receive):
        """All that was paid so far arrives, by way of the installed relay."""
        self.world.start(receive.name, receive, self.world.databases["there"], self.world.brokers)
        paid = 100 - self.world.sql("here", "SELECT balance FROM account WHERE name = 'alice'")[0][0]
        arrived = "SELECT balance FROM account WHERE name = 'bob'"
        self.assertTrue(support.eventually(lambda: self.world.sql("there", arrived)[0][0] == paid), self.world.logs())

    def assert_serves(self, serve):
        """It takes effect once for two requests under one key."""
        self.world.sql("here", "TRUNCATE onceward.operation")
        self.world.sql("here", "INSERT INTO account VALUES ('carol', 9) ON CONFLICT (name) DO UPDATE SET balance = 9")
        self.assertEqual(must(serve, self.world.databases["here"]), "paid paid true\n")
        self.assertEqual(self.world.sql("here", "SELECT balance FROM account WHERE name = 'carol'"), [(8,)])

    def test_cmake_finds_every_library(self):
        built = self.build("found")

        self.assert_pays(built / "pay")
        self.assert_receives(built / "receive")
        must(built / "look", self.world.databases["here"])
        self.assert_serves(built / "serve")

    def test_pkg_config_names_all_that_a_compiler_needs(self):
        self.assert_pays(self.compile("onceward-sdk", QUICKSTART / "pay.cpp"))
        self.assert_receives(self.compile("onceward-inbox", QUICKSTART / "receive.cpp"))
        must(self.compile("onceward-relay", HERE / "look.cpp"), self.world.databases["here"])
        self.assert_serves(self.compile("onceward-idempotency", HERE / "serve.cpp"))

    def test_a_service_that_only_adds_neither_needs_nor_links_a_kafka_client(self):
        built = self.build("sdk", "-DCONSUMER_COMPONENTS=sdk", environment=self.without_kafka())

        self.assertNotIn("rdkafka", self.needed(built / "pay"))
        self.assertNotIn("rdkafka", self.module("--libs", "onceward-sdk").stdout)
        self.assert_pays(built / "pay")

    def test_a_guarded_server_needs_no_kafka_client_and_a_service_without_one_no_http_library(self):
        built = self.build("guarded", "-DCONSUMER_COMPONENTS=sdk;idempotency", environment=self.without_kafka())

        self.assertNotIn("rdkafka", self.needed(built / "serve"))
        self.assertNotIn("httplib", self.needed(built / "pay"))
        self.assert_serves(built / "serve")

    def test_a_component_whose_library_is_missing_is_refused_with_the_remedy(self):
        refused = self.configure("refused", environment=self.without_kafka())

        self.assertNotEqual(refused.returncode, 0)
        message = " ".join(refused.stderr.split())
        self.assertIn("component inbox needs pq;rdkafka", message)
        self.assertIn("COMPONENTS sdk", message)

    def test_an_unknown_component_is_refused_with_those_that_exist(self):
        refused = self.configure("unknown", "-DCONSUMER_COMPONENTS=outbox")

        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("no component 'outbox'; installed here: sdk;inbox;relay;idempotency", " ".join(refused.stderr.split()))

    def test_another_major_version_of_libpqxx_is_refused(self):
        other = self.other_pqxx()

        refused = self.configure("other", environment={"PKG_CONFIG_PATH": str(other)})
        self.assertNotEqual(refused.returncode, 0)
        self.assertRegex(" ".join(refused.stderr.split()), r"built with libpqxx [0-9.]+ and this project finds libpqxx 99")
        self.assertNotEqual(self.module("--exists", "onceward-sdk", directories=[other]).returncode, 0)
        self.assertEqual(self.module("--exists", "onceward-sdk").returncode, 0)

    def test_it_can_be_a_part_of_another_project(self):
        built = self.build("part", "-DCONSUMER_COMPONENTS=sdk;idempotency", f"-DONCEWARD_SOURCE={support.ROOT}",
                           environment=self.without_kafka())

        self.assertNotIn("rdkafka", self.needed(built / "pay"))
        self.assert_pays(built / "pay")
        must("cmake", "--install", built, "--prefix", self.directory / "part-installed")
        self.assertEqual(installed_size(self.directory / "part-installed"), 0)

    def test_every_header_compiles_alone(self):
        flags = self.module("--cflags", "onceward-inbox", "onceward-idempotency").stdout.split()
        headers = sorted((self.prefix / "include/onceward").glob("**/*.hpp"))
        self.assertGreaterEqual(len(headers), 6)

        for header in headers:
            must(CXX, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", *flags,
                 "-include", header, "-x", "c++", os.devnull)

    def test_the_migrations_and_the_licence_are_there(self):
        there = {str(path.relative_to(self.prefix / "share")) for path in (self.prefix / "share").rglob("*")}
        migrations = {f"onceward/sql/migrations/{path.name}" for path in (support.ROOT / "sql/migrations").glob("*.sql")}

        self.assertEqual({*migrations, "doc/onceward/LICENSE"} - there, set())
        self.assertTrue(migrations)


if __name__ == "__main__":
    support.main()
