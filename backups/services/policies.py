"""How long each storage keeps its archives: the rows, as the values that retention reckons with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backups import queries
from backups.models import Archive, RetentionPolicy, User

from . import acts, approvals, audit, storages
from .connections import protected_database
from .panel_day import panel_day
from .policy_notes import policy_of
from .refusals import StorageUnknown
from .retention import PRESET, Policy, Rules, Strange
from .retention.periods import borders

# A storage that refused to delete is asked again by itself after so long.
ASKED_AGAIN = timedelta(days=7)


def every() -> dict[str, Policy]:
    """For each storage of the settings, in their order."""
    rows = {row.storage: policy_of(row) for row in RetentionPolicy.objects.all()}
    return {storage.name: rows.get(storage.name, PRESET) for storage in storages.every()}


def of(storage: str) -> Policy:
    policies = every()
    if storage not in policies:
        raise StorageUnknown(storage=storage[:50], known=", ".join(policies))
    return policies[storage]


@transaction.atomic
def change(storage: str, policy: Policy, *, by: User | None, address: str = "") -> None:
    before = of(storage)
    told = {"storage": storage, "before": asdict(before), "after": asdict(policy)}
    with approvals.used(acts.keeping(storage, before, policy), by=by, address=address):
        row, _ = RetentionPolicy.objects.update_or_create(storage=storage, defaults=asdict(policy))
        RetentionPolicy.objects.filter(pk=row.pk).update(number=F("number") + 1)
        audit.record("change_retention", actor=by, about=row, address=address, details=told)


def note_refusal(storage: str, *, refused: bool) -> None:
    """Whether the storage lets us delete. Remembered so that the page can say it."""
    now = timezone.now() if refused else None
    if refused:
        RetentionPolicy.objects.update_or_create(
            storage=storage,
            defaults={"refused_at": now},
            create_defaults={**asdict(PRESET), "refused_at": now},
        )
    else:
        RetentionPolicy.objects.filter(storage=storage, refused_at__isnull=False).update(refused_at=None)


def refusals() -> dict[str, datetime]:
    """The storages that do not let us delete, and since when that is known."""
    rows = RetentionPolicy.objects.filter(refused_at__isnull=False)
    return {row.storage: row.refused_at for row in rows if row.refused_at}


def refusing(now: datetime) -> frozenset[str]:
    """Those that need not be asked by the clock: whoever gave no leave yesterday gives none today."""
    return frozenset(name for name, since in refusals().items() if now - since < ASKED_AGAIN)


def reach() -> tuple[int, date | None]:
    """In short: for so many days every backup is kept, and of this day is the oldest that is kept at all."""
    today, kept = panel_day(), list(every().values())
    oldest = [day for policy in kept for day in borders(policy, today).values() if day]
    return max(policy.all_days for policy in kept), min(oldest, default=None)


def rules() -> Rules:
    made = Archive.with_pruned.filter(database__iexact=protected_database())
    return Rules(
        zone=ZoneInfo(settings.TIME_ZONE),
        undo_window=timedelta(days=settings.UNDO_DAYS),
        at_once=settings.BACKUP_PRUNE_AT_MOST,
        keep_last=settings.BACKUP_KEEP_LAST,
        # The newest are what speaks for the clock.
        made=tuple(made.order_by("-created").values_list("created", flat=True)[:500]),
        strange=tuple(_strange()),
    )


def _strange() -> Iterator[Strange]:
    found = queries.unexplained(protected_database())
    for pk, created, content in found.values_list("pk", "created", "content"):
        yield Strange(pk, created, content=frozenset(content))
