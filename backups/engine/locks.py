"""Tables without transactions take no part in a snapshot: they are held still for as long as they are read.

The session that holds them reads them too: beside a waiting writer, the server lets no other session read.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pymysql.connections import Connection
from pymysql.constants import ER
from pymysql.cursors import Cursor

from . import errors
from .database import quote_name, rows, run

# Under the global read lock the whole server waits with us; without it only who writes to these tables does.
MOMENT, PATIENCE = 2, 10
ONE_TABLE = 1

WITHOUT_TRANSACTIONS = (
    "SELECT TABLE_NAME FROM information_schema.tables WHERE TABLE_SCHEMA = %s "
    "AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND ENGINE <> 'InnoDB' ORDER BY TABLE_NAME"
)

# Why a table was read without a lock.
BUSY, SWITCHED_OFF, REFUSED, NO_CONNECTION, LATE = "busy", "off", "refused", "full", "late"


@dataclass(slots=True)
class Held:
    """Tables that nobody can write to until they are released; `why` says it of all others."""

    connection: Connection[Cursor] | None
    tables: frozenset[str]
    why: str = LATE

    def reader(self, table: str, otherwise: Connection[Cursor]) -> Connection[Cursor]:
        """The session to read a table with, for as long as it is held."""
        return self.connection if self.connection and table in self.tables else otherwise

    def release(self) -> None:
        if self.connection:
            run(self.connection, "UNLOCK TABLES")
            self.connection = None


def without_transactions(connection: Connection[Cursor], database: str) -> tuple[str, ...]:
    return tuple(str(name) for (name,) in rows(connection, WITHOUT_TRANSACTIONS, (database,)))


def hold(connection: Connection[Cursor], tables: Sequence[str], *, seconds: int) -> Held:
    """Lock what can be had within that time. A table that stays busy is left to be declared."""
    try:
        if _locked(connection, tables, seconds):
            return Held(connection, frozenset(tables))
        free = tuple(_free(connection, tables, seconds))
        if free and _locked(connection, free, seconds):
            return Held(connection, frozenset(free), BUSY)
    except errors.ServerRefused:
        return Held(None, frozenset(), REFUSED)
    return Held(None, frozenset(), BUSY)


def _free(connection: Connection[Cursor], tables: Sequence[str], seconds: int) -> Iterator[str]:
    """Each by itself, since one busy table holds up all that are asked for together."""
    deadline = time.monotonic() + seconds
    for table in tables:
        if time.monotonic() < deadline and _locked(connection, (table,), ONE_TABLE):
            yield table


def _locked(connection: Connection[Cursor], tables: Sequence[str], seconds: int) -> bool:
    run(connection, f"SET SESSION lock_wait_timeout={seconds}")
    wanted = ", ".join(f"{quote_name(table)} READ" for table in tables)
    try:
        run(connection, f"LOCK TABLES {wanted}")
    except errors.ServerRefused as refused:
        if refused.params["errno"] == ER.NO_SUCH_TABLE:
            raise errors.ChangedDuringBackup(table=", ".join(tables[:1])) from None
        if refused.params["errno"] != ER.LOCK_WAIT_TIMEOUT:
            raise
        return False
    return True
