"""One consistent view of the database: what is read through it is from one instant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import errors
from .database import Server, one, run, schema_exists, session, version_family

OLDEST = (10, 4)
LOCK_SECONDS = 2


@contextmanager
def snapshot(server: Server, database: str) -> Iterator[tuple[Connection[Cursor], ...]]:
    """Sessions that stand in `database` and all see it as it was at one instant; one at least."""
    with ExitStack() as stack:
        first = stack.enter_context(session(server))
        refuse_unsupported(first)
        if not schema_exists(first, database):
            raise errors.DatabaseMissing(database=database)
        others = [stack.enter_context(session(server)) for _ in range(server.connections - 1)]
        with _nobody_commits(server) as quiet:
            sessions = (first, *others) if quiet else (first,)
            for each in sessions:
                each.select_db(database)
                run(each, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                # Not READ ONLY: that refuses SHOW CREATE VIEW of a view that draws from a sequence (1792).
                run(each, "START TRANSACTION WITH CONSISTENT SNAPSHOT")
        yield sessions


@contextmanager
def _nobody_commits(server: Server) -> Iterator[bool]:
    """A moment's global read lock, for several snapshots of one instant; False where it is not to be had."""
    with session(server) as connection:
        quiet = server.connections > 1 and _locked(connection)
        yield quiet
        if quiet:
            run(connection, "UNLOCK TABLES")


def _locked(connection: Connection[Cursor]) -> bool:
    run(connection, f"SET SESSION lock_wait_timeout={LOCK_SECONDS}")
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
