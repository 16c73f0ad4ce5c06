"""How large a storage grows within a year, by what is made today and by what its policy keeps."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from operator import attrgetter

from .doubt import misdated
from .periods import BUCKETS, borders, day_of
from .values import REGULAR, Held, Policy, Rules

DAYS = 365
DATABASE = frozenset({"database"})
# So far back it is looked how often backups are made, and how large they are.
LOOKED_AT = 28


@dataclass(frozen=True, slots=True)
class Point:
    day: date
    archives: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Stack:
    """Archives of one day that hold the same; the last of them is the one that may stand for the day."""

    day: date
    content: frozenset[str]
    count: int
    bytes: int
    last_bytes: int


def forecast(archives: Sequence[Held], policy: Policy, now: datetime, *, rules: Rules) -> list[Point]:
    """One point a day. What is damaged, taken over or wrongly dated is reckoned to stay."""
    today = now.astimezone(rules.zone).date()
    wrong = misdated(archives, now)
    regular = [one for one in archives if one.whole and one.purpose == REGULAR and one.id not in wrong]
    stacks = _stacks(regular, rules)
    daily = rate(stacks, today)
    ahead = [
        replace(stack, day=today + timedelta(days=step)) for step in range(1, DAYS + 1) for stack in daily
    ]
    counted = {one.id for one in regular}
    steady = [one for one in archives if one.id not in counted]
    lasting = sum(one.bytes for one in steady)
    count, size = _summed([*stacks, *ahead], policy, today)
    found = [
        Point(today + timedelta(days=step), count[step] + len(steady), size[step] + lasting)
        for step in range(DAYS + 1)
    ]
    # Today is what it is; what goes, goes in the runs that follow.
    following = [_within(point, policy.max_bytes) for point in found[1:]]
    return [Point(today, len(archives), sum(one.bytes for one in archives)), *following]


def _within(point: Point, cap: int | None) -> Point:
    """Over the cap the oldest go: about as many as there is too much of."""
    if cap is None or point.bytes <= cap:
        return point
    return Point(point.day, max(1, point.archives * cap // point.bytes), cap)


def rate(stacks: Sequence[Stack], today: date) -> list[Stack]:
    """An average day: how many of each content, and how large."""
    recent = [stack for stack in stacks if (today - stack.day).days < LOOKED_AT]
    if not recent:
        return []
    span = max(1, (today - min(stack.day for stack in recent)).days + 1)
    found = []
    for content in sorted({stack.content for stack in recent}, key=sorted):
        alike = [stack for stack in recent if stack.content == content]
        count = sum(stack.count for stack in alike)
        mean = sum(stack.bytes for stack in alike) // count
        # What is made now and then is no day's habit.
        daily = round(count / span)
        if daily:
            found.append(Stack(today, content, daily, daily * mean, mean))
    return found


def _stacks(regular: Sequence[Held], rules: Rules) -> list[Stack]:
    days: dict[tuple[date, frozenset[str]], list[Held]] = defaultdict(list)
    for one in sorted(regular, key=attrgetter("created")):
        days[day_of(one.created, rules.zone), one.content or DATABASE].append(one)
    return [
        Stack(day, content, len(held), sum(one.bytes for one in held), held[-1].bytes)
        for (day, content), held in days.items()
    ]


def _summed(stacks: Sequence[Stack], policy: Policy, today: date) -> tuple[list[int], list[int]]:
    """How many archives and bytes on each day: each comes on its day and goes when its time is up."""
    limits = _limits(policy, today)
    count, size = [0] * (DAYS + 2), [0] * (DAYS + 2)
    standing = _standing(stacks)
    for stack in stacks:
        begin = max(0, (stack.day - today).days)
        # The newest stays at least until the next day's is made.
        whole = max(begin + 1, bisect_right(limits["all"], stack.day))
        single = max(
            [whole, *(bisect_right(limits[period], stack.day) for period in standing.get(stack, ()))]
        )
        for first, last, many, much in (
            (begin, whole, stack.count, stack.bytes),
            (whole, single, 1, stack.last_bytes),
        ):
            if first < last:
                count[first] += many
                size[first] += much
                count[min(last, DAYS + 1)] -= many
                size[min(last, DAYS + 1)] -= much
    return _running(count), _running(size)


@lru_cache(maxsize=32)
def _limits(policy: Policy, today: date) -> Mapping[str, Sequence[date]]:
    """How far each period reaches on each day of the year."""
    reach = [borders(policy, today + timedelta(days=step)) for step in range(DAYS + 1)]
    return {period: tuple(one[period] or date.max for one in reach) for period in ("all", *BUCKETS)}


def _standing(stacks: Sequence[Stack]) -> Mapping[Stack, set[str]]:
    """For which periods the last one of a stack stands."""
    best: dict[tuple[str, str, tuple[int, ...]], Stack] = {}
    for stack in stacks:
        for part in stack.content:
            for period, bucket in BUCKETS.items():
                place = (part, period, bucket(stack.day))
                if place not in best or best[place].day <= stack.day:
                    best[place] = stack
    found: dict[Stack, set[str]] = defaultdict(set)
    for (_, period, _bucket), stack in best.items():
        found[stack].add(period)
    return found


def _running(changes: Sequence[int]) -> list[int]:
    total, found = 0, []
    for change in changes:
        total += change
        found.append(total)
    return found
