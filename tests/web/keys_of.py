"""Archives and events that show the page of keys in each of its states."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from backups.engine.encrypt import recipient_fingerprint
from backups.engine.trust import signer_fingerprint
from backups.models import Archive, KeyEvent
from backups.services import keys
from tests.web import factories

OLD_PANEL, OLD_KIT, OLD_SIGNER = "3f9a17c2d84b60e5", "a1b2c3d4e5f60718", "77aa0b1c2d3e4f50"


def current() -> tuple[str, ...]:
    return tuple(sorted(map(recipient_fingerprint, settings.BACKUP_RECIPIENTS)))


def sealed(of: Archive, recipients: tuple[str, ...], signer: str = "") -> Archive:
    own = keys.signing()
    assert own is not None
    of.recipients = ",".join(sorted(recipients))
    of.signer = signer or signer_fingerprint(own.public)
    of.save()
    return of


def of_the_kit() -> str:
    return recipient_fingerprint(settings.BACKUP_RECIPIENTS[1])


def event(what: str, fingerprint: str, *, days: int, kind: str = "recovery") -> KeyEvent:
    at = timezone.now() - timedelta(days=days)
    return KeyEvent.objects.create(what=what, kind=kind, fingerprint=fingerprint, at=at, host="qparkin-1")


def rotated() -> None:
    """A panel's key and a kit of before, and a recovery key that was tried a month ago."""
    now = timezone.now()
    for days in range(40, 20, -1):
        sealed(factories.archive(now - timedelta(days=days)), (OLD_PANEL, OLD_KIT), OLD_SIGNER)
    for days in range(20, 0, -1):
        sealed(factories.archive(now - timedelta(days=days)), current())
    event("replaced", OLD_PANEL, days=20, kind="panel")
    event("kit", of_the_kit(), days=19)
    event("proved", of_the_kit(), days=30)
