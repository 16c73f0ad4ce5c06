"""From the settings to the keys."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from backups.engine import encrypt, passphrase, seal
from backups.engine.errors import BackupError, KeyUnreadable, RecipientRevoked
from backups.engine.pipeline import Keys
from backups.engine.trust import Revocation, Signers

from . import seals_before
from .refusals import SettingMissing

# In this process's memory alone, as the keys themselves.
_opened: dict[tuple[object, ...], tuple[encrypt.Identity, ...] | BackupError] = {}


def to_back_up() -> Keys:
    """Recipients and the signing key; no identity, since making a backup needs none."""
    if not settings.BACKUP_RECIPIENTS:
        raise SettingMissing(name="BACKUP_RECIPIENTS")
    if not settings.BACKUP_SIGNING_KEY_FILE:
        raise SettingMissing(name="BACKUP_SIGNING_KEY_FILE")
    encrypt.check_recipients(settings.BACKUP_RECIPIENTS)
    for recipient in settings.BACKUP_RECIPIENTS:
        fingerprint = encrypt.recipient_fingerprint(recipient)
        if {recipient, fingerprint} & set(settings.BACKUP_REVOKED_RECIPIENTS):
            raise RecipientRevoked(recipient=fingerprint)
    return Keys(recipients=settings.BACKUP_RECIPIENTS, signing=signing(), trusted=trusted(), identities=())


def to_check() -> Keys:
    """What a host without an identity can do: verify every byte."""
    return Keys(recipients=settings.BACKUP_RECIPIENTS, signing=None, trusted=trusted(), identities=())


def to_open() -> Keys:
    """All keys of this host, the identity that opens archives among them."""
    return Keys(
        recipients=settings.BACKUP_RECIPIENTS, signing=signing(), trusted=trusted(), identities=identities()
    )


def trusted() -> Signers:
    """Public keys of the signers whose archives are opened here: our own, and those adopted or of before."""
    own = signing()
    public = (*((own.public,) if own else ()), *settings.BACKUP_TRUSTED_SIGNERS)
    revoked = tuple(
        Revocation(one.public, one.since, seals_before.known(one.public))
        for one in settings.BACKUP_REVOKED_SIGNERS
    )
    return Signers(tuple(dict.fromkeys(public)), revoked)


def can_open() -> bool:
    return bool(settings.BACKUP_IDENTITY_FILE)


def signing() -> seal.SigningKey | None:
    if not settings.BACKUP_SIGNING_KEY_FILE:
        return None
    return seal.SigningKey.load(Path(settings.BACKUP_SIGNING_KEY_FILE))


def identities() -> tuple[encrypt.Identity, ...]:
    """Of this host. A passphrase costs a second each time, so what it opened is kept while the file stays."""
    if not settings.BACKUP_IDENTITY_FILE:
        return ()
    path = Path(settings.BACKUP_IDENTITY_FILE)
    secret = settings.BACKUP_IDENTITY_PASSPHRASE
    try:
        found = path.stat()
    except OSError as error:
        raise KeyUnreadable(path=str(path), reason=error.strerror or "not readable") from None
    stamp = (path, found.st_ino, found.st_mtime_ns, found.st_size, secret)
    if stamp not in _opened:
        _opened.clear()
        _opened[stamp] = _tried(path, secret)
    told = _opened[stamp]
    if isinstance(told, BackupError):
        # A new one each time: an exception that is raised again and again grows with every raise.
        raise type(told)(**told.params)
    return told


def _tried(path: Path, secret: str) -> tuple[encrypt.Identity, ...] | BackupError:
    """A wrong passphrase costs as much as a right one, and is asked about just as often."""
    try:
        return encrypt.load_identities(path, secret)
    except BackupError as error:
        return error


def is_under_passphrase(text: bytes) -> bool:
    """Of an identity file's contents."""
    return passphrase.is_locked(text)
