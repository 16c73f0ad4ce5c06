"""How the backups of the last months were: one point a day, for the charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from backups import queries
from backups.models import Archive, Proof
from backups.models.archive import FILES

DAYS = 90
# Of the newest archive: its largest tables are those whose rows are worth a picture.
MAIN_TABLES = 6


@dataclass(frozen=True, slots=True)
class Point:
    """Of one day: the strange backup where there was one, or else the newest."""

    day: date
    archive: str
    bytes: int
    seconds: float
    anomalies: tuple[dict[str, Any], ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trends:
    points: tuple[Point, ...]
    tables: tuple[str, ...]
    # Seconds of the slowest good drill of each day.
    drills: tuple[tuple[date, float], ...]


def trends(database: str) -> Trends:
    since = timezone.now() - timedelta(days=DAYS)
    made = queries.good_archives(database).filter(created__gte=since).order_by("created")
    told = made.values_list("pk", "created", "bytes", "seconds", "anomalies")
    by_day: dict[date, tuple[Any, ...]] = {}
    for one in told:
        day = _day(one[1])
        if one[4] or day not in by_day or not by_day[day][4]:
            by_day[day] = one
    rows = _rows([one[0] for one in by_day.values()])
    points = tuple(
        Point(day, pk, size, seconds, tuple(anomalies), rows[pk])
        for day, (pk, _, size, seconds, anomalies) in by_day.items()
    )
    return Trends(points, _main(points), _drills(database, since))


def _day(moment: datetime) -> date:
    """By the panel's own calendar, whoever looks."""
    return timezone.localdate(moment, timezone.get_default_timezone())


def _rows(archives: list[str]) -> dict[str, dict[str, int]]:
    """Of one archive a day: of all of them it would be megabytes."""
    told = Archive.objects.filter(pk__in=archives).values_list("pk", "table_rows")
    return {pk: {str(table["name"]): int(table["rows"]) for table in tables} for pk, tables in told}


def _main(points: tuple[Point, ...]) -> tuple[str, ...]:
    """By what they held at most, so that one that was lost is still among them."""
    most: dict[str, int] = {}
    for point in points:
        for name, rows in point.rows.items():
            most[name] = max(rows, most.get(name, 0))
    return tuple(sorted(most, key=lambda name: -most[name])[:MAIN_TABLES])


def _drills(database: str, since: datetime) -> tuple[tuple[date, float], ...]:
    good = Proof.objects.filter(archive__database__iexact=database, made_at__gte=since, proven=True)
    slowest: dict[date, float] = {}
    whole = good.exclude(archive__content=[FILES]).order_by("made_at")
    for made_at, seconds in whole.values_list("made_at", "seconds"):
        day = _day(made_at)
        slowest[day] = max(seconds, slowest.get(day, 0.0))
    return tuple(slowest.items())
