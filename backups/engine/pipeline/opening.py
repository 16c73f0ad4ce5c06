"""fetch > decrypt > decompress: an archive is opened only after its seal holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import IO

from backups.engine import compress, encrypt, errors
from backups.engine import seal as seals
from backups.engine.archive import SEAL_LIMIT, check, offsets, read_seal, size_of
from backups.engine.manifest import Manifest, NotThisFormat, from_json
from backups.engine.seal import Seal
from backups.engine.storage import ArchiveStorage
from backups.engine.stream import Progress

from .backup import MANIFEST, SIDECAR, archive_name
from .keys import Keys, Source

MANIFEST_LIMIT = 1024 * 1024 * 1024
SCRIPT_LIMIT = 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Listed:
    """A seal found at a storage. `problem` says why it cannot be believed; then `seal` is None."""

    name: str
    bytes: int
    seal: Seal | None
    problem: errors.BackupError | None


@dataclass(frozen=True, slots=True)
class Verified:
    seal: Seal
    members: int


class OpenArchive:
    """An archive whose seal holds. Every member is checked against the seal before it is decrypted."""

    def __init__(self, file: IO[bytes], seal: Seal, keys: Keys) -> None:
        self.seal = seal
        self._file = file
        self._keys = keys
        self._reading = Lock()
        sizes = {member.name: member.size for member in seal.members}
        self._offsets = dict(offsets(sizes))
        self._members = {member.name: member for member in seal.members}
        self._manifest: Manifest | None = None

    def manifest(self) -> Manifest:
        """Decrypted once, however often it is asked for."""
        if self._manifest is None:
            self._manifest = self._read_manifest()
        return self._manifest

    def _read_manifest(self) -> Manifest:
        text = self.decrypted(MANIFEST)
        try:
            found = from_json(text)
        except NotThisFormat as other:
            raise errors.FormatUnknown(archive=self.seal.archive, format=other.format) from None
        if found.archive != self.seal.archive:
            raise errors.SealBroken(archive=self.seal.archive, what="its manifest belongs to another archive")
        return found

    def text(self, name: str, limit: int) -> bytes:
        """The plain text of a compressed member, at most `limit` bytes."""
        return self._decompressed(name, self.decrypted(name), limit)

    def decrypted(self, name: str) -> bytes:
        return self._opened(self.sealed(name))

    def sealed(self, name: str) -> bytes:
        """A member's bytes as they lie in the file, equal to what the seal says."""
        member = self._members.get(name)
        if member is None:
            raise errors.ArchiveDamaged(archive=self.seal.archive, what=f"{name} is missing")
        with self._reading:
            self._file.seek(self._offsets[name])
            content = self._file.read(member.size)
        if hashlib.sha256(content).hexdigest() != member.sha256:
            raise errors.ArchiveDamaged(archive=self.seal.archive, what=name)
        return content

    def open_each(self, name: str, content: bytes) -> None:
        """Decrypt and decompress content that was checked already, only to see that it can be done."""
        if not name.endswith(".age"):
            return
        plain = self._opened(content)
        if name.endswith(".zst.age"):
            self._decompressed(name, plain, SCRIPT_LIMIT)

    def _opened(self, content: bytes) -> bytes:
        if not self._keys.identities:
            raise errors.IdentityMissing
        try:
            return encrypt.decrypt(content, self._keys.identities)
        except encrypt.NotForUs:
            raise errors.IdentityWrong(archive=self.seal.archive) from None

    def _decompressed(self, name: str, packed: bytes, limit: int) -> bytes:
        try:
            return compress.decompress(packed, limit=limit)
        except compress.NotWhole:
            raise errors.ArchiveDamaged(archive=self.seal.archive, what=name) from None


@contextmanager
def opened(source: Source) -> Iterator[OpenArchive]:
    """The archive with a seal that holds, is the one beside it, and is that of `archive`."""
    if not source.storage.exists(source.name) and source.storage.exists(source.name + SIDECAR):
        raise errors.ArchiveDamaged(archive=source.archive, what="only its seal is left")
    with source.storage.open(source.name) as file:
        text = read_seal(file, archive=source.archive)
        seal = seals.read(text, archive=source.archive, trusted=source.keys.trusted)
        if _beside(source.storage, source.name) not in (None, text):
            raise errors.SealBroken(archive=source.archive, what="the seal beside it is another one")
        yield OpenArchive(file, seal, source.keys)


def _beside(storage: ArchiveStorage, name: str) -> bytes | None:
    if not storage.exists(name + SIDECAR):
        return None
    with storage.open(name + SIDECAR) as file:
        return file.read(SEAL_LIMIT)


def verify(source: Source, *, deep: bool, progress: Progress) -> Verified:
    """Every byte of the archive against its seal; `deep` decrypts and decompresses every member too."""
    with opened(source) as found, source.storage.open(source.name) as file:
        progress.phase("verify", sum(member.size for member in found.seal.members))

        def on_member(member: str, content: bytes) -> None:
            progress.check()
            if deep:
                found.open_each(member, content)
            progress.advance(len(content))

        check(
            file,
            archive=source.archive,
            created=found.seal.created,
            members=tuple((m.name, m.size, m.sha256) for m in found.seal.members),
            seal=read_seal(file, archive=source.archive),
            on_member=on_member,
        )
        return Verified(found.seal, len(found.seal.members) + 1)


def read_manifest(source: Source) -> Manifest:
    with opened(source) as found:
        return found.manifest()


def read_seal_of(source: Source) -> Seal:
    """The seal, which holds; needs no key to open anything."""
    with opened(source) as found:
        return found.seal


def list_archives(storage: ArchiveStorage, *, trusted: tuple[str, ...]) -> tuple[Listed, ...]:
    """What the storage holds, by the seals beside the archives; oldest first by name."""
    sizes = {stored.name: stored.size for stored in storage.names()}
    return tuple(
        _listed(storage, name.removesuffix(SIDECAR), sizes, trusted)
        for name in sizes
        if name.endswith(SIDECAR)
    )


def _listed(storage: ArchiveStorage, name: str, sizes: dict[str, int], trusted: tuple[str, ...]) -> Listed:
    archive = archive_of(name)
    try:
        if name not in sizes:
            raise errors.ArchiveDamaged(archive=archive, what="only its seal is left")
        with storage.open(name + SIDECAR) as file:
            text = file.read(SEAL_LIMIT)
        seal = seals.read(text, archive=archive, trusted=trusted)
        if name != archive_name(seal.database, seal.archive):
            raise errors.ArchiveDamaged(archive=archive, what="its file has another name")
        members = tuple((member.name, member.size) for member in seal.members)
        if sizes[name] != size_of(members, seal=len(text), created=seal.created):
            raise errors.ArchiveDamaged(archive=archive, what="its file has another size")
        return Listed(name, sizes[name], seal, None)
    except errors.BackupError as problem:
        return Listed(name, sizes.get(name, 0), None, problem)


def archive_of(name: str) -> str:
    """The archive's id from its file name, SLUG-ID.zip; the id itself holds one dash."""
    return "-".join(name.removesuffix(".zip").rsplit("-", 2)[-2:])


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
