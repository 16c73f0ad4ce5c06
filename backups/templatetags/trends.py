"""The charts of Tren: sizes, durations and rows over the last months, with what was strange marked."""

from __future__ import annotations

from collections.abc import Callable

from django import template
from django.utils.translation import gettext

from backups.templatetags.anomalies import anomaly_words
from backups.templatetags.chart import Chart, Flag, Line
from backups.templatetags.measures import duration, number, size
from backups.trend_queries import Point, Trends

register = template.Library()

# Whatever is told of the archive as a whole is seen in its size, unless it is about time.
OF_TIME = {"duration"}


@register.filter
def size_chart(trends: Trends) -> Chart:
    return Chart(
        gettext("The size of the backups over the last 90 days; the table below has the figures."),
        [Line(gettext("Size"), [(point.day, point.bytes) for point in trends.points])],
        say=size,
        flags=_flags(trends, "", lambda point: point.bytes, of_time=False),
    )


@register.filter
def duration_chart(trends: Trends) -> Chart:
    return Chart(
        gettext("How long the backups took over the last 90 days; the table below has the figures."),
        [Line(gettext("Duration"), [(point.day, round(point.seconds)) for point in trends.points])],
        say=duration,
        flags=_flags(trends, "", lambda point: round(point.seconds), of_time=True),
    )


@register.filter
def drill_chart(trends: Trends) -> Chart:
    return Chart(
        gettext("How long the restore drills took over the last 90 days; the table below has the figures."),
        [Line(gettext("Duration"), [(day, round(seconds)) for day, seconds in trends.drills])],
        say=duration,
    )


@register.filter
def rows_chart(trends: Trends, table: str) -> Chart:
    told = [(point.day, point.rows.get(table, 0)) for point in trends.points]
    return Chart(
        gettext("The rows of %(table)s over the last 90 days; the table below has the figures.")
        % {"table": table},
        [Line(gettext("Rows"), told)],
        say=number,
        flags=_flags(trends, table, lambda point: point.rows.get(table, 0), of_time=False),
    )


def _flags(trends: Trends, table: str, value: Callable[[Point], int], *, of_time: bool) -> list[Flag]:
    """A word for each day on which something of this chart was strange."""
    found = []
    for point in trends.points:
        here = [it for it in point.anomalies if it["table"] == table and (it["kind"] in OF_TIME) == of_time]
        if here:
            found.append(Flag(point.day, value(point), " ".join(anomaly_words(it) for it in here)))
    return found


@register.filter
def strange(trends: Trends) -> list[Point]:
    """The newest first: what is worth a look."""
    return [point for point in reversed(trends.points) if point.anomalies]
