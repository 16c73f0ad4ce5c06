"""The copies of one archive, one after another. What each has to be is said by the seal, not by its place."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO

from backups.engine import errors
from backups.engine import seal as seals
from backups.engine.archive import SEAL_LIMIT, read_seal
from backups.engine.seal import Seal
from backups.engine.storage import ArchiveStorage

from .backup import SIDECAR
from .keys import Source

# Said of a copy with a good seal that is not the seal that was asked for.
ANOTHER = "another archive has the same id"
# What another copy of the same archive may do better.
OF_THIS_COPY = (
    errors.StorageFailed,
    errors.ArchiveDamaged,
    errors.SealBroken,
    errors.SignerUnknown,
    errors.FormatUnknown,
    errors.ArchiveUnknown,
)
# What is wrong with every copy alike, and says itself what mends it.
OF_THIS_PANEL = ({errors.SignerUnknown.code}, {errors.SignerRevoked.code}, {errors.FormatUnknown.code})
# A storage may have it again in an hour; what is damaged stays so.
PASSING = (errors.StorageFailed, errors.ArchiveUnknown)


def gravest(problems: Sequence[errors.BackupError]) -> errors.BackupError:
    """What is damaged before what is only away."""
    return min(problems, key=lambda problem: isinstance(problem, PASSING))


@dataclass(frozen=True, slots=True)
class Place:
    """One copy that is open, its seal and that seal's own bytes."""

    source: Source
    file: IO[bytes]
    seal: Seal
    text: bytes


class Copies:
    """Each is opened only when the one before it failed; why each failed is remembered."""

    def __init__(self, source: Source, files: ExitStack) -> None:
        self._archive = source.archive
        self._left = iter((source, *source.others))
        self._files = files
        self._failed: list[tuple[str, errors.BackupError]] = []

    def first(self) -> Place:
        return self._next(None)

    def after(self, place: Place, error: errors.BackupError) -> Place:
        """The next one that opens and has the very same seal."""
        self._note(place.source, error)
        return self._next(place.text)

    def _next(self, sealed: bytes | None) -> Place:
        for source in self._left:
            try:
                place = _opened(source, self._files)
                if sealed not in (None, place.text):
                    raise errors.SealBroken(archive=self._archive, what=ANOTHER)
            except OF_THIS_COPY as error:
                self._note(source, error)
                continue
            source.told(source.storage.name, None)
            return place
        raise self._verdict()

    def _note(self, source: Source, error: errors.BackupError) -> None:
        self._failed.append((source.storage.name, error))
        source.told(source.storage.name, error)

    def _verdict(self) -> errors.BackupError:
        """Of one copy its own error; of several one that names them all. What is away may be whole."""
        found = [error for _, error in self._failed]
        if len(found) == 1:
            return found[0]
        names = ", ".join(storage for storage, _ in self._failed)
        lasting = [error for error in found if not isinstance(error, PASSING)]
        away = [error for error in found if isinstance(error, errors.StorageFailed)]
        if len(lasting) == len(found) and {error.code for error in found} in OF_THIS_PANEL:
            return found[0]
        if away:
            return errors.NoCopyAnswers(**_caused_by(away[0], self._archive, names))
        if lasting:
            return errors.EveryCopyFailed(archive=self._archive, copies=names)
        return found[0]


def _caused_by(error: errors.BackupError, archive: str, copies: str) -> dict[str, errors.Parameter]:
    told = {"cause": error.code, "why": str(error)}
    return {**error.params, **told, "archive": archive, "copies": copies}


def _opened(source: Source, files: ExitStack) -> Place:
    file = files.enter_context(_file_of(source))
    text = read_seal(file, archive=source.archive)
    seal = seals.read(text, archive=source.archive, trusted=source.keys.trusted)
    if source.digest not in ("", hashlib.sha256(text).hexdigest()):
        raise errors.SealBroken(archive=source.archive, what=ANOTHER)
    if _beside(source.storage, source.name) not in (None, text):
        raise errors.SealBroken(archive=source.archive, what="the seal beside it is another one")
    return Place(source, file, seal, text)


def _file_of(source: Source) -> IO[bytes]:
    try:
        return source.storage.open(source.name)
    except errors.ArchiveUnknown:
        if source.storage.exists(source.name + SIDECAR):
            raise errors.ArchiveDamaged(archive=source.archive, what="only its seal is left") from None
        raise errors.ArchiveUnknown(archive=source.archive) from None


def _beside(storage: ArchiveStorage, name: str) -> bytes | None:
    if not storage.exists(name + SIDECAR):
        return None
    with storage.open(name + SIDECAR) as file:
        return file.read(SEAL_LIMIT)
