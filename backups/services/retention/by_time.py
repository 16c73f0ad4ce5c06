"""What time alone keeps: everything of the last days, then the newest of each day, week, month and year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from .periods import BUCKETS, Bucket, borders, day_of
from .values import Held, Policy, Reason

# System and part: what holds the one never pushes out the last that holds the other.
Alike = tuple[str, str]
Standing = dict[tuple[Alike, str, Bucket], Held]


@dataclass(frozen=True, slots=True)
class Times:
    """`standing` is which archive stands for each day, week, month and year."""

    kept: Mapping[str, Reason]
    standing: Standing
    reach: Mapping[str, date | None]
    days: Mapping[str, date]
    _told: dict[tuple[tuple[Alike, ...], date], Reason] = field(default_factory=dict)

    def passed_over(self, held: Held) -> Reason:
        """Why time does not keep it: another one stands for its period, or no period reaches it.

        The same for all of one day that hold the same, of which there may be many.
        """
        place = (alike_of(held), self.days[held.id])
        if place not in self._told:
            self._told[place] = self._reason(*place)
        return self._told[place]

    def _reason(self, alikes: tuple[Alike, ...], day: date) -> Reason:
        for period, bucket in BUCKETS.items():
            if _reaches(self.reach[period], day):
                for alike in alikes:
                    best = self.standing.get((alike, period, bucket(day)))
                    if best:
                        return Reason("passed_over", {"period": period, "by": best.id})
        return Reason("too_old")


def by_time(counted: Sequence[Held], policy: Policy, now: datetime, zone: ZoneInfo) -> Times:
    """`counted` newest first.

    The newest of each whole week stands for it, not of that part which lies within the weekly period: so it
    is the same one every day until its time is up, and a larger policy keeps all that a smaller one keeps.
    """
    reach = borders(policy, now.astimezone(zone).date())
    days = {held.id: day_of(held.created, zone) for held in counted}
    standing = _standing(counted, days)
    kept: dict[str, Reason] = {}
    # The longest last: the shortest period that keeps an archive is the reason that is told.
    for period in reversed(BUCKETS):
        for (_, of, _bucket), held in standing.items():
            if of == period and _reaches(reach[period], days[held.id]):
                kept[held.id] = Reason(period)
    everything = Reason("all", {"days": policy.all_days})
    kept |= {archive: everything for archive, day in days.items() if _reaches(reach["all"], day)}
    return Times(kept, standing, reach, days)


def grouped(counted: Sequence[Held]) -> Mapping[Alike, list[Held]]:
    groups: dict[Alike, list[Held]] = defaultdict(list)
    for held in counted:
        for alike in alike_of(held):
            groups[alike].append(held)
    return groups


def alike_of(held: Held) -> tuple[Alike, ...]:
    return _alike(held.system, held.content)


@lru_cache(maxsize=64)
def _alike(system: str, content: frozenset[str]) -> tuple[Alike, ...]:
    # An index row may not say what its archive holds: then it is the database.
    return tuple((system, part) for part in sorted(content or {"database"}))


def _standing(counted: Sequence[Held], days: Mapping[str, date]) -> Standing:
    """Of each day first, and of a longer period the best of its days: there may be thousands of archives."""
    daily: dict[tuple[Alike, date], Held] = {}
    for alike, group in grouped(counted).items():
        for held in group:
            _prefer(daily, (alike, days[held.id]), held)
    best: Standing = {}
    for (alike, day), held in daily.items():
        for period, bucket in BUCKETS.items():
            _prefer(best, (alike, period, bucket(day)), held)
    return best


def _prefer(best: dict[Any, Held], place: Any, held: Held) -> None:
    """The newest comes first, and stays unless its drill failed and this one's did not."""
    known = best.setdefault(place, held)
    if known.disproved and not held.disproved:
        best[place] = held


def _reaches(border: date | None, day: date) -> bool:
    return border is not None and day >= border
