"""A relay with its admin port, and a client that can do as it likes."""
import json
import pathlib
import re
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples"))
from support import BUILD, ROOT, World, eventually, main  # noqa: E402,F401

TOKEN = "correct-horse-battery-staple-0123456789"
ANSWER_SECONDS = 15  # what a test waits for; a well-behaved client waits far less


class Answer:
    def __init__(self, raw):
        self.raw = raw
        head, _, self.body = raw.partition(b"\r\n\r\n")
        self.head = head.decode("latin-1")
        found = re.match(r"HTTP/1\.[01] (\d{3}) ", self.head)
        self.status = int(found.group(1)) if found else None
        self.text = self.body.decode("utf-8", "replace")

    def header(self, name):
        found = re.search(rf"(?im)^{re.escape(name)}: (.*?)\r?$", self.head)
        return found.group(1) if found else None

    def json(self):
        return json.loads(self.text)


class Client:
    """One connection to the admin port."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)

    def send(self, data):
        """False when the server has hung up, as it may on those who misbehave."""
        try:
            self.socket.sendall(data)
            return True
        except OSError:
            return False

    def finish(self):
        """Sends no more."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it has hung up

    def answer(self):
        """All that comes until the server closes."""
        raw = b""
        try:
            while part := self.socket.recv(65536):
                raw += part
        except ConnectionResetError:
            pass
        return Answer(raw)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class AdminTest(unittest.TestCase):
    """One relay for all tests of a class."""
    options = {}

    @classmethod
    def setUpClass(cls):
        cls.world = World(["shop", "other"], ["orders"])
        cls.addClassCleanup(cls.world.close)
        cls.token_file = cls.world.directory / "token"
        cls.token_file.write_text(TOKEN + "\n")
        cls.relay, cls.port = cls.start_relay("relay", **cls.options)

    @classmethod
    def command(cls, name, /, **changes):
        """The relay's command line; `changes` are options with _ for -, None leaves one out."""
        options = {"database": cls.world.databases["shop"], "brokers": cls.world.brokers, "name": name, "lease_ttl": "2s",
                   "log_format": "json", "kafka": "statistics.interval.ms=100", "sample_interval": "100ms",
                   "admin_listen": "127.0.0.1:0", "admin_token_file": cls.token_file, **changes}
        return ["cli/onceward", "relay", *(f"--{key.replace('_', '-')}={value}" for key, value in options.items()
                                           if value is not None)]

    @classmethod
    def start_relay(cls, name, /, **changes):
        relay = cls.world.start(name, *cls.command(name, **changes))
        address = r'"the admin port listens","address":"127\.0\.0\.1:(\d+)"'
        assert eventually(lambda: re.search(address, relay.log_path.read_text()) or not relay.running())
        assert relay.running(), relay.last_words()
        return relay, int(re.search(address, relay.log_path.read_text()).group(1))

    @classmethod
    def run_relay(cls, **changes):
        """A relay that does not get far."""
        program, *options = cls.command("short", **changes)
        return subprocess.run([BUILD / program, *options], capture_output=True, text=True, timeout=60)

    def ask(self, path, method="GET", headers=(), body=None, port=None):
        head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
        if body is not None:
            head.append(f"Content-Length: {len(body)}")
        with Client(port or self.port) as client:
            client.send("\r\n".join(head).encode() + b"\r\n\r\n" + (body or "").encode())
            return client.answer()

    def change(self, path, body=None, token=TOKEN):
        return self.ask(path, "POST", [f"Authorization: Bearer {token}", "Content-Type: application/json"], body)

    def add_event(self):
        self.world.sql("shop", "SELECT onceward.add('orders', 'k', 'placed', '{}'::jsonb)")
