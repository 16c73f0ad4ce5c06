"""What a swap comes to: finished where tables have moved, taken back where none has.

Only what stands on the server decides, never what was meant to be done; so it can be run again, by
whoever finds the journal, until it has come through.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import errors, journal
from .code import Making, makings, or_replace, trigger_makings
from .database import Server, one, quote_name, rows, run, session
from .journal import DONE, MOVED, Plan, tables_of
from .manifest import Inventory
from .sequences import repoint_defaults
from .ties import bring_home, strayed

PATIENT_SECONDS = 60
PACKAGES = {"PACKAGE", "PACKAGE BODY"}
ROUTINE_KINDS = {"PROCEDURE", "FUNCTION", *PACKAGES}
CODE = (
    ("'VIEW'", "TABLE", "views"),
    ("'EVENT'", "EVENT", "events"),
    ("ROUTINE_TYPE", "ROUTINE", "routines"),
)

# By the table's schema, which is the trigger's too: by the trigger's the server opens every table it has.
TRIGGERS = (
    "SELECT TRIGGER_NAME, EVENT_OBJECT_TABLE FROM information_schema.triggers WHERE EVENT_OBJECT_SCHEMA = %s"
)
HELD = (
    "SELECT (SELECT COUNT(*) FROM information_schema.tables WHERE TABLE_SCHEMA = %s) "
    "+ (SELECT COUNT(*) FROM information_schema.routines WHERE ROUTINE_SCHEMA = %s) "
    "+ (SELECT COUNT(*) FROM information_schema.events WHERE EVENT_SCHEMA = %s)"
)


def settle(server: Server, plan: Plan) -> bool:
    """A swap that was broken off: finish it where tables have moved (True), else take it back (False).

    Whoever calls holds the server's lock on the live database.
    """
    with patient_session(server) as connection:
        if not _Standing.of(connection, plan).begun:
            take_back(server, connection, plan)
            return False
        rename_left(connection, plan)
    finish(server, plan)
    return True


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where the tables of a swap stand now."""

    plan: Plan
    step: str
    live: frozenset[str]
    incoming: frozenset[str]
    outgoing: frozenset[str]

    @classmethod
    def of(cls, connection: Connection[Cursor], plan: Plan) -> _Standing:
        found = journal.read(connection, plan.outgoing)
        schemas = (plan.live, plan.incoming, plan.outgoing)
        return cls(plan, found[0] if found else "", *(frozenset(tables_of(connection, s)) for s in schemas))

    @property
    def begun(self) -> bool:
        """Whether anything has moved: an incoming schema that is gone says nothing of that."""
        return (
            self.step in (MOVED, DONE)
            or bool(self.outgoing)
            or any(map(self.has_arrived, self.plan.in_tables))
        )

    def has_arrived(self, table: str) -> bool:
        stood_there = table in self.plan.out_tables and table not in self.outgoing
        return table in self.live and table not in self.incoming and not stood_there

    @property
    def lost(self) -> tuple[str, ...]:
        """Tables of the plan that stand nowhere; with one of them missing nothing may move."""
        gone_out = [t for t in self.plan.out_tables if t not in self.outgoing and t not in self.live]
        gone_in = [t for t in self.plan.in_tables if t not in self.incoming and not self.has_arrived(t)]
        return tuple(gone_out + gone_in)


def rename_left(connection: Connection[Cursor], plan: Plan) -> None:
    """One RENAME of whatever has not moved yet: outgoing tables first, then incoming ones."""
    standing = _Standing.of(connection, plan)
    if standing.lost:
        raise errors.SwapIncomplete(tables=", ".join(standing.lost[:5]), schema=plan.outgoing)
    moves = [_renamed(t, plan.live, plan.outgoing) for t in plan.out_tables if t not in standing.outgoing]
    moves += [_renamed(t, plan.incoming, plan.live) for t in plan.in_tables if t in standing.incoming]
    if moves:
        run(connection, "RENAME TABLE " + ", ".join(moves))


def _renamed(table: str, source: str, target: str) -> str:
    name = quote_name(table)
    return f"{quote_name(source)}.{name} TO {quote_name(target)}.{name}"


