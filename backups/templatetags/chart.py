"""A line chart as SVG, drawn here: no script, colours by CSS classes, and its figures in a table.

What is drawn stretches with the page, words do not: heights are pixels, places along the days are percent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django import template
from django.utils.formats import date_format

from backups.templatetags.measures import size

register = template.Library()

HEIGHT, TOP, BASE = 208, 22, 182
# The drawing's own units from left to right.
ACROSS = 1000
# A limit that is farther away would flatten everything else.
FAR = 2.5
MOST_MARKS, MOST_ROWS = 6, 12
# A word of the scale that is longer needs more room beside the lines.
BROAD = 8
ROUND = (1, 2, 2.5, 5, 10)

Dot = tuple[date, int]


@dataclass(frozen=True, slots=True)
class Line:
    """`kind` is past or ahead: what is reckoned is drawn otherwise than what was."""

    words: str
    dots: Sequence[Dot]
    kind: str = "past"


@dataclass(frozen=True, slots=True)
class Flag:
    """One value that is marked, and why."""

    day: date
    value: int
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`label` says what is drawn; `say` puts a value into words; `limit` is a level and its words."""

    label: str
    lines: Sequence[Line]
    limit: tuple[int, str] | None = None
    say: Callable[[int], str] = size
    flags: Sequence[Flag] = ()


@dataclass(frozen=True, slots=True)
class Path:
    kind: str
    line: str
    area: str


@dataclass(frozen=True, slots=True)
class Pin:
    """A flag where it stands: percent along the days, pixels down."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word at a place: `at` is percent along the days, or pixels down."""

    at: float
    words: str
    anchor: str = "middle"
    spare: bool = False


@register.inclusion_tag("_chart.html")
def line_chart(chart: Chart) -> dict[str, object]:
    days = [day for line in chart.lines for day, _ in line.dots]
    if len(set(days)) < 2:
        return {"chart": None}
    first, last = min(days), max(days)
    step, top = _scale(_highest(chart))
    levels = [Mark(_down(value, top), _short(chart.say(value))) for value in _levels(step, top)]
    return {
        "chart": chart,
        "broad": max(len(level.words) for level in levels) > BROAD,
        "paths": [_path(line, first, last, top) for line in chart.lines if len(line.dots) > 1],
        "levels": levels,
        "marks": list(_marks(first, last)),
        "limit": _limit(chart, top),
        "today": _today(chart, first, last),
        "pins": [
            Pin(round(100 * _along(flag.day, first, last), 2), _down(flag.value, top), _pinned(flag))
            for flag in chart.flags
        ],
        "rows": _rows(chart),
    }


def _highest(chart: Chart) -> int:
    highest = max(value for line in chart.lines for _, value in line.dots)
    if chart.limit and chart.limit[0] <= FAR * highest:
        return max(highest, chart.limit[0])
    return highest


def _scale(highest: int) -> tuple[int, int]:
    """A round step and how many of them reach over everything: two to four levels."""
    if highest <= 0:
        return 1, 1
    rough = highest / 3
    magnitude = 10.0 ** (len(str(int(max(rough, 1)))) - 1)
    step = next(part * magnitude for part in ROUND if part * magnitude >= rough)
    step = max(1, round(step))
    return step, step * -(-highest // step)


def _levels(step: int, top: int) -> Iterable[int]:
    return range(step, top + 1, step)


def _short(words: str) -> str:
    """A round value needs no zero behind the comma."""
    return re.sub(r"[.,]0(?!\d)", "", words)


def _along(day: date, first: date, last: date) -> float:
    return (day - first).days / (last - first).days


def _down(value: float, top: int) -> float:
    return round(BASE - value * (BASE - TOP) / top, 1)


def _path(line: Line, first: date, last: date, top: int) -> Path:
    places = [
        (round(_along(day, first, last) * ACROSS, 1), _down(value, top) - TOP) for day, value in line.dots
    ]
    drawn = "M" + " L".join(f"{x} {round(y, 1)}" for x, y in places)
    return Path(line.kind, drawn, f"{drawn} L{places[-1][0]} {BASE - TOP} L{places[0][0]} {BASE - TOP} Z")


def _marks(first: date, last: date) -> Iterable[Mark]:
    found = list(_days(first, last) if (last - first).days <= 70 else _months(first, last))
    for number, (day, words) in enumerate(found):
        at = round(100 * _along(day, first, last), 2)
        anchor = "start" if at < 5 else "end" if at > 95 else "middle"
        yield Mark(at, words, anchor, spare=len(found) > 4 and number % 2 == 1)


def _days(first: date, last: date) -> Iterable[tuple[date, str]]:
    span = (last - first).days
    step = next((step for step in (1, 2, 7, 14) if span / step < MOST_MARKS), 14)
    for number in range(0, span + 1, step):
        day = last - timedelta(days=number)
        yield day, date_format(day, "j M")


def _months(first: date, last: date) -> Iterable[tuple[date, str]]:
    count = (last.year - first.year) * 12 + last.month - first.month
    step = next((step for step in (1, 2, 3, 6) if count / step <= MOST_MARKS), 12)
    for number in range(1, count + 1):
        year, month = divmod(first.year * 12 + first.month - 1 + number, 12)
        day = date(year, month + 1, 1)
        if number % step == 0:
            yield day, date_format(day, "M Y" if month == 0 else "M")


def _limit(chart: Chart, top: int) -> Mark | None:
    if chart.limit is None or chart.limit[0] > top:
        return None
    return Mark(_down(chart.limit[0], top), chart.limit[1])


def _today(chart: Chart, first: date, last: date) -> Mark | None:
    """Where what was ends and what is reckoned begins."""
    ahead = next((line for line in chart.lines if line.kind == "ahead" and line.dots), None)
    if ahead is None:
        return None
    at = round(100 * _along(ahead.dots[0][0], first, last), 2)
    return Mark(at, "", "start" if at < 50 else "end")


def _pinned(flag: Flag) -> str:
    return f"{date_format(flag.day, 'j M Y')}: {flag.words}"


def _rows(chart: Chart) -> list[tuple[str, list[str], str]]:
    """By day; of many days every so-manieth, with the first, the last and today among them."""
    values = [dict(line.dots) for line in chart.lines]
    days = sorted({day for told in values for day in told})
    kept = {day for line in chart.lines if line.dots for day in (line.dots[0][0], line.dots[-1][0])}
    kept |= set(days[:: max(1, len(days) // MOST_ROWS)])
    kept |= {flag.day for flag in chart.flags}
    why = {flag.day: flag.words for flag in chart.flags}
    return [
        (
            date_format(day, "j M Y"),
            [chart.say(told[day]) if day in told else "–" for told in values],
            why.get(day, ""),
        )
        for day in sorted(kept)
    ]
