"""Pins beside their archives, so that they outlive the panel's own database."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import F

from backups import storage_queries
from backups.engine import encrypt
from backups.engine.errors import BackupError
from backups.engine.pipeline.names import archive_of
from backups.engine.storage import ArchiveStorage
from backups.models import Archive, Copy

from . import audit, keys, notes, storages

log = logging.getLogger(__name__)

# The clock does other things too, and a storage that failed just now fails again.
AT_ONCE = 20
AGAIN_SECONDS = 300


def write_due(_: datetime | None = None) -> None:
    """At each storage with a whole copy whose note is not of the archive's last pin."""
    due = Copy.objects.filter(state=Copy.State.WHOLE, leaving__isnull=True, archive__pruned_at=None)
    due = due.filter(pin_noted__lt=F("archive__pin_number")).exclude(storage__in=storage_queries.failing())
    for copy in due.select_related("archive")[:AT_ONCE]:
        place = storages.named(copy.storage)
        if place is not None and not cache.get(_failed(copy.storage)):
            try:
                _write(copy, copy.archive, place)
            except BackupError as error:
                log.warning("the pin of %s was not written at %s: %s", copy.archive_id, copy.storage, error)
                cache.set(_failed(copy.storage), True, AGAIN_SECONDS)


def _write(copy: Copy, archive: Archive, place: ArchiveStorage) -> None:
    if notes.put(place, copy.name, notes.PIN, archive.pin_number, _said(archive)):
        Copy.objects.filter(pk=copy.pk, pin_noted__lt=archive.pin_number).update(pin_noted=archive.pin_number)
    elif notes.can_write():
        # A panel before this one had that number.
        behind = Archive.objects.filter(pk=archive.pk, pin_number=archive.pin_number)
        behind.update(pin_number=F("pin_number") + 1)


def _said(archive: Archive) -> dict[str, Any]:
    """Until when is no secret; why may be."""
    until, reason = archive.pinned_until, archive.pin_reason
    secret = encrypt.encrypt(reason.encode(), settings.BACKUP_RECIPIENTS) if until and reason else b""
    return {
        "archive": archive.pk,
        "until": until.isoformat() if until else "",
        "reason": base64.b64encode(secret).decode(),
    }


def take(storage: ArchiveStorage, names: Iterable[str]) -> None:
    """What lies there and is later than what is known. Raises where the storage fails."""
    found = {
        archive_of(name): (name, all_of_it) for name, all_of_it in notes.numbers(names, notes.PIN).items()
    }
    if not found:
        return
    # Not by their names, of which somebody may have put more there than a query takes.
    for archive, number in Archive.with_pruned.values_list("pk", "pin_number"):
        if archive not in found:
            continue
        name, all_of_it = found[archive]
        later = notes.newest(storage, name, notes.PIN, all_of_it, above=number)
        if later and later[1].get("archive") == archive:
            _believe(archive, *later)


def _believe(archive: str, number: int, said: Mapping[str, Any]) -> None:
    try:
        until = datetime.fromisoformat(str(said["until"])) if said["until"] else None
    except (KeyError, ValueError):
        return
    behind = Archive.with_pruned.filter(pk=archive, pin_number__lt=number)
    if behind.update(pinned_until=until, pin_reason=_reason(said) if until else "", pin_number=number):
        Copy.objects.filter(archive=archive).update(pin_noted=0)
        told = {"until": said["until"] or None}
        audit.record("pin_found", actor=None, about=Archive.with_pruned.get(pk=archive), details=told)


def _reason(said: Mapping[str, Any]) -> str:
    """Empty where this host cannot open it; the pin holds all the same."""
    try:
        secret = base64.b64decode(str(said.get("reason", "")), validate=True)
        opened = encrypt.decrypt(secret, keys.to_open().identities) if secret and keys.can_open() else b""
    except (ValueError, BackupError, encrypt.NotForUs):
        return ""
    return opened.decode(errors="replace")[:200]


def _failed(storage: str) -> str:
    return f"pin-notes-failed-{storage}"
