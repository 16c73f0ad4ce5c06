"""A pin: an archive that retention leaves alone until a day, and why."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backups.models import Archive, Copy, User

from . import acts, approvals, audit
from .refusals import PinLate, PinPast


def gives_up(archive: Archive, until: datetime) -> bool:
    """It was to be kept for longer."""
    return acts.pinning(archive, until) is not None


@transaction.atomic
def pin(archive: Archive, *, until: datetime, reason: str, by: User | None, address: str = "") -> None:
    if until <= timezone.now():
        raise PinPast(date=timezone.localtime(until).strftime("%Y-%m-%d"))
    with approvals.used(acts.pinning(archive, until), by=by, address=address):
        _pin(archive, until=until, reason=reason, by=by, address=address)


def _pin(archive: Archive, *, until: datetime, reason: str, by: User | None, address: str) -> None:
    Archive.objects.filter(pk=archive.pk).update(
        pinned_until=until, pin_reason=reason[:200], pin_number=F("pin_number") + 1
    )
    # A promise that is not kept is worse than none: retention has just begun to take it away.
    if Copy.objects.filter(archive=archive, leaving__isnull=False).exists():
        raise PinLate(archive=archive.pk)
    told = {"until": until.isoformat(), "reason": reason[:200]}
    audit.record("pin_archive", actor=by, about=archive, address=address, details=told)
    archive.refresh_from_db()


@transaction.atomic
def unpin(archive: Archive, *, by: User | None, address: str = "") -> None:
    told = {"until": archive.pinned_until.isoformat() if archive.pinned_until else None}
    with approvals.used(acts.pinning(archive, None), by=by, address=address):
        Archive.objects.filter(pk=archive.pk).update(
            pinned_until=None, pin_reason="", pin_number=F("pin_number") + 1
        )
    audit.record("unpin_archive", actor=by, about=archive, address=address, details=told)
    archive.refresh_from_db()
