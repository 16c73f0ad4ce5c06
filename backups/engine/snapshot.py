"""One consistent view of the database: what is read through it is from one instant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import errors
from .database import Server, one, release_when_we_vanish, run, schema_exists, session, version_family
from .locks import LATE, MOMENT, NO_CONNECTION, PATIENCE, SWITCHED_OFF, Held, hold, without_transactions

OLDEST = (10, 4)
LOCK_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Sessions that stand in the database and all see it as it was at one instant; one at least.

    `held` are the tables without transactions that stand still until they are released. `short` says that
    the server had fewer connections free than were asked for.
    """

    sessions: tuple[Connection[Cursor], ...]
    held: Held
    short: bool

    @property
    def everyone(self) -> tuple[Connection[Cursor], ...]:
        return (*self.sessions, *([self.held.connection] if self.held.connection else []))


@contextmanager
def snapshot(server: Server, database: str) -> Iterator[Snapshot]:
    with ExitStack() as stack:
        first = stack.enter_context(session(server))
        refuse_unsupported(first)
        if not schema_exists(first, database):
            raise errors.DatabaseMissing(database=database)
        # The lock before speed: a second reader is worth less than tables that agree with the snapshot.
        holder, why = _holder(stack, server, database, first)
        others = [other for _ in range(server.connections - 1) if (other := _spare(stack, server))]
        guard = _spare(stack, server) if others else None
        short = why == NO_CONNECTION or len(others) < server.connections - 1 or (bool(others) and not guard)
        with _nobody_commits(guard) as quiet:
            held = _held(holder, database, quiet=quiet, why=why)
            sessions = (first, *others) if quiet else (first,)
            for each in sessions:
                each.select_db(database)
                run(each, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                # Not READ ONLY: that refuses SHOW CREATE VIEW of a view that draws from a sequence (1792).
                run(each, "START TRANSACTION WITH CONSISTENT SNAPSHOT")
        yield Snapshot(sessions, held, short)


def _spare(stack: ExitStack, server: Server) -> Connection[Cursor] | None:
    """One more session, where the server has one free: a backup that one session can make is made."""
    try:
        return stack.enter_context(session(server))
    except errors.ServerFull:
        return None


def _holder(
    stack: ExitStack, server: Server, database: str, first: Connection[Cursor]
) -> tuple[Connection[Cursor] | None, str]:
    """A session to hold tables with, or why there is none. Its own: a lock ends a transaction."""
    if not server.lock_tables:
        return None, SWITCHED_OFF
    if not without_transactions(first, database):
        return None, LATE
    holder = _spare(stack, server)
    return holder, LATE if holder else NO_CONNECTION


def _held(holder: Connection[Cursor] | None, database: str, *, quiet: bool, why: str) -> Held:
    """Before any snapshot is taken, so that what is held stands as it does in all of them."""
    if holder is None:
        return Held(None, frozenset(), why)
    holder.select_db(database)
    tables = without_transactions(holder, database)
    return hold(holder, tables, seconds=MOMENT if quiet else PATIENCE) if tables else Held(None, frozenset())


@contextmanager
def _nobody_commits(connection: Connection[Cursor] | None) -> Iterator[bool]:
    """A moment's global read lock, for several snapshots of one instant; False where it is not to be had."""
    quiet = connection is not None and _locked(connection)
    yield quiet
    if connection and quiet:
        run(connection, "UNLOCK TABLES")
        connection.close()


def _locked(connection: Connection[Cursor]) -> bool:
    run(connection, f"SET SESSION lock_wait_timeout={LOCK_SECONDS}")
    release_when_we_vanish(connection)
    try:
        run(connection, "FLUSH TABLES WITH READ LOCK")
    except errors.ServerRefused:
        # Not granted (RELOAD), or a long query holds it up and would hold up all others: one session will do.
        return False
    return True


def refuse_unsupported(connection: Connection[Cursor]) -> tuple[int, ...]:
    """The server's version family, e.g. (10, 11); refuses what is too old or another product."""
    version = str(one(connection, "SELECT @@version")[0])
    if "MariaDB" not in version or version_family(version) < OLDEST:
        raise errors.UnsupportedServer(version=version)
    return version_family(version)
