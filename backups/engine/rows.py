"""The row codec: a table's rows as LOAD DATA text, and back.

The server writes each row as one string, so no Python loop looks into a row. Both directions of a
column type stand side by side in `codec`; the text is the same on every server that holds the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.constants import COMMAND, ER
from pymysql.cursors import Cursor
from pymysql.protocol import OKPacketWrapper

from . import errors
from .database import quote_name, translate, translated
from .manifest import Column, Table

CHUNK_BYTES = 8 * 1024 * 1024
PACKET_BYTES = 1024 * 1024

EXACT = {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "double", "year"}
TEMPORAL = {"date", "time", "datetime", "timestamp"}
TYPED_TEXT = {"uuid", "inet4", "inet6"}
NUMBERED = {"enum", "set", "bit"}
TEXT = {"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "json"}
BINARY = {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"}
SHAPES = {"point", "linestring", "polygon"}
SPATIAL = {"geometry", "geometrycollection", *SHAPES, *(f"multi{shape}" for shape in SHAPES)}
PLAIN_CHARSETS = {"utf8mb4", "utf8mb3", "utf8", "ascii"}
CHANGED = {ER.TABLE_DEF_CHANGED, ER.NO_SUCH_TABLE}
LOCAL_OFF = {ER.NOT_ALLOWED_COMMAND, 4166, 3948}
NULL = r"'\\N'"


@dataclass(frozen=True, slots=True)
class Codec:
    """How one column leaves (`read`, an SQL expression) and comes back (`write`, from @v; None: as it is)."""

    read: str
    write: str | None


def codec(column: Column) -> Codec:
    """The lossless way for a column's type; a type without one is refused by name."""
    name = quote_name(column.name)
    if column.kind in EXACT | TEMPORAL:
        return Codec(name, None)
    if column.kind == "float":
        # FLOAT prints six digits; as DOUBLE it prints all that it has.
        return Codec(f"CAST({name} AS DOUBLE)", None)
    if column.kind in TYPED_TEXT:
        return Codec(f"CAST({name} AS CHAR)", None)
    if column.kind in NUMBERED:
        # By number: an enum's index 0 and a label '' look the same as text.
        return Codec(f"{name}+0", "CAST({value} AS UNSIGNED)")
    if column.kind in BINARY | SPATIAL:
        return Codec(f"HEX({name})", "UNHEX({value})")
    if column.kind in TEXT and column.charset:
        return _text_codec(f"CAST({name} AS BINARY)", column.charset)
    raise errors.UnsupportedObject(kind="column", name=f"{column.name} ({column.type})")


def _text_codec(raw: str, charset: str) -> Codec:
    """The column's own bytes, whatever its charset; converting them would lose those that are not valid."""
    if charset in PLAIN_CHARSETS:
        return Codec(_escaped(raw), None)
    return Codec(f"HEX({raw})", f"CONVERT(UNHEX({{value}}) USING {charset})")


def _escaped(expression: str) -> str:
    for raw, written in ((r"'\\'", r"'\\\\'"), (r"'\t'", r"'\\t'"), (r"'\n'", r"'\\n'")):
        expression = f"REPLACE({expression},{raw},{written})"
    return expression


def stored(table: Table) -> tuple[Column, ...]:
    return tuple(column for column in table.columns if not column.generated)


def select_statement(table: Table, *, database: str) -> str:
    """One string a row. CONCAT, not CONCAT_WS: where a value is too large for it, the whole row is NULL."""
    fields = [
        f"IF({quote_name(column.name)} IS NULL,{NULL},{codec(column).read})" for column in stored(table)
    ]
    order = ", ".join(map(quote_name, table.key))
    return (
        f"SELECT CONCAT({','.join(_between(fields))}) FROM {quote_name(database)}.{quote_name(table.name)}"
        + (f" ORDER BY {order}" if order else "")
    )


def _between(fields: list[str]) -> list[str]:
    return list(
        chain.from_iterable(zip(fields, chain(repeat(r"'\t'", len(fields) - 1), ["''"]), strict=True))
    )


