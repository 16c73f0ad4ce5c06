"""What a policy promises, reckoned from its words alone and not by the code that is tested.

all of N days, then the newest of each day for M days, then the newest of each week for W weeks;
the newest three of what holds the database, and of what holds files, however old they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")
LAST = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """An archive that lay at a storage at some time, by its own seal."""

    id: str
    created: datetime
    content: frozenset[str]

    @property
    def day(self) -> date:
        return self.created.astimezone(WIB).date()


@dataclass(frozen=True, slots=True)
class Words:
    """As `manage.py retention` takes them."""

    all_days: int
    daily: int
    weekly: int

    @property
    def options(self) -> list[str]:
        given = {"all-days": self.all_days, "daily": self.daily, "weekly": self.weekly, "monthly": 0}
        return [f"--{name}={value}" for name, value in {**given, "yearly": 0}.items()]


def promised(seen: Iterable[Seen], words: Words, today: date) -> set[str]:
    every = sorted(seen, key=lambda one: one.created)
    return set().union(
        *(_of([one for one in every if part in one.content], words, today) for part in ("database", "files"))
    )


def _of(alike: list[Seen], words: Words, today: date) -> set[str]:
    everything_since = today - timedelta(days=words.all_days)
    daily_since = everything_since - timedelta(days=words.daily)
    weekly_since = daily_since - timedelta(weeks=words.weekly)
    # Of several with the same key the last one written, which is the newest, stays in the dict.
    of_day = {one.day: one for one in alike}
    of_week = {one.day.isocalendar()[:2]: one for one in alike}
    kept = {one.id for one in alike if one.day >= everything_since}
    kept |= {one.id for one in of_day.values() if one.day >= daily_since and words.daily}
    kept |= {one.id for one in of_week.values() if one.day >= weekly_since and words.weekly}
    return kept | {one.id for one in alike[-LAST:]}
