"""compress > encrypt > archive: what becomes of a member, and what the seal will say of it."""

from __future__ import annotations

import hashlib

from backups.engine.archive import SEAL, ArchiveWriter
from backups.engine.compress import compress
from backups.engine.encrypt import encrypt
from backups.engine.seal import Member


class Packer:
    """Members on their way into the archive, and what the seal will say of them."""

    def __init__(self, writer: ArchiveWriter, recipients: tuple[str, ...]) -> None:
        self._writer = writer
        self.members: list[Member] = []
        self._recipients = recipients

    def plain(self, name: str, content: bytes) -> None:
        self._writer.add(name, content)
        self.members.append(Member(name, len(content), hashlib.sha256(content).hexdigest()))

    def secret(self, name: str, content: bytes) -> None:
        self.plain(name, encrypt(content, self._recipients))

    def pack(self, content: bytes) -> bytes:
        """Compressed and encrypted; touches nothing, so that several threads may."""
        return encrypt(compress(content), self._recipients)

    def script(self, name: str, text: str) -> None:
        self.plain(f"{name}.zst.age", self.pack(text.encode("utf-8", "surrogateescape")))

    def close(self, seal: bytes) -> None:
        """The seal as the last member, then the directory."""
        self._writer.add(SEAL, seal)
        self._writer.close()

    @property
    def size(self) -> int:
        return self._writer.size
