"""What cancelling a job means: what is thrown away, what is kept, and how it leaves the live data."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from backups.models import Job
from backups.models.job import Kind
from backups.templatetags.work import brings_back

register = template.Library()

NOTHING = gettext_lazy("Nothing.")
UNTOUCHED = gettext_lazy("Not involved.")
HALF_MADE = gettext_lazy("The half-made archive; nothing of it is left behind.")
QUARANTINE = gettext_lazy("The quarantine with all that is in it.")

# Thrown away, kept, and QParkIn's live data.
MEANS: dict[Kind, tuple[Promise, Promise, Promise]] = {
    Kind.BACKUP: (HALF_MADE, gettext_lazy("All archives that you have."), UNTOUCHED),
    Kind.COPY: (
        gettext_lazy("The half-made copy; it is tried again by itself later."),
        gettext_lazy("The archive, where it lies already."),
        UNTOUCHED,
    ),
    Kind.VERIFY: (NOTHING, gettext_lazy("The archive; it can be checked again at any time."), UNTOUCHED),
    Kind.DRILL: (
        gettext_lazy("The trial copy."),
        gettext_lazy("The archive, and what was proven of it before."),
        UNTOUCHED,
    ),
    Kind.RESTORE: (
        gettext_lazy("What was built beside the live data; nothing of it is left behind."),
        gettext_lazy("The archive, and the safety backup where it is made already."),
        gettext_lazy("Untouched until the last step, which can no longer be cancelled."),
    ),
    Kind.UNDO: (
        NOTHING,
        gettext_lazy("The way back: it can be undone later just as well."),
        gettext_lazy("Stays as it is now."),
    ),
    Kind.PRUNE: (
        gettext_lazy("Archives that are already cleared stay cleared."),
        gettext_lazy("All others."),
        UNTOUCHED,
    ),
    Kind.INSPECT: (QUARANTINE, gettext_lazy("The file, where you have it."), UNTOUCHED),
    Kind.ADOPT: (QUARANTINE, gettext_lazy("The file, where you have it; it is not taken over."), UNTOUCHED),
}

CANCEL = {
    Kind.RESTORE: gettext_lazy("Cancel; nothing is left behind"),
    Kind.UNDO: gettext_lazy("Cancel; everything stays as it is"),
    Kind.DRILL: gettext_lazy("Cancel; the trial copy goes"),
    Kind.BACKUP: gettext_lazy("Cancel; nothing is left behind"),
}


@register.filter
def consequences(job: Job) -> list[tuple[str, str]]:
    thrown, kept, live = MEANS[Kind(job.kind)]
    if brings_back(job):
        live = gettext_lazy("Stays as it is now: it is not there.")
    return [
        (gettext("Thrown away"), str(thrown)),
        (gettext("Kept"), str(kept)),
        (gettext("QParkIn's live data"), str(live)),
    ]


@register.filter
def cancel_words(job: Job) -> str:
    """The button says what it leaves behind."""
    return str(CANCEL.get(Kind(job.kind), gettext("Cancel")))
