"""The broker of a run: a real Kafka, or the one that `onceward dev` embeds."""
import importlib.machinery
import importlib.util
import json
import pathlib
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOPIC, PARTITIONS = "crash", 4


def load_kafka_script():
    loader = importlib.machinery.SourceFileLoader("kafka_script", str(ROOT / "scripts/kafka"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("kafka_script", loader))
    loader.exec_module(module)
    return module


class RealBroker:
    def __init__(self, directory):
        self.script, self.directory = load_kafka_script(), directory / "kafka"
        self.starting = None
        try:
            self.address = self.script.start(self.directory)
            self.script.make_topic(self.directory, TOPIC, PARTITIONS, {})
        except BaseException:  # an interrupt too: the broker is in a session of its own
            self.stop()
            raise

    def kill(self):
        self.script.end(self.directory, [(signal.SIGKILL, 15)])

    def start_soon(self):
        """Begins a restart, which takes seconds; `ready` says when it has come to its end."""
        self.starting = subprocess.Popen([ROOT / "scripts/kafka", "start", "--dir", self.directory],
                                         stdout=subprocess.DEVNULL)

    def ready(self):
        if self.starting is None:
            return True
        how = self.starting.poll()
        if how is None:
            return False
        if how != 0:
            raise RuntimeError(f"the broker did not come back; its log is {self.directory}/kafka.log")
        self.starting = None
        return True

    def stop(self):
        if self.starting:
            self.starting.wait(90)
        self.kill()


class EmbeddedBroker:
    """Cannot be killed: its data is in its memory."""

    START_SECONDS = 60

    def __init__(self, directory, build):
        state = directory / "dev.json"
        with open(directory / "dev.log", "ab") as log:
            self.process = subprocess.Popen(
                [build / "cli/onceward", "dev", "--topic", f"{TOPIC}:{PARTITIONS}", "--state-file", state],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + self.START_SECONDS
        while not state.exists():
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"onceward dev did not come up; its log is {directory}/dev.log")
            time.sleep(0.05)
        self.address = json.loads(state.read_text())["brokers"]

    def ready(self):
        return True

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