def take_back(server: Server, connection: Connection[Cursor], plan: Plan) -> None:
    """No table has moved: put the live triggers back, and forget the swap."""
    if plan.old is not None:
        _put_triggers_back(server, connection, plan.live, plan.old)
    elif is_empty(connection, plan.live):
        # It was made for this swap. Should somebody have put anything in it since, it stays.
        run(connection, f"DROP DATABASE IF EXISTS {quote_name(plan.live)}")
    if plan.drop_incoming:
        run(connection, f"DROP DATABASE IF EXISTS {quote_name(plan.incoming)}")
    run(connection, f"DROP DATABASE IF EXISTS {quote_name(plan.outgoing)}")


def is_empty(connection: Connection[Cursor], schema: str) -> bool:
    """No table, view, routine or event in it; or not there at all."""
    return int(one(connection, HELD, (schema, schema, schema))[0]) == 0


def _put_triggers_back(server: Server, connection: Connection[Cursor], live: str, old: Inventory) -> None:
    """Only on tables that lack one: the others may be the very tables that somebody holds."""
    present = {name for name, _ in triggers_in(connection, live)}
    lacking = {trigger.table for trigger in old.triggers if trigger.name not in present}
    anew = tuple(trigger for trigger in old.triggers if trigger.table in lacking)
    for trigger in anew:
        # Those left of the same table too, since their order counts.
        run(connection, f"DROP TRIGGER IF EXISTS {quote_name(live)}.{quote_name(trigger.name)}")
    if anew:
        _make(server, live, trigger_makings(old, anew))


def drop_triggers(connection: Connection[Cursor], schema: str, *, of: frozenset[str] | None = None) -> None:
    """Those on the tables `of`; None: all."""
    for name, table in triggers_in(connection, schema):
        if of is None or table in of:
            run(connection, f"DROP TRIGGER {quote_name(schema)}.{quote_name(name)}")


def triggers_in(connection: Connection[Cursor], schema: str) -> tuple[tuple[str, str], ...]:
    """(trigger, its table)."""
    return tuple((str(name), str(table)) for name, table in rows(connection, TRIGGERS, (schema,)))


def finish(server: Server, plan: Plan) -> None:
    """The tables are in their places: make the code of the new database live. Can be run again."""
    with patient_session(server) as connection:
        journal.advance(connection, plan, MOVED)
        # Live first: until then its rows cannot draw from its sequences.
        repoint_defaults(connection, plan.live, away_from=plan.incoming)
        repoint_defaults(connection, plan.outgoing, away_from=plan.live)
        _bring_ties_home(connection, plan)
        drop_triggers(connection, plan.live, of=plan.concerned)
        if not plan.partial:
            run(connection, f"ALTER DATABASE {quote_name(plan.live)} {plan.new.options}")
            _drop_code(connection, plan)
        _make(server, plan.live, _makings(plan))
        journal.advance(connection, plan, DONE)
        if set(tables_of(connection, plan.incoming)) <= set(plan.helpers):
            run(connection, f"DROP DATABASE IF EXISTS {quote_name(plan.incoming)}")


def _bring_ties_home(connection: Connection[Cursor], plan: Plan) -> None:
    schemas = frozenset({plan.live, plan.incoming, plan.outgoing})
    found = [
        tie for own in (plan.live, plan.outgoing) for tie in strayed(connection, own, to=schemas - {own})
    ]
    bring_home(connection, journal.noted_ties(connection, plan, tuple(found)))


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
    with patient_session(server, schema) as connection:
        for making in made:
            for statement in making.surroundings:
                run(connection, statement)
            with suppress(errors.ServerRefused) if making.may_fail else nullcontext():
                run(connection, making.statement)


@contextmanager
def patient_session(server: Server, schema: str | None = None) -> Iterator[Connection[Cursor]]:
    """A session that waits for locks, but not for ever: whoever waits for a table holds up all others."""
    with session(server, schema) as connection:
        run(connection, f"SET SESSION lock_wait_timeout={PATIENT_SECONDS}")
        yield connection
