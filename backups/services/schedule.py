"""Schedules. A slot is claimed by one conditional UPDATE, so many clocks do no harm."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils import timezone

from backups.models import Job, Schedule, User
from backups.models.job import Trigger

from . import audit, backup


def start_what_is_due(now: datetime) -> None:
    for schedule in Schedule.objects.filter(enabled=True):
        start_when_due(schedule, now)


def start_when_due(schedule: Schedule, now: datetime) -> Job | None:
    """A slot that was missed while the panel was off is made up for once."""
    due = schedule.next_run is not None and schedule.next_run <= now
    if schedule.next_run is not None and not due:
        return None
    claimed = Schedule.objects.filter(pk=schedule.pk, next_run=schedule.next_run, enabled=True).update(
        next_run=next_slot(schedule, now), last_slot=schedule.next_run
    )
    if not claimed or schedule.next_run is None:
        return None
    slot = schedule.next_run.isoformat()
    return backup.request_backup(
        requested_by=None, trigger=Trigger.SCHEDULE, idempotency_key=f"schedule {schedule.pk} {slot}"
    )


def change_schedule(schedule: Schedule, *, every: str, at: time, enabled: bool, by: User | None) -> Schedule:
    schedule.every, schedule.at, schedule.enabled = every, at, enabled
    schedule.next_run = next_slot(schedule, timezone.now()) if enabled else None
    schedule.save()
    details = {"every": every, "at": at.isoformat(timespec="minutes"), "enabled": enabled}
    audit.record("change_schedule", actor=by, about=schedule, details=details)
    return schedule


def next_slot(schedule: Schedule, after: datetime) -> datetime:
    """The first moment after `after` on which the schedule falls, by the panel's clock."""
    local = timezone.localtime(after)
    if schedule.every == Schedule.Every.HOURLY:
        slot = local.replace(minute=schedule.at.minute, second=0, microsecond=0)
        return slot if slot > local else slot + timedelta(hours=1)
    slot = local.replace(hour=schedule.at.hour, minute=schedule.at.minute, second=0, microsecond=0)
    return slot if slot > local else slot + timedelta(days=1)
