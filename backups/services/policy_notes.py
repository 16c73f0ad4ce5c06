"""Policies of retention at the storages that they are for, so that they outlive the panel's own database.

Without them a rebuilt panel would clear by the preset what somebody had promised to keep for longer.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db.models import F

from backups import storage_queries
from backups.engine.dump import slug
from backups.engine.errors import BackupError
from backups.engine.storage import ArchiveStorage
from backups.models import RetentionPolicy

from . import audit, notes, storages
from .connections import protected_database
from .retention import PRESET, Policy

log = logging.getLogger(__name__)

AGAIN_SECONDS = 300


def write_due(_: datetime | None = None) -> None:
    due = RetentionPolicy.objects.filter(noted__lt=F("number")).exclude(storage__in=storage_queries.failing())
    for row in due:
        place = storages.named(row.storage)
        if place is not None and not cache.get(_failed(row.storage)):
            try:
                _write(row, place)
            except BackupError as error:
                log.warning("the policy of %s was not written there: %s", row.storage, error)
                cache.set(_failed(row.storage), True, AGAIN_SECONDS)


def _write(row: RetentionPolicy, place: ArchiveStorage) -> None:
    said = {"storage": row.storage, "policy": asdict(policy_of(row))}
    same = RetentionPolicy.objects.filter(pk=row.pk, number=row.number)
    if notes.put(place, _beside(), notes.RETENTION, row.number, said):
        same.update(noted=row.number)
    elif notes.can_write():
        # A panel before this one had that number.
        same.update(number=F("number") + 1)


def take(storage: ArchiveStorage, names: Iterable[str]) -> None:
    """What lies there and is later than what is known. Raises where the storage fails."""
    found = notes.numbers(names, notes.RETENTION).get(_beside(), [])
    row = RetentionPolicy.objects.filter(storage=storage.name).first()
    later = notes.newest(storage, _beside(), notes.RETENTION, found, above=row.number if row else 0)
    if later is None or later[1].get("storage") != storage.name:
        return
    number, policy = later[0], _policy(later[1].get("policy"))
    if policy is None:
        return
    before = policy_of(row) if row else PRESET
    values = {**asdict(policy), "number": number, "noted": number}
    row, _ = RetentionPolicy.objects.update_or_create(storage=storage.name, defaults=values)
    told = {"storage": storage.name, "before": asdict(before), "after": asdict(policy)}
    audit.record("retention_found", actor=None, about=row, details=told)


def policy_of(row: RetentionPolicy) -> Policy:
    return Policy(row.all_days, row.daily, row.weekly, row.monthly, row.yearly, row.max_bytes)


def _policy(told: Any) -> Policy | None:
    names = {field.name for field in fields(Policy)}
    if not isinstance(told, dict) or set(told) != names:
        return None
    known = {name: value for name, value in told.items() if isinstance(value, int) and value >= 0}
    whole = set(known) == names or (told["max_bytes"] is None and set(known) == names - {"max_bytes"})
    return Policy(**told) if whole else None


def _beside() -> str:
    """Several panels may share a storage."""
    return slug(protected_database())


def _failed(storage: str) -> str:
    return f"policy-note-failed-{storage}"
