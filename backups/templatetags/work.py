"""A job in words: what it is doing now, what is behind it and what is still to come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from django import template
from django.utils.translation import gettext, gettext_lazy

from backups import queries
from backups.models import Job, Restore
from backups.services import hosts
from backups.services.connections import protected_state
from backups.services.wording import sentence_for
from backups.templatetags.events import code_words
from backups.templatetags.marks import storage_words
from backups.templatetags.measures import duration, moment, number, rate, size
from backups.templatetags.stages import stages_of

register = template.Library()

DOING = {
    Job.Kind.BACKUP: gettext_lazy("Backing up"),
    Job.Kind.COPY: gettext_lazy("Copying the archive to another storage"),
    Job.Kind.VERIFY: gettext_lazy("Checking the archive"),
    Job.Kind.DRILL: gettext_lazy("Trying out a restore"),
    Job.Kind.RESTORE: gettext_lazy("Restoring"),
    Job.Kind.UNDO: gettext_lazy("Undoing the restore"),
    Job.Kind.PRUNE: gettext_lazy("Clearing old archives"),
    Job.Kind.INSPECT: gettext_lazy("Looking at a dump from elsewhere"),
    Job.Kind.ADOPT: gettext_lazy("Taking over a dump from elsewhere"),
}

# What was wrong with a copy that was passed over; what its storage said has words already.
COPY_TROUBLE = {
    "archive_damaged": gettext_lazy("this copy is damaged"),
    "archive_unknown": gettext_lazy("this copy is not there any more"),
    "seal_broken": gettext_lazy("what lies there is not what was sealed"),
}

BYTE_PHASES = (
    "copy",
    "read_back",
    "files",
    "files_unpack",
    "files_prove",
    "dump",
    "take_in",
    "load",
    "verify",
    "prove_equal",
)

ROW_PHASES = ("load", "prove_equal")

ENDINGS = {
    Job.Kind.BACKUP: gettext_lazy("The backup failed"),
    Job.Kind.COPY: gettext_lazy("The archive could not be copied"),
    Job.Kind.VERIFY: gettext_lazy("The archive did not pass the check"),
    Job.Kind.DRILL: gettext_lazy("The drill failed"),
    Job.Kind.RESTORE: gettext_lazy("The restore was stopped"),
    Job.Kind.UNDO: gettext_lazy("The restore could not be undone"),
    Job.Kind.PRUNE: gettext_lazy("Old archives could not be cleared"),
    Job.Kind.INSPECT: gettext_lazy("The dump could not be looked at"),
    Job.Kind.ADOPT: gettext_lazy("The dump could not be taken over"),
}

UNHARMED = {
    Job.Kind.BACKUP: gettext_lazy("QParkIn's data is unchanged, and so are the archives you have."),
    Job.Kind.COPY: gettext_lazy("The copies that there are stay as they are. It is tried again by itself."),
    Job.Kind.VERIFY: gettext_lazy("QParkIn's live data is not involved."),
    Job.Kind.DRILL: gettext_lazy("QParkIn's live data is not involved."),
    Job.Kind.INSPECT: gettext_lazy("QParkIn's live data is not involved."),
    Job.Kind.ADOPT: gettext_lazy("QParkIn's live data is not involved."),
}

# After these nobody knows how the live database is.
AWAY = {"database_missing", "server_unreachable"}


class Step(TypedDict):
    words: str
    when: str


@register.filter
def doing(job: Job) -> str:
    return str(DOING[Job.Kind(job.kind)])


@register.filter
def is_changing_over(job: Job) -> bool:
    """From here on there is no way to stop half-way, and none is offered."""
    return job.kind in (Job.Kind.RESTORE, Job.Kind.UNDO) and job.phase == "swap" and job.is_active


def brings_back(job: Job) -> bool:
    """A restore of a database that is not there."""
    return job.kind == Job.Kind.RESTORE and protected_state().state == "missing"


@register.filter
def nothing_before(restore: Restore) -> bool:
    return queries.nothing_was_there(restore)


NO_SAFETY = {
    "not_wanted": gettext_lazy("as you asked"),
    "nothing_there": gettext_lazy("there was nothing there"),
    "gone": gettext_lazy("the live database was gone"),
    "unreadable": gettext_lazy("the live database could no longer be read"),
}


@register.filter
def why_no_safety(restore: Restore) -> str:
    return str(NO_SAFETY.get(restore.safety_why, ""))


@register.filter
def steps(job: Job) -> list[Step]:
    plan = stages_of(job, brings_back=brings_back(job))
    now = next((at for at, (phases, _) in enumerate(plan) if job.phase in phases), -1)
    if job.state == Job.State.DONE:
        now = len(plan)
    elif job.state == Job.State.QUEUED:
        now = -1
    return [{"words": gettext(words), "when": _when(at, now)} for at, (_, words) in enumerate(plan)]


def _when(at: int, now: int) -> str:
    if at < now:
        return "past"
    return "now" if at == now else "next"


@register.filter
def phase_words(job: Job) -> str:
    if job.state == Job.State.QUEUED:
        return _waiting(job)
    if job.phase == "calm":
        return gettext("Waiting until the server is less busy")
    return next((step["words"] for step in steps(job) if step["when"] == "now"), gettext("Getting ready"))


def _waiting(job: Job) -> str:
    last = hosts.last_heard_of(job.needs)
    if last is None or last in hosts.live():
        return gettext("Waiting for its turn")
    return gettext("No worker that can do this has answered since %(moment)s") % {
        "moment": moment(last.seen_at)
    }


@register.filter
def measured(job: Job) -> str:
    """How far the current step is, in its own unit."""
    if not job.total:
        return ""
    shown = size if job.phase in BYTE_PHASES else number
    # What is counted while it grows may end up a little above what was expected.
    done = min(job.done, job.total)
    return gettext("%(done)s of %(total)s") % {"done": shown(done), "total": shown(job.total)}


@register.filter
def rows_so_far(job: Job) -> str:
    """By the share of the bytes: while rows are loaded nobody counts them one by one."""
    if not job.total or job.phase not in ROW_PHASES or job.archive is None:
        return ""
    rows = sum(int(table["rows"]) for table in job.archive.table_rows if _wants(job, str(table["name"])))
    if not rows:
        return ""
    done = rows * min(job.done, job.total) // job.total
    return gettext("about %(done)s of %(total)s rows") % {"done": number(done), "total": number(rows)}


def _wants(job: Job, table: str) -> bool:
    return not job.options.get("tables") or table in job.options["tables"]


@register.filter
def time_left(job: Job) -> str:
    if job.seconds_left is None:
        return ""
    if job.seconds_left < 1:
        return gettext("less than a second left in this step")
    return gettext("about %(time)s left in this step") % {"time": duration(job.seconds_left)}


@register.filter
def speed(job: Job) -> str:
    return rate(job.rate) if job.phase in BYTE_PHASES else ""


@register.filter
def ending(job: Job) -> str:
    if job.state == Job.State.CANCELLED:
        return gettext("Cancelled")
    if job.state == Job.State.INTERRUPTED:
        return gettext("Interrupted")
    return str(ENDINGS[Job.Kind(job.kind)])


@register.filter
def why(job: Job) -> str:
    """A storage is called what every page calls it."""
    told = dict(job.error_params)
    if "storage" in told:
        told["storage"] = storage_words(str(told["storage"]))
    return sentence_for(job.error_code, told)


@register.filter
def unharmed(job: Job) -> str:
    """What is still safe; said only where it is certain."""
    if job.error_code in AWAY or not protected_state().is_up:
        return ""
    if job.kind != Job.Kind.RESTORE:
        return str(UNHARMED.get(Job.Kind(job.kind), ""))
    restore = job.restores.first()
    if restore is None or restore.state == Restore.State.FAILED:
        return gettext("The live database was left as it was.")
    return ""


@register.filter
def way_on(job: Job) -> str:
    """What helps after a backup that failed: `again`, or first `restore`, `server` or `room`."""
    again = "room" if job.error_code == "storage_full" else "again"
    if protected_state().is_refused:
        return again  # the server runs; the reason above says what to mend
    return {"missing": "restore", "down": "server"}.get(protected_state().state, again)


@register.filter
def passed_over_words(copy: Mapping[str, Any]) -> str:
    """A copy that was of no use, and why."""
    why = str(COPY_TROUBLE.get(copy["code"]) or code_words(copy["code"]))
    words = {"storage": storage_words(copy["storage"]), "why": why}
    return gettext("%(storage)s: %(why)s") % words
