"""The processes under test: started, watched, killed and started again."""
import ctypes
import os
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def become(account):
    """In a new child: drops to the account, and asks to be killed when this driver dies."""
    if account:
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    """One of the processes under test. It is meant to run: `watch` brings it back when it has ended."""

    def __init__(self, name, command, environment, directory, respawn_seconds=0.2):
        self.name, self.command = name, [str(word) for word in command]
        self.environment = {**os.environ, **environment}
        self.log_path, self.respawn_seconds = directory / f"{name}.log", respawn_seconds
        self.process, self.ended_at, self.wanted, self.stopped = None, None, False, False
        self.starts, self.armed = 0, False

    def start(self):
        with open(self.log_path, "ab") as log:
            log.write(f"-- start {self.starts}\n".encode())
            log.flush()
            self.process = subprocess.Popen(self.command, env=self.environment, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, preexec_fn=lambda: become(None))
        self.starts += 1
        self.armed = bool(self.environment.get("ONCEWARD_CRASH"))
        self.wanted, self.stopped, self.ended_at = True, False, None

    def running(self):
        return self.process is not None and self.process.poll() is None

    def watch(self):
        """Starts it again when it ended a moment ago.

        Returns how it ended, once: a negative signal number or an exit code; else None.
        """
        if not self.wanted or self.running():
            return None
        if self.ended_at is None:
            self.ended_at = time.monotonic()
            return self.process.returncode
        if time.monotonic() - self.ended_at >= self.respawn_seconds:
            self.start()
        return None

    def signal(self, number):
        if self.running():
            self.process.send_signal(number)

    def kill(self):
        """Kills it. `watch` starts it again and does not tell of this end."""
        self.signal(signal.SIGKILL)
        if self.process:
            self.process.wait()
        self.ended_at = time.monotonic()

    def pause(self):
        self.signal(signal.SIGSTOP)
        self.stopped = True

    def resume(self):
        self.signal(signal.SIGCONT)
        self.stopped = False

    def ask_to_end(self):
        self.wanted = False
        self.resume()
        self.signal(signal.SIGTERM)

    def wait_for_end(self, seconds):
        """After `ask_to_end`. Kills it when it takes longer. Returns 0, or how it ended; None: it never ran.

        One that still has crash points may die at one of them on its way out, as at any other time.
        """
        if not self.process:
            return None
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return f"no end within {seconds} s"
        return 0 if code == -signal.SIGKILL and self.armed else code


def end_all(processes, seconds):
    """Asks all to end, then waits for each. Returns (name, how) of those that did not end well."""
    for process in processes:
        process.ask_to_end()
    return [(p.name, how) for p in processes if (how := p.wait_for_end(seconds)) != 0]
