"""Rows too large for the server to write as one string: column by column, and the line is written here.

Slow and exact: the text is the same that the server would have written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from .codec import codec, stored
from .database import translated
from .manifest import Part, Table
from .source import source_of
from .wire import leave_result

EVERYTHING = 2**64 - 1
BLOCK = 1024 * 1024
EMPTY = "''"  # where every column is computed, a row is an empty line


def bare_statement(table: Table, *, database: str, part: Part) -> str:
    """The values as they are, one a column; each has a short name, since that is sent too."""
    bare = ", ".join(f"{codec(column).bare} AS c{number}" for number, column in enumerate(stored(table)))
    return f"SELECT {bare or EMPTY} {source_of(table, database=database, part=part)}"


def large_rows(
    connection: Connection[Cursor], table: Table, *, database: str, part: Part, skip: int
) -> Iterator[bytes]:
    """Blocks of whole lines, from the row after the first `skip` on."""
    held, size = [], 0
    for line in _lines(connection, table, database, part, skip):
        held.append(line)
        size += len(line)
        if size >= BLOCK:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def _lines(
    connection: Connection[Cursor], table: Table, database: str, part: Part, skip: int
) -> Iterator[bytes]:
    codecs = [codec(column) for column in stored(table)]
    statement = f"{bare_statement(table, database=database, part=part)} LIMIT {EVERYTHING} OFFSET {skip}"
    with translated():
        connection.query(statement.encode("utf-8", "surrogateescape"), unbuffered=True)
        wire: Any = connection
        result = wire._result
        # As bytes, integers too: the driver's own conversions are not for a dump.
        result.converters = [(None, None)] * len(codecs)
        ended = False
        try:
            while (row := result._read_rowdata_packet_unbuffered()) is not None:
                fields = (rb"\N" if v is None else c.spelled(v) for c, v in zip(codecs, row, strict=True))
                yield b"\t".join(fields) + b"\n"
            ended = True
        finally:
            leave_result(connection, ended=ended)
