"""The rows of every table, read through one snapshot and handed on chunk by chunk."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from .database import rows
from .locks import Held
from .manifest import Chunk, Inventory, Part, Table, TableRows
from .pace import Pacer
from .parallel import share_out
from .parts import parts_of
from .rows import cut, read_text
from .stream import Progress, RowSum

Pack = Callable[[bytes], bytes]
Put = Callable[[str, bytes], None]
SIZES = "SELECT TABLE_NAME, COALESCE(DATA_LENGTH, 0) FROM information_schema.tables WHERE TABLE_SCHEMA = %s"


@dataclass(frozen=True, slots=True)
class _Task:
    table: Table
    folder: str
    number: int  # of the part, from 1
    part: Part


@dataclass(frozen=True, slots=True)
class _Packed:
    """A chunk on its way into the archive; without one, the last word on a part."""

    task: _Task
    chunk: Chunk | None
    content: bytes
    row_sum: str = ""


Work = Callable[["Connection[Cursor]", _Task], Iterator[_Packed]]


def dump_rows(
    sessions: Sequence[Connection[Cursor]],
    inventory: Inventory,
    *,
    held: Held,
    pack: Pack,
    put: Put,
    pacer: Pacer,
    progress: Progress,
) -> tuple[TableRows, ...]:
    """Every row of every table, those of `held` first.

    `pack` works beside the reading, `put` is called by one thread only.
    """
    sizes = {str(name): int(size) for name, size in rows(sessions[0], SIZES, (inventory.database,))}
    shared = {name: size for name, size in sizes.items() if len(sessions) > 1 and name not in held.tables}
    tasks = _tasks(sessions[0], inventory, sizes, shared)
    progress.phase("dump", sum(sizes.get(table.name, 0) for table in inventory.tables))
    shares = _Shares(progress, sizes, tasks)
    chunks: dict[_Task, list[Chunk]] = defaultdict(list)
    sums: dict[str, str] = {}

    def work(session: Connection[Cursor], task: _Task) -> Iterator[_Packed]:
        return _packed_chunks(session, task, inventory.database, pack, pacer)

    pacer.take_up()
    for packed in chain(_of_held(held, tasks, work), _of_others(held, tasks, sessions, work, pacer)):
        progress.check()
        if packed.chunk is None:
            sums[packed.task.table.name] = packed.row_sum
            shares.use_up(packed.task)
        else:
            put(packed.chunk.member, packed.content)
            chunks[packed.task].append(packed.chunk)
            shares.use(packed.task, packed.chunk.bytes)
    return tuple(_table_rows(table, tasks, chunks, sums) for table in inventory.tables)


def _of_held(held: Held, tasks: list[_Task], work: Work) -> Iterator[_Packed]:
    """First, so that their writers wait no longer than it takes to read these tables."""
    if held.connection:
        yield from share_out([t for t in tasks if t.table.name in held.tables], [held.connection], work)
        held.release()


def _of_others(
    held: Held, tasks: list[_Task], sessions: Sequence[Connection[Cursor]], work: Work, pacer: Pacer
) -> Iterator[_Packed]:
    left = [task for task in tasks if task.table.name not in held.tables]
    yield from share_out(left, sessions, work, let_go=pacer.let_go)


def _tasks(
    session: Connection[Cursor], inventory: Inventory, sizes: dict[str, int], shared: dict[str, int]
) -> list[_Task]:
    """The largest first, so that no session is left alone with one at the end; only `shared` ones are cut."""
    tasks = [
        (
            sizes.get(table.name, 0) // len(parts),
            _Task(table, f"data/{ordinal:04d}-{slug(table.name)}", number, part),
        )
        for ordinal, table in enumerate(inventory.tables, start=1)
        for parts in [parts_of(session, table, database=inventory.database, size=shared.get(table.name, 0))]
        for number, part in enumerate(parts, start=1)
    ]
    return [task for _, task in sorted(tasks, key=lambda sized: -sized[0])]


def _packed_chunks(
    session: Connection[Cursor], task: _Task, database: str, pack: Pack, pacer: Pacer
) -> Iterator[_Packed]:
    total = RowSum() if not task.table.key else None
    blocks = read_text(session, task.table, database=database, part=task.part)
    if task.table.engine == "InnoDB":
        # The other engines lock a table while it is read: to read slowly would keep writers out for longer.
        blocks = pacer.through(blocks)
    for number, text in enumerate(cut(blocks), start=1):
        member = f"{task.folder}/{task.number:04d}-{number:06d}.tsv.zst.age"
        chunk = Chunk(member, text.count(b"\n"), len(text), hashlib.sha256(text).hexdigest())
        if total:
            total.add(text)
        yield _Packed(task, chunk, pack(text))
    yield _Packed(task, None, b"", total.hex() if total else "")


def _table_rows(
    table: Table, tasks: list[_Task], chunks: dict[_Task, list[Chunk]], sums: dict[str, str]
) -> TableRows:
    own = sorted((task for task in tasks if task.table is table), key=lambda task: task.number)
    parts = tuple(replace(task.part, chunks=tuple(chunks[task])) for task in own)
    return TableRows(table.name, parts, sums[table.name])


class _Shares:
    """Each part's share of the whole, as the server estimates it: never overdrawn, always used up."""

    def __init__(self, progress: Progress, sizes: dict[str, int], tasks: list[_Task]) -> None:
        self._progress = progress
        self._left: dict[_Task, int] = {}
        for task in tasks:
            siblings = sum(other.table is task.table for other in tasks)
            self._left[task] = sizes.get(task.table.name, 0) // siblings

    def use(self, task: _Task, size: int) -> None:
        step = min(size, self._left[task])
        self._left[task] -= step
        self._progress.advance(step)

    def use_up(self, task: _Task) -> None:
        self.use(task, self._left[task])


def slug(name: str) -> str:
    """A readable part of a member's name, safe whatever the table is called."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "table"
