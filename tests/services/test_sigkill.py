"""SIGKILL of a real worker in mid-backup: interrupted within the lease, nothing left, the next one works."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from backups.services.lease import LEASE
from tests.installation import PATIENCE, Installation, until
from tests.small_parking import held_up

# Written by the panel's own service in a process of its own: as a click in the browser does.
ASK = (
    "from backups.services.backup import request_backup; "
    "print(request_backup(requested_by=None, trigger='person').pk)"
)
SILENT = "SELECT (julianday(finished_at) - julianday(heartbeat_at)) * 86400 FROM backups_job"


@contextmanager
def cluster(installation: Installation) -> Iterator[subprocess.Popen[str]]:
    process = installation.start("qcluster", extra={"DRILL_AFTER_BACKUP": "0"})
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=PATIENCE)
        finally:
            process.kill()
            process.communicate()


def ask(installation: Installation) -> None:
    done = installation.manage("shell", "--no-imports", "--command", ASK)
    assert done.status == 0, done


def states(installation: Installation) -> list[str]:
    return [row[0] for row in installation.control("SELECT state FROM backups_job ORDER BY created_at")]


def worker_of(installation: Installation) -> int:
    """The process that is at the running job."""
    (worker,) = installation.control("SELECT worker FROM backups_job WHERE state = 'running'")[0]
    return int(worker.split(":")[1])


def children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        # It ended while we looked.
        return []
    below = [int(child) for child in text.split()]
    return below + [deeper for child in below for deeper in children(child)]


def has_partial(installation: Installation) -> bool:
    return any(name.startswith(".partial") for name in installation.files())


def test_a_killed_worker_leaves_nothing_and_the_next_backup_works(installation: Installation) -> None:
    with cluster(installation):
        with held_up(installation.database):
            ask(installation)
            until(lambda: has_partial(installation))
            os.kill(worker_of(installation), signal.SIGKILL)
        until(lambda: states(installation) == ["interrupted"])
        # Not before the lease was over: it might have been slow and not dead.
        ((silent,),) = installation.control(SILENT)
        assert silent > LEASE.total_seconds() - 0.1
        until(lambda: installation.files() == [])
        until(lambda: not installation.control("SELECT 1 FROM backups_job WHERE lock IS NOT NULL"))
        assert installation.control("SELECT COUNT(*) FROM backups_archive") == [(0,)]
        ask(installation)
        until(lambda: states(installation) == ["interrupted", "done"])
        assert len(installation.files()) == 2


def test_stopping_the_workers_cancels_what_they_are_at(installation: Installation) -> None:
    with cluster(installation) as process:
        with held_up(installation.database):
            ask(installation)
            until(lambda: has_partial(installation))
            process.terminate()
            # By a beat that came after, or by the one that was being written at that very moment.
            noticed = (
                "SELECT 1 FROM backups_job WHERE heartbeat_at > cancel_requested_at OR state = 'cancelled'"
            )
            until(lambda: bool(installation.control(noticed)))
        assert process.wait(timeout=PATIENCE) == 0
    assert states(installation) == ["cancelled"]
    assert installation.files() == []


@pytest.mark.slow
def test_idle_workers_that_were_killed_are_replaced_by_some_that_work(installation: Installation) -> None:
    """They die with the lock of django-q2's inner queue: left alone, no task would ever run again."""
    with cluster(installation) as process:
        until(lambda: len(children(process.pid)) >= 5)
        # So that they stand and wait, and hold the lock; no file and no row says so.
        time.sleep(2)
        guard = children(process.pid)[0]
        killed = children(guard)
        for worker in killed:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        until(lambda: not set(killed) & set(children(guard)))
        ask(installation)
        until(lambda: states(installation) == ["done"])


def test_a_killed_command_is_cleared_up_by_the_next_one(installation: Installation) -> None:
    with held_up(installation.database):
        process = installation.start("backup")
        until(lambda: has_partial(installation))
        process.kill()
        process.communicate()
    # As if it had been heard of just now, however long the next command takes to begin.
    installation.control("UPDATE backups_job SET lease_until = datetime('now', '+50 seconds')")
    assert installation.manage("backup", "--json").json["code"] == "busy"
    # Twenty seconds later, without the wait.
    installation.control("UPDATE backups_job SET lease_until = '2020-01-01 00:00:00'")
    assert installation.json("backup")["tables"] == 3
    assert states(installation) == ["interrupted", "done"]
    assert not has_partial(installation)


@pytest.mark.parametrize("moment", ["restore", "before"])
def test_a_killed_restore_is_finished_or_taken_back(installation: Installation, moment: str) -> None:
    """Killed when the shadow appears, or when the swap begins: afterwards all is old, or all is new."""
    installation.json("backup")
    installation.database.run("DELETE FROM tiket", "DROP TRIGGER tiket_baru")
    process = installation.start("restore", "latest", "--yes", "--no-safety-backup")
    until(lambda: moment in kinds_beside(installation))
    process.kill()
    process.communicate()
    installation.control("UPDATE backups_job SET lease_until = '2020-01-01 00:00:00' WHERE state = 'running'")
    assert installation.manage("archives").status == 0
    (state,) = installation.control("SELECT state FROM backups_restore")[0]
    live = installation.database.rows("SELECT COUNT(*) FROM tiket")[0][0]
    triggers = len(installation.database.rows("SHOW TRIGGERS"))
    expected = {"failed": (0, 0, set()), "swapped": (3, 1, {"before"})}
    assert (live, triggers, kinds_beside(installation)) == expected[state]
    if moment == "restore":
        assert state == "failed"
    # Whatever it came to, the next one works.
    restored = installation.json("restore", "latest", "--yes")
    assert installation.database.rows("SELECT COUNT(*) FROM tiket") == ((3,),)
    installation.json("undo_restore", restored["restore"], "--yes")
    assert installation.database.rows("SELECT COUNT(*) FROM tiket") == ((live,),)


def kinds_beside(installation: Installation) -> set[str]:
    """The kinds of schemas beside the live one: restore, before, undone…"""
    name = installation.database.name
    found = installation.database.rows(
        "SELECT SCHEMA_NAME FROM information_schema.schemata WHERE LEFT(SCHEMA_NAME, %s) = %s",
        (len(name) + 2, f"{name}__"),
    )
    return {str(schema).removeprefix(f"{name}__").split("_")[0] for (schema,) in found}
