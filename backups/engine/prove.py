"""Equal: the restored copy read back and compared with the archive, byte for byte and object by object."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from .code import asleep
from .ddl import in_the_servers_folder
from .manifest import Event, Inventory, Manifest, Part, Table, TableRows, View
from .parallel import share_out
from .rows import cut_like, read_text
from .stream import Progress, RowSum
from .tokens import Kind, tokens

MOST_DIFFERENCES = 50


def differences(
    sessions: Sequence[Connection[Cursor]], manifest: Manifest, found: Inventory, *, progress: Progress
) -> tuple[str, ...]:
    """What the database `found` was taken of has other than the manifest says; empty: equal. At most 50."""
    told = list(definition_differences(manifest.inventory, found))
    progress.phase("prove_equal", manifest.text_bytes)
    tables = sorted(manifest.rows, key=lambda table_rows: -table_rows.bytes)
    tasks = [(table_rows, part) for table_rows in tables for part in table_rows.parts]

    def work(session: Connection[Cursor], task: tuple[TableRows, Part]) -> Iterator[_Read]:
        table = manifest.inventory.table(task[0].table)
        return _read_part(session, table, task[1], found.database)

    sums: dict[str, str] = {}
    for read in share_out(tasks, sessions, work):
        progress.check()
        progress.advance(read.size)
        told += read.differences
        sums[read.table] = read.row_sum or sums.get(read.table, "")
        if len(told) >= MOST_DIFFERENCES:
            break
    told += [
        f"table {t.table} has other rows" for t in tables if t.row_sum and t.row_sum != sums.get(t.table)
    ]
    return tuple(told[:MOST_DIFFERENCES])


@dataclass(frozen=True, slots=True)
class _Read:
    """A chunk of the copy, read back."""

    table: str
    size: int
    differences: tuple[str, ...] = ()
    row_sum: str = ""


def _read_part(session: Connection[Cursor], table: Table, part: Part, database: str) -> Iterator[_Read]:
    blocks = read_text(session, table, database=database, part=part)
    if not table.key:
        yield from _read_multiset(table, blocks)
        return
    texts = cut_like(blocks, [chunk.bytes for chunk in part.chunks])
    for chunk, text in zip_longest(part.chunks, texts):
        same = chunk and text is not None and hashlib.sha256(text).hexdigest() == chunk.sha256
        told = (
            () if same else (f"table {table.name} has other bytes in {chunk.member if chunk else 'its end'}",)
        )
        yield _Read(table.name, len(text or b""), told)


def _read_multiset(table: Table, blocks: Iterable[bytes]) -> Iterator[_Read]:
    # Without a unique key the order is the engine's own: the rows are compared as a multiset.
    total = RowSum()
    for block in blocks:
        total.add(block)
        yield _Read(table.name, len(block))
    yield _Read(table.name, 0, (), total.hex())


def definition_differences(expected: Inventory, found: Inventory) -> Iterator[str]:
    """Tables with their counters, triggers with their order, routines, views and events, one by one."""
    if (expected.charset, expected.collation) != (found.charset, found.collation):
        yield "the character set of the database"
    if None not in (expected.comment, found.comment) and expected.comment != found.comment:
        yield "the comment of the database"
    broken = {view.name for view in expected.views if not view.columns}
    # One that does not compile cannot always be made; its text is in the archive.
    compiling = tuple(view for view in expected.views if view.columns)
    opening = tuple(view for view in found.views if view.name not in broken)
    same_case = expected.rules.lower_case_table_names == found.rules.lower_case_table_names
    spelled = _as_it_is if same_case else _in_small_letters
    kinds = (
        ("sequence", expected.sequences, found.sequences),
        ("table", tuple(map(_placed, expected.tables)), tuple(map(_placed, found.tables))),
        ("trigger", expected.triggers, found.triggers),
        ("routine", expected.routines, found.routines),
        ("view", tuple(map(spelled, compiling)), tuple(map(spelled, opening))),
        ("event", tuple(map(_sleeping, expected.events)), tuple(map(_sleeping, found.events))),
    )
    for kind, wanted, present in kinds:
        yield from _unequal(kind, _by_name(wanted), _by_name(present))


def _by_name(values: Iterable[Any]) -> dict[str, object]:
    """Routines by kind too: a procedure and a function may share a name."""
    return {f"{getattr(value, 'kind', '')} {value.name}".strip(): value for value in values}


def _placed(table: Table) -> Table:
    return replace(table, ddl=in_the_servers_folder(table.ddl))


def _as_it_is(view: View) -> View:
    return view


def _in_small_letters(view: View) -> View:
    """Where the server lowers names, it lowers the aliases within a view too."""
    parts = tokens(view.statement, sql_mode="")
    return replace(view, statement="".join(p.text.lower() if p.kind is Kind.NAME else p.text for p in parts))


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
