"""A part of an archive: chosen tables, with what belongs to them and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import replace

from . import errors
from .manifest import Inventory, Manifest, Table, Trigger
from .names import named_tables

LONGEST = 64
MARK = "__restored_"


def chosen(inventory: Inventory, wanted: Iterable[str], *, exact: bool) -> tuple[str, ...]:
    """The archive's own names of the tables that are wanted, each once; `exact`: the case of names counts."""
    ruled = {as_ruled(table.name, exact=exact): table.name for table in inventory.tables}
    asked = dict.fromkeys(as_ruled(name, exact=exact) for name in wanted)
    unknown = [name for name in asked if name not in ruled]
    if unknown or not asked:
        raise errors.TableUnknown(tables=", ".join(unknown) or "''")
    return tuple(ruled[name] for name in asked)


def as_ruled(name: str, *, exact: bool) -> str:
    return name if exact else name.casefold()


def narrowed(manifest: Manifest, tables: Set[str]) -> Manifest:
    """The manifest as if the archive held these tables alone: their rows, triggers and sequences."""
    whole = manifest.inventory
    kept = tuple(table for table in whole.tables if table.name in tables)
    drawn = frozenset[str]().union(*(drawn_from(table, whole) for table in kept))
    inventory = replace(
        whole,
        tables=kept,
        sequences=tuple(sequence for sequence in whole.sequences if sequence.name in drawn),
        triggers=tuple(trigger for trigger in whole.triggers if trigger.table in tables),
        views=(),
        routines=(),
        events=(),
    )
    return replace(
        manifest,
        inventory=inventory,
        rows=tuple(rows for rows in manifest.rows if rows.table in tables),
    )


def drawn_from(table: Table, inventory: Inventory) -> frozenset[str]:
    """The sequences that the defaults of a table draw from."""
    named = {name.name for name in named_tables(table.ddl, sql_mode="")}
    return frozenset(sequence.name for sequence in inventory.sequences if sequence.name in named)


def with_triggers(manifest: Manifest, triggers: Iterable[Trigger]) -> Manifest:
    """With these triggers alone, in their order."""
    inventory = replace(manifest.inventory, triggers=tuple(_numbered(triggers)))
    return replace(manifest, inventory=inventory)


def _numbered(triggers: Iterable[Trigger]) -> Iterator[Trigger]:
    """The server counts from 1 what is there."""
    places: Counter[tuple[str, str, str]] = Counter()
    for trigger in triggers:
        moment = (trigger.table, trigger.timing, trigger.event)
        places[moment] += 1
        yield replace(trigger, order=places[moment])


def standing_alone(inventory: Inventory, *, exact: bool) -> tuple[Trigger, ...]:
    """The triggers that name no table beyond those of `inventory`."""
    present = {as_ruled(name, exact=exact) for name in inventory.movable}
    return tuple(
        trigger
        for trigger in inventory.triggers
        if all(
            as_ruled(named.name, exact=exact) in present
            for named in named_tables(trigger.body, sql_mode=trigger.sql_mode)
        )
    )


def names_beside(tables: Iterable[str], *, stamp: str, taken: Set[str]) -> tuple[tuple[str, str], ...]:
    """(table, its name beside the live ones), e.g. tiket__restored_20261123; shortened and free."""
    held = {name.casefold() for name in taken}
    found: list[tuple[str, str]] = []
    for table in tables:
        name = next(name for name in _candidates(table, stamp) if name.casefold() not in held)
        held.add(name.casefold())
        found.append((table, name))
    return tuple(found)


def _candidates(table: str, stamp: str) -> Iterator[str]:
    number = 1
    while True:
        ending = f"{MARK}{stamp}" + (f"_{number}" if number > 1 else "")
        yield table[: LONGEST - len(ending)] + ending
        number += 1
