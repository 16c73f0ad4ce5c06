"""The swap: the moment a restored database becomes live. One RENAME moves all tables out and in.

Until that statement the live tables are untouched; if it is refused, the triggers go back and nothing
has changed. A crash at any point is finished or taken back from the journal.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import errors, journal
from .database import Server, lock, one, quote_name, release_when_we_vanish, rows, run, session
from .ddl import in_the_servers_folder
from .journal import MOVING, Plan
from .manifest import Inventory
from .settle import drop_triggers, finish, rename_left, settle

WAIT_SECONDS = 3
TIMED_OUT = {1205, 1969}
TIES = (
    "SELECT DISTINCT CONSTRAINT_SCHEMA, TABLE_NAME, REFERENCED_TABLE_NAME "
    "FROM information_schema.REFERENTIAL_CONSTRAINTS "
    "WHERE UNIQUE_CONSTRAINT_SCHEMA = %s AND CONSTRAINT_SCHEMA <> %s"
)

INNODB = "SELECT TABLE_NAME FROM information_schema.tables WHERE TABLE_SCHEMA = %s AND ENGINE = 'InnoDB'"


@dataclass(frozen=True, slots=True)
class Swapped:
    outgoing: str
    milliseconds: int


def code_only(inventory: Inventory) -> Inventory:
    return replace(inventory, sequences=(), tables=())


def swap(
    server: Server, live: str, make_plan: Callable[[], Plan], *, before_swap: Callable[[], None]
) -> Swapped:
    """Carry out the plan whole, or leave the live database as it was and raise.

    The plan is made under the lock, so that nobody swaps in between. `before_swap` is asked last, when
    nothing has changed yet; what it raises ends the swap.
    """
    with lock(server, live), session(server) as connection:
        run(connection, f"SET SESSION lock_wait_timeout={WAIT_SECONDS}")
        plan = make_plan()
        _refuse_ties(connection, plan)
        _refuse_stayers(connection, plan.live, frozenset(plan.out_tables))
        # Whoever clears up takes a schema without a journal for a leftover: this one is about to get its own.
        with lock(server, plan.outgoing):
            _make_outgoing(connection, plan)
            return _carried_out(server, connection, plan, before_swap)


def _carried_out(
    server: Server, connection: Connection[Cursor], plan: Plan, before_swap: Callable[[], None]
) -> Swapped:
    started = time.monotonic()
    try:
        # RENAME refuses tables with triggers. The shadow's go before the clock runs: nobody waits.
        drop_triggers(connection, plan.incoming)
        before_swap()
        started = time.monotonic()
        _move(connection, plan)
        finish(server, plan)
    except errors.BackupError as error:
        with suppress(Exception):
            # Its locks would stand in the way of settling.
            connection.close()
        if not settle(server, plan):
            raise _explained(error) from None
    return Swapped(plan.outgoing, round((time.monotonic() - started) * 1000))


def _refuse_ties(connection: Connection[Cursor], plan: Plan) -> None:
    """A foreign key of another database would follow its parent out of live, and break that application."""
    ours = {plan.live, plan.incoming, plan.outgoing}
    ties = dict.fromkeys(
        f"{schema}.{table}"
        for schema, table, parent in rows(connection, TIES, (plan.live, plan.live))
        if schema not in ours and (plan.concerned is None or parent in plan.concerned)
    )
    if names := ", ".join(list(ties)[:5]):
        raise errors.TiedToAnother(database=plan.live, tables=names)


def refuse_stayers(server: Server, live: str, concerned: frozenset[str] | None) -> None:
    """Before anything is built: of all tables of `live`, or of those `concerned`."""
    with session(server) as connection:
        run(connection, f"SET SESSION lock_wait_timeout={WAIT_SECONDS}")
        _refuse_stayers(connection, live, concerned)


def _refuse_stayers(connection: Connection[Cursor], live: str, concerned: frozenset[str] | None) -> None:
    names = [name for name in stayers(connection, live) if concerned is None or name in concerned]
    if names:
        raise errors.FolderOfItsOwn(tables=", ".join(names[:5]))


def stayers(connection: Connection[Cursor], live: str) -> Iterator[str]:
    """InnoDB tables with a DATA DIRECTORY: a RENAME to another schema leaves their file where it was."""
    for (name,) in rows(connection, INNODB, (live,)):
        # A damaged table tells nothing of itself, and is moved aside as it is.
        with suppress(errors.ServerRefused):
            (_, ddl, *_) = one(connection, f"SHOW CREATE TABLE {quote_name(live)}.{quote_name(name)}")
            if "DIRECTORY" in ddl and in_the_servers_folder(ddl) != ddl:
                yield str(name)


def _make_outgoing(connection: Connection[Cursor], plan: Plan) -> None:
    run(connection, f"CREATE DATABASE {quote_name(plan.outgoing)} {plan.new.options}")
    run(connection, f"CREATE DATABASE IF NOT EXISTS {quote_name(plan.live)} {plan.new.options}")
    journal.open_journal(connection, plan)


def _move(connection: Connection[Cursor], plan: Plan) -> None:
    journal.advance(connection, plan, MOVING)
    _hold(connection, plan)
    drop_triggers(connection, plan.live, of=plan.concerned)
    run(connection, "UNLOCK TABLES")
    rename_left(connection, plan)


def _hold(connection: Connection[Cursor], plan: Plan) -> None:
    """Wait for whoever uses the live tables before anything changes: no row shall slip past its triggers."""
    release_when_we_vanish(connection)
    held = (*plan.out_tables, *plan.neighbours)
    tables = ", ".join(f"{quote_name(plan.live)}.{quote_name(table)} WRITE" for table in held)
    try:
        if tables:
            run(connection, f"LOCK TABLES {tables}")
    except errors.ServerRefused as refused:
        # A trigger that names a missing table makes its own table unlockable; then it goes without.
        if refused.params["errno"] in TIMED_OUT:
            raise


def _explained(error: errors.BackupError) -> errors.BackupError:
    if isinstance(error, errors.ServerRefused) and error.params["errno"] in TIMED_OUT:
        return errors.LiveBusy(seconds=WAIT_SECONDS)
    return error
