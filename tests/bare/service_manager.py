"""As much of systemd as the relay's unit needs, for a tree in which no systemd runs: the command line, the user, the
capabilities, the read-only file system, the environment and the notifications. It filters no system calls and hides
nothing."""
import os
import pathlib
import pwd
import re
import shlex
import signal
import socket
import subprocess
import tempfile
import time

SECONDS = {"s": 1, "min": 60, "ms": 0.001}


def settings_of(unit, instance):
    """{name: [values]} of the section [Service]."""
    section = re.search(r"^\[Service\]\n(.*?)(?=^\[|\Z)", unit, re.S | re.M).group(1)
    settings = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", section, re.M):
        settings.setdefault(name, []).append(value.replace("%i", instance))
    return settings


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(ms|s|min)", text).groups()
    return int(number) * SECONDS[unit]


def variables_of(files):
    """What EnvironmentFile= adds; a file that begins with '-' may be missing."""
    found = {}
    for name in files:
        path = pathlib.Path(name.removeprefix("-"))
        if path.exists() or not name.startswith("-"):
            found.update(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    return found


class Service:
    """One instance of a unit, started as the unit says."""

    def __init__(self, unit, instance):
        self.settings = settings_of(unit, instance)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="service-", dir="/run"))
        self.directory.chmod(0o755)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.listener.bind(str(self.directory / "notify"))
        (self.directory / "notify").chmod(0o777)
        self.told = []
        self.process = None

    def one(self, name):
        value, = self.settings[name]
        return value

    def command(self):
        """ExecStart=, wrapped in what gives up all that the unit gives up."""
        user = pwd.getpwnam(self.one("User"))
        drop = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        if self.one("CapabilityBoundingSet") == "":
            drop += ["--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all"]
        if self.one("NoNewPrivileges") == "yes":
            drop += ["--no-new-privs"]
        whole = [*drop, "--", *shlex.split(self.one("ExecStart"))]
        if self.one("ProtectSystem") == "strict":
            remount = 'mount -o remount,bind,ro / && exec "$@"'
            whole = ["unshare", "--mount", "--", "sh", "-c", remount, "sh", *whole]
        return whole

    def environment(self):
        return {"PATH": os.environ["PATH"], "USER": self.one("User"), "HOME": "/",
                "NOTIFY_SOCKET": str(self.directory / "notify"),
                "WATCHDOG_USEC": str(int(seconds(self.one("WatchdogSec")) * 1_000_000)),
                **variables_of(self.settings.get("EnvironmentFile", []))}

    def start(self):
        with open(self.directory / "log", "wb") as log:
            self.process = subprocess.Popen(self.command(), env=self.environment(), cwd="/", stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, umask=int(self.one("UMask"), 8))

    def hears(self, message, within):
        """Whether the service has said `message`, or says it in time."""
        deadline = time.monotonic() + within
        while message not in self.told and (left := deadline - time.monotonic()) > 0:
            self.listener.settimeout(min(left, 0.2))
            try:
                self.told += self.listener.recv(65536).decode().splitlines()
            except TimeoutError:
                if self.process.poll() is not None:
                    break
        return message in self.told

    def status(self):
        """/proc's own words about the process, by name."""
        lines = pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return {name: value.split() for name, value in (line.split(":", 1) for line in lines)}

    def root_is_read_only(self):
        lines = pathlib.Path(f"/proc/{self.process.pid}/mountinfo").read_text().splitlines()
        root, = (fields for fields in map(str.split, lines) if fields[4] == "/")
        return "ro" in root[5].split(",")

    def stop(self):
        """SIGTERM, and the exit status within the time that the unit gives."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=seconds(self.one("TimeoutStopSec")))

    def end(self):
        """Whatever state it is in."""
        try:
            if self.process and self.process.poll() is None:
                self.stop()
        finally:
            self.process.kill()
            self.listener.close()

    def log(self):
        return (self.directory / "log").read_text()
