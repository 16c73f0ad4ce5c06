"""One consistent view of the database: what is read through it is from one instant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import errors
from .database import Server, one, run, schema_exists, session, version_family

OLDEST = (10, 4)


@contextmanager
def snapshot(server: Server, database: str) -> Iterator[Connection[Cursor]]:
    """A session that stands in `database` and sees it as it was when the block was entered."""
    with session(server) as connection:
        refuse_unsupported(connection)
        if not schema_exists(connection, database):
            raise errors.DatabaseMissing(database=database)
        connection.select_db(database)
        run(connection, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        run(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        yield connection


def refuse_unsupported(connection: Connection[Cursor]) -> tuple[int, ...]:
    """The server's version family, e.g. (10, 11); refuses what is too old or another product."""
    version = str(one(connection, "SELECT @@version")[0])
    if "MariaDB" not in version or version_family(version) < OLDEST:
        raise errors.UnsupportedServer(version=version)
    return version_family(version)
