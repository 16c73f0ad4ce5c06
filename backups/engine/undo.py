"""Undo and recovery: swapping back, and settling what a crash broke off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import errors, journal
from .beside import THROW_AWAY, WITH_JOURNAL, schema_beside, schemas_beside
from .database import Server, lock, one, quote_name, run, schema_exists, session
from .journal import DONE, Plan, tables_of
from .manifest import Inventory
from .settle import settle

MADE_AT = (
    "SELECT DATE_FORMAT(CREATE_TIME, '%%Y-%%m-%%dT%%H:%%i:%%s') FROM information_schema.tables "
    "WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s"
)


def plan_undo(server: Server, *, database: str, mark: str, live: Inventory | None) -> Plan:
    """The swap that takes a restore back; `live` is the code that is live now, without tables."""
    before = schema_beside(database, "before", mark)
    with session(server) as connection:
        found = _journal(connection, before)
        if found is None or found[0] != DONE or found[1].live != database:
            raise errors.UndoImpossible(restore=mark, why="what was there before it is no longer kept")
        done = found[1]
        if done.partial:
            return _plan_partial(connection, done, live)
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


def _plan_partial(connection: Connection[Cursor], done: Plan, live: Inventory | None) -> Plan:
    """Only the tables that came in go out again, whatever else has become of the others since."""
    incoming = tables_of(connection, done.outgoing)
    standing = tables_of(connection, done.live)
    concerned = {*done.in_tables, *incoming}
    return replace(
        done,
        incoming=done.outgoing,
        outgoing=schema_beside(done.live, "undone", done.restore),
        out_tables=tuple(table for table in standing if table in concerned),
        in_tables=incoming,
        old=live,
        new=done.old or _nothing(done.new),
        drop_incoming=False,
        neighbours=tuple(table for table in done.neighbours if table in standing),
        helpers=(),
    )


def _nothing(like: Inventory) -> Inventory:
    """The code of a database that did not exist."""
    return replace(like, sequences=(), tables=(), views=(), triggers=(), routines=(), events=())


@dataclass(frozen=True, slots=True)
class Kept:
    """A restore that went live and can be undone, as the server itself remembers it."""

    mark: str
    schema: str
    since: str  # when it was swapped in, by the server's clock in UTC
    tables: tuple[str, ...]  # those that were restored or put beside; none: all of them
    beside: bool


def kept_swaps(server: Server, *, database: str) -> tuple[Kept, ...]:
    """What can still be undone, newest first; for whoever has lost the panel's own database."""
    found = []
    with session(server) as connection:
        for kind, schema in tuple(schemas_beside(connection, database)):
            written = _journal(connection, schema) if kind == "before" else None
            if written is not None and written[0] == DONE and written[1].live == database:
                found.append(_kept(connection, written[1]))
    live = [one for one in found if fate(server, database=database, mark=one.mark) == "restored"]
    return tuple(sorted(live, key=lambda one: one.since, reverse=True))


def _kept(connection: Connection[Cursor], plan: Plan) -> Kept:
    (since,) = one(connection, MADE_AT, (plan.outgoing, journal.TABLE))
    tables = tuple(name for name in plan.in_tables if plan.partial)
    beside = plan.partial and not plan.out_tables and plan.old == plan.new
    return Kept(plan.restore, plan.outgoing, str(since), tables, beside)


def fate(server: Server, *, database: str, mark: str) -> str:
    """What the journals say became of a restore: restored, undone, or gone (never live, or let go)."""
    with session(server) as connection:
        for kind, word in (("undone", "undone"), ("before", "restored")):
            found = _journal(connection, schema_beside(database, kind, mark))
            if found is not None and found[0] == DONE:
                return word
    return "gone"


@dataclass(frozen=True, slots=True)
class Recovery:
    """`told`: what was done, in sentences. `pending`: schemas whose swap is not settled yet."""

    told: tuple[str, ...]
    pending: tuple[str, ...]


def open_swaps(server: Server, *, database: str) -> tuple[str, ...]:
    """Schemas whose journal is open: a swap is going on, or was broken off."""
    with session(server) as connection:
        return tuple(schema for schema, _ in _open_journals(connection, database))


def recover(server: Server, *, database: str) -> Recovery:
    """Finish or take back swaps that a crash broke off, and drop half-built shadows.

    Work that is still going on holds a lock on the server and is left alone.
    """
    told: list[str] = []
    with session(server) as connection:
        in_use: set[str] = set()
        for schema, plan in tuple(_open_journals(connection, database)):
            try:
                told.append(_settled(server, schema, plan))
            except errors.BackupError:
                in_use.add(plan.incoming)
        for kind, schema in tuple(schemas_beside(connection, database)):
            if _is_left_over(connection, kind, schema) and schema not in in_use:
                told += _drop_left(server, connection, kind, schema)
        pending = tuple(schema for schema, _ in _open_journals(connection, database))
    return Recovery(tuple(told), pending)


def _open_journals(connection: Connection[Cursor], database: str) -> Iterator[tuple[str, Plan]]:
    for kind, schema in tuple(schemas_beside(connection, database)):
        found = journal.read(connection, schema) if kind in WITH_JOURNAL else None
        if found is not None and found[0] != DONE:
            yield schema, found[1]


def _settled(server: Server, schema: str, plan: Plan) -> str:
    with lock(server, plan.live):
        # Read again: it may have come through while this waited for nothing.
        with session(server) as connection:
            found = _journal(connection, schema)
        if found is None or found[0] == DONE:
            return f"the swap into {plan.live} had come through"
        finished = settle(server, plan)
    return f"the swap into {plan.live} was {'finished' if finished else 'taken back'}"


def _is_left_over(connection: Connection[Cursor], kind: str, schema: str) -> bool:
    """A shadow, or a schema for a journal that was never written."""
    return kind in THROW_AWAY or (
        journal.read(connection, schema) is None and not tables_of(connection, schema)
    )


def _drop_left(server: Server, connection: Connection[Cursor], kind: str, schema: str) -> Iterator[str]:
    try:
        with lock(server, schema):
            # Looked at again: what it held when it was found is not what it holds now, if a swap began in it.
            if not _is_left_over(connection, kind, schema):
                return
            run(connection, f"DROP DATABASE IF EXISTS {quote_name(schema)}")
    except errors.Busy:
        return
    yield f"the unfinished schema {schema} was removed"


def drop_kept(server: Server, *, database: str, mark: str) -> tuple[str, ...]:
    """Let go of what a restore or an undo kept aside, never while a swap runs; returns what went."""
    dropped = []
    with lock(server, database), session(server) as connection:
        for kind in WITH_JOURNAL:
            schema = schema_beside(database, kind, mark)
            found = _journal(connection, schema)
            if found is not None and found[0] == DONE:
                run(connection, f"DROP DATABASE {quote_name(schema)}")
                dropped.append(schema)
    return tuple(dropped)


def _journal(connection: Connection[Cursor], schema: str) -> tuple[str, Plan] | None:
    return journal.read(connection, schema) if schema_exists(connection, schema) else None
