"""The ways to fire one trigger: which row is there before, and which after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, permutations, zip_longest
from typing import TypeVar

from backups.engine.synthesis import NULL, Hints, Slot

MOST_VARIANTS = 64

Made = TypeVar("Made")

Row = tuple[tuple[str, str], ...]  # column, SQL value


@dataclass(frozen=True, slots=True)
class Variant:
    """None before: the row is inserted. None after: it is deleted."""

    before: Row | None
    after: Row | None


def plain_row(slots: Iterable[Slot]) -> Row:
    return tuple((slot.name, slot.values[0]) for slot in slots)


def hinted_row(slots: Iterable[Slot]) -> Row:
    """Labels and texts that a body speaks of; identities stay as they are, so that joins still match."""
    return tuple((slot.name, slot.values[0] if slot.key else slot.hinted) for slot in slots)


def bare_row(slots: Iterable[Slot]) -> Row:
    return tuple((slot.name, NULL if slot.nullable and not slot.key else slot.values[0]) for slot in slots)


def last_row(slots: Iterable[Slot]) -> Row:
    return tuple((slot.name, slot.values[0 if slot.key else -1]) for slot in slots)


def variants(event: str, slots: tuple[Slot, ...], told: Hints) -> tuple[Variant, ...]:
    """At most MOST_VARIANTS, those that reach the most branches first."""
    if event == "UPDATE":
        made: Iterator[Variant] = _changes(slots, told)
    else:
        made = map(_arrival if event == "INSERT" else _departure, _rows(slots, told))
    return tuple(islice(dict.fromkeys(made), MOST_VARIANTS))


def _arrival(row: Row) -> Variant:
    return Variant(None, row)


def _departure(row: Row) -> Variant:
    return Variant(row, None)


def _rows(slots: tuple[Slot, ...], told: Hints) -> Iterator[Row]:
    yield plain_row(slots)
    yield bare_row(slots)
    yield hinted_row(slots)
    yield last_row(slots)
    yield from _in_turn(
        [_with(base(slots), slot.name, value) for value in _choices(slot)]
        for base in (plain_row, hinted_row, bare_row)
        for slot in _looked_at(slots, told)
    )


def _changes(slots: tuple[Slot, ...], told: Hints) -> Iterator[Variant]:
    plain, bare, hinted, last = plain_row(slots), bare_row(slots), hinted_row(slots), last_row(slots)
    for before, after in ((bare, plain), (plain, bare), (plain, hinted), (hinted, plain), (plain, last)):
        yield Variant(before, after)
    yield Variant(plain, plain)
    bases: tuple[Callable[[Iterable[Slot]], Row], ...] = (plain_row, hinted_row)
    yield from _in_turn(
        [
            Variant(_with(base(slots), slot.name, old), _with(base(slots), slot.name, new))
            for old, new in _transitions(slot)
        ]
        for base in bases
        for slot in _looked_at(slots, told)
    )


def _looked_at(slots: tuple[Slot, ...], told: Hints) -> tuple[Slot, ...]:
    """The columns that decide the branches; all of them where the body looks at none by name."""
    return tuple(slot for slot in slots if slot.name.casefold() in told.columns) or slots


def _choices(slot: Slot) -> tuple[str, ...]:
    return (slot.values[0], NULL, *slot.values[1:]) if slot.nullable else slot.values


def _transitions(slot: Slot) -> list[tuple[str, str]]:
    """Every change from one value to another, between early values first."""
    choices = _choices(slot)
    places = sorted(permutations(range(len(choices)), 2), key=max)
    return [(choices[old], choices[new]) for old, new in places]


def _with(row: Row, column: str, value: str) -> Row:
    return tuple((name, value if name == column else old) for name, old in row)


def _in_turn(lists: Iterable[list[Made]]) -> Iterator[Made]:
    rounds = zip_longest(*lists)
    return (made for made in chain.from_iterable(rounds) if made is not None)
