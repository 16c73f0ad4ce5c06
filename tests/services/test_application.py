"""The application around a swap: closed for it, and open again whatever came of it."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from backups.engine import swap
from backups.engine.database import rows, session
from backups.engine.errors import ServerRefused
from backups.models import Archive, Job, Restore
from backups.services import jobs, work
from backups.services.backup import request_backup
from backups.services.refusals import BackupError
from backups.services.restore import request_restore
from backups.services.undo import request_undo
from tests.installation import Installation, until
from tests.laravel import Application, laravel_in
from tests.scratch import ScratchDatabase
from tests.services.test_settling import break_off, die, somebody_at_it

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def application(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Application:
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    made = laravel_in(tmp_path / "qparkin")
    settings.QPARKIN_LARAVEL_PATH = str(made.folder)
    return made


@pytest.fixture
def archive(parking: ScratchDatabase) -> Archive:
    job = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert job.archive is not None
    return job.archive


def restored(archive: Archive, **options: Any) -> Job:
    return work.run_here(request_restore(archive, requested_by=None, trigger="command", **options))


def told(job: Job) -> set[tuple[str, str, str]]:
    return {(note["step"], note["outcome"], note["why"]) for note in job.result["application"]}


def test_a_swap_that_does_not_get_through_leaves_it_open(
    parking: ScratchDatabase, archive: Archive, application: Application
) -> None:
    with session(parking.server, parking.name) as somebody:
        rows(somebody, "LOCK TABLES zona READ")
        with pytest.raises(BackupError) as refused:
            restored(archive, safety_backup=False)
    assert refused.value.code == "live_busy"
    assert not application.is_down


@pytest.mark.parametrize("at", ["_hold", "rename_left", "finish"])
@pytest.mark.parametrize("what", [ServerRefused(errno=1, message="x"), OSError(5, "x"), MemoryError()])
def test_whatever_ends_a_change_over_leaves_it_open(
    at: str, what: BaseException, archive: Archive, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Be it of a restore or of its undo; a crash that is not settled yet is settled by whoever looks next."""
    closed = []

    def fails(*_: object, **__: object) -> None:
        closed.append(application.is_down)
        raise what

    restored(archive, safety_backup=False)
    undo = {"requested_by": None, "trigger": "command", "safety_backup": False}
    for deed in (
        lambda: restored(archive, safety_backup=False),
        lambda: work.run_here(request_undo(Restore.objects.filter(state="swapped").first(), **undo)),
    ):
        with monkeypatch.context() as broken:
            broken.setattr(swap, at, fails)
            with suppress(BackupError, OSError, MemoryError):
                deed()
        jobs.reap()
        assert not application.is_down
    assert closed == [True, True]


def test_a_restore_closes_opens_and_fits_it(archive: Archive, application: Application) -> None:
    entry = application.remember()
    job = restored(archive)
    assert told(job) == {("maintenance", "done", ""), ("caches", "done", ""), ("workers", "done", "")}
    assert not application.is_down
    assert not entry.exists()
    first = application.restart_signal.read_text()
    application.restart_signal.unlink()
    undone = work.run_here(request_undo(Restore.objects.get(), requested_by=None, trigger="command"))
    assert told(undone) == told(job)
    assert not application.is_down
    assert application.restart_signal.read_text() >= first


def test_what_somebody_else_switched_on_stays_on(
    archive: Archive, application: Application, settings: Settings
) -> None:
    settings.QPARKIN_SMOKE_URL = "http://127.0.0.1:1/"
    application.switched_on_by_somebody()
    before = application.down.read_bytes()
    job = restored(archive)
    assert {("maintenance", "kept", ""), ("smoke", "kept", "")} <= told(job)
    jobs.reap()
    assert application.down.read_bytes() == before


def test_what_could_not_be_done_is_said_and_stops_nothing(
    archive: Archive, application: Application, settings: Settings
) -> None:
    (application.folder / "storage/framework/down.qparkin-backup").mkdir()
    (application.folder / ".env").write_text("CACHE_STORE=redis\n")
    settings.QPARKIN_SMOKE_URL = "http://127.0.0.1:1/"
    assert told(restored(archive)) == {
        ("maintenance", "not_done", "not_writable"),
        ("caches", "not_done", "no_php"),
        ("workers", "not_done", "no_php"),
        ("smoke", "failed", "unreachable"),
    }


def test_a_maintenance_mode_that_laravel_keeps_in_its_cache_is_said(
    archive: Archive, application: Application
) -> None:
    (application.folder / ".env").write_text("CACHE_STORE=file\nAPP_MAINTENANCE_DRIVER=cache\n")
    assert ("maintenance", "not_done", "in_the_cache") in told(restored(archive))


def test_a_folder_that_is_no_application_is_said(
    archive: Archive, settings: Settings, tmp_path: Path
) -> None:
    settings.QPARKIN_LARAVEL_PATH = str(tmp_path)
    assert told(restored(archive)) == {("maintenance", "not_done", "no_application")}


def test_another_database_does_not_concern_it(
    parking: ScratchDatabase, archive: Archive, application: Application
) -> None:
    assert told(restored(archive, target=f"{parking.name}__salinan")) == set()
    assert not application.restart_signal.exists()


def test_it_stays_closed_exactly_until_a_broken_swap_is_settled(
    parking: ScratchDatabase, archive: Archive, application: Application, settings: Settings
) -> None:
    restored(archive)
    made = Restore.objects.get()
    break_off(parking, made.before_schema)
    Restore.objects.update(state="building", before_schema="", undo_until=None, swapped_at=None)
    die("restore", parking)
    application.down.write_text(json.dumps({"qparkin_backup": made.id.hex[:12], "status": 503}))
    application.restart_signal.unlink()
    with somebody_at_it(parking):
        jobs.reap()
        assert application.is_down
    settings.QPARKIN_DB_SOCKET, server = "/nowhere.sock", settings.QPARKIN_DB_SOCKET
    jobs.reap(timezone.now())
    assert application.is_down
    settings.QPARKIN_DB_SOCKET = server
    jobs.reap()
    assert not application.is_down
    # The swap was finished after all, so the workers know nothing of it yet.
    assert application.restart_signal.exists()


def test_a_worker_killed_in_the_swap_leaves_no_closed_application(
    installation: Installation, tmp_path: Path
) -> None:
    made = laravel_in(tmp_path / "app")
    extra = {"QPARKIN_LARAVEL_PATH": str(made.folder)}
    installation.json("backup")
    installation.database.run("INSERT INTO zona VALUES ('B2', 'atap')")
    with session(installation.database.server, installation.database.name) as somebody:
        # Others may read, so all goes on until the live tables are to be held.
        rows(somebody, "LOCK TABLES zona READ")
        process = installation.start("restore", "latest", "--yes", "--no-safety-backup", extra=extra)
        until(lambda: made.is_down)
        process.kill()
        process.communicate()
    assert made.is_down
    installation.control("UPDATE backups_job SET lease_until = '2020-01-01 00:00:00' WHERE state = 'running'")
    assert installation.manage("archives", **extra).status == 0
    assert not made.is_down
    assert installation.database.rows("SELECT COUNT(*) FROM zona") == ((2,),)
    assert installation.control("SELECT state FROM backups_restore") == [("failed",)]
    installation.json("restore", "latest", "--yes", **extra)
    assert (made.is_down, installation.database.rows("SELECT COUNT(*) FROM zona")) == (False, ((1,),))
