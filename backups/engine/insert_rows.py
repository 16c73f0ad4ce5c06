"""The same text as LOAD DATA takes, as INSERT statements: for a server that has local_infile switched off.

Slower and just as exact: each field goes through the same expression, and a field of LOAD DATA text between
two quotes is the string literal that means the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import errors
from .codec import codec, stored
from .database import one, quote_name, run_bytes
from .manifest import Table

NULL = rb"\N"
# A packet holds the statement and a few bytes besides.
ROOM = 1024
WANTED_BYTES = 1024 * 1024


def insert_block(connection: Connection[Cursor], table: Table, text: bytes, *, database: str) -> int:
    """Insert a block's rows; returns how many the server took. IGNORE, as LOAD DATA LOCAL does."""
    (most,) = one(connection, "SELECT @@max_allowed_packet")
    columns = ",".join(quote_name(column.name) for column in stored(table))
    where = f"{quote_name(database)}.{quote_name(table.name)}"
    start = f"INSERT IGNORE INTO {where} ({columns}) VALUES ".encode("utf-8", "surrogateescape")
    taken = 0
    for batch in _batches(_values(table, text), most=int(most) - ROOM - len(start), table=table.name):
        taken += run_bytes(connection, start + b",".join(batch))
    return taken


def _values(table: Table, text: bytes) -> Iterator[bytes]:
    """One parenthesis a row."""
    ways = [_way(codec(column).write) for column in stored(table)]
    for line in text.split(b"\n")[:-1]:
        fields = line.split(b"\t") if ways else ()
        values = (
            b"NULL" if field == NULL else before + _literal(field) + after
            for field, (before, after) in zip(fields, ways, strict=True)
        )
        yield b"(" + b",".join(values) + b")"


def _way(write: str | None) -> tuple[bytes, bytes]:
    """What stands before and after the value."""
    before, _, after = (write or "{value}").partition("{value}")
    return before.encode(), after.encode()


def _literal(field: bytes) -> bytes:
    # A backslash escapes in both alike; only the quote and NUL are plain in the text and not in a literal.
    return b"_utf8mb4'" + field.replace(b"'", b"''").replace(b"\0", rb"\0") + b"'"


def _batches(values: Iterable[bytes], *, most: int, table: str) -> Iterator[list[bytes]]:
    held: list[bytes] = []
    size = 0
    for value in values:
        if len(value) > most:
            raise errors.RowNeedsLoadData(table=table)
        if held and size + len(value) + 1 > min(most, WANTED_BYTES):
            yield held
            held, size = [], 0
        held.append(value)
        size += len(value) + 1
    if held:
        yield held
