"""An archive that is open: its seal holds, and a copy that fails gives way to the next one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import IO

from backups.engine import compress, encrypt, errors
from backups.engine import seal as seals
from backups.engine.archive import SEAL_LIMIT, offsets, read_seal
from backups.engine.manifest import Manifest, NotThisFormat, from_json
from backups.engine.seal import Member, Seal
from backups.engine.storage import ArchiveStorage

from .backup import MANIFEST, SIDECAR
from .keys import Source

SCRIPT_LIMIT = 1024 * 1024 * 1024
# What another copy of the same archive may do better.
OF_THIS_COPY = (errors.StorageFailed, errors.ArchiveDamaged, errors.SealBroken, errors.ArchiveUnknown)


@dataclass(frozen=True, slots=True)
class _Place:
    """One copy that is open, its seal and that seal's own bytes."""

    source: Source
    file: IO[bytes]
    seal: Seal
    text: bytes


class OpenArchive:
    """An archive whose seal holds. Every member is checked against the seal before it is decrypted.

    A member that one copy does not give as it was sealed is read from the next: equal bytes are equal,
    wherever they lie.
    """

    def __init__(self, copies: Iterator[_Place]) -> None:
        self._copies = copies
        self._place = next(copies)
        self.seal, self.seal_text = self._place.seal, self._place.text
        self._keys = self._place.source.keys
        self._reading = Lock()
        sizes = {member.name: member.size for member in self.seal.members}
        self._offsets = dict(offsets(sizes))
        self._members = {member.name: member for member in self.seal.members}
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
            while True:
                try:
                    return self._read(member)
                except OF_THIS_COPY as error:
                    self._give_way(error)

    def _read(self, member: Member) -> bytes:
        file = self._place.file
        file.seek(self._offsets[member.name])
        content = file.read(member.size)
        if hashlib.sha256(content).hexdigest() != member.sha256:
            raise errors.ArchiveDamaged(archive=self.seal.archive, what=member.name)
        return content

    def _give_way(self, error: errors.BackupError) -> None:
        """To the next copy that opens and has the very same seal; without one the error stands."""
        self._place.source.told(self._place.source.storage.name, error)
        for place in self._copies:
            if place.text == self.seal_text:
                self._place = place
                return
            other = errors.SealBroken(archive=self.seal.archive, what="the seal beside it is another one")
            place.source.told(place.source.storage.name, other)
        raise error

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
    with ExitStack() as files:
        yield OpenArchive(_copies_that_open(source, files))


def _copies_that_open(source: Source, files: ExitStack) -> Iterator[_Place]:
    """One after another, each opened only when it is asked for. Where none opens, the first one's error."""
    first: errors.BackupError | None = None
    found = False
    for now in (source, *source.others):
        try:
            place = _open_copy(now, files)
        except OF_THIS_COPY as error:
            first = first or error
            now.told(now.storage.name, error)
            continue
        found = True
        now.told(now.storage.name, None)
        yield place
    if first and not found:
        raise first


def _open_copy(source: Source, files: ExitStack) -> _Place:
    if not source.storage.exists(source.name) and source.storage.exists(source.name + SIDECAR):
        raise errors.ArchiveDamaged(archive=source.archive, what="only its seal is left")
    file = files.enter_context(source.storage.open(source.name))
    text = read_seal(file, archive=source.archive)
    seal = seals.read(text, archive=source.archive, trusted=source.keys.trusted)
    if _beside(source.storage, source.name) not in (None, text):
        raise errors.SealBroken(archive=source.archive, what="the seal beside it is another one")
    return _Place(source, file, seal, text)


def _beside(storage: ArchiveStorage, name: str) -> bytes | None:
    if not storage.exists(name + SIDECAR):
        return None
    with storage.open(name + SIDECAR) as file:
        return file.read(SEAL_LIMIT)
