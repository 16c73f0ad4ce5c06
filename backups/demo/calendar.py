"""When cars come: quiet at night, busy after work and at weekends, up to the last minute."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime, timedelta, timezone
from itertools import accumulate

WIB = timezone(timedelta(hours=7), "WIB")
# How many cars come in each hour of a day, beside each other.
HOURS = (1, 1, 0, 0, 1, 2, 8, 20, 30, 40, 60, 80, 90, 80, 70, 75, 85, 100, 110, 95, 60, 25, 8, 2)
SATURDAY = 5
WEEKEND = 1.6
CARS_A_DAY = 95
SHORTEST_DAYS, LONGEST_DAYS = 120, 1095


class Calendar:
    """Spreads a number of arrivals, in order, over the days that end at `until`."""

    def __init__(self, until: datetime, *, arrivals: int) -> None:
        days = min(max(arrivals // CARS_A_DAY, SHORTEST_DAYS), LONGEST_DAYS)
        # Naive from here on: QParkIn writes the wall clock of its malls.
        self.until = until.astimezone(WIB).replace(tzinfo=None, microsecond=0)
        self.start = self.until.replace(minute=0, second=0) - timedelta(days=days)
        self._arrivals = arrivals
        self._ends = list(accumulate(self._weight(hour) for hour in range(days * 24)))

    def _weight(self, hour: int) -> float:
        moment = self.start + timedelta(hours=hour)
        return HOURS[moment.hour] * (WEEKEND if moment.weekday() >= SATURDAY else 1.0)

    def arrival(self, number: int) -> datetime:
        """When car `number` of all (from 0) comes; never earlier than the one before."""
        share = (number + 0.5) / self._arrivals * self._ends[-1]
        hour = bisect_right(self._ends, share)
        begin = self._ends[hour - 1] if hour else 0.0
        within = (share - begin) / (self._ends[hour] - begin)
        return self.start + timedelta(hours=hour, seconds=int(within * 3600))
