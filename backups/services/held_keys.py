"""Which private keys lie where: here, on another host, or nowhere that the panel reaches."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from backups.engine.encrypt import recipient_fingerprint
from backups.engine.errors import BackupError
from backups.models import WorkerHost

from . import keys
from .key_files import RECOVERY

# As a host says it of itself (services/abilities.py).
KEY = "key:"


def here() -> frozenset[str]:
    """Fingerprints of the identities that this host can open; none where it cannot at this moment."""
    try:
        return frozenset(recipient_fingerprint(key.recipient) for key in keys.identities())
    except BackupError:
        return frozenset()


def elsewhere() -> dict[str, str]:
    """By fingerprint the host that says so."""
    return {
        word.removeprefix(KEY): host.name
        for host in WorkerHost.objects.exclude(name=settings.WORKER_NAME)
        for word in host.offers
        if word.startswith(KEY)
    }


def fingerprints() -> frozenset[str]:
    return here() | frozenset(elsewhere())


def waiting_recovery() -> Path | None:
    """The recovery identity that archives are made for now, as long as no kit has taken it away."""
    current = [f"recovery-{recipient_fingerprint(one)}.identity" for one in settings.BACKUP_RECIPIENTS]
    files = (settings.BACKUP_SIGNING_KEY_FILE, settings.BACKUP_IDENTITY_FILE)
    folders = dict.fromkeys(Path(file).parent for file in files if file)
    places = (folder / name for folder in folders for name in (*current, RECOVERY))
    return next((place for place in places if place.is_file()), None)


def of_the_kit() -> str:
    """Fingerprint of the recovery kit's key of now: the one that no host has. '' where that is unclear."""
    held = fingerprints()
    apart = [one for one in map(recipient_fingerprint, settings.BACKUP_RECIPIENTS) if one not in held]
    return apart[0] if len(apart) == 1 else ""