def load_statement(table: Table, *, into: str, file: str = "rows") -> str:
    """LOAD DATA for a table; `into` is its quoted name, `file` what the client is asked for."""
    columns = stored(table)
    targets = [f"@v{number}" if codec(c).write else quote_name(c.name) for number, c in enumerate(columns)]
    settings = [
        f"{quote_name(c.name)}=IF(@v{number} IS NULL,NULL,{write.format(value=f'@v{number}')})"
        for number, c in enumerate(columns)
        if (write := codec(c).write)
    ]
    return (
        f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE {into} "
        r"CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' "
        f"({','.join(targets)})" + (f" SET {','.join(settings)}" if settings else "")
    )


@dataclass(frozen=True, slots=True)
class Block:
    """Whole rows as LOAD DATA text; `text` ends with a newline."""

    text: bytes
    rows: int


Cut = Callable[[int, int], bool]


def cut_by_bytes(rows: int, size: int) -> bool:
    del rows
    return size >= CHUNK_BYTES


def cut_by_rows(plan: tuple[int, ...]) -> Cut:
    """Cut where another reading cut: after as many rows as each of its chunks had."""
    left = iter(plan)
    wanted = next(left, 0)

    def cut(rows: int, size: int) -> bool:
        nonlocal wanted
        # A bound of its own: a copy with far more rows must not fill the memory.
        if rows != wanted and size < 4 * CHUNK_BYTES:
            return False
        wanted = next(left, 0)
        return True

    return cut


def read_blocks(
    connection: Connection[Cursor], table: Table, *, database: str, cut: Cut = cut_by_bytes
) -> Iterator[Block]:
    """The rows of a table in key order, streamed; memory holds one block."""
    lines: list[bytes] = []
    size = 0
    for line in _lines(connection, table, database):
        lines.append(line)
        size += len(line) + 1
        if cut(len(lines), size):
            yield Block(b"\n".join(lines) + b"\n", len(lines))
            lines, size = [], 0
    if lines:
        yield Block(b"\n".join(lines) + b"\n", len(lines))


def _lines(connection: Connection[Cursor], table: Table, database: str) -> Iterator[bytes]:
    try:
        connection.query(
            select_statement(table, database=database).encode("utf-8", "surrogateescape"), unbuffered=True
        )
        wire: Any = connection
        result = wire._result
        while (row := result._read_rowdata_packet_unbuffered()) is not None:
            if row[0] is None:
                raise errors.RowTooLarge(table=table.name)
            yield row[0]
    except pymysql.MySQLError as error:
        raise _read_error(error, table) from None
    except OSError:
        raise errors.ConnectionLost from None


def _read_error(error: pymysql.MySQLError, table: Table) -> errors.BackupError:
    if error.args and error.args[0] in CHANGED:
        return errors.ChangedDuringBackup(table=table.name)
    return translate(error)


def load_block(connection: Connection[Cursor], table: Table, text: bytes, *, database: str) -> int:
    """Send a block's text from memory, whatever file name the server asks for; returns the rows it took."""
    into = f"{quote_name(database)}.{quote_name(table.name)}"
    statement = load_statement(table, into=into).encode("utf-8", "surrogateescape")
    # The driver's own LOCAL INFILE reads the file that the server names; ours never opens a file.
    wire: Any = connection
    with translated():
        wire._execute_command(COMMAND.COM_QUERY, statement)
        answer = _answer(wire)
        if not answer.is_load_local_packet():
            raise errors.LocalInfileOff
        for start in range(0, len(text), PACKET_BYTES):
            wire.write_packet(text[start : start + PACKET_BYTES])
        wire.write_packet(b"")
        return int(OKPacketWrapper(wire._read_packet()).affected_rows)


def _answer(wire: Any) -> Any:
    try:
        return wire._read_packet()
    except pymysql.MySQLError as error:
        if error.args and error.args[0] in LOCAL_OFF:
            raise errors.LocalInfileOff from None
        raise
