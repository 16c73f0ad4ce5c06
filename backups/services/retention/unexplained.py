"""What came before a strange backup stays, as long as nobody has said why it is strange."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from .by_time import Alike
from .values import Held, Reason, Strange


def unexplained(groups: Mapping[Alike, Sequence[Held]], strange: Sequence[Strange]) -> dict[str, Reason]:
    """The strange one itself, and the newest good and the newest proven one before it.

    Of several in a row each holds the one before it, so that the one before the first of them stays too.
    """
    found: dict[str, Reason] = {}
    ids = {odd.id for odd in strange}
    for alike, held in groups.items() if strange else ():
        good = [one for one in reversed(held) if not one.disproved]
        proven = [one for one in reversed(held) if one.proven]
        for odd in strange:
            if alike in _alike(odd):
                found |= dict.fromkeys(_last_before(odd.created, good, proven), _because_of(odd))
        found |= {one.id: Reason("unexplained") for one in held if one.id in ids}
    return found


def _last_before(moment: datetime, *oldest_first: Sequence[Held]) -> Iterator[str]:
    for held in oldest_first:
        place = bisect_left(held, moment, key=_made)
        if place:
            yield held[place - 1].id


def _because_of(odd: Strange) -> Reason:
    return Reason("before_anomaly", {"by": odd.id})


def _alike(odd: Strange) -> set[Alike]:
    return {(odd.system, part) for part in odd.content or {"database"}}


def _made(one: Held) -> datetime:
    return one.created
