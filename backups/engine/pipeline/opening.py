"""fetch > decrypt > decompress: an archive is opened only after its seal holds."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass

from backups.engine import errors
from backups.engine import seal as seals
from backups.engine.archive import SEAL_LIMIT, check, read_seal, size_of
from backups.engine.manifest import Manifest
from backups.engine.seal import Seal
from backups.engine.storage import ArchiveStorage, Stored
from backups.engine.stream import Progress

from .backup import SIDECAR
from .keys import Keys, Source
from .names import archive_of, is_name_of, is_possible
from .open_archive import opened
from .tape import Tape


@dataclass(frozen=True, slots=True)
class Listed:
    """A seal found at a storage. `problem` says why it cannot be believed; then `seal` is None.

    Neither: it was known, and not read again.
    """

    name: str
    bytes: int
    seal: Seal | None
    problem: errors.BackupError | None


@dataclass(frozen=True, slots=True)
class Verified:
    """`sha256` is that of the whole file."""

    seal: Seal
    members: int
    sha256: str


def verify(source: Source, *, deep: bool, progress: Progress) -> Verified:
    """Every byte of the archive against its seal; `deep` decrypts and decompresses every member too."""
    with opened(source) as found, source.storage.open(source.name) as file:
        progress.phase("verify", sum(member.size for member in found.seal.members))

        def on_member(member: str, content: bytes) -> None:
            progress.check()
            if deep:
                found.open_each(member, content)
            progress.advance(len(content))

        tape = Tape(file)
        check(
            tape,
            archive=source.archive,
            created=found.seal.created,
            members=tuple((m.name, m.size, m.sha256) for m in found.seal.members),
            seal=read_seal(file, archive=source.archive),
            on_member=on_member,
        )
        return Verified(found.seal, len(found.seal.members) + 1, tape.sha256())


def read_manifest(source: Source) -> Manifest:
    with opened(source) as found:
        return found.manifest()


def read_seal_of(source: Source) -> Seal:
    """The seal, which holds; needs no key to open anything."""
    with opened(source) as found:
        return found.seal


def list_archives(
    storage: ArchiveStorage,
    lying: Iterable[Stored] | None = None,
    *,
    trusted: Collection[str],
    known: Container[tuple[str, int]] = (),
) -> tuple[Listed, ...]:
    """What the storage holds, by the seals beside the archives; oldest first by name.

    `lying`: its list, where whoever asks has that already.

    Of those that are `known` by name and size, the seal is not read again.
    """
    sizes = {stored.name: stored.size for stored in _names(storage, lying) if is_possible(stored.name)}
    names = [name.removesuffix(SIDECAR) for name in sizes if name.endswith(SIDECAR)]
    return tuple(
        Listed(name, sizes[name], None, None)
        if (name, sizes.get(name)) in known
        else _listed(storage, name, sizes, trusted)
        for name in names
    )


def _names(storage: ArchiveStorage, lying: Iterable[Stored] | None) -> Iterable[Stored]:
    return storage.names() if lying is None else lying


def list_one(storage: ArchiveStorage, name: str, *, trusted: Collection[str]) -> Listed:
    """One whose name is known, where the storage may not be listed."""
    lying = [stored for stored in (storage.stat(name), storage.stat(name + SIDECAR)) if stored]
    sizes = {name + SIDECAR: 0} | {stored.name: stored.size for stored in lying}
    return _listed(storage, name, sizes, trusted)


def _listed(storage: ArchiveStorage, name: str, sizes: dict[str, int], trusted: Collection[str]) -> Listed:
    archive = archive_of(name)
    try:
        if name not in sizes:
            raise errors.ArchiveDamaged(archive=archive, what="only its seal is left")
        # An archive holds its seal; what is larger is not brought into memory to be told so.
        if sizes[name + SIDECAR] > min(sizes[name], SEAL_LIMIT):
            raise errors.ArchiveDamaged(archive=archive, what="its seal is too large")
        with storage.open(name + SIDECAR) as file:
            text = file.read(SEAL_LIMIT)
        seal = seals.read(text, archive=archive, trusted=trusted)
        if not is_name_of(name, seal.database, seal.archive):
            raise errors.ArchiveDamaged(archive=archive, what="its file has another name")
        members = tuple((member.name, member.size) for member in seal.members)
        if sizes[name] != size_of(members, seal=len(text), created=seal.created):
            raise errors.ArchiveDamaged(archive=archive, what="its file has another size")
        return Listed(name, sizes[name], seal, None)
    except errors.BackupError as problem:
        return Listed(name, sizes.get(name, 0), None, problem)


def reseal(storage: ArchiveStorage, name: str, *, keys: Keys, progress: Progress) -> Seal:
    """Put the seal beside a whole archive that has lost it or was brought from elsewhere."""
    archive = archive_of(name)
    seal = verify(Source(storage, name, archive, keys), deep=False, progress=progress).seal
    if not storage.exists(name + SIDECAR):
        with storage.open(name) as file:
            text = read_seal(file, archive=archive)
        with storage.create(name + SIDECAR) as beside:
            beside.write(text)
    return seal
