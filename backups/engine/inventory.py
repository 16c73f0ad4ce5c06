"""The inventory: every object of one database, as the server defines it, without its rows."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import errors
from .code_reader import read_events, read_routines, read_triggers, read_views
from .database import one, quote_name, rows
from .manifest import Column, Inventory, Rules, Sequence, Table
from .sequences import read_sequence, without_own_schema

TABLES = (
    "SELECT TABLE_NAME, TABLE_TYPE, ENGINE, AUTO_INCREMENT FROM information_schema.tables "
    "WHERE TABLE_SCHEMA = %s"
)
COLUMNS = (
    "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, DATA_TYPE, CHARACTER_SET_NAME, IS_GENERATED, "
    "GENERATION_EXPRESSION "
    "FROM information_schema.columns WHERE TABLE_SCHEMA = %s ORDER BY TABLE_NAME, ORDINAL_POSITION"
)
UNIQUE_KEYS = (
    "SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME, NULLABLE FROM information_schema.statistics "
    "WHERE TABLE_SCHEMA = %s AND NON_UNIQUE = 0 "
    "ORDER BY TABLE_NAME, INDEX_NAME = 'PRIMARY' DESC, INDEX_NAME, SEQ_IN_INDEX"
)


# Among the options, behind the last parenthesis that begins a line.
COUNTER = re.compile(r"(?<=\n\) )(ENGINE=\w+) AUTO_INCREMENT=\d+")

VERSIONED = "SYSTEM VERSIONED"
PERIOD = ("ROW START", "ROW END")
IMPLICIT = tuple(
    Column(name, "timestamp(6)", "timestamp", None, generated=False) for name in ("row_start", "row_end")
)


def take_inventory(connection: Connection[Cursor], database: str) -> Inventory:
    """All that `database` holds. The session must stand in it, so that definitions carry no schema name."""
    code = take_code(connection, database)
    return replace(
        code,
        sequences=tuple(_sequences(connection, database)),
        tables=tuple(_tables(connection, database)),
        missing_definers=missing_definers(connection, {c.definer for c in code.code}),
    )


def looked_at_again(connection: Connection[Cursor], inventory: Inventory, names: frozenset[str]) -> Inventory:
    """With the counters that tables outside the snapshot have once their rows are read."""
    if not names:
        return inventory
    now = {table.name: table for table in _tables(connection, inventory.database) if table.name in names}
    for table in inventory.tables:
        if table.name in names and (
            table.name not in now or _uncounted(now[table.name]) != _uncounted(table)
        ):
            raise errors.ChangedDuringBackup(table=table.name)
    return replace(inventory, tables=tuple(now.get(table.name, table) for table in inventory.tables))


def _uncounted(table: Table) -> Table:
    return replace(table, ddl=COUNTER.sub(r"\1", table.ddl), auto_increment=None)


def take_code(connection: Connection[Cursor], database: str) -> Inventory:
    """The code alone: all that can be asked of a database whose tables may be damaged."""
    return replace(
        take_triggers(connection, database, of=None),
        views=tuple(read_views(connection, database, _column_names(connection, database))),
        routines=tuple(read_routines(connection, database)),
        events=tuple(read_events(connection, database)),
    )


def take_triggers(connection: Connection[Cursor], database: str, *, of: frozenset[str] | None) -> Inventory:
    """The triggers on the tables `of` alone (None: on all), and what `database` itself is like."""
    connection.select_db(database)
    # From 10.5 on a database has a comment, told last.
    schema = one(connection, "SELECT * FROM information_schema.schemata WHERE SCHEMA_NAME = %s", (database,))
    charset, collation, comment = schema[2], schema[3], schema[5] if len(schema) > 5 else None
    return Inventory(
        database=database,
        charset=charset,
        collation=collation,
        rules=server_rules(connection),
        sequences=(),
        tables=(),
        views=(),
        triggers=tuple(read_triggers(connection, database, of=of)),
        routines=(),
        events=(),
        missing_definers=None,
        comment=comment,
    )


def take_tables(connection: Connection[Cursor], database: str, *, of: frozenset[str]) -> tuple[Table, ...]:
    """The tables `of` that can be understood: what is live may be damaged."""
    connection.select_db(database)
    return tuple(_tables(connection, database, of=of))


def server_rules(connection: Connection[Cursor]) -> Rules:
    version, cases, sql_mode, zone = one(
        connection, "SELECT @@version, @@lower_case_table_names, @@GLOBAL.sql_mode, @@GLOBAL.time_zone"
    )
    marks = one(connection, "SELECT @@hostname, @@port, @@datadir, @@server_id, @@socket")
    identity = hashlib.sha256("\0".join(map(str, marks)).encode()).hexdigest()[:16]
    return Rules(version, int(cases), sql_mode, zone, identity)


def missing_definers(connection: Connection[Cursor], definers: set[str]) -> tuple[str, ...] | None:
    """Definers without an account (or role) of that name; None where the account may not look."""
    try:
        known = {f"{user}@{host}" for user, host in rows(connection, "SELECT User, Host FROM mysql.user")}
    except errors.ServerRefused:
        return None
    return tuple(sorted(definers - known))


def _sequences(connection: Connection[Cursor], database: str) -> Iterator[Sequence]:
    names = [str(name) for name, kind, *_ in rows(connection, TABLES, (database,)) if kind == "SEQUENCE"]
    yield from (read_sequence(connection, name) for name in sorted(names))


def _tables(
    connection: Connection[Cursor], database: str, *, of: frozenset[str] | None = None
) -> Iterator[Table]:
    columns, keys = _columns(connection, database), _keys(connection, database)
    periods = _periods(connection, database)
    for name, kind, engine, counter in sorted(
        rows(connection, TABLES, (database,)), key=lambda row: str(row[0])
    ):
        if kind in ("VIEW", "SEQUENCE") or (of is not None and name not in of):
            continue
        if kind not in ("BASE TABLE", VERSIONED):
            raise errors.UnsupportedObject(kind=kind.lower(), name=name)
        ddl = str(one(connection, f"SHOW CREATE TABLE {quote_name(name)}")[1])
        ddl = without_own_schema(ddl, database)
        period = periods.get(name, IMPLICIT) if kind == VERSIONED else ()
        key = keys.get(name, ())
        # Rows of different times share a key, which the server makes unique by the end of each.
        order = (*key, period[1].name) if key and period else key
        yield Table(name, ddl, engine, tuple(columns[name]), order, counter, period)


def _columns(connection: Connection[Cursor], database: str) -> dict[str, list[Column]]:
    found: dict[str, list[Column]] = defaultdict(list)
    for table, name, column_type, kind, charset, generated, _ in rows(connection, COLUMNS, (database,)):
        found[table].append(Column(name, column_type, kind.lower(), charset, generated == "ALWAYS"))
    return found


def _periods(connection: Connection[Cursor], database: str) -> dict[str, tuple[Column, ...]]:
    """The columns that say from when until when a versioned row holds, where they have names."""
    found: dict[str, dict[str, Column]] = defaultdict(dict)
    for table, name, column_type, kind, _, _, expression in rows(connection, COLUMNS, (database,)):
        if expression in PERIOD:
            found[table][expression] = Column(name, column_type, kind.lower(), None, generated=False)
    return {table: tuple(columns[end] for end in PERIOD) for table, columns in found.items()}


def _column_names(connection: Connection[Cursor], database: str) -> dict[str, tuple[str, ...]]:
    found = _columns(connection, database)
    return {table: tuple(column.name for column in columns) for table, columns in found.items()}


def _keys(connection: Connection[Cursor], database: str) -> dict[str, tuple[str, ...]]:
    """The first unique key without NULLs of each table, the primary one before others."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    nullable: set[tuple[str, str]] = set()
    for table, index, column, may_be_null in rows(connection, UNIQUE_KEYS, (database,)):
        found[table][index].append(column)
        if may_be_null == "YES":
            nullable.add((table, index))
    return {
        table: next((tuple(cols) for index, cols in indexes.items() if (table, index) not in nullable), ())
        for table, indexes in found.items()
    }
