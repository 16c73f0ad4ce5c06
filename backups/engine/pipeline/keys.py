"""What a piece of work is handed by whoever asks for it: keys, and which archive."""

from __future__ import annotations

from dataclasses import dataclass, field

from backups.engine.encrypt import Identity
from backups.engine.seal import SigningKey
from backups.engine.storage import ArchiveStorage


@dataclass(frozen=True, slots=True)
class Keys:
    """Recipients to encrypt to, a key to sign with, signers to believe, identities to open with."""

    recipients: tuple[str, ...] = ()
    signing: SigningKey | None = field(default=None, repr=False)
    trusted: tuple[str, ...] = ()
    identities: tuple[Identity, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Source:
    """One archive to be read: where it lies, its file's name there, its id, and the keys to open it."""

    storage: ArchiveStorage
    name: str
    archive: str
    keys: Keys
