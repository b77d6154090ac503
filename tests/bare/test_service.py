"""The relay as docs/install.md sets it up: Debian's PostgreSQL, peer authentication, the installed unit. A service built
by find_package pays through it, one built by pkg-config is paid."""
import json
import pathlib
import shlex
import subprocess
import time
import unittest

from service_manager import Service, seconds
from tree import PREFIX, ROOT, SCRATCH, UNIT, block, must

HEADING = "Run the relay as a service"
SCHEMA = ROOT / "examples/quickstart/schema.sql"
WAIT_SECONDS = 60


def eventually(condition):
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def built_by_cmake():
    """Without a hint where the package is."""
    must("cmake", "-S", ROOT / "tests/consumer", "-B", SCRATCH / "consumer", "-G", "Ninja")
    must("cmake", "--build", SCRATCH / "consumer")
    return SCRATCH / "consumer/pay"


def built_by_pkg_config():
    flags = must("pkg-config", "--cflags", "--libs", "onceward-inbox").split()
    must("g++", "-std=c++20", ROOT / "examples/quickstart/receive.cpp", "-o", SCRATCH / "receive", *flags)
    return SCRATCH / "receive"


def as_postgres(*command):
    return must("runuser", "-u", "postgres", "--", *command, cwd="/")


def start_postgres():
    """Debian's own cluster, which its package has made; returns its port."""
    version, name, port, status = must("pg_lsclusters", "--no-header").split()[:4]
    if status != "online":
        must("pg_ctlcluster", version, name, "start")
    return port


def type_what_the_page_says(port):
    """Its commands before systemd's; sudo may be absent."""
    for line in block(HEADING, "sh").splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["systemctl"]:
            return
        if words[:2] == ["sudo", "-u"]:
            words = ["runuser", "-u", words[2], "--", "env", f"PGPORT={port}", *words[3:]]
        must(*words, cwd="/")


def configure(port, brokers):
    """/etc/onceward/shop.yaml as on the page, with the brokers that there are and any free port for its admin port."""
    directory = pathlib.Path("/etc/onceward")
    directory.mkdir()
    yaml = block(HEADING, "yaml").replace("kafka1:9092,kafka2:9092", brokers)
    (directory / "shop.yaml").write_text(f"{yaml}admin-listen: 127.0.0.1:0\n")
    (directory / "shop.env").write_text(f"PGPORT={port}\n")
    (directory / "shop.env").chmod(0o600)  # the relay's user cannot read it


class RelayService(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pay, cls.receive = built_by_cmake(), built_by_pkg_config()
        cls.port = start_postgres()
        as_postgres("createdb", "-p", cls.port, "shop")
        as_postgres("psql", "-q", "-p", cls.port, "shop", "-c", SCHEMA.read_text())
        cls.start_the_other_side()
        type_what_the_page_says(cls.port)
        configure(cls.port, cls.brokers)

    @classmethod
    def start_the_other_side(cls):
        """A broker, and the database of who is paid."""
        state = SCRATCH / "dev.json"
        cls.run_beside("dev", PREFIX / "bin/onceward", "dev", "--database", "bank", "--topic", "payments",
                       "--state-file", state)
        if not eventually(state.exists):
            raise AssertionError((SCRATCH / "dev.log").read_text())
        read = json.loads(state.read_text())
        cls.brokers, cls.bank = read["brokers"], read["databases"]["bank"]
        must("psql", "-q", cls.bank, "-f", SCHEMA)

    @classmethod
    def run_beside(cls, name, *command):
        with open(SCRATCH / f"{name}.log", "wb") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        cls.addClassCleanup(process.wait, timeout=WAIT_SECONDS)
        cls.addClassCleanup(process.terminate)

    def setUp(self):
        self.service = Service(UNIT.read_text(), "shop")
        self.addCleanup(self.service.end)
        self.service.start()
        within = seconds(self.service.one("TimeoutStartSec"))
        self.assertTrue(self.service.hears("READY=1", within), self.service.log())

    def test_it_gives_signs_of_life_until_it_stops_in_order(self):
        self.assertTrue(self.service.hears("WATCHDOG=1", seconds(self.service.one("WatchdogSec"))), self.service.log())
        self.assertNotIn("STOPPING=1", self.service.told)

        self.assertEqual(self.service.stop(), 0, self.service.log())
        self.assertTrue(self.service.hears("STOPPING=1", WAIT_SECONDS), self.service.told)

    def test_it_runs_as_its_own_user_without_any_capability_and_writes_nowhere(self):
        status = self.service.status()

        self.assertEqual(status["Uid"], [must("id", "-u", "onceward").strip()] * 4)
        self.assertNotEqual(status["Uid"][0], "0")
        self.assertEqual(status["Groups"], [])
        self.assertEqual({int(status[f"Cap{name}"][0], 16) for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")}, {0})
        self.assertEqual(status["NoNewPrivs"], ["1"])
        self.assertTrue(self.service.root_is_read_only())

    def test_what_one_service_pays_reaches_the_other_one_through_it(self):
        as_postgres(self.pay, f"postgresql:///shop?host=/run/postgresql&port={self.port}", "alice", "bob", "7")
        self.run_beside("receive", self.receive, self.bank, self.brokers)

        balance = "SELECT balance FROM account WHERE name = 'bob'"
        self.assertTrue(eventually(lambda: must("psql", "-qtAc", balance, self.bank).strip() == "7"),
                        self.service.log() + (SCRATCH / "receive.log").read_text())
        self.assertIsNone(self.service.process.poll(), self.service.log())


if __name__ == "__main__":
    unittest.main()
