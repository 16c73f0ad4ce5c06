"""A copy at another storage: the ciphertext as it is. It equals its seal, or it does not exist."""

from __future__ import annotations

from dataclasses import dataclass

from backups.engine import errors
from backups.engine.archive import SEAL_LIMIT, check
from backups.engine.storage import ArchiveStorage
from backups.engine.stream import Progress

from .backup import SIDECAR
from .keys import Source
from .names import names_of
from .open_archive import OpenArchive, opened
from .tape import Tape


@dataclass(frozen=True, slots=True)
class Copied:
    """`sha256` is that of the whole file. `left` are names of damaged copies that could not be removed."""

    name: str
    bytes: int
    sha256: str
    left: tuple[str, ...] = ()


def copy(source: Source, target: ArchiveStorage, *, progress: Progress, spoiled: str = "") -> Copied:
    """Copy the archive, read it back, and only then put its seal beside it.

    What stands there whole already is kept. What stands there damaged keeps its name until the good one
    stands beside it; then it is removed, where that is allowed. `spoiled` is the name of a copy there that
    is known to be damaged: it may stand under a later name than the good one.
    """
    with opened(source) as found:
        damaged: list[str] = []
        for name in names_of(found.seal.database, found.seal.archive):
            made = _made_as(name, source, found, target, progress)
            if made is not None:
                old_ones = {*damaged, spoiled} - {"", name}
                left = tuple(old for old in sorted(old_ones) if not drop_copy(target, old))
                return Copied(name, made.size, made.sha256(), left)
            damaged.append(name)
        raise errors.NameTaken(name=damaged[-1])


def drop_copy(storage: ArchiveStorage, name: str) -> bool:
    """Take it off the storage, its seal first; False where the storage does not let go of it."""
    try:
        storage.delete(name + SIDECAR)
        storage.delete(name)
        return not storage.exists(name)
    except errors.BackupError:
        return False


def _made_as(
    name: str, source: Source, found: OpenArchive, target: ArchiveStorage, progress: Progress
) -> Tape | None:
    """The copy under this name, whole and sealed; None where something else stands in its way."""
    beside = _text_of(target, name + SIDECAR)
    if beside not in (None, found.seal_text):
        return None
    if is_seen(target, name):
        made = _standing(name, found, target, progress)
        if made is None:
            return None
    else:
        made = _written(name, source, found, target, progress, was_sealed=beside is not None)
    if beside is None:
        _put_seal(name, found, target)
    return made


def _standing(name: str, found: OpenArchive, target: ArchiveStorage, progress: Progress) -> Tape | None:
    try:
        return _read_back(name, found, target, progress)
    except errors.ArchiveDamaged:
        return None


def _written(
    name: str,
    source: Source,
    found: OpenArchive,
    target: ArchiveStorage,
    progress: Progress,
    *,
    was_sealed: bool,
) -> Tape:
    with source.storage.open(source.name) as file, target.create(name) as sink:
        _compare(Tape(file, sink), found, progress, "copy")
    try:
        return _read_back(name, found, target, progress)
    except errors.ArchiveDamaged:
        drop_copy(target, name)
        raise errors.StorageFailed(storage=target.name, reason="it did not keep what was written") from None
    except BaseException:
        # Not sealed yet, so it does not exist; where it cannot be removed, it is looked at the next time.
        # Unless whoever took over from us after a long pause has read it back and sealed it.
        if was_sealed or not _is_sealed(target, name):
            drop_copy(target, name)
        raise


def _is_sealed(target: ArchiveStorage, name: str) -> bool:
    try:
        return target.exists(name + SIDECAR)
    except errors.BackupError:
        return False


def _read_back(name: str, found: OpenArchive, target: ArchiveStorage, progress: Progress) -> Tape:
    with target.open(name) as file:
        read = Tape(file)
        _compare(read, found, progress, "read_back")
    return read


def _compare(file: Tape, found: OpenArchive, progress: Progress, phase: str) -> None:
    seal = found.seal
    progress.phase(phase, sum(member.size for member in seal.members))

    def on_member(member: str, content: bytes) -> None:
        del member
        progress.check()
        progress.advance(len(content))

    check(
        file,
        archive=seal.archive,
        created=seal.created,
        members=tuple((member.name, member.size, member.sha256) for member in seal.members),
        seal=found.seal_text,
        on_member=on_member,
    )


def _put_seal(name: str, found: OpenArchive, target: ArchiveStorage) -> None:
    # Last: an archive without its seal does not exist.
    with target.create(name + SIDECAR) as beside:
        beside.write(found.seal_text)
    if _text_of(target, name + SIDECAR) != found.seal_text:
        target.delete(name + SIDECAR)
        raise errors.StorageFailed(storage=target.name, reason="it did not keep what was written")


def is_seen(storage: ArchiveStorage, name: str) -> bool:
    """A key that may not list is refused what is not there, and given what is."""
    try:
        return storage.exists(name)
    except errors.StorageRefused:
        return False


def _text_of(storage: ArchiveStorage, name: str) -> bytes | None:
    if not is_seen(storage, name):
        return None
    with storage.open(name) as file:
        return file.read(SEAL_LIMIT)
