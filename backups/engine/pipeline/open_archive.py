"""An archive that is open: its seal holds, and a copy that fails gives way to the next one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Lock

from backups.engine import compress, encrypt, errors
from backups.engine.archive import offsets
from backups.engine.manifest import Manifest, NotThisFormat, from_json
from backups.engine.seal import Member

from .backup import MANIFEST
from .in_turn import OF_THIS_COPY, Copies
from .keys import Source

SCRIPT_LIMIT = 1024 * 1024 * 1024


class OpenArchive:
    """An archive whose seal holds. Every member is checked against the seal before it is decrypted.

    A member that one copy does not give as it was sealed is read from the next: equal bytes are equal,
    wherever they lie.
    """

    def __init__(self, copies: Copies) -> None:
        self._copies = copies
        self._place = copies.first()
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
                    self._place = self._copies.after(self._place, error)

    def _read(self, member: Member) -> bytes:
        file = self._place.file
        file.seek(self._offsets[member.name])
        content = file.read(member.size)
        if hashlib.sha256(content).hexdigest() != member.sha256:
            raise errors.ArchiveDamaged(archive=self.seal.archive, what=member.name)
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
    with ExitStack() as files:
        yield OpenArchive(Copies(source, files))
