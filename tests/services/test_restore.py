"""Restores in this process: what a crash leaves is settled, what fails leaves the live database alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from backups.engine import pipeline
from backups.engine.database import rows, session
from backups.engine.errors import ServerUnreachable, UndoImpossible
from backups.models import Archive, Job, Restore
from backups.services import connections, jobs, undo, work
from backups.services.backup import request_backup
from backups.services.refusals import BackupError
from backups.services.restore import preview_restore, request_restore
from backups.services.undo import request_undo
from tests.scratch import ScratchDatabase

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def archive(parking: ScratchDatabase) -> Archive:
    job = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert job.archive is not None
    return job.archive


def restored(archive: Archive, **options: object) -> Restore:
    work.run_here(request_restore(archive, requested_by=None, trigger="command", **options))  # type: ignore[arg-type]
    return Restore.objects.first() or pytest.fail("no restore")


def schemas(parking: ScratchDatabase) -> set[str]:
    found = parking.rows("SELECT SCHEMA_NAME FROM information_schema.schemata")
    return {str(name) for (name,) in found if str(name).startswith(f"{parking.name}__")}


def test_rows_that_go_are_written_down(parking: ScratchDatabase, archive: Archive) -> None:
    parking.run("INSERT INTO zona VALUES ('B2', 'atap')")
    made = restored(archive)
    assert made.lost_rows == [{"table": "zona", "now": 2, "after": 1, "unreadable": False}]
    assert made.safety_archive is not None
    assert made.safety_archive.is_safety
    assert made.can_undo


def test_a_restore_that_fails_is_failed_and_leaves_nothing(
    parking: ScratchDatabase, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(pipeline, "restore", refuse)
    with pytest.raises(BackupError):
        restored(archive)
    assert Restore.objects.get().state == "failed"
    assert schemas(parking) == set()


def test_a_restore_whose_worker_died_after_the_swap_is_live_and_can_be_undone(
    parking: ScratchDatabase, archive: Archive
) -> None:
    parking.run("DROP TABLE tiket")
    made = restored(archive)
    # As a SIGKILL between the swap and the row leaves it.
    past = timezone.now() - timedelta(seconds=1)
    Restore.objects.update(state="building", before_schema="", undo_until=None)
    Job.objects.filter(kind="restore").update(
        state="running", lease_until=past, finished_at=None, lock=parking.name
    )
    jobs.reap()
    made.refresh_from_db()
    assert (made.state, made.can_undo) == ("swapped", True)
    work.run_here(request_undo(made, requested_by=None, trigger="command"))
    assert parking.rows("SHOW TABLES LIKE 'tiket'") == ()


def test_a_restore_whose_worker_died_before_the_swap_has_failed(
    parking: ScratchDatabase, archive: Archive
) -> None:
    shadow = f"{parking.name}__restore_0123456789ab"
    with session(parking.server) as connection:
        rows(connection, f"CREATE DATABASE {shadow}")
    Restore.objects.create(archive=archive, target=parking.name)
    jobs.reap()
    assert Restore.objects.get().state == "failed"
    assert schemas(parking) == set()


def test_it_is_settled_later_when_the_server_is_away(
    parking: ScratchDatabase, archive: Archive, settings: Settings
) -> None:
    Restore.objects.create(archive=archive, target=parking.name)
    settings.QPARKIN_DB_SOCKET = "/nowhere.sock"
    jobs.reap()
    assert Restore.objects.get().state == "building"
    settings.QPARKIN_DB_SOCKET = parking.server.socket
    jobs.reap()
    assert Restore.objects.get().state == "failed"


def test_only_the_newest_restore_can_be_undone_and_only_for_a_while(archive: Archive) -> None:
    first, second = restored(archive), restored(archive)
    with pytest.raises(UndoImpossible):
        request_undo(first, requested_by=None, trigger="command")
    Restore.objects.filter(pk=second.pk).update(undo_until=timezone.now() - timedelta(seconds=1))
    second.refresh_from_db()
    with pytest.raises(UndoImpossible):
        request_undo(second, requested_by=None, trigger="command")


def test_what_was_kept_goes_when_the_time_for_undo_has_passed(
    parking: ScratchDatabase, archive: Archive
) -> None:
    made = restored(archive)
    assert undo.let_go() == ()
    Restore.objects.update(undo_until=timezone.now() - timedelta(seconds=1))
    assert undo.let_go() == (made.before_schema,)
    assert schemas(parking) == set()
    assert undo.let_go() == ()


def test_the_preview_says_what_it_cannot_see(
    parking: ScratchDatabase, archive: Archive, settings: Settings
) -> None:
    assert preview_restore(archive).changed == ()
    with session(parking.server) as connection:
        rows(connection, f"DROP DATABASE {parking.name}")
    gone = preview_restore(archive)
    assert (gone.live, [row.now for row in gone.rows]) == ("missing", [None, None, None])
    settings.QPARKIN_DB_SOCKET = "/nowhere.sock"
    away = preview_restore(archive)
    assert (away.live, away.error_code) == ("down", ServerUnreachable.code)
    assert [row.after for row in away.rows] == [2, 3, 1]


def test_the_state_of_the_protected_database_is_remembered_for_seconds(
    parking: ScratchDatabase, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A slow disk may take longer to drop a database than a page remembers.
    monkeypatch.setattr(connections, "REMEMBERED_SECONDS", 600)
    assert connections.protected_state().is_up
    with session(parking.server) as connection:
        rows(connection, f"DROP DATABASE {parking.name}")
    assert connections.protected_state().is_up
    assert connections.look_at_protected().state == "missing"
    settings.QPARKIN_DB_USERNAME = "nobody"
    assert connections.look_at_protected().error_code == "sign_in_refused"
    settings.QPARKIN_DB_SOCKET, settings.QPARKIN_DB_HOST = "", "127.0.0.1"
    settings.QPARKIN_DB_PORT = 1
    assert connections.protected_state().error_code == "server_unreachable"
