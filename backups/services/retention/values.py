"""The values that retention is decided on, and the ones it answers with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

# From the shortest to the longest; each begins where the one before it ends.
PERIODS = ("daily", "weekly", "monthly", "yearly")


class Purpose(StrEnum):
    REGULAR = "regular"
    SAFETY = "safety"
    ADOPTED = "adopted"


# To look up a member of an enumeration takes longer than to compare it with thousands of archives.
REGULAR, SAFETY, ADOPTED = Purpose.REGULAR, Purpose.SAFETY, Purpose.ADOPTED


@dataclass(frozen=True, slots=True)
class Held:
    """One archive as one storage holds it."""

    id: str
    created: datetime
    # Its number in the row of all backups, as its seal says; 0: not known.
    sequence: int = 0
    bytes: int = 0
    system: str = ""
    content: frozenset[str] = frozenset({"database"})
    purpose: str = Purpose.REGULAR
    whole: bool = True
    proven: bool = False
    # Its newest drill ended badly: while there is a better one, it stands for no day, week, month or year.
    disproved: bool = False
    pinned_until: datetime | None = None
    # Object lock: the storage refuses to let go of it before that.
    retained_until: datetime | None = None
    # A storage that promises it and has no whole copy of it, while no other copy stays.
    needed_by: str = ""


@dataclass(frozen=True, slots=True)
class Strange:
    """An archive unlike those before it, of which nobody has said why. Wherever it lies."""

    id: str
    created: datetime
    system: str = ""
    content: frozenset[str] = frozenset({"database"})


@dataclass(frozen=True, slots=True)
class Policy:
    """How long. `all_days` counts back from today; each other number begins where the one before ends."""

    all_days: int = 7
    daily: int = 16
    weekly: int = 8
    monthly: int = 4
    yearly: int = 2
    max_bytes: int | None = None


# Spatie's defaults, which QParkIn's operators know; no cap, since nobody knows the size of their disk.
PRESET = Policy()


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for every storage, whatever its policy."""

    zone: ZoneInfo
    undo_window: timedelta = timedelta(days=7)
    # A wrong setting or a wrong clock must not empty a storage in one night.
    at_once: int = 5
    # The newest ones of each content, however old: backups may have stopped long ago.
    keep_last: int = 3
    # When archives were made, those too that went since: how the clock is judged.
    made: tuple[datetime, ...] = ()
    strange: tuple[Strange, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """A slug and what it is about, plain values; `templatetags/retention.py` has the words."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """Each archive is in either `kept` or `dropped`; `waiting` are those of the kept that go next time."""

    kept: Mapping[str, Reason]
    dropped: Mapping[str, Reason]
    waiting: Mapping[str, Reason] = field(default_factory=dict)
    # More than the cap allows, of what may not go.
    over: int = 0

    @property
    def leaving(self) -> Mapping[str, Reason]:
        """All that goes sooner or later, the oldest first."""
        return {**self.dropped, **self.waiting}
