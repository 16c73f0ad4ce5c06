"""The rows of every table, read through one snapshot and handed on chunk by chunk."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from .database import rows
from .manifest import Chunk, Inventory, Table, TableRows
from .rows import read_blocks
from .stream import Progress, RowSum

Put = Callable[[str, bytes], None]
SIZES = "SELECT TABLE_NAME, COALESCE(DATA_LENGTH, 0) FROM information_schema.tables WHERE TABLE_SCHEMA = %s"


def dump_rows(
    connection: Connection[Cursor], inventory: Inventory, *, put: Put, progress: Progress
) -> tuple[TableRows, ...]:
    """Hand every chunk's text to `put` under its member's name; memory holds one chunk."""
    shares = {name: int(size) for name, size in rows(connection, SIZES, (inventory.database,))}
    shares = {table.name: shares.get(table.name) or 0 for table in inventory.tables}
    progress.phase("dump", sum(shares.values()))
    return tuple(
        _dump_table(connection, table, number, inventory, put, _Share(progress, shares[table.name]))
        for number, table in enumerate(inventory.tables, start=1)
    )


class _Share:
    """A table's part of the whole, as the server estimates it: never overdrawn, always used up."""

    def __init__(self, progress: Progress, size: int) -> None:
        self.progress = progress
        self._left = size

    def use(self, size: int) -> None:
        step = min(size, self._left)
        self._left -= step
        self.progress.advance(step)

    def use_up(self) -> None:
        self.use(self._left)


def _dump_table(
    connection: Connection[Cursor], table: Table, number: int, inventory: Inventory, put: Put, share: _Share
) -> TableRows:
    folder = f"data/{number:04d}-{slug(table.name)}"
    chunks: list[Chunk] = []
    total = RowSum()
    share.progress.check()
    for block in read_blocks(connection, table, database=inventory.database):
        share.progress.check()
        member = f"{folder}/{len(chunks) + 1:06d}.tsv.zst.age"
        put(member, block.text)
        total.add(block.text)
        chunks.append(Chunk(member, block.rows, len(block.text), hashlib.sha256(block.text).hexdigest()))
        share.use(len(block.text))
    share.use_up()
    return TableRows(
        table.name, sum(c.rows for c in chunks), sum(c.bytes for c in chunks), total.hex(), tuple(chunks)
    )


def slug(name: str) -> str:
    """A readable part of a member's name, safe whatever the table is called."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "table"
