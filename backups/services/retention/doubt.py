"""Whether the clock can be believed. A wrong one would make every archive old in one moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

# A clock that is set right by NTP moves by less.
AHEAD = timedelta(hours=1)
# Longer than any schedule waits. A panel that was away that long is told from a clock that leapt by nothing,
# so both are treated alike: nothing goes.
LEAP = timedelta(days=40)
# On so many different days backups must have been made since, before the time that leapt counts as passed.
DAYS_SINCE = 7


def is_in_doubt(made: Iterable[datetime], now: datetime) -> bool:
    """`made`: when archives were made, those too that went since."""
    days, later = set(), now
    for at in sorted(made, reverse=True):
        if at > now + AHEAD or later - at > LEAP:
            return True
        days.add(at.date())
        if len(days) >= DAYS_SINCE:
            return False
        later = at
    return False
