"""bin/demo as a person uses it: start, sign in, stop; start again; one part dies."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.installation import PATIENCE, until

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 200


@dataclass(frozen=True, slots=True)
class Demo:
    process: subprocess.Popen[str]
    port: int
    greeting: str

    def passwords(self) -> list[str]:
        return re.findall(r"password +(\S+)", self.greeting)

    def stop(self, how: signal.Signals = signal.SIGINT) -> str:
        self.process.send_signal(how)
        out, _none = self.process.communicate(timeout=PATIENCE)
        return out


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """One demo for the whole file; making it anew for each test would take most of the time."""
    return tmp_path_factory.mktemp("demo") / "home"


@contextmanager
def demo(folder: Path, *arguments: str) -> Iterator[Demo]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "backups.demo", "--folder", str(folder), "--port", str(port)]
    with subprocess.Popen(
        [*command, "--rows", "3000", *arguments],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield Demo(process, port, _greeting(process))
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=PATIENCE)


def _greeting(process: subprocess.Popen[str]) -> str:
    text = ""
    deadline = time.monotonic() + START_SECONDS
    while "╰" not in text:
        line = process.stdout.readline()
        assert line, f"the demo ended: {text}"
        assert time.monotonic() < deadline, text
        text += line
    return text


def processes_of(folder: Path) -> list[str]:
    """Every process that was started with this demo's folder in its arguments or environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if bytes(folder) in told and int(entry.name) != os.getpid():
            found.append((entry / "cmdline").read_text().replace("\0", " "))
    return found


def test_it_starts_prints_both_logins_serves_pages_and_stops_cleanly(folder):
    with demo(folder) as running:
        assert len(running.passwords()) == 2
        assert "MFA is switched off" in running.greeting
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=PATIENCE)
        connection.request("GET", "/", headers={"Host": "localhost"})
        assert connection.getresponse().status in {200, 302}
        connection.close()
        said = running.stop()
        assert "Stopping" in said
        assert running.process.returncode == 0
    assert processes_of(folder) == []
    assert stat.S_IMODE((folder / "logins.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "env").stat().st_mode) & 0o077 == 0


@pytest.mark.slow
def test_a_second_start_keeps_data_and_logins_and_sigterm_is_clean_too(folder):
    with demo(folder) as running:
        first = running.passwords()
        seeded = (folder / "seeded.json").read_text()
        running.stop(signal.SIGTERM)
        assert running.process.returncode == 0
    with demo(folder) as running:
        assert running.passwords() == first
        assert (folder / "seeded.json").read_text() == seeded
    assert processes_of(folder) == []


def test_when_one_part_dies_the_rest_is_stopped_and_it_says_which(folder):
    with demo(folder) as running:
        pid = _web_server(folder)
        os.kill(pid, signal.SIGKILL)
        out, _none = running.process.communicate(timeout=PATIENCE)
        assert "The web process ended by itself" in out
        assert running.process.returncode == 1
    assert processes_of(folder) == []


def test_when_the_database_ends_the_panel_goes_on_and_ctrl_c_is_clean(folder):
    with demo(folder) as running:
        os.kill(_leader(folder, b"mariadbd"), signal.SIGKILL)
        said = ""
        while "The panel goes on" not in said:
            said += running.process.stdout.readline()
        assert "The database server has ended" in said
        assert "bin/demo again" in said
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=PATIENCE)
        connection.request("GET", "/sign-in/", headers={"Host": "localhost"})
        assert connection.getresponse().status == 200
        connection.close()
        running.stop()
        assert running.process.returncode == 0
    assert processes_of(folder) == []


@pytest.mark.parametrize(("option", "told"), [("--rows", "no number of rows"), ("--port", "no port")])
def test_what_is_not_a_number_is_said_in_words(folder, option, told):
    command = [sys.executable, "-m", "backups.demo", "--folder", str(folder), option, "abc"]
    refused = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert f"abc is {told}" in refused.stderr


def test_a_second_demo_hears_of_the_first_before_its_port(folder):
    with demo(folder) as running:
        command = [sys.executable, "-m", "backups.demo", "--folder", str(folder), "--port", str(running.port)]
        refused = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
        assert "Another demo is running" in refused.stderr


def _web_server(folder: Path) -> int:
    return _leader(folder, b"gunicorn")


def _leader(folder: Path, program: bytes) -> int:
    # The master is the leader of its own process group.
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
            environment = (entry / "environ").read_bytes()
            leads = os.getpgid(int(entry.name)) == int(entry.name)
        except OSError:
            continue
        if program in command and bytes(folder) in command + environment and leads:
            return int(entry.name)
    raise AssertionError(f"no {program.decode()} runs")


@pytest.mark.slow
def test_a_killed_demo_leaves_no_process_and_starts_again(folder):
    with demo(folder) as running:
        running.process.kill()
        running.process.communicate()
    until(lambda: processes_of(folder) == [], pause=0.2)
    with demo(folder) as running:
        assert running.passwords()


@pytest.mark.slow
def test_reset_starts_over_with_other_passwords(folder):
    with demo(folder) as running:
        old = running.passwords()
    with demo(folder, "--reset") as running:
        assert running.passwords() != old


def test_reset_is_refused_while_the_demo_runs(folder):
    with demo(folder) as running:
        command = [sys.executable, "-m", "backups.demo", "--folder", str(folder), "--reset", "--port"]
        refused = subprocess.run(
            [*command, str(running.port + 1)], cwd=PROJECT, capture_output=True, text=True, check=False
        )
        assert refused.returncode == 1
        assert refused.stderr.count("\n") == 1
        assert "Another demo is running" in refused.stderr
        assert running.process.poll() is None
