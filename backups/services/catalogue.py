"""The panel's index of archives, made from what the storages hold: those are the truth."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from backups.engine import pipeline
from backups.engine.errors import BackupError, ListRefused
from backups.engine.pipeline import Made
from backups.engine.storage import ArchiveStorage
from backups.models import Archive, Job, StorageState

from . import anomalies, copy_rows, keys, reading, retained, storage_look, storages
from .index_row import from_manifest, from_seal
from .storage_look import LOOKED

log = logging.getLogger(__name__)

# When every seal was last read.
READ = "catalogue-read"
READ_EVERY = timedelta(days=1)


def list_made(made: Made, *, storage: ArchiveStorage, job: Job, sha256: str = "") -> Archive:
    """Index an archive that was just written; another process may have seen it lie there already."""
    now = timezone.now()
    known = {
        **from_seal(made.seal, size=made.bytes),
        **from_manifest(made.manifest),
        "seconds": made.seconds,
        "requested_by": job.requested_by,
        "job": job,
        "verified_at": now,
    }
    read = {**copy_rows.NOTHING_WRONG, "bytes": made.bytes, "sha256": sha256, "read_at": now}
    read["retained_until"] = retained.until(storage, made.name)
    with transaction.atomic():
        archive, _ = Archive.with_pruned.update_or_create(id=made.seal.archive, defaults=known)
        copy_rows.note_copy(archive, storage, made.name, **read)
    StorageState.objects.update_or_create(storage=storage.name, defaults={"written_at": now})
    return archive


def unlist(archive: str) -> None:
    """For one that was written and taken away again."""
    Archive.with_pruned.filter(pk=archive).delete()


def refresh(*, older_than: timedelta) -> bool:
    """Look at the storages again unless somebody did not long ago; False when none can be listed.

    What is known and unchanged is not read again, except once a day: a storage may be far away.
    """
    if _was(LOOKED, older_than):
        return True
    _, failed = _look_at_each(quick=_was(READ, READ_EVERY))
    # A key that may not list is no failure: such a storage is asked for each archive by its name.
    silent = [error for error in failed.values() if not isinstance(error, ListRefused)]
    if silent and len(failed) == len(storages.every()):
        log.warning("the storages were not listed: %s", silent[0])
        return False
    note_looked()
    return True


def _was(what: str, older_than: timedelta) -> bool:
    at = cache.get(what)
    # A time that is still to come was told by a clock that ran ahead.
    return at is not None and abs(timezone.now().timestamp() - at) < older_than.total_seconds()


def sync() -> tuple[Archive, ...]:
    """Bring the index up to what the storages hold; returns the archives that it did not know.

    Every storage is looked at. Where one could not be, that is raised at the end: whoever decides by what
    is there must know all of it.
    """
    imported, failed = _look_at_each(quick=False)
    if failed:
        raise next(iter(failed.values()))
    return imported


def silent() -> Mapping[str, BackupError]:
    """Look at every storage, and name those that could not be listed: of them nobody knows what is there."""
    _, failed = _look_at_each(quick=False)
    return failed


def look(*, quick: bool = False) -> tuple[Archive, ...]:
    """The same for whoever can do with some of the storages; raised only where none could be listed."""
    imported, failed = _look_at_each(quick=quick)
    if len(failed) == len(storages.every()):
        raise next(iter(failed.values()))
    return imported


def look_at_one(storage: ArchiveStorage) -> None:
    """Of the others nothing is said by it, nor when they were last looked at."""
    _take_in(storage_look.look_at(storage, quick=True))


def _look_at_each(*, quick: bool) -> tuple[tuple[Archive, ...], Mapping[str, BackupError]]:
    imported: list[Archive] = []
    failed: dict[str, BackupError] = {}
    for storage in storages.every():
        try:
            imported += storage_look.look_at(storage, quick=quick)
        except BackupError as error:
            failed[storage.name] = error
    if len(failed) < len(storages.every()):
        _take_in(imported)
        note_looked()
        if not quick:
            cache.set(READ, timezone.now().timestamp(), None)
    return tuple(imported), failed


def _take_in(imported: list[Archive]) -> None:
    copy_rows.judge(Archive.objects.all())
    # What somebody had looked at already is not known any more; the last ones are looked at once more.
    for archive in sorted(imported, key=_made)[-anomalies.LOOKED_BACK :]:
        anomalies.note(archive)


def _made(archive: Archive) -> datetime:
    return archive.created


def learn(archive: Archive) -> Archive:
    """What only the manifest says, of an archive that came before its key did."""
    if not archive.is_known:
        manifest = pipeline.read_manifest(reading.source(archive, keys.to_open()))
        Archive.objects.filter(pk=archive.pk).update(**from_manifest(manifest))
        archive.refresh_from_db()
    return archive


def note_looked() -> None:
    cache.set(LOOKED, timezone.now().timestamp(), None)
