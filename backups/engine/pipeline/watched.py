"""What looks on while a server is read from: its pace, what it bears, and what that costs us."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from backups.engine.burden import Burden, Meter, Source, source_of
from backups.engine.database import Server
from backups.engine.manifest import TableRows
from backups.engine.pace import Limits, Pacer
from backups.engine.stream import Progress
from backups.engine.vitals import Lookout

# Where replicas are not waited for, so much is still worth saying.
FAR_BEHIND_SECONDS = 60


class Watched:
    """A server while one backup is made of it, whatever number of tries that takes."""

    def __init__(self, server: Server, limits: Limits, progress: Progress) -> None:
        self.server, self.progress = server, progress
        self._allowed = limits.lag or FAR_BEHIND_SECONDS
        self._lookout = Lookout(server)
        self.pacer = Pacer(limits, self._lookout.look, progress.check)
        self._meter = Meter()
        self._replica: Source | None = None

    def wait_for_calm(self) -> None:
        """Before the snapshot: a wait costs the server nothing then."""
        self.progress.phase("calm")
        self.pacer.give_way()
        # Of the last look before the snapshot: it is behind by what it was then, or a little less.
        self._replica = source_of(self.pacer.replica, allowed=self._allowed)
        self.rest()

    def rest(self) -> None:
        self._lookout.rest()

    @contextmanager
    def reading(self, sessions: Sequence[Connection[Cursor]]) -> Iterator[Pacer]:
        self._lookout.leave_out(sessions)
        self._meter.reading_begins()
        yield self.pacer
        self._meter.reading_ends()

    def burden(self, rows: Sequence[TableRows]) -> Burden:
        return self._meter.burden(
            rows=sum(table.rows for table in rows),
            size=sum(table.bytes for table in rows),
            waited=self.pacer.waited,
            replica=self._replica,
        )


@contextmanager
def watched(server: Server, limits: Limits, progress: Progress) -> Iterator[Watched]:
    found = Watched(server, limits, progress)
    try:
        yield found
    finally:
        found.rest()
