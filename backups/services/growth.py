"""How each storage grows: what it held, what it will hold by its own policy, and when its disk is full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache

from backups import storage_queries

from . import disk_room, held_before, policies, shelves, storages
from .held_before import Dot
from .panel_day import panel_day
from .retention import Policy, Rules, Shelf
from .retention.forecast import LOOKED_AT, forecast

# So many days are told of what was.
BACK = 120
# Fewer say nothing about a year: on its first day a panel is tried out.
AT_LEAST = 3
# Where the panel may not delete, nothing goes.
ALL_STAYS = Policy(all_days=36_500)
# Nearer than that, a full disk is a matter for this week.
SOON = timedelta(days=14)
# Fewer backups of the newest one's size than that have room: it is nearly full, whatever is foretold.
ROOM_FOR = 5
# With the number of its shape: what an earlier version remembered is not read.
REMEMBERED = "storage-growth-2"
# The clock reckons anew before anybody has to wait for it; where none runs, whoever asks does.
REMEMBERED_FOR, ANEW_AFTER = timedelta(minutes=10), timedelta(minutes=4)


@dataclass(frozen=True, slots=True)
class Growth:
    """`ahead` begins today; empty where nobody can say. `free` is the room on its disk; None: not known."""

    storage: str
    past: tuple[Dot, ...]
    ahead: tuple[Dot, ...] = ()
    free: int | None = None
    full_on: date | None = None

    @property
    def bytes(self) -> int:
        return self.past[-1].bytes

    def days_until_full(self, now: datetime) -> int | None:
        """None where a year is not enough to fill it, or nobody knows."""
        return (self.full_on - panel_day(now)).days if self.full_on else None

    def is_nearly_full(self, now: datetime, newest: int) -> bool:
        """`newest` is the size of the newest backup: on the first days there is no forecast yet."""
        days = self.days_until_full(now)
        soon = days is not None and days <= SOON.days
        return soon or (self.free is not None and self.free < ROOM_FOR * newest)


def remembered(now: datetime) -> dict[str, Growth]:
    """For whoever must not wait: empty until the clock has reckoned."""
    return _remembered(now, REMEMBERED_FOR) or {}


def known(now: datetime) -> dict[str, Growth]:
    """As it was reckoned within the last minutes: it takes all rows of all copies."""
    return _remembered(now, REMEMBERED_FOR) or _reckoned(now)


def stay_known(now: datetime) -> None:
    """For the clock."""
    if _remembered(now, ANEW_AFTER) is None:
        _reckoned(now)


def forget() -> None:
    cache.delete(REMEMBERED)


def _remembered(now: datetime, at_most: timedelta) -> dict[str, Growth] | None:
    told = cache.get(REMEMBERED)
    if told is None or abs(now.timestamp() - told["at"]) > at_most.total_seconds():
        return None
    grown = {one["storage"]: _grown(one) for one in told["grown"]}
    return grown if list(grown) == storage_queries.names() else None


def _reckoned(now: datetime) -> dict[str, Growth]:
    found = every(now)
    # Plain values: a cache on Redis takes no others.
    told = {"at": now.timestamp(), "grown": [_plain(one) for one in found.values()]}
    cache.set(REMEMBERED, told, REMEMBERED_FOR.total_seconds())
    return found


def _plain(one: Growth) -> dict[str, Any]:
    return {
        "storage": one.storage,
        "past": [[dot.day.isoformat(), dot.bytes] for dot in one.past],
        "ahead": [[dot.day.isoformat(), dot.bytes] for dot in one.ahead],
        "free": one.free,
        "full_on": one.full_on.isoformat() if one.full_on else None,
    }


def _grown(told: Mapping[str, Any]) -> Growth:
    past, ahead = (
        tuple(Dot(date.fromisoformat(day), size) for day, size in told[name]) for name in ("past", "ahead")
    )
    full_on = date.fromisoformat(told["full_on"]) if told["full_on"] else None
    return Growth(told["storage"], past, ahead, told["free"], full_on)


def every(now: datetime) -> dict[str, Growth]:
    """For each storage of the settings, in their order."""
    names = storage_queries.names()
    past = held_before.by_day(names, now, back=BACK)
    found = shelves.read()
    ahead = _ahead(found, past, now)
    rooms = {storage.name: disk_room.of(storage) for storage in storages.every()}
    made = {name: Growth(name, past[name], ahead[name]) for name in names}
    return {name: _with_room(one, rooms, made) for name, one in made.items()}


def _ahead(
    found: Mapping[str, Shelf], past: Mapping[str, Sequence[Dot]], now: datetime
) -> dict[str, tuple[Dot, ...]]:
    rules, kept = policies.rules(), policies.refusals()
    return {
        name: _of_one(replace(shelf, policy=ALL_STAYS) if name in kept else shelf, past[name], now, rules)
        for name, shelf in found.items()
    }


def _of_one(shelf: Shelf, past: Sequence[Dot], now: datetime, rules: Rules) -> tuple[Dot, ...]:
    """What others keep there, of which nothing is foretold, stays as it is."""
    recent = [one.created for one in shelf.held if now - one.created < timedelta(days=LOOKED_AT)]
    if not recent or now - min(recent) < timedelta(days=AT_LEAST):
        return ()
    points = forecast(shelf.held, shelf.policy, now, rules=rules)
    others = past[-1].bytes - points[0].bytes
    return tuple(Dot(point.day, point.bytes + others) for point in points)


def _with_room(one: Growth, rooms: Mapping[str, disk_room.Room | None], made: Mapping[str, Growth]) -> Growth:
    room = rooms[one.storage]
    if room is None:
        return one
    there = [made[name] for name, other in rooms.items() if other and other.disk == room.disk]
    return replace(one, free=room.free, full_on=_full_on([each.ahead for each in there], room.free))


def _full_on(growing: Sequence[Sequence[Dot]], free: int) -> date | None:
    """The first day on which all that grows on one disk has taken more than its room."""
    known = [dots for dots in growing if dots]
    for step, reached in enumerate(known[0] if known else ()):
        if sum(dots[step].bytes - dots[0].bytes for dots in known) > free:
            return reached.day
    return None
