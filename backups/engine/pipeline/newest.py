"""When the live database was last written to, as far as its own rows tell."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from backups.engine import errors
from backups.engine.database import Server, one, quote_name, rows, session

# TIMESTAMP alone: of a DATETIME nobody but the application knows which clock it goes by.
STAMPS = (
    "SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.columns WHERE TABLE_SCHEMA = %s "
    "AND DATA_TYPE = 'timestamp' AND COLUMN_NAME IN ('created_at', 'updated_at') "
    "ORDER BY TABLE_NAME, COLUMN_NAME"
)
# Without an index the whole table is read; a preview does not wait for that.
SECONDS_EACH, SECONDS_ALL = 2, 5


@dataclass(frozen=True, slots=True)
class NewestRow:
    table: str
    written: datetime


def newest_row(server: Server, *, database: str, only: frozenset[str] | None = None) -> NewestRow | None:
    """By created_at and updated_at, as Laravel keeps them; None where no row has them."""
    with session(server) as connection:
        return max(_found(connection, database, only), key=lambda row: row.written, default=None)


def _found(connection: Connection[Cursor], database: str, only: frozenset[str] | None) -> Iterator[NewestRow]:
    until = time.monotonic() + SECONDS_ALL
    for table, column in rows(connection, STAMPS, (database,)):
        if time.monotonic() > until:
            return
        if only is not None and table not in only:
            continue
        where = f"{quote_name(database)}.{quote_name(table)}"
        statement = (
            f"SET STATEMENT max_statement_time={SECONDS_EACH} FOR "
            f"SELECT UNIX_TIMESTAMP(MAX({quote_name(column)})) FROM {where}"
        )
        try:
            (seconds,) = one(connection, statement)
        except errors.ServerRefused:
            continue
        if seconds is not None:
            yield NewestRow(str(table), datetime.fromtimestamp(float(seconds), UTC))
