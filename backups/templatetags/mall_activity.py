"""What is done for a mall's data, in words for whoever works there: no error, no person, no figure."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from backups.mall_news import touches_live
from backups.mall_queries import MallWork
from backups.models import Job
from backups.models.job import Kind, State
from backups.services.expectation import Expectation
from backups.templatetags.marks import icon

register = template.Library()

DOING = {
    Kind.BACKUP: gettext_lazy("A backup is being made"),
    Kind.DRILL: gettext_lazy("A restore is being tried out"),
    Kind.VERIFY: gettext_lazy("A backup is being checked"),
    Kind.RESTORE: gettext_lazy("Data is being restored"),
    Kind.UNDO: gettext_lazy("A restore is being undone"),
}

# A mall that reads of a restore must not fear for what it entered today.
BESIDE = gettext_lazy("A backup is being opened elsewhere; your data stays as it is")
DID_BESIDE = (
    gettext_lazy("A backup was opened elsewhere; your data stayed as it was"),
    gettext_lazy("A backup could not be opened elsewhere; your data stayed as it was"),
)
DID = {
    Kind.BACKUP: (gettext_lazy("A backup was stored"), gettext_lazy("A backup did not succeed")),
    Kind.DRILL: (gettext_lazy("A restore was tried out"), gettext_lazy("The trial of a restore did not end")),
    Kind.VERIFY: (
        gettext_lazy("A backup was checked"),
        gettext_lazy("The check of a backup did not succeed"),
    ),
    Kind.RESTORE: (gettext_lazy("Data was restored"), gettext_lazy("A restore did not take place")),
    Kind.UNDO: (gettext_lazy("A restore was undone"), gettext_lazy("A restore could not be undone")),
}


@register.filter
def mall_doing(job: Job) -> str:
    return str(DOING[Kind(job.kind)] if touches_live(job) else BESIDE)


@register.filter
def mall_progress(job: Job, expected: Expectation | None) -> str:
    if job.state == State.QUEUED:
        return gettext("waiting for its turn")
    if expected is None or expected.percent is None:
        return gettext("under way")
    return gettext("under way, %(percent)s %%") % {"percent": expected.percent}


@register.filter
def mall_did(work: MallWork) -> str:
    well, ill = DID[Kind(work.kind)] if work.in_place else DID_BESIDE
    if work.state == State.DONE:
        return str(well)
    return gettext("%(what)s; the superadmin sees it too") % {"what": ill}


@register.simple_tag
def mall_mark(work: MallWork) -> SafeString:
    return icon("circle-check" if work.state == State.DONE else "alert-triangle")
