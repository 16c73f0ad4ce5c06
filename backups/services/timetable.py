"""When a schedule falls due: moments on the panel's wall clock, each of them one moment of real time.

Where the wall clock jumps, a time that it leaves out falls on the jump itself, and a time that it shows twice
counts the first time. So whatever a zone does, a day's backup is made once. What runs every hour keeps the
hours of real time instead: nothing is put in for a time left out, and a time shown twice counts twice.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import count

from . import cron

DAY = timedelta(days=1)
LAST_DAY = 0
# So that the hours are the same on every day.
HOURS = (1, 2, 3, 4, 6, 8, 12)


@dataclass(frozen=True, slots=True)
class Rule:
    """`at` counts for all but cron; `day` 0 is a month's last, as is any that a short month lacks."""

    every: str  # hours, daily, weekly, monthly or cron
    at: time = time(2)
    hours: int = 6
    weekdays: tuple[int, ...] = ()  # 0 is Monday
    day: int = 1
    cron: str = ""

    @property
    def is_hourly(self) -> bool:
        if self.every == "cron":
            return cron.runs_every_hour(self.cron)
        return self.every == "hours" and self.hours == 1

    @property
    def times(self) -> tuple[time, ...]:
        """Of one day, where each day has the same."""
        if self.every != "hours":
            return (self.at,)
        first = self.at.hour % self.hours
        return tuple(time(hour, self.at.minute) for hour in range(first, 24, self.hours))


def after(rule: Rule, zone: tzinfo, moment: datetime) -> Iterator[datetime]:
    """Each slot later than `moment`, in order."""
    # A day before: where the clock jumps at midnight a day may reach into the next.
    first = moment.astimezone(zone).date() - DAY
    last = None
    for day, times in _days_from(rule, first):
        for slot in _moments(day, times, zone, hourly=rule.is_hourly):
            if slot > moment and (last is None or slot > last):
                last = slot
                yield slot


def before(rule: Rule, zone: tzinfo, moment: datetime) -> Iterator[datetime]:
    """Each slot up to and with `moment`, the newest first."""
    start, last = moment.astimezone(zone).date() + DAY, None
    for day, times in _days_back(rule, start):
        for slot in reversed(_moments(day, times, zone, hourly=rule.is_hourly)):
            if slot <= moment and (last is None or slot < last):
                last = slot
                yield slot


def _days_from(rule: Rule, first: date) -> Iterator[tuple[date, tuple[time, ...]]]:
    if rule.every == "cron":
        return cron.days_from(rule.cron, first)
    days = (first + number * DAY for number in count())
    return ((day, rule.times) for day in days if _falls_on(rule, day))


def _days_back(rule: Rule, last: date) -> Iterator[tuple[date, tuple[time, ...]]]:
    if rule.every == "cron":
        return cron.days_back(rule.cron, last)
    days = (last - number * DAY for number in count())
    return ((day, rule.times) for day in days if _falls_on(rule, day))


def _falls_on(rule: Rule, day: date) -> bool:
    if rule.every == "weekly":
        return day.weekday() in rule.weekdays
    if rule.every == "monthly":
        length = calendar.monthrange(day.year, day.month)[1]
        return day.day == (length if rule.day == LAST_DAY else min(rule.day, length))
    return True


def _moments(day: date, times: tuple[time, ...], zone: tzinfo, *, hourly: bool) -> list[datetime]:
    """The day's times as moments of real time, in order, none twice."""
    return sorted({moment for at in times for moment in _readings(datetime.combine(day, at), zone, hourly)})


def _readings(wall: datetime, zone: tzinfo, hourly: bool) -> Iterator[datetime]:
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if first < second:
        yield first
        if hourly:
            yield second
    elif first == second:
        yield first
    elif not hourly:
        yield _jump(second, first, zone)


def _jump(early: datetime, late: datetime, zone: tzinfo) -> datetime:
    """The moment between the two at which the wall clock leaves out time."""
    before_it = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == before_it:
            early = middle
        else:
            late = middle
    return late
