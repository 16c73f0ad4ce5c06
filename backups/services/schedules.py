"""Schedules as people make them: added, changed, paused, taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from backups.models import Job, Schedule, User
from backups.models.job import Trigger

from . import audit, backup, cron, secret_text
from .folders import EVERYTHING
from .timetable import Rule, after

SHOWN = 5
# Of a rule, what means something for each kind.
MEANT: Mapping[str, tuple[str, ...]] = {
    "hours": ("hours", "at"),
    "daily": ("at",),
    "weekly": ("weekdays", "at"),
    "monthly": ("day", "at"),
    "cron": ("cron",),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """`heartbeat` None leaves the address as it is, '' takes it away."""

    name: str
    rule: Rule
    content: str = EVERYTHING
    heartbeat: str | None = field(default=None, repr=False)


def rule_of(schedule: Schedule) -> Rule:
    return Rule(
        schedule.every,
        at=schedule.at,
        hours=schedule.hours,
        weekdays=tuple(schedule.weekdays),
        day=schedule.day,
        cron=schedule.cron,
    )


def upcoming(rule: Rule, now: datetime, count: int = SHOWN) -> tuple[datetime, ...]:
    """The next runs by the panel's clock; refused in plain words where the line of cron is none."""
    if rule.every == Schedule.Every.CRON:
        cron.check(rule.cron)
    return tuple(islice(after(rule, timezone.get_default_timezone(), now), count))


@transaction.atomic
def add(plan: Plan, *, by: User | None) -> Schedule:
    schedule = _kept(Schedule(), plan)
    audit.record("add_schedule", actor=by, about=schedule, details=_details(schedule))
    return schedule


@transaction.atomic
def change(schedule: Schedule, plan: Plan, *, by: User | None) -> Schedule:
    """Only a new time begins anew: what it missed by another name is still made up for."""
    schedule = _kept(schedule, plan)
    audit.record("change_schedule", actor=by, about=schedule, details=_details(schedule))
    return schedule


def _kept(schedule: Schedule, plan: Plan) -> Schedule:
    now = timezone.now()
    next_run = upcoming(plan.rule, now, 1)[0]
    if schedule.pk is None or rule_of(schedule) != plan.rule:
        schedule.since = now
        schedule.next_run = next_run if schedule.enabled else None
    schedule.name, schedule.content = plan.name, plan.content
    for name in ("every", "at", "hours", "day", "cron"):
        setattr(schedule, name, getattr(plan.rule, name))
    schedule.weekdays = list(plan.rule.weekdays)
    if plan.heartbeat is not None:
        schedule.heartbeat = secret_text.lock(plan.heartbeat)
        schedule.heartbeat_problem = ""
    schedule.save()
    return schedule


def _details(schedule: Schedule) -> dict[str, Any]:
    values = {name: getattr(schedule, name) for name in MEANT[schedule.every]}
    if "at" in values:
        values["at"] = schedule.at.isoformat(timespec="minutes")
    told = {"name": schedule.name, "every": str(schedule.every), **values, "content": schedule.content}
    return {**told, "heartbeat": bool(schedule.heartbeat)}


@transaction.atomic
def pause(schedule: Schedule, *, by: User | None) -> None:
    if Schedule.objects.filter(pk=schedule.pk, enabled=True).update(enabled=False, next_run=None):
        audit.record("pause_schedule", actor=by, about=schedule, details={"name": schedule.name})


@transaction.atomic
def resume(schedule: Schedule, *, by: User | None) -> None:
    """What would have run meanwhile was not missed: somebody wanted it so."""
    now = timezone.now()
    values = {"enabled": True, "since": now, "next_run": upcoming(rule_of(schedule), now, 1)[0]}
    if Schedule.objects.filter(pk=schedule.pk, enabled=False).update(**values):
        audit.record("resume_schedule", actor=by, about=schedule, details={"name": schedule.name})


@transaction.atomic
def delete(schedule: Schedule, *, by: User | None) -> None:
    """Its archives stay, and so does the record of its runs."""
    audit.record("delete_schedule", actor=by, about=schedule, details={"name": schedule.name})
    schedule.delete()


def run_now(schedule: Schedule, *, by: User, address: str = "") -> Job:
    """What it would back up, by hand: its own times stay as they are."""
    return backup.request_backup(
        requested_by=by, trigger=Trigger.PERSON, content=schedule.content, address=address
    )
