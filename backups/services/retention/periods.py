"""Days, weeks, months and years by the panel's clock: how far each period reaches, and its parts."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from .values import PERIODS, Policy

Bucket = tuple[int, ...]


@lru_cache(maxsize=16_384)
def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """Asked for thousands of moments, and of each several times."""
    return moment.astimezone(zone).date()


BUCKETS: dict[str, Callable[[date], Bucket]] = {
    "daily": lambda day: (day.toordinal(),),
    "weekly": lambda day: day.isocalendar()[:2],
    "monthly": lambda day: (day.year, day.month),
    "yearly": lambda day: (day.year,),
}


def borders(policy: Policy, today: date) -> dict[str, date | None]:
    """The oldest day that each period still reaches; None for a period that is switched off.

    Each begins where the one before it ends, so a larger number moves every later border too: a larger policy
    never reaches less far.
    """
    reached, found = _days_before(today, policy.all_days), dict[str, date | None]()
    found["all"] = reached if policy.all_days > 0 else None
    for period in PERIODS:
        count = max(0, getattr(policy, period))
        reached = _before(period, reached, count)
        found[period] = reached if count else None
    return found


def _before(period: str, day: date, count: int) -> date:
    if period == "daily":
        return _days_before(day, count)
    if period == "weekly":
        return _days_before(day, 7 * count)
    return _months_before(day, count if period == "monthly" else 12 * count)


def _days_before(day: date, count: int) -> date:
    return date.fromordinal(max(1, day.toordinal() - max(0, count)))


def _months_before(day: date, count: int) -> date:
    months = day.year * 12 + day.month - 1 - count
    if months < 12:
        return date.min
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]
