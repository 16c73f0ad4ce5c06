"""A copy equals its seal or does not exist; what fails is tried again, and after a while an alarm."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from backups.engine.errors import ArchiveDamaged, ArchiveUnknown, Cancelled, StorageFailed, StorageFull
from backups.engine.pipeline import copying
from backups.engine.pipeline.open_archive import OpenArchive
from backups.engine.pipeline.tape import Tape
from backups.engine.storage import LocalStorage
from backups.engine.stream import Progress, Silent
from backups.models import Archive, AuditEvent, Copy, Job
from backups.services import catalogue, copies, jobs, work
from backups.services.refusals import CopyImpossible, Interrupted, StorageUnknown
from qparkin_backup.storages import Folder
from tests.services.copying import backed_up, copied, copy_at, flip, names, nas, two

__all__ = ["nas", "two"]

pytestmark = pytest.mark.django_db(transaction=True)


def path_of(archive: Archive, storage: str = "nas") -> Path:
    return Path(copy_at(archive, storage).location)


def test_a_damaged_original_is_not_copied(nas: Path) -> None:
    archive = backed_up()
    flip(path_of(archive, "local"))
    with pytest.raises(ArchiveDamaged):
        copied(archive)
    assert names(nas) == []
    archive.refresh_from_db()
    assert (archive.state, copy_at(archive).state) == ("damaged", "pending")
    with pytest.raises(CopyImpossible):
        copied(archive)


class Stopping(Silent):
    """Cancelled when the first part has gone over."""

    def __init__(self) -> None:
        self.sent = 0

    def advance(self, steps: int = 1) -> None:
        self.sent += steps

    def check(self) -> None:
        if self.sent:
            raise Cancelled


def test_a_cancelled_copy_leaves_nothing_and_the_next_works(nas: Path) -> None:
    archive = backed_up()
    job = copies.request_copy(archive, "nas", requested_by=None, trigger="schedule")
    with pytest.raises(Cancelled):
        work.run_here(job, listener=Stopping())
    assert names(nas) == []
    row = copy_at(archive)
    assert (row.state, row.tries) == ("pending", 0)
    assert row.try_after is not None
    assert not Job.objects.filter(lock__isnull=False).exists()
    copied(archive)
    assert copy_at(archive).state == "whole"


def test_a_disk_that_is_full_is_said_before_anything_is_sent(
    nas: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = backed_up()
    monkeypatch.setattr(LocalStorage, "free_bytes", lambda _: 100)
    with pytest.raises(StorageFull):
        copied(archive)
    assert names(nas) == []
    assert copy_at(archive).problem_code == "storage_full"


def test_a_storage_that_does_not_keep_what_it_is_given_has_no_copy(
    nas: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = backed_up()
    real = LocalStorage.create

    @contextmanager
    def forgetful(self: LocalStorage, name: str) -> Iterator[IO[bytes]]:
        with real(self, name) as file:
            yield file
        if self.name == "nas" and name.endswith(".zip"):
            flip(self.root / name)

    monkeypatch.setattr(LocalStorage, "create", forgetful)
    with pytest.raises(StorageFailed, match="did not keep"):
        copied(archive)
    assert names(nas) == []
    archive.refresh_from_db()
    assert (archive.state, copy_at(archive, "local").state) == ("whole", "whole")


def test_whoever_was_overtaken_leaves_the_copy_of_the_other_alone(
    nas: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease ran out in a long pause; somebody else read back what it wrote, and sealed it."""
    archive = backed_up()
    real, overtaken = copying._read_back, []

    def paused(name: str, found: OpenArchive, target: LocalStorage, progress: Progress) -> Tape:
        if not overtaken:
            overtaken.append(name)
            Job.objects.filter(kind="copy").update(state="interrupted", lock=None)
            copied(archive)
            assert copy_at(archive).state == "whole"
            raise Interrupted(reason="it was not heard of for too long")
        return real(name, found, target, progress)

    monkeypatch.setattr(copying, "_read_back", paused)
    with pytest.raises(Interrupted):
        copied(archive)
    assert names(nas) == names(path_of(archive, "local").parent)
    assert catalogue.sync() == ()
    assert copy_at(archive).state == "whole"


