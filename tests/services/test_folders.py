"""Which folders the settings may name, and what a crash left among them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from pytest_django import Settings

from backups.engine import exchange
from backups.models import Archive, Job, Restore
from backups.services import jobs, reaper, undo, work
from backups.services.backup import request_backup
from backups.services.drill import request_drill
from backups.services.restore import request_restore
from backups.services.undo import request_undo
from qparkin_backup.folders import refuse_tangled
from tests.engine.folders import state_of, tree
from tests.scratch import ScratchDatabase
from tests.services.test_settling import DAY, die

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "folders", [["relatif"], ["/a", "/a/b"], ["/panel"], ["/panel/archives/x"], ["/"], ["/a/../panel"]]
)
def test_tangled_folders_are_refused(folders: list[str]) -> None:
    with pytest.raises(ImproperlyConfigured, match="QPARKIN_FILES"):
        refuse_tangled(folders, own=["/panel/archives"])


def test_folders_side_by_side_are_fine() -> None:
    refuse_tangled(["/a/b", "/a/bc", "/panel/archive"], own=["/panel/archives"])


@pytest.fixture
def uploads(settings: Settings, parking: ScratchDatabase, tmp_path: Path) -> Path:
    folder = tmp_path / "storage"
    tree(folder, ["a.png", "b.png"])
    settings.QPARKIN_FILES = (str(folder),)
    return folder


def restored(uploads: Path, scope: str) -> Restore:
    job = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert job.archive is not None
    (uploads / "a.png").unlink()
    asked = request_restore(job.archive, requested_by=None, trigger="command", scope=scope)
    work.run_here(asked)
    return Restore.objects.get()


@pytest.mark.parametrize("scope", ["files", "everything"])
def test_a_restore_whose_worker_died_after_the_swap_is_live_and_can_be_undone(
    uploads: Path, parking: ScratchDatabase, scope: str
) -> None:
    made = restored(uploads, scope)
    Restore.objects.update(
        state="building", before_schema="", undo_until=None, swapped_at=None, keeps_files=False
    )
    die("restore", parking)
    jobs.reap()
    made.refresh_from_db()
    assert (made.state, made.keeps_files, made.can_undo) == ("swapped", True, True)
    assert Job.objects.get(kind="restore").lock is None
    work.run_here(request_undo(made, requested_by=None, trigger="command"))
    assert not (uploads / "a.png").exists()


def test_a_restore_whose_worker_died_before_has_failed_and_leaves_nothing(
    uploads: Path, parking: ScratchDatabase
) -> None:
    before = state_of(uploads)
    made = Restore.objects.create(target=parking.name, scope="files")
    if not os.fork():
        act = exchange.begun([str(uploads)], mark=made.id.hex[:12], kind="restore", database="")
        act.__enter__()
        os._exit(9)
    os.wait()
    assert len(list(uploads.parent.glob("*restore-*"))) == 2
    jobs.reap()
    made.refresh_from_db()
    assert (made.state, state_of(uploads)) == ("failed", before)
    assert not list(uploads.parent.glob("*restore-*"))


def test_a_restore_of_the_database_proves_nothing_of_the_files_beside_it(uploads: Path) -> None:
    """A drill that found a file damaged would be forgotten for it."""
    job = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert job.archive is not None
    work.run_here(request_restore(job.archive, requested_by=None, trigger="command"))
    assert Restore.objects.get().state == "swapped"
    assert job.archive.proven_at is None
    asked = request_restore(job.archive, requested_by=None, trigger="command", scope="everything")
    work.run_here(asked)
    job.archive.refresh_from_db()
    assert job.archive.proven_at is not None


def test_what_was_kept_goes_when_the_time_for_undo_has_passed(uploads: Path) -> None:
    made = restored(uploads, "files")
    assert undo.let_go() == ()
    assert made.undo_until is not None
    Restore.objects.update(undo_until=made.undo_until - 8 * DAY)
    assert [Path(kept).name for kept in undo.let_go()] == [f"storage.before-{made.id.hex[:12]}"]
    made.refresh_from_db()
    assert (made.keeps_files, made.can_undo) == (False, False)
    assert sorted(path.name for path in uploads.parent.iterdir()) == ["archives", "storage"]


def test_what_the_folders_still_go_by_is_not_let_go_of(uploads: Path) -> None:
    """A change-over whose last word could not be written, for as long as an undo is kept."""
    made = restored(uploads, "everything")
    (journal,) = uploads.parent.glob(".storage.*.journal")
    told = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(told[:-1]))
    Restore.objects.update(undo_until=timezone.now() - DAY)
    assert undo.let_go() == ()
    reaper.recover()
    assert (uploads / "a.png").exists()
    assert made.before_schema in undo.let_go()


def test_folders_of_another_machine_are_tried_out_all_the_same(
    uploads: Path, settings: Settings, tmp_path: Path
) -> None:
    """An archive that was brought here: its folder has no place here, and its key came after it."""
    settings.DRILL_FOLDER = str(tmp_path / "drills")
    job = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert job.archive is not None
    Archive.objects.update(tables=0, code_counts={}, folders=[], table_rows=[])
    settings.QPARKIN_FILES = ()
    archive = Archive.objects.get()
    assert not archive.is_known
    work.run_here(request_drill(archive, requested_by=None, trigger="command"))
    archive.refresh_from_db()
    assert (archive.tables, archive.file_count, archive.is_known) == (3, 2, True)
    assert archive.latest_proof is not None
    assert archive.latest_proof.proven
    assert list((tmp_path / "drills").iterdir()) == []
    assert uploads.is_dir()
