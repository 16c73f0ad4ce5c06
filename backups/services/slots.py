"""Slots: each is taken once, whatever the clocks do and however many there are.

Whoever takes a slot adds its row and the job in one transaction, under the schedule's row. Nothing else
remembers how far a schedule has come, so a clock that was wrong for a while leads nobody astray for long:
what it noted of a future that is not there yet is taken back when the clock is right again.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from itertools import islice, takewhile

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backups.engine.errors import BackupError
from backups.models import Schedule, Slot
from backups.models.job import State as JobState
from backups.models.job import Trigger
from backups.models.slot import UNDER_WAY, SlotState

from . import backup, schedules
from .timetable import after, before

log = logging.getLogger(__name__)

# The clock looks every few seconds; what begins so long after its time was missed and made up for.
LATE_AFTER = timedelta(minutes=5)
# More than a day: a clock that is set back by that much must not repeat what was done.
NOT_YET = timedelta(hours=26)
# Of the clocks of several hosts none is further from another.
ASKEW = timedelta(hours=1)
# Of those that were missed in a row, so many are written down.
MOST_MISSED = 200
MOST_TRIES = 3

OF_JOBS = {
    JobState.QUEUED: SlotState.CLAIMED,
    JobState.RUNNING: SlotState.STARTED,
    JobState.DONE: SlotState.DONE,
}


def start_what_is_due(now: datetime) -> None:
    for schedule in Schedule.objects.filter(enabled=True):
        try:
            start_when_due(schedule, now)
        except BackupError as error:
            log.warning("the schedule %s was not started: %s", schedule.name, error)


def start_when_due(schedule: Schedule, now: datetime) -> Slot | None:
    """Take the newest slot that is due; those missed before it are noted, and made up for by it."""
    if not (_untaken(schedule, now) or _is_led_astray(schedule, now)):
        _note_next(schedule, now)
        return None
    with transaction.atomic():
        ours = Schedule.objects.select_for_update().filter(pk=schedule.pk, enabled=True).first()
        if ours is None:
            return None
        _set_right(ours, now)
        taken = _take(ours, now)
        _note_next(ours, now)
    return taken


def _untaken(schedule: Schedule, now: datetime) -> list[datetime]:
    """What is due and nobody took, the newest first."""
    newest = Slot.objects.filter(schedule=schedule, at__lte=now).order_by("-at").first()
    done_with = max(newest.at, schedule.since) if newest else schedule.since
    slots = before(schedules.rule_of(schedule), timezone.get_default_timezone(), now)
    return list(islice(takewhile(lambda at: at > done_with, slots), MOST_MISSED))


def _take(schedule: Schedule, now: datetime) -> Slot | None:
    due = _untaken(schedule, now)
    if not due:
        return None
    # Taken by a clock that ran ahead, or this one would not be left over: they come again.
    Slot.objects.filter(schedule=schedule, at__gt=now + NOT_YET).update(schedule=None)
    missed = [Slot(schedule=schedule, at=at, state=SlotState.MISSED, claimed_at=now) for at in due[:0:-1]]
    Slot.objects.bulk_create(missed)
    slot = Slot.objects.create(
        schedule=schedule, at=due[0], state=_first_state(schedule), late=now - due[0] > LATE_AFTER,
        claimed_at=now,
    )  # fmt: skip
    if slot.state == SlotState.CLAIMED:
        _start(slot, schedule)
    return slot


def _first_state(schedule: Schedule) -> SlotState:
    """One that still waits to begin will see all that this one would: they do not pile up."""
    waits = Slot.objects.filter(schedule=schedule, job__state=JobState.QUEUED).exists()
    return SlotState.MISSED if waits else SlotState.CLAIMED


def _start(slot: Slot, schedule: Schedule) -> None:
    slot.tries += 1
    slot.state = SlotState.CLAIMED
    slot.job = backup.request_backup(
        requested_by=None, trigger=Trigger.SCHEDULE, content=schedule.content,
        idempotency_key=f"slot {slot.pk} {slot.tries}",
    )  # fmt: skip
    slot.save()


def _is_led_astray(schedule: Schedule, now: datetime) -> bool:
    return schedule.since > now + NOT_YET or _missed_to_come(schedule, now).exists()


def _set_right(schedule: Schedule, now: datetime) -> None:
    """After the clock ran ahead: what it took for missed is still to come."""
    if schedule.since > now + NOT_YET:
        schedule.since = now
        schedule.save(update_fields=["since"])
    _missed_to_come(schedule, now).delete()


def _missed_to_come(schedule: Schedule, now: datetime) -> QuerySet[Slot]:
    return Slot.objects.filter(schedule=schedule, state=SlotState.MISSED, at__gt=now + ASKEW)


def _note_next(schedule: Schedule, now: datetime) -> None:
    """For the pages; what is due is not read from it."""
    taken = set(Slot.objects.filter(schedule=schedule, at__gt=now).values_list("at", flat=True))
    slots = after(schedules.rule_of(schedule), timezone.get_default_timezone(), now)
    next_run = next(at for at in slots if at not in taken)
    if next_run != schedule.next_run:
        Schedule.objects.filter(pk=schedule.pk, enabled=True).update(next_run=next_run)


def follow() -> None:
    """What became of the backups that were started."""
    for slot in Slot.objects.filter(state__in=UNDER_WAY).select_related("job", "schedule"):
        if slot.job and slot.job.state == JobState.INTERRUPTED and _may_begin_anew(slot):
            _begin_anew(slot)
            continue
        state = OF_JOBS.get(JobState(slot.job.state), SlotState.FAILED) if slot.job else SlotState.FAILED
        if state != slot.state:
            # Somebody outside may want to hear of it, from now on.
            news = {"state": state, "tell_after": None, "tell_tries": 0}
            Slot.objects.filter(pk=slot.pk, job=slot.job).update(**news)


def _may_begin_anew(slot: Slot) -> bool:
    """A crash is nobody's verdict on the backup; but what a later slot makes up for is let be."""
    if slot.schedule is None or not slot.schedule.enabled or slot.tries >= MOST_TRIES:
        return False
    later = Slot.objects.filter(schedule=slot.schedule, at__gt=slot.at)
    return not later.exclude(state=SlotState.MISSED).exists()


def _begin_anew(slot: Slot) -> None:
    if slot.job and slot.job.lock:
        # What it left behind is not settled yet.
        return
    with transaction.atomic():
        schedule = Schedule.objects.select_for_update().filter(slots=slot, enabled=True).first()
        ours = Slot.objects.filter(pk=slot.pk, job=slot.job, state__in=UNDER_WAY).first()
        if schedule and ours:
            _start(ours, schedule)
