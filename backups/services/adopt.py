"""Taking archives in: those that a storage holds and the index does not know, and files from elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from backups.engine import pipeline
from backups.engine.pipeline.backup import SIDECAR
from backups.engine.pipeline.opening import archive_of
from backups.engine.storage import ArchiveStorage, LocalStorage
from backups.engine.stream import Progress
from backups.models import Archive

from . import audit, catalogue, keys, storages
from .refusals import InputMissing


def import_archives(files: Sequence[Path], *, progress: Progress) -> tuple[Archive, ...]:
    """Verify what is new, copy files in, and bring the index up to date."""
    for file in files:
        _take_in(file, storages.first(), progress)
    for storage in storages.every():
        _seal_unsealed(storage, progress)
    imported = catalogue.sync()
    for archive in imported:
        audit.record("import_archive", actor=None, about=archive)
    return imported


def _take_in(file: Path, storage: ArchiveStorage, progress: Progress) -> None:
    """Nothing gets into the storage before its seal held and every byte was compared."""
    source = LocalStorage(file.absolute().parent, name=str(file.parent))
    if not file.is_file():
        raise InputMissing(path=str(file), reason="there is no such file")
    if storage.exists(file.name):
        return
    archive = archive_of(file.name)
    pipeline.verify(
        pipeline.Source(source, file.name, archive, keys.to_check()), deep=False, progress=progress
    )
    with source.open(file.name) as incoming, storage.create(file.name) as outgoing:
        shutil.copyfileobj(incoming, outgoing, 1024 * 1024)


def _seal_unsealed(storage: ArchiveStorage, progress: Progress) -> None:
    names = {stored.name for stored in storage.names()}
    for name in sorted(names):
        if name.endswith(".zip") and name + SIDECAR not in names:
            pipeline.reseal(storage, name, keys=keys.to_check(), progress=progress)
