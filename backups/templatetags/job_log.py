"""The log of a job as plain sentences with their times, made of the slugs on its row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypedDict

from django import template
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext

from backups.models import Job
from backups.models.job import State, Trigger
from backups.templatetags.activity import asker
from backups.templatetags.marks import storage_words
from backups.templatetags.measures import duration
from backups.templatetags.work import COPY_TROUBLE, NO_SAFETY, ending, why

register = template.Library()

PHASES = {
    "calm": gettext_lazy("Waits until the server is less busy"),
    "snapshot": gettext_lazy("Takes a picture of the database"),
    "inventory": gettext_lazy("Lists every table, trigger and procedure"),
    "dump": gettext_lazy("Copies and encrypts every table"),
    "files": gettext_lazy("Copies and encrypts the files"),
    "seal": gettext_lazy("Seals the archive"),
    "verify": gettext_lazy("Reads every part and compares it with the seal"),
    "copy": gettext_lazy("Copies it, encrypted as it is"),
    "read_back": gettext_lazy("Reads it there and compares it with the seal"),
    "load": gettext_lazy("Loads the data beside the live database"),
    "keys": gettext_lazy("Puts keys and relations in place"),
    "code": gettext_lazy("Puts views, triggers and procedures in place"),
    "prove_works": gettext_lazy("Tries whether everything works"),
    "prove_equal": gettext_lazy("Compares the contents with the archive"),
    "files_unpack": gettext_lazy("Unpacks the files"),
    "files_prove": gettext_lazy("Compares the files with the archive"),
    "swap": gettext_lazy("Changes over"),
    "drop": gettext_lazy("Removes the trial copy"),
    "quarantine": gettext_lazy("Starts a server that is shut off from everything"),
    "take_in": gettext_lazy("Loads the dump there, statement by statement"),
}
AGAIN = gettext_lazy("Takes a new picture: something was altered in the middle, so it begins anew")

NOTES = {
    "passed_over": gettext_lazy("Passed over the copy at %(storage)s: %(why)s"),
    "from_storage": gettext_lazy("The copy at %(storage)s"),
    "storage_again": gettext_lazy("%(storage)s did not answer as it should; it is asked again"),
    "panel_silent": gettext_lazy("The panel's own database was silent for a moment; the work goes on"),
    "strange": gettext_lazy("The archive is unlike those before it; its page says how"),
    "no_safety": gettext_lazy("No safety backup: %(why)s"),
}

# Worth a second look; the others are what is to be expected.
WARNED = {"passed_over", "storage_again", "panel_silent", "strange", "no_safety"}


class Line(TypedDict):
    at: str
    words: str
    tone: str
    took: str


@register.filter
def log_lines(job: Job) -> list[Line]:
    return [_line(at, words, tone, took) for at, words, tone, took in _told(job)]


def _line(at: datetime, words: str, tone: str, took: float | None) -> Line:
    # Translators: Django's date format of a time of day with its seconds.
    shown = date_format(localtime(at), pgettext("date format", "H:i:s"))
    return {"at": shown, "words": words, "tone": tone, "took": duration(took) if took and took >= 1 else ""}


def _told(job: Job) -> Iterator[tuple[datetime, str, str, float | None]]:
    yield job.created_at, gettext("Asked for by %(who)s") % {"who": asker(job)}, "", None
    if job.started_at:
        words = gettext("Begun") if job.trigger == Trigger.COMMAND else gettext("Taken by a worker")
        yield job.started_at, words, "", None
    yield from _of_the_row(job)
    if job.cancel_requested_at:
        yield job.cancel_requested_at, gettext("Told to stop"), "", None
    if job.finished_at:
        yield job.finished_at, _ended(job), "safe" if job.state == State.DONE else "wait", None


def _of_the_row(job: Job) -> Iterator[tuple[datetime, str, str, float | None]]:
    begun = [datetime.fromisoformat(entry["at"]) for entry in job.log if "phase" in entry]
    ends = iter([*begun[1:], job.finished_at])
    seen: set[str] = set()
    last = ""
    for entry in job.log:
        at = datetime.fromisoformat(entry["at"])
        if "phase" not in entry:
            yield at, _note(entry), "wait" if entry["note"] in WARNED else "", None
            continue
        end, phase = next(ends), str(entry["phase"])
        took = (end - at).total_seconds() if end else None
        # A server that is calm at once was not waited for, and the picture goes on as it began.
        passing = phase == "calm" and took is not None and took < 1
        if not passing and phase != last:
            yield at, _phase(phase, seen), "", took
            last = phase
        seen.add(phase)


def _phase(slug: str, seen: set[str]) -> str:
    # Only what was altered while it was read makes a backup take its picture anew.
    if slug == "snapshot" and "inventory" in seen:
        return str(AGAIN)
    return str(PHASES.get(slug, slug.replace("_", " ")))


def _note(entry: Mapping[str, Any]) -> str:
    told, slug = entry.get("params", {}), str(entry["note"])
    if slug == "left_out":
        words = ngettext("%(count)s line is left out", "%(count)s lines are left out", told["count"])
        return words % {"count": told["count"]}
    shown = {"storage": storage_words(str(told.get("storage", ""))), "why": _why(slug, told)}
    return str(NOTES.get(slug, slug.replace("_", " "))) % shown


def _why(slug: str, told: Mapping[str, Any]) -> str:
    if slug == "no_safety":
        return str(NO_SAFETY.get(told["why"], told["why"]))
    return str(COPY_TROUBLE.get(told.get("code", ""), gettext("it could not be read")))


def _ended(job: Job) -> str:
    if job.state == State.DONE:
        return gettext("Done after %(time)s") % {"time": duration(job.seconds)}
    reason = why(job) if job.state != State.CANCELLED else ""
    return f"{ending(job)}. {reason}" if reason else ending(job)
