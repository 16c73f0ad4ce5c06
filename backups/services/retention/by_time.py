"""What time alone keeps: everything of the last days, then the newest of each day, week, month and year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from .periods import BUCKETS, Bucket, borders
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
    zone: ZoneInfo

    def passed_over(self, held: Held) -> Reason:
        """Why time does not keep it: another one stands for its period, or no period reaches it."""
        day = held.created.astimezone(self.zone).date()
        for period, bucket in BUCKETS.items():
            if not _reaches(self.reach[period], day):
                continue
            for alike in alike_of(held):
                best = self.standing.get((alike, period, bucket(day)))
                if best and best.id != held.id:
                    return Reason("passed_over", {"period": period, "by": best.id})
        return Reason("too_old")


def by_time(counted: Sequence[Held], policy: Policy, now: datetime, zone: ZoneInfo) -> Times:
    """`counted` newest first.

    The newest of each whole week stands for it, not of that part which lies within the weekly period: so it
    is the same one every day until its time is up, and a larger policy keeps all that a smaller one keeps.
    """
    reach = borders(policy, now.astimezone(zone).date())
    dated = [(held, held.created.astimezone(zone).date()) for held in counted]
    standing = _standing(dated)
    kept: dict[str, Reason] = {}
    for (_, period, _bucket), held in standing.items():
        if held.id not in kept or _longer(kept[held.id].code, period):
            day = held.created.astimezone(zone).date()
            if _reaches(reach[period], day):
                kept[held.id] = Reason(period)
    everything = Reason("all", {"days": policy.all_days})
    kept |= {held.id: everything for held, day in dated if _reaches(reach["all"], day)}
    return Times(kept, standing, reach, zone)


def grouped(counted: Sequence[Held]) -> Mapping[Alike, list[Held]]:
    groups: dict[Alike, list[Held]] = defaultdict(list)
    for held in counted:
        for alike in alike_of(held):
            groups[alike].append(held)
    return groups


def alike_of(held: Held) -> list[Alike]:
    # An index row may not say what its archive holds: then it is the database.
    return [(held.system, part) for part in sorted(held.content or {"database"})]


def _standing(dated: Sequence[tuple[Held, date]]) -> Standing:
    best: Standing = {}
    for held, day in dated:
        for alike in alike_of(held):
            for period, bucket in BUCKETS.items():
                place = (alike, period, bucket(day))
                known = best.get(place)
                if known is None or (known.disproved and not held.disproved):
                    best[place] = held
    return best


def _longer(known: str, period: str) -> bool:
    names = list(BUCKETS)
    return names.index(period) < names.index(known)


def _reaches(border: date | None, day: date) -> bool:
    return border is not None and day >= border
