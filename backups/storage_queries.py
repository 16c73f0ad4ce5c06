"""Reads of how the storages are. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from backups.models import Archive, Copy, StorageState

# Credentials that may not list are enough for backups.
NOT_TO_LIST = "list_refused"


def names() -> list[str]:
    """Of the storages that are set up, in their order."""
    return [place.name for place in settings.BACKUP_STORAGES]


def storage_states() -> QuerySet[StorageState]:
    return StorageState.objects.filter(storage__in=names())


def in_doubt() -> frozenset[str]:
    """Storages whose last list lacked most of what is known to lie there."""
    return frozenset(storage_states().filter(doubted_at__isnull=False).values_list("storage", flat=True))


def not_to_list() -> frozenset[str]:
    """Storages whose key may not list them: what lies there is known by what was written and read back."""
    return frozenset(storage_states().filter(problem_code=NOT_TO_LIST).values_list("storage", flat=True))


def failing() -> frozenset[str]:
    """Storages that could not be looked at when that was last tried."""
    ill = storage_states().exclude(problem_code__in=("", NOT_TO_LIST))
    return frozenset(ill.values_list("storage", flat=True))


def read_age(since: datetime, now: datetime | None = None) -> str:
    """fresh, amber or red: that nobody has read a copy for long does not make it bad, only unknown."""
    days = ((now or timezone.now()) - since) / timedelta(days=1)
    if not settings.VERIFY_DAYS or days <= settings.VERIFY_DAYS:
        return "fresh"
    return "amber" if days <= 2 * settings.VERIFY_DAYS else "red"


def unread_for(copies: QuerySet[Copy], age: str) -> QuerySet[Copy]:
    """Whole ones that are as old as that, or older."""
    if not settings.VERIFY_DAYS:
        return copies.none()
    days = settings.VERIFY_DAYS * (2 if age == "red" else 1)
    since = Coalesce("read_at", "arrived_at")
    lying = copies.filter(state=Copy.State.WHOLE, leaving__isnull=True).alias(since=since)
    return lying.filter(since__lt=timezone.now() - timedelta(days=days))


def worries(archives: QuerySet[Archive]) -> tuple[tuple[str, Callable[[], bool]], ...]:
    """What may be wrong with a storage or with a copy, the gravest first."""
    states = storage_states()
    # Of each copy first what is wrong with it: nearly none is, and the archives need not be gone through.
    ours = Exists(archives.filter(pk=OuterRef("archive")))
    copies = Copy.objects.filter(ours, storage__in=names())
    return (
        ("storage_lost", lambda: states.filter(lost_at__isnull=False).exists()),
        ("storage_in_doubt", lambda: states.filter(doubted_at__isnull=False).exists()),
        ("storage_failing", lambda: bool(failing())),
        ("copy_damaged", lambda: copies.filter(state=Copy.State.DAMAGED).exists()),
        ("copy_unread", lambda: copies.filter(unread_at__isnull=False).exists()),
        ("copy_failed", lambda: copies.filter(state=Copy.State.FAILED).exists()),
        ("check_very_old", lambda: unread_for(copies, "red").exists()),
        ("check_old", lambda: unread_for(copies, "amber").exists()),
    )
