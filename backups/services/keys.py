"""From the settings to the keys."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from backups.engine import encrypt, seal
from backups.engine.pipeline import Keys

from .refusals import SettingMissing


def to_back_up() -> Keys:
    """Recipients and the signing key; no identity, since making a backup needs none."""
    if not settings.BACKUP_RECIPIENTS:
        raise SettingMissing(name="BACKUP_RECIPIENTS")
    if not settings.BACKUP_SIGNING_KEY_FILE:
        raise SettingMissing(name="BACKUP_SIGNING_KEY_FILE")
    encrypt.check_recipients(settings.BACKUP_RECIPIENTS)
    return Keys(recipients=settings.BACKUP_RECIPIENTS, signing=signing(), trusted=trusted(), identities=())


def to_check() -> Keys:
    """What a host without an identity can do: verify every byte."""
    return Keys(recipients=settings.BACKUP_RECIPIENTS, signing=None, trusted=trusted(), identities=())


def to_open() -> Keys:
    """All keys of this host, the identity that opens archives among them."""
    return Keys(
        recipients=settings.BACKUP_RECIPIENTS, signing=signing(), trusted=trusted(), identities=_identities()
    )


def trusted() -> tuple[str, ...]:
    """Public keys of the signers whose archives are opened here: our own, and those adopted."""
    own = signing()
    return (*((own.public,) if own else ()), *settings.BACKUP_TRUSTED_SIGNERS)


def can_open() -> bool:
    return bool(settings.BACKUP_IDENTITY_FILE)


def signing() -> seal.SigningKey | None:
    if not settings.BACKUP_SIGNING_KEY_FILE:
        return None
    return seal.SigningKey.load(Path(settings.BACKUP_SIGNING_KEY_FILE))


def _identities() -> tuple[encrypt.Identity, ...]:
    if not settings.BACKUP_IDENTITY_FILE:
        return ()
    return encrypt.load_identities(Path(settings.BACKUP_IDENTITY_FILE))
