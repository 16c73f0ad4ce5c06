"""The safety backup before a restore: where it fails nothing is restored until somebody decides."""

from __future__ import annotations

from typing import NoReturn

import pytest

from backups.engine.errors import StorageFull
from backups.engine.storage import LocalStorage
from backups.models import Archive, Job, Restore
from backups.services import work
from backups.services.backup import request_backup
from backups.services.refusals import BackupError, NothingToRepeat
from backups.services.restore_request import request_restore, request_without_safety
from backups.services.undo_ahead import undo_outlook
from tests.scratch import ScratchDatabase

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def archive(parking: ScratchDatabase) -> Archive:
    job = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert job.archive is not None
    return job.archive


def full(storage: LocalStorage, name: str) -> NoReturn:
    raise StorageFull(storage=storage.name)


def ask(archive: Archive) -> Job:
    return request_restore(archive, requested_by=None, trigger="command")


def test_a_safety_backup_that_fails_stops_the_restore_and_the_same_goes_on_without_one(
    parking: ScratchDatabase, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    parking.run("INSERT INTO zona VALUES ('B2', 'atap')")
    stopped = ask(archive)
    with monkeypatch.context() as disk:
        disk.setattr(LocalStorage, "create", full)
        with pytest.raises(BackupError):
            work.run_here(stopped)
    stopped.refresh_from_db()
    assert (stopped.state, stopped.error_code) == ("failed", "safety_backup_failed")
    assert Restore.objects.get().state == "failed"
    assert parking.rows("SELECT COUNT(*) FROM zona") == ((2,),)
    work.run_here(request_without_safety(stopped, requested_by=None, trigger="command"))
    made = Restore.objects.filter(state="swapped").get()
    assert (made.safety_archive, made.safety_why) == (None, "not_wanted")


def test_undo_says_first_what_was_written_since(parking: ScratchDatabase, archive: Archive) -> None:
    work.run_here(ask(archive))
    made = Restore.objects.get()
    assert undo_outlook(made).loses_nothing
    parking.run("INSERT INTO zona VALUES ('B2', 'atap')")
    ahead = undo_outlook(made)
    assert not ahead.loses_nothing
    assert [(row.table, row.now, row.after, row.written) for row in ahead.changed] == [("zona", 2, 1, 1)]


def test_what_went_well_is_not_repeated(parking: ScratchDatabase, archive: Archive) -> None:
    done = work.run_here(ask(archive))
    with pytest.raises(NothingToRepeat):
        request_without_safety(done, requested_by=None, trigger="command")
