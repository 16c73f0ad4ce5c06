"""The demo's web server and worker: started together, watched, and stopped in order."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from backups.demo.home import PROJECT, Home, StepFailed
from backups.demo.panel import environment
from backups.engine.private_server import die_with_parent

ANSWER_SECONDS = 60.0
# A worker in the middle of a backup cancels it; this long, and then it is interrupted.
STOP_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Child:
    """One process of the demo, leader of its own group, with its log."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def has_died(self) -> bool:
        return self.process.poll() is not None

    def last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else f"status {self.process.returncode}"


@contextmanager
def running(name: str, command: list[str], *, home: Home, hosts: str) -> Iterator[Child]:
    """Run a process for as long as the block lasts; nothing of its group outlives it."""
    child = _start(name, command, home=home, hosts=hosts)
    try:
        yield child
    finally:
        _stop(child)


def web_command(host: str, port: int) -> list[str]:
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    command = [sys.executable, "-m", "gunicorn", "qparkin_backup.wsgi:application", "--bind", address]
    return [*command, "--workers", "2", "--threads", "4", "--graceful-timeout", "5", "--no-control-socket"]


def allowed_hosts(host: str) -> str:
    """Names a browser may use: this machine's, and where it listens for all, any."""
    return "*" if host in {"0.0.0.0", "::"} else f"localhost,127.0.0.1,[::1],{host}"  # noqa: S104  # nosec B104 # asked for


def worker_command() -> list[str]:
    return [sys.executable, "manage.py", "qcluster"]


def wait_for_answer(web: Child, *, host: str, port: int) -> None:
    deadline = time.monotonic() + ANSWER_SECONDS
    while not _answers(host, port):
        if web.has_died():
            raise StepFailed(step="the web server", reason=web.last_words())
        if time.monotonic() > deadline:
            raise StepFailed(step="the web server", reason=f"no answer; its log is {web.log}")
        time.sleep(0.1)


def _start(name: str, command: list[str], *, home: Home, hosts: str) -> Child:
    log = home.log(name)
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env={**environment(home), "ALLOWED_HOSTS": hosts},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            # Ctrl-C at the terminal is for the demo, which stops its children in order.
            start_new_session=True,
            preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - async-signal-safe calls only
        )
    return Child(name, process, log)


def _stop(child: Child) -> None:
    child.process.terminate()
    with suppress(subprocess.TimeoutExpired):
        child.process.wait(timeout=STOP_SECONDS)
    # What it started itself must not outlive it, however it ended.
    with suppress(ProcessLookupError):
        os.killpg(child.process.pid, signal.SIGKILL)
    child.process.wait()


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except OSError:
        return False
    finally:
        connection.close()
