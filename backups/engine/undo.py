"""Undo and recovery: swapping back, and settling what a crash broke off."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import errors, journal
from .database import Server, lock, quote_name, rows, run, schema_exists, session
from .journal import DONE, Plan, tables_of
from .manifest import Inventory

THROW_AWAY = ("restore", "drill", "fire")
WITH_JOURNAL = ("before", "undone")
OURS = re.compile(r"__(before|undone|restore|drill|fire)_([0-9a-f]{12})$")
LONGEST = 64


def schema_beside(database: str, kind: str, mark: str) -> str:
    """The name of a schema beside `database`, e.g. qparkin__before_1a2b3c4d5e6f; `mark` is 12 hex digits."""
    ending = f"__{kind}_{mark}"
    if len(database) + len(ending) <= LONGEST:
        return database + ending
    short = hashlib.sha256(database.encode()).hexdigest()[:8]
    return f"{database[: LONGEST - len(ending) - 9]}_{short}{ending}"


def plan_undo(server: Server, *, database: str, mark: str, live: Inventory | None) -> Plan:
    """The swap that takes a restore back; `live` is the code that is live now, without tables."""
    before = schema_beside(database, "before", mark)
    with session(server) as connection:
        found = journal.read(connection, before) if schema_exists(connection, before) else None
        if found is None or found[0] != DONE or found[1].live != database:
            raise errors.UndoImpossible(restore=mark, why="what was there before it is no longer kept")
        done = found[1]
        return Plan(
            restore=mark,
            live=database,
            incoming=before,
            outgoing=schema_beside(database, "undone", mark),
            out_tables=tables_of(connection, database),
            in_tables=tables_of(connection, before),
            old=live,
            new=done.old or _nothing(done.new),
            wake_events=True,
            drop_incoming=False,
        )


def _nothing(like: Inventory) -> Inventory:
    """The code of a database that did not exist."""
    return replace(like, sequences=(), tables=(), views=(), triggers=(), routines=(), events=())


def recover(server: Server, *, database: str, settle: Callable[[Server, Plan], bool]) -> tuple[str, ...]:
    """Finish or take back swaps that a crash broke off, and drop half-built shadows; says what it did.

    Work that is still going on holds a lock on the server and is left alone.
    """
    told: list[str] = []
    with session(server) as connection:
        beside = tuple(_schemas_beside(connection, database))
        kept: set[str] = set()
        for kind, schema in beside:
            if kind in WITH_JOURNAL:
                told += _settle_one(server, connection, schema, kept, settle)
        for kind, schema in beside:
            if kind in THROW_AWAY and schema not in kept:
                told += _drop_left(server, connection, schema)
    return tuple(told)


def _settle_one(
    server: Server,
    connection: Connection[Cursor],
    schema: str,
    kept: set[str],
    settle: Callable[[Server, Plan], bool],
) -> Iterator[str]:
    found = journal.read(connection, schema)
    if found is None:
        if not tables_of(connection, schema):
            yield from _drop_left(server, connection, schema)
        return
    step, plan = found
    if step == DONE:
        return
    kept.add(plan.incoming)
    try:
        with lock(server, plan.live):
            finished = settle(server, plan)
    except errors.Busy:
        return
    kept.discard(plan.incoming)
    yield f"the swap into {plan.live} was {'finished' if finished else 'taken back'}"


def _drop_left(server: Server, connection: Connection[Cursor], schema: str) -> Iterator[str]:
    try:
        with lock(server, schema):
            run(connection, f"DROP DATABASE IF EXISTS {quote_name(schema)}")
    except errors.Busy:
        return
    yield f"the unfinished schema {schema} was removed"


def _schemas_beside(connection: Connection[Cursor], database: str) -> Iterator[tuple[str, str]]:
    """(kind, name) of our schemas beside `database`, and of nobody else's: park is not parking."""
    for (name,) in rows(connection, "SELECT SCHEMA_NAME FROM information_schema.schemata"):
        if (found := OURS.search(str(name))) and schema_beside(database, found[1], found[2]) == name:
            yield found[1], str(name)


def drop_kept(server: Server, *, database: str, mark: str) -> tuple[str, ...]:
    """Let go of what a restore or an undo kept aside; returns the schemas that went."""
    dropped = []
    with session(server) as connection:
        for kind in WITH_JOURNAL:
            schema = schema_beside(database, kind, mark)
            found = journal.read(connection, schema) if schema_exists(connection, schema) else None
            if found is not None and found[0] == DONE:
                run(connection, f"DROP DATABASE {quote_name(schema)}")
                dropped.append(schema)
    return tuple(dropped)
