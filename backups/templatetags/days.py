"""The strip of the last thirty days: each has its shape as well as its colour, and its words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from backups.days import COUNT, Day

register = template.Library()

WORDS = {
    "made": gettext_lazy("backed up"),
    "late": gettext_lazy("backed up late"),
    "failed": gettext_lazy("failed"),
    "none": gettext_lazy("no backup"),
    "open": gettext_lazy("today, not backed up yet"),
    "before": gettext_lazy("before the first backup"),
}
# In the legend only what is to be seen, and of the days themselves what somebody should look at.
UNWELL = ("failed", "none")
GOOD = ("made", "late")
# Of these nobody could expect a backup.
UNCOUNTED = ("before", "open")


@register.inclusion_tag("_days.html")
def day_strip(days: Sequence[Day]) -> dict[str, Any]:
    told = [(day, WORDS[day.state]) for day in days]
    counted = [day for day in days if day.state not in UNCOUNTED]
    return {
        "days": told,
        "unwell": [(day, words) for day, words in told if day.state in UNWELL],
        "legend": [(state, words) for state, words in WORDS.items() if any(d.state == state for d in days)],
        "sentence": _sentence(counted),
    }


@register.filter
def any_counted(days: Sequence[Day]) -> bool:
    return any(day.state not in UNCOUNTED for day in days)


def _sentence(counted: Sequence[Day]) -> str:
    good = sum(day.state in GOOD for day in counted)
    if good == COUNT or good == len(counted) == COUNT - 1:
        return _("Backed up on every day.")
    if good == len(counted):
        # Of a panel that has just begun "every day" would claim too much.
        in_a_row = _("Backed up %(n)d days in a row.") % {"n": good}
        return in_a_row if good > 1 else _("The first day is backed up.")
    return _("Backed up on %(good)d of %(all)d days.") % {"good": good, "all": len(counted)}


@register.filter
def day_words(day: Day) -> str:
    # Translators: Django's date format of a day without its year.
    return date_format(day.day, pgettext("date format", "j M"))
