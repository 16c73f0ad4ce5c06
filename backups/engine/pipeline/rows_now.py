"""Rows that are live now beside those that an archive, or what was kept aside, would put in their place."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from backups.engine import errors
from backups.engine.database import Server, one, quote_name, schema_exists, session
from backups.engine.journal import tables_of


@dataclass(frozen=True, slots=True)
class Preview:
    """(table, rows now, rows in the archive); None where the table is not there, or cannot be read."""

    rows: tuple[tuple[str, int | None, int | None], ...]
    live_exists: bool
    unreadable: frozenset[str] = frozenset()


def preview(
    server: Server, *, database: str, archived: Mapping[str, int], only: Collection[str] | None = None
) -> Preview:
    """Rows now against rows in the archive, by table; of the tables `only`, where that is given."""
    with session(server) as connection:
        exists = schema_exists(connection, database)
        now: dict[str, int | None] = {}
        for table in tables_of(connection, database, sequences=False) if exists else ():
            if only is None or table in only:
                now[table] = count_rows(connection, database, table)
    names = sorted(now.keys() | {name for name in archived if only is None or name in only})
    unreadable = frozenset(table for table, count in now.items() if count is None)
    return Preview(tuple((name, now.get(name), archived.get(name)) for name in names), exists, unreadable)


def count_rows(connection: Connection[Cursor], database: str, table: str) -> int | None:
    """None where the rows cannot be read, which may be why somebody restores."""
    try:
        return int(one(connection, f"SELECT COUNT(*) FROM {quote_name(database)}.{quote_name(table)}")[0])
    except errors.ServerRefused:
        return None
