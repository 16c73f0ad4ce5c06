"""What a backup of this database would lose: refused by name before anything is written, or declared."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import altered, errors
from .codec import TEXT, codec, stored
from .database import quote_name, rows
from .ddl import in_the_servers_folder, split
from .locks import Held
from .manifest import Column, Inventory, Table, Warned
from .sequences import dangling_defaults
from .tokens import NOTHING, Kind, meaningful

# Their rows lie elsewhere: in other tables, files or servers.
OF_SEVERAL_BYTES = {"utf8mb3", "big5", "cp932", "eucjpms", "euckr", "gb2312", "gbk", "sjis", "ujis"}
OF_SEVERAL_BYTES |= {"utf16", "utf16le", "utf32"}
WITH_EMOJI = {"utf8mb4", "utf16", "utf16le", "utf32"}
NOT_OURS = {"mrg_myisam", "federated", "connect", "spider", "s3"}


def refuse_losses(connection: Connection[Cursor], inventory: Inventory, held: Held) -> None:
    """Raise for the first thing that could not come back as it is."""
    for kind, name in _losses(connection, inventory, held):
        raise errors.UnsupportedObject(kind=kind, name=name)


def outside_the_snapshot(inventory: Inventory, held: Held) -> frozenset[str]:
    """Tables that may be written while they are read."""
    others = (table.name for table in inventory.tables if table.engine != "InnoDB")
    return frozenset(others) - held.tables


def warnings_of(inventory: Inventory, held: Held, *, short: bool) -> Iterator[Warned]:
    """What the archive holds less surely than the rest, e.g. tables that take no part in the snapshot."""
    loose = outside_the_snapshot(inventory, held)
    engines = {table.name: f"{table.name} ({table.engine})" for table in inventory.tables}
    folders = tuple(t.name for t in inventory.tables if in_the_servers_folder(t.ddl) != t.ddl)
    broken = tuple(view.name for view in inventory.views if not view.columns)
    forgotten = tuple(_perhaps_forgotten(inventory))
    found = (
        Warned("locked", tuple(told for name, told in engines.items() if name in held.tables)),
        Warned("not_locked", tuple(told for name, told in engines.items() if name in loose), held.why),
        Warned("own_folder", folders),
        Warned("view_broken", broken),
        Warned("emoji_forgotten", forgotten),
    )
    yield from (warned for warned in found if warned.names)
    if short:
        yield Warned("few_connections")


def _perhaps_forgotten(inventory: Inventory) -> Iterator[str]:
    """Labels and plain defaults are shown in utf8mb3, where an emoji is a question mark."""
    for table in inventory.tables:
        for text, column in zip(split(table.ddl).columns, table.columns, strict=False):
            if column.charset in WITH_EMOJI and "?" in text and any(_told_in_utf8mb3(text, column)):
                yield f"{table.name}.{column.name}"


def _told_in_utf8mb3(text: str, column: Column) -> Iterator[bool]:
    spoken = [NOTHING, *meaningful(text, sql_mode="")]
    for before, token in pairwise(spoken):
        listed = column.kind in ("enum", "set") and before.text in ("(", ",")
        yield token.kind is Kind.TEXT and "?" in token.text and (listed or before.keyword == "DEFAULT")


def _losses(connection: Connection[Cursor], inventory: Inventory, held: Held) -> Iterator[tuple[str, str]]:
    present = {sequence.name for sequence in inventory.sequences}
    for dangling in dangling_defaults(connection, inventory.database, present):
        yield "default", f"{dangling} (its sequence is missing)"
    for table in inventory.tables:
        if table.engine.lower() in NOT_OURS:
            yield "table", f"{table.name} ({table.engine})"
        if any(column.kind == "bigint" for column in table.period):
            yield "table", f"{table.name} (its history goes by transactions)"
        for column in stored(table):
            codec(column)
        _refuse_invalid_text(held.reader(table.name, connection), table)


def _refuse_invalid_text(connection: Connection[Cursor], table: Table) -> None:
    """Bytes that no client may write come in with tablespaces, copied files and old servers."""
    looked_at = [column for column in table.columns if _can_be_invalid(column)]
    if not looked_at:
        return
    tests = list(map(_changed_by_its_own_charset, looked_at))
    told = ", ".join([*tests, *map(quote_name, table.key)])
    where = f"FROM {quote_name(table.name)} WHERE {' OR '.join(tests)} LIMIT 1"
    with altered.named(table.name):
        found = rows(connection, f"SELECT {told} {where}")
    for row in found:
        bad = [column.name for column, is_bad in zip(looked_at, row, strict=False) if is_bad]
        key = zip(table.key, row[len(tests) :], strict=True)
        told = ", ".join(f"{name}={_plainly(value)}" for name, value in key) or "?"
        raise errors.InvalidText(table=table.name, columns=", ".join(bad), row=told)


def _plainly(value: object) -> str:
    return str(value).encode("utf-8", "backslashreplace").decode()[:50]


def _changed_by_its_own_charset(column: Column) -> str:
    raw = f"CAST({quote_name(column.name)} AS BINARY)"
    return f"CAST(CONVERT({raw} USING {column.charset}) AS BINARY)<>{raw}"


def _can_be_invalid(column: Column) -> bool:
    """utf8mb4 is looked at while it is read; in charsets of one byte every byte is valid."""
    return bool(column.charset in OF_SEVERAL_BYTES and column.kind in TEXT and not column.generated)
