"""Telling somebody outside that a scheduled backup began, went well or did not.

A watch on the same machine is down when the machine is. So each schedule may have an address of a service
that raises an alarm when it hears nothing (healthchecks.io's convention: the address itself on success,
`/start` and `/fail` besides). The clock tells it, outside of the job; what is told holds no path, host or
text of an error.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from backups.models import Schedule, Slot
from backups.models.slot import SlotState

from . import ping, secret_text
from .timetable import DAY

log = logging.getLogger(__name__)

START, SUCCESS, FAIL = "start", "success", "fail"
ENDINGS = {START: "/start", SUCCESS: "", FAIL: "/fail"}
WANTED = {SlotState.STARTED: START, SlotState.DONE: SUCCESS, SlotState.FAILED: FAIL}
# After each try that came to nothing; then it is given up, and whoever listens raises the alarm.
AGAIN_AFTER = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30))
# The clock has other things to do: what does not fit into one beat waits for the next.
BEAT_SECONDS = 5.0


def tell(now: datetime) -> None:
    until = time.monotonic() + BEAT_SECONDS
    for slot in _to_tell(now):
        if time.monotonic() > until:
            return
        _tell_of(slot, now)


def _to_tell(now: datetime) -> list[Slot]:
    """Of the last day: nobody outside waits for older news."""
    due = Q(tell_after__isnull=True) | Q(tell_after__lte=now) | Q(tell_after__gt=now + DAY)
    found = Slot.objects.filter(due, state__in=WANTED, claimed_at__gt=now - DAY).exclude(
        schedule__heartbeat=""
    )
    found = found.exclude(schedule=None).select_related("schedule", "job").order_by("at")
    return [slot for slot in found if slot.told != WANTED[SlotState(slot.state)]]


def _tell_of(slot: Slot, now: datetime) -> None:
    word, tries = WANTED[SlotState(slot.state)], slot.tell_tries
    again = now + AGAIN_AFTER[min(tries, len(AGAIN_AFTER) - 1)]
    # Of several clocks one tells it.
    mine = Slot.objects.filter(pk=slot.pk, told=slot.told, tell_tries=tries, tell_after=slot.tell_after)
    if not mine.update(tell_after=again, tell_tries=tries + 1):
        return
    problem = _told(slot, word)
    if not problem or tries + 1 >= len(AGAIN_AFTER):
        Slot.objects.filter(pk=slot.pk).update(told=word, tell_after=None, tell_tries=0)
    Schedule.objects.filter(slots=slot).update(heartbeat_problem=problem)


def _told(slot: Slot, word: str) -> str:
    """'' or why not."""
    url = secret_text.unlock(slot.schedule.heartbeat) if slot.schedule else ""
    try:
        if not url:
            raise ping.NotReached("key")
        ping.ping(url, ENDINGS[word], news_of(slot, word), private=settings.HEARTBEAT_PRIVATE)
    except ping.NotReached as error:
        log.warning("the heartbeat of the schedule %s was not told: %s", slot.schedule, error.why)
        return error.why
    return ""


def news_of(slot: Slot, word: str) -> str:
    """For somebody outside: how it ended and how long it took."""
    told = [word]
    if slot.late:
        told.append("late")
    if word != START and slot.job and slot.job.seconds is not None:
        told.append(f"{round(slot.job.seconds)} s")
    return ", ".join(told) + "\n"


def masked(schedule: Schedule) -> str:
    """Enough to tell one service from another."""
    url = secret_text.unlock(schedule.heartbeat)
    if not url:
        return ""
    return f"{ping.goal(url, private=True).host}/…"
