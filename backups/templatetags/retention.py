"""Why an archive stays or goes, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, ngettext

from backups.models import Archive
from backups.templatetags.marks import storage_words
from backups.templatetags.measures import moment, size

register = template.Library()

PERIODS = {
    "daily": gettext_lazy("stands for its day"),
    "weekly": gettext_lazy("stands for its week"),
    "monthly": gettext_lazy("stands for its month"),
    "yearly": gettext_lazy("stands for its year"),
}

PASSED_OVER = {
    "daily": gettext_lazy("another one of the same day stays"),
    "weekly": gettext_lazy("another one of the same week stays"),
    "monthly": gettext_lazy("another one of the same month stays"),
    "yearly": gettext_lazy("another one of the same year stays"),
}

PLAIN = {
    **PERIODS,
    "clock": gettext_lazy("the clock may be wrong, so nothing goes"),
    "ahead": gettext_lazy("its date lies in the future: a clock was wrong; a person decides"),
    "behind": gettext_lazy("its date is older than its number: a clock was wrong; a person decides"),
    "before_anomaly": gettext_lazy(
        "a later backup is unlike those before it, and nobody has said why; this is the one to go back to"
    ),
    "unexplained": gettext_lazy("it is unlike those before it, and nobody has said why yet"),
    "not_whole": gettext_lazy("it is damaged; a person decides"),
    "adopted": gettext_lazy("taken over from elsewhere; a person decides"),
    "newest": gettext_lazy("the newest"),
    "newest_proven": gettext_lazy("the newest that is proven"),
    "elsewhere": gettext_lazy("this storage does not let the panel delete; it is cleared elsewhere"),
    "in_use": gettext_lazy("it is being read; it goes next time"),
    "failed": gettext_lazy("its storage did not let go of it this time"),
    "gone": gettext_lazy("it is not there any more"),
    "too_old": gettext_lazy("older than every period"),
    "undo_closed": gettext_lazy("the restore before which it was made can no longer be undone"),
}

UNTIL = {
    "pinned": gettext_lazy("pinned until %(until)s"),
    "undo_window": gettext_lazy("belongs to a restore that can be undone until %(until)s"),
    "locked": gettext_lazy("its storage keeps it locked until %(until)s"),
}

COUNTED = ("last", "all", "next_run")


def reason_words(code: str, params: Mapping[str, Any]) -> str:
    if code in UNTIL:
        return str(UNTIL[code]) % {"until": moment(datetime.fromisoformat(str(params["until"])))}
    if code in COUNTED:
        return _counted(code, int(params.get("days") or params.get("count") or 0))
    if code == "passed_over":
        return str(PASSED_OVER[str(params["period"])])
    if code == "needed":
        told = {"storage": storage_words(str(params["storage"]))}
        return gettext("“%(storage)s” is to keep it too and has no whole copy yet") % told
    if code == "over_cap":
        return gettext("the storage may hold no more than %(size)s") % {"size": size(int(params["bytes"]))}
    return str(PLAIN.get(code, code.replace("_", " ")))


def _counted(code: str, count: int) -> str:
    words = {
        "last": ngettext("the last %(count)s archive", "one of the last %(count)s archives", count),
        "all": ngettext("from the last %(count)s day", "from the last %(count)s days", count),
        "next_run": ngettext(
            "goes next time: no more than %(count)s goes in one run",
            "goes next time: no more than %(count)s go in one run",
            count,
        ),
    }
    return words[code] % {"count": count}


@register.filter
def is_pinned(archive: Archive) -> bool:
    return archive.pinned_until is not None and archive.pinned_until > timezone.now()


@register.filter
def made_words(line: Mapping[str, Any]) -> str:
    """When it was made, which its id begins with."""
    told = str(line["id"])
    try:
        return moment(datetime.strptime(told.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC))
    except ValueError:
        return told


@register.filter
def line_words(line: Mapping[str, Any]) -> str:
    """Of a line in a job's result, or in the details of an event."""
    return reason_words(str(line.get("reason", "")), line.get("params") or {})
