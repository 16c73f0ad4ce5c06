"""Real processes: who started the workers is killed, or who guards them; the web server is started anew."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults import there
from tests.installation import Installation, until
from tests.s3.servers import free_port
from tests.services.test_sigkill import ask, children, has_partial, states, worker_of
from tests.small_parking import held_up

SECTION = "Workers and queue"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
# For a machine that does much else.
PATIENCE = 120.0
SESSION = (
    "from django.test import Client; from backups.models import User; "
    "from tests.web.factories import sign_in; client = Client(); "
    "sign_in(client, User.objects.get()); print(client.cookies['sessionid'].value)"
)


@pytest.fixture
def before(installation: Installation) -> Path:
    return there.look(installation)


@contextmanager
def workers(installation: Installation) -> Iterator[subprocess.Popen[str]]:
    extra = {**there.environment(installation), "DRILL_AFTER_BACKUP": "0"}
    process = installation.start("qcluster", extra=extra)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        finally:
            process.kill()
            process.communicate()


def runs(pid: int) -> bool:
    """Somebody who has ended and is not yet fetched by his parent runs no more."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def at_a_backup(installation: Installation) -> None:
    ask(installation)
    until(lambda: has_partial(installation) and "running" in states(installation), seconds=PATIENCE)


def takes_over(installation: Installation) -> None:
    """The next one ends what the one before was at, within the lease, and makes the next backup."""
    with workers(installation):
        until(lambda: "interrupted" in states(installation), seconds=PATIENCE)
        until(lambda: not has_partial(installation), seconds=PATIENCE)
        ask(installation)
        until(lambda: states(installation)[-1] == "done", seconds=PATIENCE)


@pytest.mark.fault(
    what="The parent of the workers is killed in the middle of a backup",
    rule="none of its processes goes on unseen; the next parent takes over",
)
def test_the_parent(installation: Installation, before: Path) -> None:
    with held_up(installation.database), workers(installation) as process:
        at_a_backup(installation)
        family = children(process.pid)
        assert worker_of(installation) in family
        process.kill()
        until(lambda: not any(map(runs, family)), seconds=PATIENCE)
    takes_over(installation)
    there.holds(installation, before)


@pytest.mark.fault(
    what="The process that guards the workers is killed in the middle of a backup",
    rule="the parent ends with an error and all of its processes with it; the next parent takes over",
)
def test_the_guard(installation: Installation, before: Path) -> None:
    with held_up(installation.database), workers(installation) as process:
        at_a_backup(installation)
        family = children(process.pid)
        os.kill(family[0], signal.SIGKILL)
        assert process.wait(timeout=PATIENCE) != 0
        until(lambda: not any(map(runs, family)), seconds=PATIENCE)
    takes_over(installation)
    there.holds(installation, before)


@contextmanager
def web(installation: Installation, port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "qparkin_backup.wsgi"]
    environment = {**installation.environment(), **there.environment(installation)}
    process = subprocess.Popen(
        command, cwd=there.ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


def page(port: int, path: str, session: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path, headers={"Cookie": f"sessionid={session}"})
        answer = connection.getresponse()
        text = answer.read().decode()
        return text if answer.status == 200 else ""
    except OSError:
        return ""
    finally:
        connection.close()


@pytest.mark.fault(
    what="The web server is killed, and started anew, in the middle of a backup",
    rule="the backup goes on; the same page shows it again, and how it ended",
)
def test_web(installation: Installation, before: Path) -> None:
    made = installation.manage(
        "shell", "--no-imports", "--command", SESSION, **there.environment(installation)
    )
    session, port = made.out.strip(), free_port()
    with workers(installation):
        with held_up(installation.database):
            at_a_backup(installation)
            ((found,),) = installation.control("SELECT id FROM backups_job WHERE state = 'running'")
            job = uuid.UUID(found)
            with web(installation, port) as process:
                until(lambda: "every 1s" in page(port, f"/jobs/{job}/", session), seconds=PATIENCE)
                family = children(process.pid)
                process.kill()
                until(lambda: not any(map(runs, family)), seconds=PATIENCE)
            assert states(installation)[-1] == "running"
            with web(installation, port):
                until(lambda: "every 1s" in page(port, f"/jobs/{job}/", session), seconds=PATIENCE)
        until(lambda: states(installation)[-1] == "done", seconds=PATIENCE)
        with web(installation, port):
            until(lambda: bool(page(port, f"/jobs/{job}/", session)), seconds=PATIENCE)
            assert "every 1s" not in page(port, f"/jobs/{job}/", session)
    there.holds(installation, before)
