"""One copy leaves a storage. What a crash breaks off here is finished, or never began."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backups.engine.errors import BackupError
from backups.engine.pipeline.backup import SIDECAR
from backups.engine.storage import ArchiveStorage
from backups.models import Archive, Copy, Job, User
from backups.models.copy import LYING
from backups.models.job import Kind

from . import archives, audit, storages
from .retention import Reason

log = logging.getLogger(__name__)


def take_away(pk: str, *, storage: str, reason: Reason, by: User | None) -> Reason | None:
    """None where it has gone; why, where it stays after all."""
    place = storages.named(storage)
    if place is None:
        return Reason("gone")
    copy = _marked(pk, storage, reason)
    if isinstance(copy, Reason):
        return copy
    try:
        archives.remove(place, copy.name, pins=copy.archive.pin_number)
    except BackupError:
        _stays_if_whole(copy, place)
        raise
    _gone(copy, asdict(reason), by)
    return None


@transaction.atomic
def _marked(pk: str, storage: str, reason: Reason) -> Copy | Reason:
    """Before its first byte goes: whoever finds half of it knows what was meant.

    The archive's row is written first, as whoever pins it does: so one of the two sees the other.
    """
    Archive.objects.filter(pk=pk).update(pinned_until=F("pinned_until"))
    copy = Copy.objects.select_related("archive").filter(archive=pk, storage=storage).first()
    if copy is None:
        return Reason("gone")
    until = copy.archive.pinned_until
    if until and until > timezone.now():
        return Reason("pinned", {"until": until.isoformat()})
    Copy.objects.filter(pk=copy.pk).update(leaving=asdict(reason))
    return copy


def is_there(pk: str, storage: str) -> bool:
    return Copy.objects.filter(archive=pk, storage=storage).exists()


def settle_what_broke_off() -> None:
    """For the clock: what a running job is at is its own."""
    if not Job.objects.filter(kind=Kind.PRUNE, state=Job.State.RUNNING).exists():
        settle()


def settle() -> None:
    """Without its seal an archive does not exist, so what is left of it goes too; with it, it stays."""
    for copy in Copy.objects.select_related("archive").filter(leaving__isnull=False):
        place = storages.named(copy.storage)
        if place is not None and not _stays_if_whole(copy, place):
            archives.remove(place, copy.name, pins=copy.archive.pin_number)
            _gone(copy, copy.leaving or {}, None)


def _stays_if_whole(copy: Copy, place: ArchiveStorage) -> bool:
    """Its seal is still there, so nothing of it has gone; whether it goes is decided anew."""
    try:
        there = place.exists(copy.name + SIDECAR)
    except BackupError as error:
        log.warning("%s at %s: whether it is still there is not known: %s", copy.name, copy.storage, error)
        return True
    if there:
        Copy.objects.filter(pk=copy.pk).update(leaving=None)
    return there


@transaction.atomic
def _gone(copy: Copy, reason: Mapping[str, Any], by: User | None) -> None:
    """The row of an archive stays, for the restores and jobs that speak of it."""
    deleted, _ = Copy.objects.filter(pk=copy.pk).delete()
    if not deleted:
        return
    archive = copy.archive
    # Elsewhere: also at a storage that the settings no longer name. One that was only on its way has lost
    # what it would have been made of.
    if not archive.copies.filter(state__in=LYING).exists():
        archive.copies.all().delete()
        Archive.with_pruned.filter(pk=archive.pk).update(
            pruned_at=timezone.now(), state=Archive.State.MISSING
        )
    audit.record("drop_archive", actor=by, about=archive, details={"storage": copy.storage, **_told(reason)})


def _told(reason: Mapping[str, Any]) -> dict[str, Any]:
    return {"reason": reason.get("code", ""), "params": reason.get("params", {})}
