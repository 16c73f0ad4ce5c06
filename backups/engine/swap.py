"""The swap: the moment a restored database becomes live. One RENAME moves all tables out and in.

Until that statement the live tables are untouched; if it is refused, the triggers go back and nothing
has changed. A crash at any point is finished or taken back from the journal.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import errors, journal
from .code import Making, makings, or_replace, trigger_makings
from .database import Server, lock, quote_name, rows, run, session
from .journal import DONE, MOVED, MOVING, Plan, tables_of
from .manifest import Inventory
from .sequences import repoint_defaults

WAIT_SECONDS = 3
PATIENT_SECONDS = 60
TIMED_OUT = {1205, 1969}
PACKAGES = {"PACKAGE", "PACKAGE BODY"}
ROUTINE_KINDS = {"PROCEDURE", "FUNCTION", *PACKAGES}
CODE = (
    ("'VIEW'", "TABLE", "views"),
    ("'EVENT'", "EVENT", "events"),
    ("ROUTINE_TYPE", "ROUTINE", "routines"),
)


@dataclass(frozen=True, slots=True)
class Swapped:
    outgoing: str
    milliseconds: int


def code_only(inventory: Inventory) -> Inventory:
    return replace(inventory, sequences=(), tables=())


def swap(server: Server, plan: Plan) -> Swapped:
    """Carry out the plan whole, or leave the live database as it was and raise."""
    with lock(server, plan.live), session(server) as connection:
        run(connection, f"SET SESSION lock_wait_timeout={WAIT_SECONDS}")
        _make_outgoing(connection, plan)
        started = time.monotonic()
        try:
            # RENAME refuses tables with triggers. The shadow's go before the clock runs: nobody waits.
            _drop_triggers(connection, plan.incoming)
            started = time.monotonic()
            _move(connection, plan)
            _finish(server, plan)
        except errors.BackupError as error:
            if not settle(server, plan):
                raise _explained(error) from None
        return Swapped(plan.outgoing, round((time.monotonic() - started) * 1000))


def settle(server: Server, plan: Plan) -> bool:
    """A swap that was broken off: finish it where tables have moved (True), else take it back (False)."""
    with session(server) as connection:
        if not _has_begun(connection, plan):
            _take_back(server, connection, plan)
            return False
        rename_left(connection, plan)
    _finish(server, plan)
    return True


def _has_begun(connection: Connection[Cursor], plan: Plan) -> bool:
    found = journal.read(connection, plan.outgoing)
    if found and found[0] in (MOVED, DONE):
        return True
    return bool(tables_of(connection, plan.outgoing)) or (
        tables_of(connection, plan.incoming) != tuple(sorted(plan.in_tables))
    )


def _make_outgoing(connection: Connection[Cursor], plan: Plan) -> None:
    charset = f"CHARACTER SET {plan.new.charset} COLLATE {plan.new.collation}"
    run(connection, f"CREATE DATABASE {quote_name(plan.outgoing)} {charset}")
    run(connection, f"CREATE DATABASE IF NOT EXISTS {quote_name(plan.live)} {charset}")
    journal.open_journal(connection, plan)


def _move(connection: Connection[Cursor], plan: Plan) -> None:
    _drop_triggers(connection, plan.live)
    journal.advance(connection, plan, MOVING)
    rename_left(connection, plan)


def rename_left(connection: Connection[Cursor], plan: Plan) -> None:
    """One RENAME of whatever has not moved yet: outgoing tables first, then incoming ones."""
    gone, waiting = set(tables_of(connection, plan.outgoing)), set(tables_of(connection, plan.incoming))
    moves = [_renamed(t, plan.live, plan.outgoing) for t in plan.out_tables if t not in gone]
    moves += [_renamed(t, plan.incoming, plan.live) for t in plan.in_tables if t in waiting]
    if moves:
        run(connection, "RENAME TABLE " + ", ".join(moves))


def _renamed(table: str, source: str, target: str) -> str:
    name = quote_name(table)
    return f"{quote_name(source)}.{name} TO {quote_name(target)}.{name}"


def _take_back(server: Server, connection: Connection[Cursor], plan: Plan) -> None:
    """No table has moved: put the live triggers back, and forget the swap."""
    if plan.old is None:
        run(connection, f"DROP DATABASE IF EXISTS {quote_name(plan.live)}")
    else:
        _put_triggers_back(server, connection, plan.live, plan.old)
    if plan.drop_incoming:
        run(connection, f"DROP DATABASE IF EXISTS {quote_name(plan.incoming)}")
    run(connection, f"DROP DATABASE IF EXISTS {quote_name(plan.outgoing)}")


def _put_triggers_back(server: Server, connection: Connection[Cursor], live: str, old: Inventory) -> None:
    """Only on tables that lack one: the others may be the very tables that somebody holds."""
    present = set(_trigger_names(connection, live))
    lacking = {trigger.table for trigger in old.triggers if trigger.name not in present}
    anew = tuple(trigger for trigger in old.triggers if trigger.table in lacking)
    for trigger in anew:
        # Those left of the same table too, since their order counts.
        run(connection, f"DROP TRIGGER IF EXISTS {quote_name(live)}.{quote_name(trigger.name)}")
    if anew:
        _make(server, live, trigger_makings(old, anew))


def _drop_triggers(connection: Connection[Cursor], schema: str) -> None:
    for name in _trigger_names(connection, schema):
        run(connection, f"DROP TRIGGER {quote_name(schema)}.{quote_name(name)}")


def _trigger_names(connection: Connection[Cursor], schema: str) -> tuple[str, ...]:
    statement = "SELECT TRIGGER_NAME FROM information_schema.triggers WHERE TRIGGER_SCHEMA = %s"
    return tuple(str(name) for (name,) in rows(connection, statement, (schema,)))


def _finish(server: Server, plan: Plan) -> None:
    """The tables are in their places: make the code of the new database live. Can be run again."""
    with session(server) as connection:
        journal.advance(connection, plan, MOVED)
        # Live first: until then its rows cannot draw from its sequences.
        repoint_defaults(connection, plan.live, away_from=plan.incoming)
        repoint_defaults(connection, plan.outgoing, away_from=plan.live)
        charset = f"CHARACTER SET {plan.new.charset} COLLATE {plan.new.collation}"
        run(connection, f"ALTER DATABASE {quote_name(plan.live)} {charset}")
        _drop_triggers(connection, plan.live)
        _drop_code(connection, plan)
        _make(server, plan.live, _makings(plan))
        journal.advance(connection, plan, DONE)
        if not tables_of(connection, plan.incoming):
            run(connection, f"DROP DATABASE IF EXISTS {quote_name(plan.incoming)}")


def _drop_code(connection: Connection[Cursor], plan: Plan) -> None:
    """Views, events, routines of the live schema; a routine that comes again is replaced, its grants stay."""
    again = {(routine.kind, routine.name) for routine in plan.new.routines}
    for kind, column, table in CODE:
        statement = f"SELECT {column}_NAME, {kind} FROM information_schema.{table} WHERE {column}_SCHEMA = %s"
        for name, what in rows(connection, statement, (plan.live,)):
            if (what, name) not in again:
                # Packages are spoken of only in this mode; a package takes its body along.
                run(connection, f"SET SESSION sql_mode='{'ORACLE' if what in PACKAGES else ''}'")
                run(connection, f"DROP {what} IF EXISTS {quote_name(plan.live)}.{quote_name(name)}")


def _makings(plan: Plan) -> Iterator[Making]:
    statements = {event.name: event.statement for event in plan.new.events}
    for making in makings(plan.new):
        if making.kind == "event" and plan.wake_events:
            yield replace(making, statement=statements[making.name])
        elif making.kind.upper() in ROUTINE_KINDS:
            yield replace(making, statement=or_replace(making.statement))
        else:
            yield making


def _make(server: Server, schema: str, made: Iterable[Making]) -> None:
    # A session of its own: each object changes the session's character set and mode.
    with session(server, schema) as connection:
        run(connection, f"SET SESSION lock_wait_timeout={PATIENT_SECONDS}")
        for making in made:
            for statement in making.surroundings:
                run(connection, statement)
            with suppress(errors.ServerRefused) if making.may_fail else nullcontext():
                run(connection, making.statement)


def _explained(error: errors.BackupError) -> errors.BackupError:
    if isinstance(error, errors.ServerRefused) and error.params["errno"] in TIMED_OUT:
        return errors.LiveBusy(seconds=WAIT_SECONDS)
    return error
