"""Aktivitas in words: who asked, how long it waited, what it came to, why it does not move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from django import template
from django.utils.translation import gettext, gettext_lazy

from backups.models import Job
from backups.models.job import State, Trigger
from backups.services.expectation import Expectation
from backups.services.standing import Standing
from backups.templatetags.measures import age, duration, moment, number
from backups.templatetags.work import DOING, ending, why

register = template.Library()

MARKS = {
    State.DONE: ("safe", "circle-check", gettext_lazy("Done")),
    State.FAILED: ("harm", "circle-x", gettext_lazy("Failed")),
    State.CANCELLED: ("none", "hand-stop", gettext_lazy("Cancelled")),
    State.INTERRUPTED: ("wait", "alert-triangle", gettext_lazy("Interrupted")),
    State.RUNNING: ("calm", "player-play", gettext_lazy("Running")),
    State.QUEUED: ("calm", "hourglass", gettext_lazy("Waiting")),
}

STANDINGS = {
    "turn": gettext_lazy("Waiting for its turn; a worker takes it within seconds."),
    "workers_busy": gettext_lazy("Every worker is at another job; it begins when one is free."),
    "behind": gettext_lazy(
        "Waits until the work before it has ended: two never write to one system at once."
    ),
    "nobody": gettext_lazy(
        "No worker is set up that can do this. Nothing is lost: it waits here until one is there."
    ),
    "silent_workers": gettext_lazy(
        "No worker that can do this has answered since %(since)s. Start the worker service; "
        "the job then begins by itself."
    ),
    "command": gettext_lazy("Asked for at a terminal, where it begins in a moment."),
    "silent": gettext_lazy(
        "Its worker was last heard of %(since)s. If it stays silent, the panel ends the job within a minute "
        "and removes what is half-done. You need not do anything."
    ),
    "cancelling": gettext_lazy("Cancelling. It stops at the next safe moment."),
    "clearing": gettext_lazy(
        "Its worker stopped in the middle. What it left is being cleared up; until that is done nothing else "
        "writes to this system."
    ),
}
TO_THE_WORKERS = {"nobody", "silent_workers", "silent", "workers_busy"}


# A worker looks every few seconds.
NOTICED = 5


class Told(TypedDict):
    tone: str
    words: str
    behind: Job | None
    # The page of the system shows the workers.
    system: bool


@register.filter
def what(job: Job) -> str:
    return str(job.get_kind_display())


@register.filter
def asker(job: Job) -> str:
    """The person, the schedule by its name, the terminal, or the panel of its own accord."""
    if job.requested_by:
        return job.requested_by.display_name
    if job.trigger == Trigger.COMMAND:
        return gettext("Command line")
    slot = next(iter(job.slots.all()), None)
    if slot and slot.schedule:
        return gettext("Schedule “%(name)s”") % {"name": slot.schedule.name}
    return gettext("The panel by itself")


@register.filter
def waited(job: Job) -> str:
    """In the queue, where that was long enough to be felt."""
    if not job.started_at:
        return gettext("waiting for %(time)s") % {"time": age(job.created_at)} if job.is_active else ""
    seconds = (job.started_at - job.created_at).total_seconds()
    return gettext("waited %(time)s") % {"time": duration(seconds)} if seconds >= NOTICED else ""


@register.filter
def took(job: Job) -> str:
    return duration(job.seconds) if job.seconds is not None else "–"


@register.filter
def outcome_mark(job: Job) -> tuple[str, str, str]:
    tone, picture, words = MARKS[State(job.state)]
    return tone, picture, str(words)


@register.filter
def outcome_words(job: Job) -> str:
    """One sentence on what did not end well; nothing on what did."""
    if job.state not in (State.FAILED, State.INTERRUPTED):
        return ""
    return why(job) or ending(job)


@register.filter
def told(standing: Standing | None) -> Told | None:
    if standing is None or not standing.slug:
        return None
    tone = "calm" if standing.slug in ("turn", "behind", "command", "cancelling", "workers_busy") else "wait"
    words = str(STANDINGS[standing.slug]) % {"since": moment(standing.since)}
    return {
        "tone": tone,
        "words": words,
        "behind": standing.behind,
        "system": standing.slug in TO_THE_WORKERS,
    }


@register.filter
def of_job(found: Mapping[Any, Any], job: Job) -> Any:
    return found.get(job.pk)


@register.filter
def whole_time_left(expected: Expectation | None, job: Job) -> str:
    """Of the whole job, by this system's own history; said plainly where nobody knows."""
    if job.state != State.RUNNING:
        return ""
    if expected is None or expected.usual is None:
        return gettext("How long it takes is not known yet: it is the first of its kind here.")
    usual = duration(expected.usual)
    if expected.left is None:
        return gettext("Longer than usual (%(usual)s); when it ends is not known.") % {"usual": usual}
    return gettext("About %(left)s left; it usually takes %(usual)s.") % {
        "left": duration(expected.left),
        "usual": usual,
    }


@register.filter
def rows_rate(job: Job) -> str:
    """By the share of the bytes, as rows are not counted one by one."""
    rate, archive = job.rate, job.archive
    if not rate or archive is None or job.phase not in ("load", "prove_equal") or not job.total:
        return ""
    rows = sum(int(table["rows"]) for table in archive.table_rows)
    return gettext("about %(rows)s rows per second") % {"rows": number(int(rate * rows / job.total))}


@register.filter
def doing_now(kind: str) -> str:
    return str(DOING[Job.Kind(kind)])
