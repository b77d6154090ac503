"""A private PostgreSQL whose postmaster can be killed and brought back on its data."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import time

import psycopg2

import processes

START_SECONDS = 60
SETTINGS = {
    "listen_addresses": "", "max_connections": "80", "shared_buffers": "64MB", "fsync": "on",
    "log_min_messages": "warning", "log_line_prefix": "%m [%p] %a ", "max_wal_size": "2GB",
}


def programs():
    candidates = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for directory in candidates:
        if (directory / "initdb").exists():
            return directory
    raise RuntimeError("no PostgreSQL server here; scripts/setup installs it")


def unprivileged():
    """PostgreSQL refuses to run as root: the account that it then runs as, or None."""
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else None


class Postgres:
    def __init__(self, directory, name, settings):
        self.name, self.data, self.socket = name, directory / name / "data", directory / name
        self.log, self.settings = directory / f"{name}.postgres.log", {**SETTINGS, **settings}
        self.account = unprivileged()
        self.socket.mkdir(mode=0o700)
        if self.account:
            os.chown(self.socket, self.account.pw_uid, self.account.pw_gid)
        self.process = None
        self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")

    def _spawn(self, program, *arguments, **kwargs):
        return subprocess.Popen([programs() / program, *map(str, arguments)], stdin=subprocess.DEVNULL, cwd="/",
                                start_new_session=True,
                                preexec_fn=lambda: processes.become(self.account), **kwargs)

    def _run(self, program, *arguments):
        with open(self.log, "ab") as log:
            if self._spawn(program, *arguments, stdout=log, stderr=log).wait() != 0:
                raise RuntimeError(f"{program} failed; see {self.log}")

    def start(self):
        """Starts it and waits until it answers. After a kill the old backends may linger: tries again."""
        end = time.monotonic() + START_SECONDS
        settings = [word for k, v in self.settings.items() for word in ("-c", f"{k}={v}")]
        while time.monotonic() < end:
            if self.process is None or self.process.poll() is not None:
                with open(self.log, "ab") as log:
                    self.process = self._spawn("postgres", "-D", self.data, "-k", self.socket, *settings,
                                               stdout=log, stderr=log)
            try:
                self.connect("postgres").close()
                return
            except psycopg2.OperationalError:
                time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL {self.name} did not come up within {START_SECONDS} s; see {self.log}")

    def kill(self):
        """kill -9 of the postmaster; its backends notice by themselves."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.data, ignore_errors=True)

    def dsn(self, database, user="postgres", application=""):
        application = f" application_name={application}" if application else ""
        return f"host={self.socket} dbname={database} user={user} connect_timeout=5{application}"

    def connect(self, database, user="postgres"):
        connection = psycopg2.connect(self.dsn(database, user, "driver"))
        connection.autocommit = True
        return connection
