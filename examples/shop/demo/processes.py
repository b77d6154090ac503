"""Child processes: started, killed, started again, ended.

All are started by the main thread: a child dies with the thread that started it, so that nothing
is left behind even when the demo itself is killed.
"""
import os
import signal
import subprocess
import time

RESTART_PAUSE_SECONDS = 0.5  # before a process that ended by itself is started again


class Child:
    def __init__(self, name, command, log_directory, environment=None, dies_with_us=True):
        self.name = name
        self.command = [str(part) for part in command]
        self.log_path = log_directory / f"{name}.log"
        self.environment = {**os.environ, **(environment or {})}
        self.dies_with_us = dies_with_us
        self.process = None
        self.kills = 0
        self.least_in_flight = None  # the least work that was under way at a kill
        self.exits = []              # codes of ends that nobody asked for
        self.start_at = None         # when it is due to be started again

    def start(self):
        prefix = ["setpriv", "--pdeathsig", "TERM"] if self.dies_with_us else []
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(prefix + self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=self.environment, start_new_session=True)
        self.start_at = None

    def running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self, in_flight, restart_after=0.0):
        """kill -9 with `in_flight` pieces of work under way; `revive` starts it again so many seconds later."""
        self.process.kill()
        self.process.wait()
        self.kills += 1
        self.least_in_flight = min(in_flight, self.least_in_flight or in_flight)
        self.start_at = time.monotonic() + restart_after
        self.revive()

    def revive(self):
        """Starts it when it is due: after a kill, or a while after it ended by itself."""
        if self.running():
            return
        if self.start_at is None:
            self.exits.append(self.process.returncode)
            self.start_at = time.monotonic() + RESTART_PAUSE_SECONDS
        elif time.monotonic() >= self.start_at:
            self.start()

    def end(self, seconds):
        """SIGTERM, and after `seconds` SIGKILL."""
        if not self.running():
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def last_words(self, lines=15):
        try:
            return "".join(self.log_path.read_text(errors="replace").splitlines(keepends=True)[-lines:])
        except OSError:
            return ""


def end_all(children, seconds):
    """Asks all at once, so that their ends take as long as the slowest."""
    for child in children:
        if child.running():
            child.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + seconds
    for child in children:
        child.end(max(0.1, deadline - time.monotonic()))
