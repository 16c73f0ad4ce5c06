"""What became of a dump from elsewhere, and why a statement was lost, for who knows no error numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext, gettext_lazy

from backups.models import Job

register = template.Library()

QUOTED = re.compile(r"'([^']+)'")
REACHES_OUT = gettext_lazy("It would have reached beyond the dump's own tables, which it may not.")
TWICE = gettext_lazy("It is made a second time, otherwise than the first time; the first one was kept.")
MISFIT = gettext_lazy("Its foreign key does not fit the table that it refers to.")

WHY = {
    1005: MISFIT,
    1044: REACHES_OUT,
    1050: TWICE,
    1054: gettext_lazy("It fills a column that the table does not have: %(what)s."),
    1060: TWICE,
    1061: TWICE,
    1062: gettext_lazy("Its rows are there already, or others have their key; the first ones were kept."),
    1064: gettext_lazy("This is no SQL that the server understands."),
    1068: TWICE,
    1075: gettext_lazy("Its column that counts by itself cannot be set up, since that column has no key."),
    1142: REACHES_OUT,
    1146: gettext_lazy("It names a table that is not in the dump: %(what)s."),
    1215: MISFIT,
    1227: REACHES_OUT,
    1231: gettext_lazy("It needs a value of before; the beginning of the dump may be missing."),
    1452: gettext_lazy("Its rows refer to rows that are not there."),
    1826: TWICE,
}  # fmt: skip


@register.filter
def lost_words(trouble: Mapping[str, Any]) -> str:
    """Empty where there are no words of ours: the server's own stand beside it."""
    errno, message = trouble.get("errno"), str(trouble.get("message", ""))
    if not errno:
        return gettext(message) if message else ""
    named = QUOTED.search(message)
    words = str(WHY.get(errno, "")) if isinstance(errno, int) else ""
    return words % {"what": named.group(1) if named else ""} if "%(" in words else words


@register.filter
def found_words(job: Job) -> str:
    """How a look at a dump ended, for a list of them."""
    if job.state != Job.State.DONE:
        return gettext("being looked at") if job.is_active else gettext("could not be looked at")
    if job.result.get("adopted"):
        return gettext("taken over as an archive")
    return gettext("loads whole") if job.result.get("loads") else gettext("does not load whole")
