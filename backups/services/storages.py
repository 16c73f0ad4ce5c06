"""From the settings to the storages. The first one is where archives are written; the others get copies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from backups import storage_queries
from backups.engine.errors import ArchiveUnknown, BackupError, StorageFailed
from backups.engine.storage import VANISHED, ArchiveStorage, LocalStorage
from backups.models import Archive, Copy
from backups.models.copy import LYING
from qparkin_backup.buckets import Bucket
from qparkin_backup.storages import Place

from .refusals import StorageUnknown


def every() -> list[ArchiveStorage]:
    return [_of(place) for place in settings.BACKUP_STORAGES]


def first() -> ArchiveStorage:
    return every()[0]


def named(name: str) -> ArchiveStorage | None:
    """None where the settings do not name it: rows of copies outlive the storages that they speak of."""
    return next((storage for storage in every() if storage.name == name), None)


def everywhere(archive: Archive) -> list[tuple[ArchiveStorage, str]]:
    """Each storage that holds the archive, and its name there, in the order of the settings."""
    return _lying(archive, (Copy.State.WHOLE, Copy.State.DAMAGED))


def asked_for(archive: Archive, wanted: str) -> list[tuple[ArchiveStorage, str]]:
    """Each storage that holds it, or the one that is `wanted`; raises where there is none."""
    found = [place for place in everywhere(archive) if wanted in ("", place[0].name)]
    if not found:
        raise ArchiveUnknown(archive=archive.pk)
    return found


def whole(archive: Archive) -> list[tuple[ArchiveStorage, str]]:
    """Each storage with a copy that is whole as far as anybody knows."""
    return _lying(archive, (Copy.State.WHOLE,))


def in_turn(archive: Archive) -> list[tuple[ArchiveStorage, str]]:
    """Where it is read from: whole copies first, and among equals last what could not be read lately."""
    doubtful = storage_queries.failing()
    unread = {copy.storage for copy in archive.copies.all() if copy.unread_at}
    places = [*whole(archive), *_lying(archive, (Copy.State.DAMAGED,))]
    sound = {storage.name for storage, _ in whole(archive)}
    return sorted(places, key=lambda place: (place[0].name not in sound, place[0].name in doubtful | unread))


def unknown(name: str) -> StorageUnknown:
    return StorageUnknown(storage=name, known=", ".join(storage.name for storage in every()))


def refuse_vanished(storage: ArchiveStorage) -> None:
    """A folder that held archives and is not there: its disk is not mounted. It is not made anew."""
    if not isinstance(storage, LocalStorage) or storage.root.exists():
        return
    if Copy.objects.filter(storage=storage.name, state__in=LYING).exists():
        raise StorageFailed(storage=storage.name, reason=VANISHED)


def holding(archive: Archive) -> tuple[ArchiveStorage, str]:
    """A storage that holds the archive, whole if there is such a one; what does not answer is passed over."""
    silent: BackupError | None = None
    whole, damaged = (_lying(archive, (state,)) for state in (Copy.State.WHOLE, Copy.State.DAMAGED))
    for storage, name in (*whole, *damaged):
        try:
            if storage.exists(name):
                return storage, name
        except BackupError as error:
            silent = error
    # Where one did not answer, nobody can say that the archive is gone.
    raise silent or ArchiveUnknown(archive=archive.pk)


def _lying(archive: Archive, states: Sequence[str]) -> list[tuple[ArchiveStorage, str]]:
    # In Python, so that a prefetch of a whole list is used.
    names = {copy.storage: copy.name for copy in archive.copies.all() if copy.state in states}
    return [(storage, names[storage.name]) for storage in every() if storage.name in names]


def _of(place: Place) -> ArchiveStorage:
    if isinstance(place, Bucket):
        # Not before a bucket is asked for: boto3 takes its time and memory.
        from .s3.asking import Asking
        from .s3.storage import S3Storage

        return S3Storage(Asking(place))
    return LocalStorage(Path(place.root or settings.BACKUP_LOCAL_ROOT), place.name)
