"""Numbers, sizes and times as people read them: 3,2 MB, 14.05 WIB, 3 jam yang lalu."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from django import template
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, ngettext, pgettext

register = template.Library()

SIZES = ("kB", "MB", "GB", "TB")


@register.filter
def number(value: int | None) -> str:
    return "–" if value is None else str(number_format(value, force_grouping=True))


@register.filter
def rows_words(count: int) -> str:
    told = ngettext("%(count)s row", "%(count)s rows", count)
    return told % {"count": number_format(count, force_grouping=True)}


@register.filter
def tables_words(count: int) -> str:
    told = ngettext("%(count)s table", "%(count)s tables", count)
    return told % {"count": number_format(count, force_grouping=True)}


@register.filter
def size(value: int | None) -> str:
    """Decimal units, as storage is sold and billed."""
    if value is None:
        return "–"
    amount, unit = float(value), "B"
    for larger in SIZES:
        # 999.5 would round to 1000 of the smaller unit.
        if amount < 999.5:
            break
        amount, unit = amount / 1000, larger
    digits = 0 if unit == "B" or amount >= 99.95 else 1
    return f"{number_format(round(amount, digits), digits, force_grouping=True)} {unit}"


@register.filter
def rate(value: float | None) -> str:
    return gettext("%(size)s per second") % {"size": size(int(value))} if value else ""


@register.filter
def duration(seconds: float | None) -> str:
    """Two units at most; a third would only flicker while somebody waits."""
    if seconds is None:
        return "–"
    minutes, short = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = (
        (days, ngettext("%(n)d day", "%(n)d days", days)),
        (hours, ngettext("%(n)d hour", "%(n)d hours", hours)),
        (minutes, ngettext("%(n)d minute", "%(n)d minutes", minutes)),
        (short, ngettext("%(n)d second", "%(n)d seconds", short)),
    )
    words = [text % {"n": count} for count, text in parts if count]
    return " ".join(words[:2]) or gettext("less than a second")


@register.filter
def is_past(value: datetime) -> bool:
    """By a minute at least: what is due now is not late yet."""
    return value < timezone.now() - timedelta(minutes=1)


@register.filter
def age(since: datetime | None, now: datetime | None = None) -> str:
    """How long ago, as a length: `2 hours 10 minutes`; seconds only where there is nothing longer."""
    if since is None:
        return "–"
    seconds = max(0.0, ((now or timezone.now()) - since).total_seconds())
    return duration(seconds if seconds < 60 else seconds - seconds % 60)


@register.filter
def at_most(since: datetime) -> str:
    """How long ago, never less than it was: each unit that is told is rounded up."""
    seconds = max(0.0, (timezone.now() - since).total_seconds())
    step = 1 if seconds < 60 else 60 if seconds < 86_400 else 3600
    return duration(step * ceil(seconds / step))


@register.filter
def milliseconds(value: float | None) -> str:
    """What should be a moment; what was longer, in seconds."""
    if value is None:
        return "–"
    if value < 1000:
        return gettext("less than a second")
    return gettext("%(seconds)s seconds") % {"seconds": number_format(value / 1000, 1)}


@register.filter
def moment(value: datetime | None) -> str:
    """Day and time with the zone that a mall in Makassar or Jayapura would otherwise guess."""
    if value is None:
        return "–"
    local = timezone.localtime(value)
    # Translators: Django's date format of a day with its time.
    shape = pgettext("date format", "j M Y, H:i")
    day, _, time = date_format(local, shape).rpartition(" ")
    return f"{_as_one(day)} {_as_one(f'{time} {local.tzname()}')}"


@register.filter
def clock(value: datetime | None) -> str:
    if value is None:
        return "–"
    local = timezone.localtime(value)
    # Translators: Django's date format of a time of day.
    shape = pgettext("date format", "H:i")
    return _as_one(f"{date_format(local, shape)} {local.tzname()}")


def _as_one(words: str) -> str:
    """No line ends within a date, nor between a time and its zone."""
    return words.replace(" ", "\N{NO-BREAK SPACE}")


@register.filter
def ago(value: datetime | None, now: datetime | None = None) -> str:
    """`3 hours ago` and, for what is still to come, `in 3 hours`."""
    if value is None:
        return gettext("never")
    distance = (now or timezone.now()) - value
    if abs(distance) < timedelta(seconds=45):
        return gettext("just now") if distance >= timedelta(0) else gettext("in a moment")
    words = _rough(abs(distance))
    return (gettext("%(time)s ago") if distance > timedelta(0) else gettext("in %(time)s")) % {"time": words}


@register.filter
def done_ago(value: datetime | None) -> str:
    """Of what is done: never `in 3 hours`, even where a clock was wrong; then the day says more."""
    if value is None or value <= timezone.now():
        return ago(value)
    return moment(value)


def _rough(distance: timedelta) -> str:
    minutes = max(1, round(distance / timedelta(minutes=1)))
    if minutes < 60:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours = round(minutes / 60)
    if hours < 36:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    days = round(hours / 24)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
