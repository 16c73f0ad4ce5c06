"""Object lock: until a day the bucket refuses to delete an object, whoever asks. Set, and read back."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from backups.engine.errors import BackupError
from qparkin_backup.buckets import Bucket

from .asking import Asking
from .explain import WRITE
from .look import look

log = logging.getLogger(__name__)


def lock_arguments(place: Bucket) -> dict[str, Any]:
    if not place.retain_days:
        return {}
    return {"ObjectLockMode": place.retain_mode.upper(), "ObjectLockRetainUntilDate": _until(place)}


def lock_if_dropped(asking: Asking, name: str) -> datetime | None:
    """Until when the object is kept. Some servers drop the lock of a multipart upload without a word."""
    seen = look(asking, name)
    kept = seen.stored.retained_until if seen else None
    if kept is None and _knows_locks(asking):
        kept = _locked_now(asking, name)
    if kept is None:
        log.warning("the storage %s did not keep the lock of %s", asking.place.name, name)
    return kept


def _knows_locks(asking: Asking) -> bool:
    """Asked before each lock that is set apart: a server that knows none takes it for a new object.

    Seen with one such server: the archive was replaced by the XML of the request.
    """
    try:
        found = asking.insist(
            lambda: asking.client.get_object_lock_configuration(Bucket=asking.place.bucket), WRITE
        )
    except BackupError:
        return False
    return found.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled") == "Enabled"


def _locked_now(asking: Asking, name: str) -> datetime | None:
    mode: Any = asking.place.retain_mode.upper()
    retention: Any = {"Mode": mode, "RetainUntilDate": _until(asking.place)}
    try:
        asking.insist(
            lambda: asking.client.put_object_retention(
                Bucket=asking.place.bucket, Key=asking.key(name), Retention=retention
            ),
            WRITE,
        )
    except BackupError as error:
        log.warning("the lock of %s at %s was not set: %s", name, asking.place.name, error)
    seen = look(asking, name)
    return seen.stored.retained_until if seen else None


def _until(place: Bucket) -> datetime:
    return timezone.now() + timedelta(days=place.retain_days)
