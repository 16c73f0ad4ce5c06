"""The simulator's pictures, drawn here: a calendar of what stays and goes, and the curve of a year."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from backups.services.panel_day import panel_day
from backups.services.simulator import Fate, Simulation
from backups.templatetags.chart import Chart, Line
from backups.templatetags.measures import size
from backups.templatetags.retention import reason_words

register = template.Library()

WEEKS = Calendar()
RECENT_MONTHS = 6


@dataclass(frozen=True, slots=True)
class Month:
    name: str
    cells: SafeString


@dataclass(frozen=True, slots=True)
class Group:
    """Archives that stay or go for one reason."""

    words: str
    count: int
    bytes: int


@register.simple_tag
def months(simulation: Simulation, address: str, older: bool) -> list[Month]:
    """Those in which there is an archive, the newest first; the older ones only when they are asked for."""
    days = simulation.days
    return [
        Month(date_format(date(year, month, 1), "F Y"), _cells(year, month, days, address))
        for year, month in _with_archives(simulation)[: None if older else RECENT_MONTHS]
    ]


@register.filter
def has_older_months(simulation: Simulation) -> bool:
    return len(_with_archives(simulation)) > RECENT_MONTHS


def _with_archives(simulation: Simulation) -> list[tuple[int, int]]:
    return sorted({(day.year, day.month) for day in simulation.days}, reverse=True)


@register.simple_tag
def weekdays() -> list[tuple[str, str]]:
    # The first of January 2024 was a Monday.
    week = [date(2024, 1, number) for number in range(1, 8)]
    return [(date_format(day, "D")[:1], date_format(day, "l")) for day in week]


def _cells(year: int, month: int, days: Mapping[date, list[Fate]], address: str) -> SafeString:
    # In words once a month: to ask for each day takes longer than all else here.
    name = date_format(date(year, month, 1), "F Y")
    weeks = [
        "".join(_cell(day, month, days, address, name) for day in week)
        for week in WEEKS.monthdatescalendar(year, month)
    ]
    # Each cell of a week is escaped where it is made.
    return format_html_join("", "<tr>{}</tr>", ((SafeString(week),) for week in weeks))  # nosec B703


def _cell(day: date, month: int, days: Mapping[date, list[Fate]], address: str, name: str) -> SafeString:
    if day.month != month:
        return SafeString("<td></td>")
    fates = days.get(day)
    if not fates:
        return format_html('<td><span class="day">{}</span></td>', day.day)
    stays = sum(fate.stays for fate in fates)
    tone = "stays" if stays == len(fates) else "some" if stays else "goes"
    return format_html(
        '<td><a class="day day-{}" href="{}&amp;day={}#day">{}<span class="why">{}</span></a></td>',
        tone, address, day.isoformat(), day.day, _why(f"{day.day} {name}", fates),
    )  # fmt: skip


def _why(day: str, fates: Sequence[Fate]) -> str:
    """What a pointer, the keyboard and a screen reader are told of a day."""
    parts = [day]
    parts += [f"{len(alike)} {fate_words(alike[0])}" for alike in _alike(fates)]
    return ". ".join(parts)


def _words(fate: Fate) -> str:
    return reason_words(fate.reason.code, fate.reason.params)


@register.filter
def fate_words(fate: Fate) -> str:
    return f"{gettext('stays') if fate.stays else gettext('goes')}: {_words(fate)}"


@register.filter
def groups(fates: Sequence[Fate]) -> list[Group]:
    """The weightiest first."""
    found = [
        Group(_words(alike[0]), len(alike), sum(fate.bytes for fate in alike)) for alike in _alike(fates)
    ]
    return sorted(found, key=lambda group: -group.count)


def _alike(fates: Sequence[Fate]) -> Iterable[list[Fate]]:
    """With the same words for their reason, which are looked up once: there may be thousands."""
    # Most have the very same reason, which is looked at once.
    same: dict[tuple[bool, int], list[Fate]] = {}
    for fate in fates:
        same.setdefault((fate.stays, id(fate.reason)), []).append(fate)
    found: dict[tuple[object, ...], list[Fate]] = {}
    for alike in same.values():
        told = alike[0].reason.params
        key = (alike[0].stays, alike[0].reason.code, *(told[name] for name in told if name != "by"))
        found.setdefault(key, []).extend(alike)
    return found.values()


@register.filter
def of_day(simulation: Simulation, day: date) -> list[Fate]:
    return list(simulation.days.get(day, ()))


@register.filter
def total(fates: Sequence[Fate]) -> int:
    return sum(fate.bytes for fate in fates)


@register.filter
def year_chart(simulation: Simulation) -> Chart:
    # From tomorrow on: what is there today and goes would make everything else look flat.
    year, cap = simulation.year[1:], simulation.policy.max_bytes
    dots = [(point.day, point.bytes) for point in (*year[:-1:3], year[-1])]
    limit = (cap, gettext("at most %(size)s") % {"size": size(cap)}) if cap else None
    words = gettext("The size at this storage over the next twelve months; the table below has the figures.")
    return Chart(words, [Line(gettext("Size"), dots, kind="ahead")], limit)


@register.filter
def day_words(day: date) -> str:
    return str(date_format(day, "j F Y"))


@register.filter
def reach_words(oldest: date | None, now: datetime | None = None) -> str:
    """`about 2 years 7 months`: how far back a policy reaches."""
    if oldest is None:
        return ""
    today = panel_day(now)
    months = max(0, (today.year - oldest.year) * 12 + today.month - oldest.month)
    if months < 2:
        days = (today - oldest).days
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    years, rest = divmod(months, 12)
    parts = [
        ngettext("%(n)d year", "%(n)d years", years) % {"n": years} if years else "",
        ngettext("%(n)d month", "%(n)d months", rest) % {"n": rest} if rest else "",
    ]
    return " ".join(part for part in parts if part)
