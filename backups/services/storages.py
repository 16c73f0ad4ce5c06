"""From the settings to the storages. The first one is where archives are written."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from backups.engine.errors import ArchiveUnknown
from backups.engine.pipeline import Keys, Source
from backups.engine.storage import ArchiveStorage, LocalStorage
from backups.models import Archive, Copy


def every() -> list[ArchiveStorage]:
    return [LocalStorage(root=Path(settings.BACKUP_LOCAL_ROOT))]


def first() -> ArchiveStorage:
    return every()[0]


def source(archive: Archive, keys: Keys) -> Source:
    """The archive where it lies, with the keys for what is wanted of it."""
    storage, name = holding(archive)
    return Source(storage, name, archive.pk, keys)


def everywhere(archive: Archive) -> list[tuple[ArchiveStorage, str]]:
    """Each storage that holds the archive, and its name there."""
    named = {storage.name: storage for storage in every()}
    copies = archive.copies.exclude(state=Copy.State.MISSING)
    return [(named[copy.storage], copy.name) for copy in copies if copy.storage in named]


def holding(archive: Archive) -> tuple[ArchiveStorage, str]:
    """A storage that holds the archive, and its name there."""
    named = {storage.name: storage for storage in every()}
    for copy in archive.copies.exclude(state=Copy.State.MISSING):
        storage = named.get(copy.storage)
        if storage and storage.exists(copy.name):
            return storage, copy.name
    raise ArchiveUnknown(archive=archive.pk)
