"""Reads of the last thirty days: on which of them a backup of the database was made, and on which not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from backups.models import Archive, Job, Slot
from backups.models.archive import DATABASE, FILES, NOT_REGULAR

COUNT = 30
FAILED = (Job.State.FAILED, Job.State.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class Day:
    """`state` is made, late, failed, none, open (today is not over) or before (nothing was kept yet)."""

    day: date
    state: str


def last_days(database: str, now: datetime | None = None) -> tuple[Day, ...]:
    """The oldest first, by the panel's own calendar. What retention let go since was made all the same."""
    today = timezone.localdate(now)
    first = today - timedelta(days=COUNT - 1)
    since = timezone.make_aware(datetime.combine(first, time()))
    made, late, failed = _made(database, since), _late(since), _failed(database, since)
    begun = _first_day(database)
    return tuple(
        Day(day, _state(day, today, begun, made, late, failed))
        for day in (first + timedelta(days=number) for number in range(COUNT))
    )


def _state(
    day: date, today: date, begun: date | None, made: set[date], late: set[date], failed: set[date]
) -> str:
    if day in late:
        return "late"
    if day in made:
        return "made"
    if day in failed:
        return "failed"
    if begun is None or day < begun:
        return "before"
    return "open" if day == today else "none"


def _made(database: str, since: datetime) -> set[date]:
    """Whole, and regular: a safety backup is not what somebody counts on. What was let go was whole then."""
    found = Archive.with_pruned.filter(database__iexact=database, created__gte=since)
    kept = found.exclude(purpose__in=NOT_REGULAR).values_list("created", "content", "state", "pruned_at")
    whole = Archive.State.WHOLE
    return _days(made for made, held, state, gone in kept if DATABASE in held and (gone or state == whole))


def _late(since: datetime) -> set[date]:
    """A run that was due then and was made up for later."""
    slots = Slot.objects.filter(at__gte=since, late=True, state=Slot.State.DONE)
    return _days(slots.exclude(schedule__content=FILES).values_list("at", flat=True))


def _failed(database: str, since: datetime) -> set[date]:
    jobs = Job.objects.filter(kind=Job.Kind.BACKUP, system__iexact=database, state__in=FAILED)
    tried = jobs.filter(created_at__gte=since).values_list("created_at", "options")
    return _days(at for at, options in tried if options.get("content") != FILES)


def _first_day(database: str) -> date | None:
    """When the first backup was tried or made: what was before that nobody had promised."""
    made = Archive.with_pruned.filter(database__iexact=database).order_by("created")
    tried = Job.objects.filter(kind=Job.Kind.BACKUP, system__iexact=database).order_by("created_at")
    moments = [
        *made.values_list("created", flat=True)[:1],
        *tried.values_list("created_at", flat=True)[:1],
    ]
    return timezone.localdate(min(moments)) if moments else None


def _days(moments: Iterable[datetime]) -> set[date]:
    return {timezone.localdate(moment) for moment in moments}
