"""How the server fares: how many sessions are at work besides ours, and how far a replica is behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import errors
from .database import Server, connect, one, rows

LOOK_PATIENCE = 5.0
# What never ends (replication, the clock of events) is no load, nor is whoever waits for a table's definition
# until we have read the table. Without PROCESS neither is seen apart, and both count.
NO_LOAD = (
    "COMMAND IN ('Daemon','Binlog Dump','Slave_IO','Slave_SQL','Slave_worker') "
    "OR STATE='Waiting for table metadata lock'"
)
RUNNING = (
    "SELECT CAST(VARIABLE_VALUE AS SIGNED) - (SELECT COUNT(*) FROM information_schema.PROCESSLIST "
    "WHERE COMMAND<>'Sleep' AND (ID IN (CONNECTION_ID(),{own}) OR {no_load})) "
    "FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME='THREADS_RUNNING'"
)


@dataclass(frozen=True, slots=True)
class Replica:
    """What a replica says of itself. `behind` is in seconds, None where it does not know."""

    behind: int | None
    broken: bool
    wanted_delay: int = 0  # seconds that it stays behind on purpose


@dataclass(frozen=True, slots=True)
class Vitals:
    """None is what the server would not tell: nothing is claimed then."""

    running: int | None = None
    replica: Replica | None = None


Look = Callable[[], Vitals]


class Lookout:
    """A light session of its own that looks at the server. What goes wrong with it stops no backup."""

    def __init__(self, server: Server) -> None:
        self._server = replace(server, patience=LOOK_PATIENCE)
        self._session: Connection[Cursor] | None = None
        self._own: tuple[int, ...] = ()

    def leave_out(self, sessions: Iterable[Connection[Cursor]]) -> None:
        """Our own readers are at work all the time."""
        self._own = tuple(_number(each) for each in sessions)

    def look(self) -> Vitals:
        try:
            self._session = self._session or connect(self._server)
            return Vitals(_running(self._session, self._own), _replica(self._session))
        except errors.BackupError:
            self.rest()
            return Vitals()

    def rest(self) -> None:
        """Give the session back until the next look: an account may have few."""
        if self._session is not None:
            with suppress(pymysql.MySQLError, OSError):
                self._session.close()
            self._session = None


def _number(session: Connection[Cursor]) -> int:
    wire: Any = session
    return int(wire.thread_id())


def _running(session: Connection[Cursor], own: Sequence[int]) -> int:
    statement = RUNNING.format(own=",".join(map(str, (0, *own))), no_load=NO_LOAD)
    return max(0, int(one(session, statement)[0]))


def _replica(session: Connection[Cursor]) -> Replica | None:
    """Of several sources the one that is worst off; None where there is none, or where we may not ask."""
    try:
        found = rows(session, "SHOW ALL SLAVES STATUS")
    except errors.ServerRefused:
        return None
    wire: Any = session
    names = [field.name for field in wire._result.fields]
    sources = [_source(dict(zip(names, row, strict=True))) for row in found]
    return max(sources, key=lambda source: (source.broken, source.behind or 0), default=None)


def _source(told: dict[str, Any]) -> Replica:
    behind, delay = told["Seconds_Behind_Master"], told.get("SQL_Delay")
    broken = {told["Slave_IO_Running"], told["Slave_SQL_Running"]} != {"Yes"}
    return Replica(_whole(behind), broken, _whole(delay) or 0)


def _whole(told: Any) -> int | None:
    return None if told is None else int(told)
