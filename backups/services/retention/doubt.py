"""Whether the clock can be believed. A wrong one would make every archive old in one moment."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate
from operator import attrgetter

from .values import Held, Reason

# A clock that is set right by NTP moves by less.
AHEAD = timedelta(hours=1)
# Longer than any schedule waits. A panel that was away that long is told from a clock that leapt by nothing,
# so both are treated alike: nothing goes.
LEAP = timedelta(days=40)
# On so many different days backups must have been made since, before the time that leapt counts as passed.
DAYS_SINCE = 7


def is_in_doubt(made: Iterable[datetime], now: datetime) -> bool:
    """`made`: when archives were made, those too that went since.

    What lies ahead was made by a clock that was wrong, or the clock is wrong now: only a week of backups
    before this moment says which.
    """
    days, later, ahead = set(), now, False
    for at in sorted(made, reverse=True):
        if at > now + AHEAD:
            ahead = True
            continue
        if later - at > LEAP:
            return True
        days.add(at.date())
        if len(days) >= DAYS_SINCE:
            return False
        later = at
    return ahead


def misdated(found: Sequence[Held], now: datetime) -> dict[str, Reason]:
    """Archives that a wrong clock has dated: they stay, and count for nothing."""
    latest = now + AHEAD
    wrong = {held.id: Reason("ahead") for held in found if held.created > latest}
    return wrong | {held.id: Reason("behind") for held in _behind(found, wrong)}


def _behind(found: Sequence[Held], ahead: Iterable[str]) -> list[Held]:
    """Made after a week of others, as its number says, and dated long before them."""
    numbered = [held for held in found if held.sequence and held.id not in ahead]
    numbered.sort(key=attrgetter("sequence"))
    latest = accumulate((held.created for held in numbered), max)
    if all(before - held.created <= LEAP for before, held in zip(latest, numbered, strict=True)):
        return []
    wrong, newest = [], list[date]()
    for held in numbered:
        day = held.created.date()
        if len(newest) == DAYS_SINCE and newest[0] - day > LEAP:
            wrong.append(held)
        elif day not in newest:
            insort(newest, day)
            del newest[:-DAYS_SINCE]
    return wrong
