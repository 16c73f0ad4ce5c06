"""Which copy is read whole next: each within VERIFY_DAYS, and no day reads much more than its share.

Pure: what lies where and what was read today are handed in.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

# The plan is quicker than it must be: a worker may be busy, a storage away, the panel off for some days.
SLACK = 2 / 3
# Of its days a copy rests so much first: a storage with few copies does not read the same one every day.
REST = 1 / 4
# So many times its share a day may read while copies are too old: after a long pause, or an upgrade.
HURRY = 4


@dataclass(frozen=True, slots=True)
class Lying:
    """One copy: `since` when it was last read whole, or else came; `doubted`: reading it failed since."""

    pk: int
    bytes: int
    since: datetime
    doubted: bool = False


def next_to_read(copies: Collection[Lying], now: datetime, *, days: int, read_today: int) -> Lying | None:
    """The one that waits longest, unless today's bytes are spent; what is in doubt waits for no share."""
    if doubted := [copy for copy in copies if copy.doubted]:
        return min(doubted, key=_age)
    oldest = min(copies, key=_age, default=None)
    if oldest is None or now - oldest.since < timedelta(days=days * REST):
        return None
    share = sum(copy.bytes for copy in copies) / max(1.0, days * SLACK)
    too_old = now - oldest.since > timedelta(days=days)
    return oldest if read_today < share * (HURRY if too_old else 1) else None


def _age(copy: Lying) -> tuple[datetime, int]:
    return copy.since, copy.pk
