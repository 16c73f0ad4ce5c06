"""Equal: the restored copy read back and compared with the archive, byte for byte and object by object."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from .code import asleep
from .manifest import Event, Inventory, Manifest, Table, TableRows
from .rows import cut_by_rows, read_blocks
from .stream import Progress, RowSum

MOST_DIFFERENCES = 50


def differences(
    connection: Connection[Cursor], manifest: Manifest, found: Inventory, *, progress: Progress
) -> tuple[str, ...]:
    """What the database `found` was taken of has other than the manifest says; empty: equal. At most 50."""
    told = list(definition_differences(manifest.inventory, found))
    progress.phase("prove_equal", manifest.text_bytes)
    for rows in manifest.rows:
        told += _row_differences(
            connection, manifest.inventory.table(rows.table), rows, found.database, progress
        )
        if len(told) >= MOST_DIFFERENCES:
            break
    return tuple(told[:MOST_DIFFERENCES])


def definition_differences(expected: Inventory, found: Inventory) -> Iterator[str]:
    """Tables with their counters, triggers with their order, routines, views and events, one by one."""
    if (expected.charset, expected.collation) != (found.charset, found.collation):
        yield "the character set of the database"
    kinds = (
        ("table", expected.tables, found.tables),
        ("trigger", expected.triggers, found.triggers),
        ("routine", expected.routines, found.routines),
        ("view", expected.views, found.views),
        ("event", tuple(map(_sleeping, expected.events)), tuple(map(_sleeping, found.events))),
    )
    for kind, wanted, present in kinds:
        yield from _unequal(kind, {v.name: v for v in wanted}, {v.name: v for v in present})


def _sleeping(event: Event) -> Event:
    return replace(event, statement=asleep(event.statement), status="DISABLED")


def _unequal(kind: str, expected: Mapping[str, object], found: Mapping[str, object]) -> Iterator[str]:
    for name in sorted(expected.keys() | found.keys()):
        if name not in found:
            yield f"{kind} {name} is missing"
        elif name not in expected:
            yield f"{kind} {name} is not in the archive"
        elif expected[name] != found[name]:
            yield f"{kind} {name} is defined otherwise"


def _row_differences(
    connection: Connection[Cursor], table: Table, expected: TableRows, database: str, progress: Progress
) -> list[str]:
    plan = tuple(chunk.rows for chunk in expected.chunks)
    hashes: list[str] = []
    total, count = RowSum(), 0
    for block in read_blocks(connection, table, database=database, cut=cut_by_rows(plan)):
        progress.check()
        hashes.append(hashlib.sha256(block.text).hexdigest())
        total.add(block.text)
        count += block.rows
        progress.advance(len(block.text))
    if count != expected.rows:
        return [f"table {table.name} has {count} rows instead of {expected.rows}"]
    # Without a unique key the order is the engine's own: the rows are compared as a multiset.
    same = hashes == [c.sha256 for c in expected.chunks] if table.key else total.hex() == expected.row_sum
    return [] if same else [f"table {table.name} has other bytes"]
