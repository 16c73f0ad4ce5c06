"""What the index says of copies, and what follows from them for their archives."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from backups.engine.errors import BackupError
from backups.engine.storage import ArchiveStorage
from backups.models import Archive, AuditEvent, Copy

from . import audit

# What a row says of a copy about which nothing is wrong.
NOTHING_WRONG: dict[str, object] = {
    "state": Copy.State.WHOLE,
    "problem_code": "",
    "problem_params": {},
    "tries": 0,
    "try_after": None,
}


# After each byte of it was read and compared.
READ: dict[str, object] = {"unread_at": None, "unread_code": "", "unread_params": {}}


def note_copy(archive: Archive, storage: ArchiveStorage, name: str, **values: object) -> Copy:
    """As it was just seen or written."""
    known = {"name": name, "location": storage.location(name), "checked_at": timezone.now(), **values}
    copy, _ = Copy.objects.update_or_create(archive=archive, storage=storage.name, defaults=known)
    return copy


def mark_damaged(archive: Archive, *, storage: str, problem: BackupError) -> None:
    archive.copies.filter(storage=storage).update(
        state=Copy.State.DAMAGED,
        checked_at=timezone.now(),
        problem_code=problem.code,
        problem_params=dict(problem.params),
    )
    judge_one(archive.pk)


def note_damage(archive: Archive, *, storage: str, problem: BackupError) -> None:
    """On the record once: a copy that is known to be damaged is no news."""
    was_whole = archive.copies.filter(storage=storage, state=Copy.State.WHOLE).exists()
    mark_damaged(archive, storage=storage, problem=problem)
    if was_whole:
        details = {"storage": storage, "code": problem.code}
        failed = AuditEvent.Outcome.FAILED
        audit.record("copy_damaged", actor=None, about=archive, outcome=failed, details=details)


def mark_unread(archive: Archive, *, storage: str, problem: BackupError) -> None:
    """Its storage failed while it was read. That says nothing of its bytes, until they are read again."""
    copy = archive.copies.filter(storage=storage)
    was_well = copy.filter(unread_at=None).exists()
    copy.update(unread_at=timezone.now(), unread_code=problem.code, unread_params=dict(problem.params))
    if was_well:
        details = {"storage": storage, "code": problem.code}
        failed = AuditEvent.Outcome.FAILED
        audit.record("copy_unread", actor=None, about=archive, outcome=failed, details=details)


def mark_whole(archive: Archive, *, storage: str, sha256: str) -> None:
    """Each byte of it was read and compared."""
    now = timezone.now()
    read = {**NOTHING_WRONG, **READ, "checked_at": now, "read_at": now, "sha256": sha256}
    archive.copies.filter(storage=storage).update(**read)
    Archive.with_pruned.filter(pk=archive.pk).update(verified_at=now)
    judge_one(archive.pk)


def judge(archives: QuerySet[Archive]) -> None:
    """An archive is whole while one whole copy exists; what is wrong with a copy is told of it too.

    Copies at a storage that the settings no longer name help nobody who has to restore.
    """
    named = {place.name for place in settings.BACKUP_STORAGES}
    for archive in archives.prefetch_related("copies"):
        copies = [copy for copy in archive.copies.all() if copy.storage in named]
        damaged = next((copy for copy in copies if copy.state == Copy.State.DAMAGED), None)
        found = {
            "state": _state(copies),
            "problem_code": damaged.problem_code if damaged else "",
            "problem_params": damaged.problem_params if damaged else {},
        }
        if any(getattr(archive, name) != value for name, value in found.items()):
            Archive.with_pruned.filter(pk=archive.pk).update(**found)


def judge_one(archive: str) -> None:
    judge(Archive.with_pruned.filter(pk=archive))


def _state(copies: Iterable[Copy]) -> str:
    states = {str(copy.state) for copy in copies}
    order = (Archive.State.WHOLE, Archive.State.DAMAGED)
    return next((str(state) for state in order if state.value in states), str(Archive.State.MISSING))