def test_an_archive_that_went_meanwhile_is_not_left_behind(
    nas: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = backed_up()
    real = LocalStorage._publish

    def while_retention_runs(self: LocalStorage, partial: Path, name: str) -> None:
        real(self, partial, name)
        Copy.objects.filter(archive=archive).delete()
        Archive.objects.filter(pk=archive.pk).update(pruned_at=timezone.now())

    monkeypatch.setattr(LocalStorage, "_publish", while_retention_runs)
    with pytest.raises(ArchiveUnknown):
        copied(archive)
    assert names(nas) == []


def test_a_backup_asks_for_its_copies_and_does_not_wait_for_them(nas: Path) -> None:
    archive = backed_up()
    (job,) = Job.objects.filter(kind="copy")
    assert (job.state, job.archive, job.options) == ("queued", archive, {"storage": "nas"})
    assert (job.writes, job.trigger) == (False, "schedule")
    assert names(nas) == []
    work.run_from_queue(str(job.pk))
    original, copy = path_of(archive, "local"), path_of(archive)
    assert copy.read_bytes() == original.read_bytes()
    assert names(nas) == names(original.parent)
    row = copy_at(archive)
    assert row.sha256 == hashlib.sha256(copy.read_bytes()).hexdigest() == copy_at(archive, "local").sha256
    assert (row.state, row.bytes, row.tries, row.problem_code) == ("whole", archive.bytes, 0, "")
    assert row.read_at is not None
    job.refresh_from_db()
    assert (job.result["from"], job.result["repaired"]) == ("local", False)


@pytest.mark.parametrize("question", [1, 2, 3])
def test_who_asks_between_two_questions_of_another_gets_the_same_job(nas: Path, question: int) -> None:
    archive, asked = backed_up(), []
    Job.objects.filter(kind="copy").update(state="failed")

    def ask() -> None:
        copies.request_copy(archive, "nas", requested_by=None, trigger="schedule")
        connection.close()

    def meanwhile(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        found = execute(sql, *rest)
        if sql.startswith("SELECT") and not connection.in_atomic_block:
            asked.append(sql)
            if len(asked) == question:
                another = threading.Thread(target=ask)
                another.start()
                another.join()
        return found

    with connection.execute_wrapper(meanwhile):
        copies.request_copy(archive, "nas", requested_by=None, trigger="schedule")
    assert len(asked) > question
    assert Job.objects.filter(kind="copy", state="queued").count() == 1


def test_whoever_asks_for_the_same_copy_gets_the_same_job(nas: Path) -> None:
    archive = backed_up()
    asked = [copies.request_copy(archive, "nas", requested_by=None, trigger="schedule") for _ in range(2)]
    assert asked[0] == asked[1]
    work.run_here(asked[0])
    assert copies.request_copy(archive, "nas", requested_by=None, trigger="schedule") != asked[0]


def test_a_storage_that_nobody_has_set_up_is_refused(nas: Path) -> None:
    with pytest.raises(StorageUnknown):
        copies.request_copy(backed_up(), "tape", requested_by=None, trigger="person")


def test_what_a_broken_off_copy_left_is_taken_up_again(nas: Path) -> None:
    """Killed after the archive was whole at the storage, and before its seal was beside it."""
    archive = backed_up()
    original = path_of(archive, "local")
    nas.mkdir()
    (nas / original.name).write_bytes(original.read_bytes())
    (nas / f".partial-{original.name}.seal.json").write_bytes(b"{")
    old = (nas / original.name).stat().st_ino
    copied(archive)
    assert names(nas) == names(original.parent)
    assert (nas / original.name).stat().st_ino == old


def test_rubbish_under_its_name_is_replaced(nas: Path) -> None:
    archive = backed_up()
    nas.mkdir()
    (nas / path_of(archive, "local").name).write_bytes(b"half an archive")
    made = copied(archive).result
    assert made["name"] == path_of(archive, "local").name.replace(f"-{archive.pk}", f".2-{archive.pk}")
    assert names(nas) == [made["name"], made["name"] + ".seal.json"]
    catalogue.sync()
    assert copy_at(archive).state == "whole"


@pytest.mark.parametrize("harm", ["flipped", "cut off", "gone", "unsealed", "other seal"])
def test_a_damaged_copy_is_made_anew_from_a_good_one(two: Archive, nas: Path, harm: str) -> None:
    copy = path_of(two)
    seal = copy.with_name(copy.name + ".seal.json")
    if harm == "flipped":
        flip(copy)
    elif harm == "cut off":
        os.truncate(copy, 5000)
    elif harm == "gone":
        copy.unlink()
    elif harm == "unsealed":
        seal.unlink()
    else:
        flip(seal)
    Copy.objects.filter(storage="nas").update(state="damaged")
    assert [job.options["storage"] for job in copies.ask_for_what_is_due()] == ["nas"]
    copied(two)
    row = copy_at(two)
    assert (row.state, row.problem_code) == ("whole", "")
    assert names(nas) == [Path(row.location).name, Path(row.location).name + ".seal.json"]
    assert AuditEvent.objects.filter(action="repair_copy").count() == 1
    catalogue.sync()
    two.refresh_from_db()
    assert (two.state, two.problem_code, copy_at(two).state) == ("whole", "", "whole")


def test_one_that_is_damaged_again_and_again_leaves_nothing_that_is_taken_for_whole(
    two: Archive, nas: Path
) -> None:
    """The good one gets the first name that is free, so a damaged one may stand under a later name."""
    for _ in range(3):
        flip(path_of(two))
        Copy.objects.filter(storage="nas").update(state="damaged")
        made = copied(two).result
        assert names(nas) == [made["name"], made["name"] + ".seal.json"]
    flip(path_of(two))
    Copy.objects.filter(storage="nas").update(state="damaged")
    catalogue.sync()
    assert copy_at(two).state == "damaged"


def test_where_the_damaged_one_cannot_be_removed_the_good_one_lies_beside_it(
    two: Archive, nas: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Object lock, or credentials that may only put and get."""

    def locked(self: LocalStorage, name: str) -> None:
        raise StorageFailed(storage=self.name, reason="the object is locked")

    damaged = path_of(two)
    flip(damaged)
    Copy.objects.filter(storage="nas").update(state="damaged")
    with monkeypatch.context() as patched:
        patched.setattr(LocalStorage, "delete", locked)
        made = copied(two).result
    assert made["left"] == [damaged.name]
    assert len(names(nas)) == 4
    for _ in range(2):
        catalogue.sync()
        assert (copy_at(two).name, copy_at(two).state) == (made["name"], "whole")
    # Also when nothing is known of it any more.
    Archive.objects.all().delete()
    catalogue.sync()
    assert copy_at(two).name == made["name"]


def test_what_fails_is_tried_later_and_later_until_it_is_an_alarm(
    nas: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    archive = backed_up()
    older = Archive.objects.create(id="20200101T000000Z-00000000", database=archive.database,
                                   created=archive.created - timedelta(days=1), purpose="manual")  # fmt: skip
    Copy.objects.create(archive=older, storage="local", name="x.zip", checked_at=timezone.now())
    work.run_here(Job.objects.get(kind="copy"))
    Copy.objects.filter(storage="nas").update(state="pending")
    nas.rename(nas.with_name("away"))
    nas.write_text("no folder")
    pauses = []
    for attempt in range(1, copies.LIMIT + 1):
        assert copy_at(archive).state == "pending"
        with pytest.raises(StorageFailed):
            copied(archive)
        row = copy_at(archive)
        assert row.try_after is not None
        pauses.append(row.try_after - timezone.now())
        assert (row.tries, row.problem_code) == (attempt, "storage_failed")
        # The storage fails, not the archive: nothing else is sent there now.
        Copy.objects.get_or_create(
            archive=older, storage="nas", defaults={"state": "pending", "checked_at": timezone.now()}
        )
        assert attempt == 1 or copies.ask_for_what_is_due() == []
    assert pauses == sorted(pauses)
    assert copy_at(archive).state == "failed"
    assert "failed 5 times" in caplog.text
    assert AuditEvent.objects.get(action="copy_given_up").details["storage"] == "nas"
    nas.unlink()
    nas.with_name("away").rename(nas)
    copied(archive)
    assert (copy_at(archive).state, copy_at(archive).tries) == ("whole", 0)
    # It works again: what waited for that waits no longer.
    assert copy_at(older).try_after is None


def test_a_new_storage_is_filled_newest_first_one_at_a_time(nas: Path, settings: Settings) -> None:
    both = settings.BACKUP_STORAGES
    settings.BACKUP_STORAGES = both[:1]
    made = [backed_up() for _ in range(3)]
    settings.BACKUP_STORAGES = (*both, Folder("tape", str(nas.with_name("tape"))))
    settings.WORKERS = 2
    order = []
    while asked := copies.ask_for_what_is_due():
        # One worker stays free for backups, so one of the two storages waits.
        assert len(asked) == 1
        assert copies.ask_for_what_is_due() == []
        order.append((asked[0].options["storage"], asked[0].archive))
        work.run_here(asked[0])
        Job.objects.filter(kind="copy", state="queued").delete()
    assert order == [(name, archive) for name in ("nas", "tape") for archive in reversed(made)]


def test_a_copy_that_took_its_worker_down_is_cleared_up_and_not_begun_again_at_once(nas: Path) -> None:
    archive = backed_up()
    (job,) = Job.objects.filter(kind="copy")
    nas.mkdir()
    partial = nas / f".partial-{path_of(archive, 'local').name}"
    partial.write_bytes(b"half")
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(
        state="running", worker="gone", lease_until=past, archive_begun=archive.pk
    )
    Copy.objects.create(
        archive=archive, storage="nas", state="pending", tries=1, checked_at=past,
        try_after=timezone.now() + timedelta(minutes=1),
    )  # fmt: skip
    jobs.reap()
    assert names(nas) == []
    assert copies.ask_for_what_is_due() == []
    Copy.objects.filter(storage="nas").update(try_after=past)
    (again,) = copies.ask_for_what_is_due()
    work.run_here(again)
    assert copy_at(archive).state == "whole"


def test_what_is_being_copied_is_not_swept_away_under_it(nas: Path, archives_in: Path) -> None:
    """The backup of this very archive has ended, and somebody clears up after another job."""
    archive = backed_up()
    (job,) = Job.objects.filter(kind="copy")
    Job.objects.filter(pk=job.pk).update(archive_begun=archive.pk, state="running")
    nas.mkdir()
    partial = nas / f".partial-{path_of(archive, 'local').name}"
    partial.write_bytes(b"half")
    old = time.time() - 3 * 24 * 3600
    os.utime(partial, (old, old))
    dead = jobs.request("verify", requested_by=None, trigger="schedule")
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=dead.pk).update(state="running", lease_until=past)
    jobs.reap()
    assert partial.exists()
