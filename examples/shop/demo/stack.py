"""Databases, Kafka, relays and services of the shop, brought up and taken down."""
import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

import psycopg2

import settings
from processes import Child, end_all

START_SECONDS = 60
STOP_SECONDS = 15


class Failure(Exception):
    """What went wrong, in words for the user."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, condition, seconds=START_SECONDS):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Failure(f"{what}: not within {seconds} s")
        time.sleep(0.02)


class Stack:
    def __init__(self, build, kafka, plant, keep):
        self.build = pathlib.Path(build)
        self.kafka = kafka
        self.keep = keep
        self.environment = {"ONCEWARD_PLANT": plant} if plant else {}
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="onceward-demo-"))
        self.infrastructure = None
        self.relays, self.services, self.ports = {}, {}, {}
        self.brokers, self.databases = None, {}

    # -- up

    def start(self):
        self.start_infrastructure()
        for service in settings.SERVICES:
            self.make_schema(service)
        for name, service in settings.RELAYS.items():
            self.relays[name] = self.child(name, self.relay_command(name, service))
        for service in settings.SERVICES:
            self.ports[service] = free_port()
            self.services[service] = self.child(f"service-{service}", self.service_command(service))
        for child in self.children():
            child.start()
        for service in settings.SERVICES:
            wait_until(f"the {service} service answers", lambda s=service: self.healthy(s))

    def child(self, name, command):
        return Child(name, command, self.directory, self.environment, dies_with_us=not self.keep)

    def children(self):
        return [*self.relays.values(), *self.services.values()]

    def start_infrastructure(self):
        state = self.directory / "dev.json"
        command = [self.build / "cli/onceward", "dev", "--state-file", state, "--database", settings.JUDGE]
        for service in settings.SERVICES:
            command += ["--database", settings.database_of(service)]
        if self.kafka == "real":
            command += ["--kafka", self.start_kafka()]
        else:
            for topic in settings.TOPICS:
                command += ["--topic", f"{topic}:{settings.PARTITIONS}"]
        self.infrastructure = Child("onceward-dev", command, self.directory, dies_with_us=not self.keep)
        self.infrastructure.start()
        wait_until("onceward dev is up", lambda: self.read_state(state))

    def read_state(self, path):
        if not self.infrastructure.running():
            raise Failure(f"onceward dev ended:\n{self.infrastructure.last_words()}")
        try:
            state = json.loads(path.read_text())
        except (OSError, ValueError):
            return False
        self.brokers, self.databases = state["brokers"], state["databases"]
        return True

    def start_kafka(self):
        tool, directory = str(settings.ROOT / "scripts/kafka"), str(self.directory / "kafka")
        started = subprocess.run([tool, "start", "--dir", directory], stdout=subprocess.PIPE, text=True)
        if started.returncode != 0:
            raise Failure("scripts/kafka could not start a broker")
        for topic in settings.TOPICS:
            subprocess.run([tool, "topic", "--dir", directory, topic, "--partitions", str(settings.PARTITIONS)],
                           check=True)
        return started.stdout.strip()

    def make_schema(self, service):
        with self.connect(service) as connection, connection.cursor() as cursor:
            cursor.execute((settings.SHOP / "common/ledger.sql").read_text())
            cursor.execute((settings.SHOP / service / "schema.sql").read_text())
        connection.close()

    def relay_command(self, name, service):
        return [self.build / "cli/onceward", "relay", "--name", name, "--database", self.conninfo(service),
                "--brokers", self.brokers, "--lease-ttl", f"{settings.LEASE_TTL_MS}ms", "--admin-listen", "off"]

    def service_command(self, service):
        return [self.build / f"examples/shop/shop_{service}", "--database", self.conninfo(service),
                "--brokers", self.brokers, "--port", self.ports[service],
                "--session-seconds", settings.SESSION_SECONDS]

    # -- use

    def conninfo(self, service):
        return self.databases[settings.database_of(service)]

    def connect(self, service):
        return psycopg2.connect(self.conninfo(service))

    def connect_judge(self):
        return psycopg2.connect(self.databases[settings.JUDGE])

    def get(self, service, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[service], timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def healthy(self, service):
        child = self.services[service]
        if not child.running():
            raise Failure(f"the {service} service ended:\n{child.last_words()}")
        try:
            return self.get(service, "/healthz")[0] == 200
        except (OSError, ValueError, http.client.HTTPException):
            return False

    def revive(self):
        """Starts again what has ended by itself, as a supervisor would."""
        if not self.infrastructure.running():
            raise Failure(f"onceward dev ended:\n{self.infrastructure.last_words()}")
        for child in self.children():
            child.revive()

    # -- down

    def stop(self):
        end_all(self.services.values(), STOP_SECONDS)
        end_all(self.relays.values(), STOP_SECONDS)
        if self.kafka == "real" and (self.directory / "kafka").exists():
            subprocess.run([str(settings.ROOT / "scripts/kafka"), "stop", "--dir", str(self.directory / "kafka")])
        if self.infrastructure:
            self.infrastructure.end(STOP_SECONDS)
        shutil.rmtree(self.directory, ignore_errors=True)

    def pids(self):
        return [child.process.pid for child in [*self.children(), self.infrastructure] if child.running()]
