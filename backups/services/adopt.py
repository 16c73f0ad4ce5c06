"""Taking archives in: those that a storage holds and the index does not know, and files from elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backups.engine import pipeline
from backups.engine.errors import BackupError, Cancelled, StorageFull
from backups.engine.pipeline.backup import SIDECAR
from backups.engine.pipeline.names import archive_name, archive_of
from backups.engine.storage import ArchiveStorage, LocalStorage
from backups.engine.stream import Progress
from backups.models import Archive, User

from . import audit, catalogue, keys, storages, verify
from .refusals import InputMissing


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that was left where it is, and why; `asked_for` by name, or only found in a storage."""

    name: str
    error: BackupError
    asked_for: bool


@dataclass(frozen=True, slots=True)
class Adopted:
    imported: tuple[Archive, ...]
    problems: tuple[Problem, ...]


def import_archives(
    files: Sequence[Path], *, progress: Progress, by: User | None = None, address: str = ""
) -> Adopted:
    """Verify what is new, copy files in, and bring the index up to date; one bad file holds up no other."""
    problems: list[Problem] = []
    for file in files:
        with _noted(file.name, problems, asked_for=True):
            _take_in(file, storages.first(), progress)
    for storage in storages.every():
        with _noted(storage.name, problems, asked_for=False):
            _seal_again(storage, problems, progress)
    imported = catalogue.look()
    doubles = verify.settle_doubles(progress)
    problems += [Problem(str(error.params["archive"]), error, asked_for=False) for error in doubles]
    for archive in imported:
        audit.record("import_archive", actor=by, about=archive, address=address)
    return Adopted(imported, tuple(problems))


def _seal_again(storage: ArchiveStorage, problems: list[Problem], progress: Progress) -> None:
    for name in _unsealed(storage):
        with _noted(name, problems, asked_for=False):
            pipeline.reseal(storage, name, keys=keys.to_check(), progress=progress)


@contextmanager
def _noted(name: str, problems: list[Problem], *, asked_for: bool) -> Iterator[None]:
    try:
        yield
    except (Cancelled, StorageFull):
        raise
    except BackupError as error:
        problems.append(Problem(name, error, asked_for))


def _take_in(file: Path, storage: ArchiveStorage, progress: Progress) -> None:
    """Nothing gets into the storage before its seal held and every byte was compared; under its own name."""
    source = LocalStorage(file.absolute().parent, name=str(file.parent))
    if not file.is_file():
        raise InputMissing(path=str(file), reason="there is no such file")
    if storage.exists(file.name):
        return
    archive = archive_of(file.name)
    seal = pipeline.verify(
        pipeline.Source(source, file.name, archive, keys.to_check()), deep=False, progress=progress
    ).seal
    name = archive_name(seal.database, seal.archive)
    if storage.exists(name):
        return
    with source.open(file.name) as incoming, storage.create(name) as outgoing:
        shutil.copyfileobj(incoming, outgoing, 1024 * 1024)


def _unsealed(storage: ArchiveStorage) -> list[str]:
    names = {stored.name for stored in storage.names()}
    return sorted(name for name in names if name.endswith(".zip") and name + SIDECAR not in names)
