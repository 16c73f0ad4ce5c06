"""A table's rows as LOAD DATA text, and back.

The server writes each row as one string (or the helper in C does, see `fast_rows`), so no Python loop looks
into a row; the text is the same on every server that holds the same bytes.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator, Set
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.constants import COMMAND, ER
from pymysql.cursors import Cursor
from pymysql.protocol import OKPacketWrapper

from . import altered, errors, fast_rows
from .codec import codec, stored
from .database import quote_name, reads_fast, translate, translated
from .ddl import split
from .fast_rows import FastReader, NotText
from .large_rows import EMPTY, bare_statement, large_rows
from .manifest import Part, Table
from .source import source_of
from .wire import Oversize, Reader, RowReader, new_mark, text_blocks

CHUNK_BYTES = 8 * 1024 * 1024
# Below the smallest max_allowed_packet in use: XAMPP comes with 1 MiB.
PACKET_BYTES = 512 * 1024

UTF8 = codecs.getincrementaldecoder("utf-8")
LOCAL_OFF = {ER.NOT_ALLOWED_COMMAND, 4166, 3948}
NULL = r"'\\N'"


def select_statement(table: Table, *, database: str, part: Part, mark: str) -> str:
    """One string a row, between `mark` and a newline.

    CONCAT, not CONCAT_WS: where a value is too large for it, the whole row is NULL and not a field short.
    """
    between = r",'\t',"
    listed = between.join(
        f"IF({quote_name(column.name)} IS NULL,{NULL},{codec(column).read})" for column in stored(table)
    )
    return f"SELECT CONCAT('{mark}',{listed or EMPTY},'\\n') " + source_of(
        table, database=database, part=part
    )


def load_statement(table: Table, *, into: str, file: str = "rows", only: Set[str] | None = None) -> str:
    """LOAD DATA for a table; `into` is its quoted name, `file` what the client is asked for.

    Of the columns `only` these are kept, where it is given.
    """
    columns = stored(table)
    ways = [codec(column).write for column in columns]
    if any(ways) and table.auto_increment is not None:
        # Beside a SET the server forgets that a 0 is meant, unless that is set there too.
        counting = split(table.ddl).counting
        ways = [
            way or ("{value}" if c.name == counting else None) for c, way in zip(columns, ways, strict=True)
        ]
    kept = [only is None or column.name in only for column in columns]
    targets = [
        f"@v{number}" if way or not kept[number] else quote_name(columns[number].name)
        for number, way in enumerate(ways)
    ]
    settings = [
        f"{quote_name(columns[number].name)}=IF(@v{number} IS NULL,NULL,{way.format(value=f'@v{number}')})"
        for number, way in enumerate(ways)
        if way and kept[number]
    ]
    return (
        f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE {into} "
        r"CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' "
        f"({','.join(targets)})" + (f" SET {','.join(settings)}" if settings else "")
    )


def read_text(connection: Connection[Cursor], table: Table, *, database: str, part: Part) -> Iterator[bytes]:
    """The rows of a part of a table, streamed as blocks of whole lines.

    All that is written is UTF-8 or ASCII; LOAD DATA would replace what is not valid by a question mark.
    """
    try:
        yield from _blocks(connection, table, database=database, part=part)
    except NotText as wrong:
        column, row = _first_invalid(wrong.block, table)
        raise errors.InvalidText(table=table.name, columns=column, row=row) from None
    except pymysql.MySQLError as error:
        raise _read_error(error, table) from None
    except OSError:
        raise errors.ConnectionLost from None


def _first_invalid(block: bytes, table: Table) -> tuple[str, str]:
    """(column, key of the row) of the first field that is not UTF-8."""
    columns = [column.name for column in stored(table)]
    for line in block.split(b"\n")[:-1]:
        fields = dict(zip(columns, line.split(b"\t"), strict=True))
        for name, field in fields.items():
            try:
                field.decode(errors="surrogatepass")
            except UnicodeDecodeError:
                key = (f"{n}={fields[n].decode(errors='backslashreplace')[:50]}" for n in table.key)
                return name, ", ".join(key) or "?"
    raise ValueError("a block that is not UTF-8 without a field that is not")


def _blocks(connection: Connection[Cursor], table: Table, *, database: str, part: Part) -> Iterator[bytes]:
    try:
        yield from _most_blocks(connection, table, database=database, part=part)
    except Oversize as oversize:
        rest = large_rows(connection, table, database=database, part=part, skip=oversize.rows)
        yield from map(_valid, rest)


def _most_blocks(
    connection: Connection[Cursor], table: Table, *, database: str, part: Part
) -> Iterator[bytes]:
    """What the helper in C makes of bare columns where there is one, else what the server writes itself."""
    helper, kinds = fast_rows.helper(), fast_rows.kinds_of(table)
    if helper and kinds and reads_fast(connection):
        statement = bare_statement(table, database=database, part=part)
        yield from _read(connection, statement, lambda stream: FastReader(stream, kinds, helper))
        return
    mark = new_mark()
    statement = select_statement(table, database=database, part=part, mark=mark)
    yield from map(_valid, _read(connection, statement, lambda stream: RowReader(stream, mark.encode())))


def _read(
    connection: Connection[Cursor], statement: str, reader_of: Callable[[Any], Reader]
) -> Iterator[bytes]:
    return text_blocks(connection, statement.encode("utf-8", "surrogateescape"), reader_of)


def _valid(block: bytes) -> bytes:
    if block.isascii():
        return block
    # The server takes lone surrogates for valid.
    decoder = UTF8(errors="surrogatepass")
    try:
        for start in range(0, len(block), PACKET_BYTES):
            decoder.decode(block[start : start + PACKET_BYTES])
    except UnicodeDecodeError:
        raise NotText(block) from None
    return block


def cut(blocks: Iterable[bytes], size: int = CHUNK_BYTES) -> Iterator[bytes]:
    """Chunks of at least `size` bytes, but the last; each ends with a row."""
    held: list[bytes] = []
    length = 0
    for block in blocks:
        held.append(block)
        length += len(block)
        if length >= size:
            yield b"".join(held)
            held, length = [], 0
    if held:
        yield b"".join(held)


def cut_like(blocks: Iterable[bytes], sizes: Iterable[int]) -> Iterator[bytes]:
    """Chunks of the sizes that another reading had; what is left over comes last."""
    held = b""
    rest = iter(blocks)
    for size in sizes:
        while len(held) < size and (block := next(rest, b"")):
            held += block
        yield held[:size]
        held = held[size:]
    if held := held or next(rest, b""):
        yield held


def _read_error(error: pymysql.MySQLError, table: Table) -> errors.BackupError:
    if error.args and error.args[0] in altered.IN_ROWS:
        return errors.ChangedDuringBackup(table=table.name)
    return translate(error)


def load_block(
    connection: Connection[Cursor], table: Table, text: bytes, *, database: str, only: Set[str] | None = None
) -> int:
    """Send a block's text from memory, whatever file name the server asks for; returns the rows it took."""
    into = f"{quote_name(database)}.{quote_name(table.name)}"
    statement = load_statement(table, into=into, only=only).encode("utf-8", "surrogateescape")
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
