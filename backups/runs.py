"""Reads of schedules: what is next, what came last, and which run did not end well in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from backups.models import Archive, Schedule, Slot
from backups.models.archive import AHEAD, NOT_REGULAR
from backups.models.slot import UNDER_WAY

# Within it a scheduled backup has begun and ended; what is later is worth a look.
GRACE = timedelta(hours=2)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Unwell:
    """`problem` is missed (nobody began it), late (it has not ended) or failed."""

    problem: str
    schedule: Schedule
    at: datetime
    slot: Slot | None = None


def schedules() -> QuerySet[Schedule]:
    return Schedule.objects.all()


def next_run() -> datetime | None:
    upcoming = Schedule.objects.filter(enabled=True, next_run__isnull=False).order_by("next_run").first()
    return upcoming.next_run if upcoming else None


def last_slots(now: datetime | None = None) -> dict[int, Slot]:
    """Of each schedule the newest run that was not made up for by another one."""
    own = Slot.objects.filter(schedule=OuterRef("pk"), at__lte=now or timezone.now())
    newest = own.exclude(state=Slot.State.MISSED).order_by("-at").values("pk")[:1]
    found = Schedule.objects.annotate(newest=Subquery(newest)).exclude(newest=None)
    return {
        slot.schedule_id: slot
        for slot in Slot.objects.filter(pk__in=[schedule.newest for schedule in found]).select_related("job")
        if slot.schedule_id is not None
    }


def unwell(database: str, now: datetime | None = None) -> tuple[Unwell, ...]:
    """Schedules whose newest run needs somebody to look, the gravest first."""
    now = now or timezone.now()
    last = last_slots(now)
    found = [_judged(schedule, last.get(schedule.pk), now) for schedule in schedules().filter(enabled=True)]
    worth_telling = [each for each in found if each and not _is_made_up_for(each, database)]
    return tuple(sorted(worth_telling, key=lambda each: ("missed", "failed", "late").index(each.problem)))


def _judged(schedule: Schedule, slot: Slot | None, now: datetime) -> Unwell | None:
    if schedule.next_run and schedule.next_run + GRACE < now:
        return Unwell("missed", schedule, schedule.next_run)
    if slot is None:
        return None
    if slot.state == Slot.State.FAILED:
        return Unwell("failed", schedule, slot.at, slot)
    overdue = max(slot.at, slot.claimed_at) + GRACE < now
    return Unwell("late", schedule, slot.at, slot) if slot.state in UNDER_WAY and overdue else None


def _is_made_up_for(run: Unwell, database: str) -> bool:
    """A person made a backup since; but a clock that stands still does so for the next run, too."""
    if run.problem == "missed":
        return False
    since = Archive.objects.filter(database__iexact=database, created__gte=run.at, state=Archive.State.WHOLE)
    # One of 2099 makes up for nothing.
    since = since.filter(created__lte=timezone.now() + AHEAD)
    needed = _promised(run.schedule)
    return any(needed <= set(made.content) for made in since.exclude(purpose__in=NOT_REGULAR))


def _promised(schedule: Schedule) -> set[str]:
    if schedule.content == "everything":
        return {"database", "files"} if settings.QPARKIN_FILES else {"database"}
    return {schedule.content}


def longest_pause() -> timedelta | None:
    """How far apart two backups of the database lie at most; None where none is scheduled."""
    own = schedules().filter(enabled=True).exclude(content="files")
    return min((_pause(schedule) for schedule in own), default=None)


def _pause(schedule: Schedule) -> timedelta:
    if schedule.every == Schedule.Every.HOURS:
        return timedelta(hours=schedule.hours)
    if schedule.every == Schedule.Every.WEEKLY:
        days = sorted(schedule.weekdays)
        gaps = [(later - earlier) % 7 or 7 for earlier, later in zip(days, days[1:] + days[:1], strict=True)]
        return max(gaps, default=7) * DAY
    # A line of cron may mean anything: no more than a month is taken for sound.
    return DAY if schedule.every == Schedule.Every.DAILY else 31 * DAY
