"""What a piece of work is handed by whoever asks for it: keys, and which archive."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from backups.engine.encrypt import Identity
from backups.engine.errors import BackupError
from backups.engine.seal import SigningKey
from backups.engine.storage import ArchiveStorage


@dataclass(frozen=True, slots=True)
class Keys:
    """Recipients to encrypt to, a key to sign with, signers to believe, identities to open with."""

    recipients: tuple[str, ...] = ()
    signing: SigningKey | None = field(default=None, repr=False)
    trusted: Collection[str] = ()
    identities: tuple[Identity, ...] = field(default=(), repr=False)


# Told which storage is being read from, or what was wrong with it.
Told = Callable[[str, BackupError | None], None]


def nobody(storage: str, error: BackupError | None) -> None:
    del storage, error


@dataclass(frozen=True, slots=True)
class Source:
    """One archive to be read: where it lies, its file's name there, its id, and the keys to open it.

    `others` are further copies of it, which are read on from where this one fails. `digest` is that of the
    seal that it must have; '' where none is known yet.
    """

    storage: ArchiveStorage
    name: str
    archive: str
    keys: Keys
    others: tuple[Source, ...] = ()
    told: Told = field(default=nobody, repr=False, compare=False)
    digest: str = ""
