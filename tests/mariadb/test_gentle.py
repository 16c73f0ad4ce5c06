"""A backup beside a server at work: it gives way, goes on, can be cancelled meanwhile and always ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace

import pytest

from backups.engine.database import Server, connect, quote_name, rows, run, session
from backups.engine.errors import BackupError, Cancelled, ServerRefused
from backups.engine.pace import Limits
from backups.engine.stream import Silent
from backups.engine.vitals import Lookout, Vitals
from tests.installation import until
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase

AT_WORK = 4
PARKED = "SELECT SLEEP(600)"
FOREVER = 10_000.0


@contextmanager
def busy(server: Server) -> Iterator[None]:
    """Some sessions at work, until the block ends."""
    with ExitStack() as stack:
        sessions = [connect(server) for _ in range(AT_WORK)]
        workers = [threading.Thread(target=_work, args=(each,)) for each in sessions]
        for worker in workers:
            worker.start()
            stack.callback(worker.join)
        with session(server) as guard:
            stack.callback(_end_all, server)
            until(lambda: _parked(guard) == AT_WORK)
        yield


def _work(connection: object) -> None:
    with suppress(BackupError):
        rows(connection, PARKED)  # type: ignore[arg-type]


def _parked(connection: object) -> int:
    found = rows(connection, "SELECT INFO FROM information_schema.PROCESSLIST")  # type: ignore[arg-type]
    return sum(info == PARKED for (info,) in found)


def _end_all(server: Server) -> None:
    with session(server) as connection:
        for number, info in rows(connection, "SELECT ID, INFO FROM information_schema.PROCESSLIST"):
            if info == PARKED:
                run(connection, f"KILL {number}")
        until(lambda: _parked(connection) == 0)


class Rush(Silent):
    """The server is busy from the moment that rows are read, until it was looked at so often."""

    def __init__(self, server: Server, *, looks: float, cancel: bool = False) -> None:
        self._server, self._looks, self._cancel = server, looks, cancel
        self._stack = ExitStack()

    def phase(self, slug: str, total: int = 0) -> None:
        if slug == "dump":
            self._stack.enter_context(busy(self._server))

    def check(self) -> None:
        self._looks -= 1
        if self._looks < 0:
            if self._cancel:
                raise Cancelled
            self._stack.close()

    def end(self) -> None:
        self._stack.close()


@contextmanager
def rush(server: Server, *, looks: float, cancel: bool = False) -> Iterator[Rush]:
    found = Rush(server, looks=looks, cancel=cancel)
    try:
        yield found
    finally:
        found.end()


@pytest.fixture
def parking(database: ScratchDatabase) -> ScratchDatabase:
    database.run(
        "CREATE TABLE tiket (id INT PRIMARY KEY, plat VARCHAR(20))",
        "INSERT INTO tiket SELECT seq, CONCAT('BP ', seq) FROM seq_1_to_500",
        "CREATE TABLE mall (id INT PRIMARY KEY)",
        "INSERT INTO mall VALUES (1), (2)",
    )
    return database


@pytest.mark.parametrize("connections", [1, 2])
def test_a_busy_server_is_left_alone_until_it_is_calm(
    connections: int, road: Road, parking: ScratchDatabase
) -> None:
    server = replace(parking.server, connections=connections)
    patient = Limits(running=AT_WORK - 1, patience=FOREVER)
    with rush(server, looks=3) as work:
        made = road.back_up(server, parking.name, progress=work, limits=patient)
    burden = made.manifest.burden
    assert burden is not None
    assert made.manifest.row_count == 502
    assert burden.paused_seconds > 0
    assert burden.most_running is not None
    assert burden.most_running >= AT_WORK
    assert burden.most_running_at is not None
    assert not burden.patience_ended
    assert road.drill(made, parking.server, parking.name).proven


@pytest.mark.parametrize("connections", [1, 2])
def test_a_cancel_is_heard_while_it_waits(connections: int, road: Road, parking: ScratchDatabase) -> None:
    server = replace(parking.server, connections=connections)
    patient = Limits(running=AT_WORK - 1, patience=FOREVER)
    with rush(server, looks=3, cancel=True) as work, pytest.raises(Cancelled):
        road.back_up(server, parking.name, progress=work, limits=patient)
    assert list(road.storage.root.iterdir()) == []


def test_a_server_that_stays_busy_is_backed_up_all_the_same(road: Road, parking: ScratchDatabase) -> None:
    with rush(parking.server, looks=float("inf")) as work:
        made = road.back_up(
            parking.server, parking.name, progress=work, limits=Limits(running=AT_WORK - 1, patience=1)
        )
    burden = made.manifest.burden
    assert burden is not None
    assert burden.patience_ended
    assert burden.paused_seconds >= 1


def test_before_the_snapshot_it_waits_too(road: Road, parking: ScratchDatabase) -> None:
    """A wait costs nothing then, and what was committed meanwhile is in the backup."""

    class Commits(Silent):
        def phase(self, slug: str, total: int = 0) -> None:
            self.here = slug

        def check(self) -> None:
            if self.here == "calm":
                parking.run("REPLACE INTO mall VALUES (3)")
                _end_all(parking.server)

    with busy(parking.server):
        made = road.back_up(
            parking.server, parking.name, progress=Commits(), limits=Limits(running=1, patience=FOREVER)
        )
    assert made.manifest.rows_of("mall").rows == 3


def test_a_table_that_is_locked_while_it_is_read_is_read_at_once(
    road: Road, parking: ScratchDatabase
) -> None:
    """To pause in the middle of MyISAM would keep writers out for as long."""
    parking.run("ALTER TABLE tiket ENGINE=MyISAM", "ALTER TABLE mall ENGINE=Aria")
    with rush(parking.server, looks=float("inf")) as work:
        made = road.back_up(
            parking.server, parking.name, progress=work, limits=Limits(running=1, patience=FOREVER)
        )
    assert made.manifest.burden is not None
    assert made.manifest.burden.paused_seconds == 0


def test_our_own_sessions_are_no_load(road: Road, parking: ScratchDatabase) -> None:
    """Two readers and the one that looks: more than one session, and none of somebody else."""
    name = f"u{parking.name[-8:]}"
    account = f"{quote_name(name)}@localhost"
    parking.run(
        f"CREATE USER {account}",
        f"GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON {quote_name(parking.name)}.* TO {account}",
        f"GRANT RELOAD ON *.* TO {account}",
        f"GRANT SELECT ON mysql.proc TO {account}",
    )
    try:
        # Without PROCESS too.
        server = replace(parking.server, username=name, connections=2)
        made = road.back_up(server, parking.name, limits=Limits(running=1, patience=FOREVER))
    finally:
        parking.run(f"DROP USER {account}")
    burden = made.manifest.burden
    assert burden is not None
    assert burden.most_running in (0, 1)
    assert burden.paused_seconds == 0
    assert burden.rows_per_second > 0
    assert burden.bytes_per_second > burden.rows_per_second
    assert burden.cpu_seconds > 0
    assert burden.peak_bytes > 1_000_000


def test_whoever_waits_for_our_own_reading_is_no_load(parking: ScratchDatabase) -> None:
    with connect_in(parking) as reader, connect_in(parking) as altering, connect_in(parking) as guard:
        run(reader, "START TRANSACTION WITH CONSISTENT SNAPSHOT")
        rows(reader, "SELECT * FROM mall LIMIT 1")
        waiting = threading.Thread(
            target=run, args=(altering, "ALTER TABLE mall ADD COLUMN kota INT, ALGORITHM=COPY")
        )
        waiting.start()
        locked = "SELECT 1 FROM information_schema.PROCESSLIST WHERE STATE='Waiting for table metadata lock'"
        lookout = Lookout(parking.server)
        try:
            until(lambda: bool(rows(guard, locked)))
            until(lambda: lookout.look().running == 0)
            assert rows(guard, locked)
        finally:
            run(reader, "ROLLBACK")
            waiting.join()
            lookout.rest()


@contextmanager
def connect_in(database: ScratchDatabase) -> Iterator[object]:
    connection = database.connect()
    try:
        yield connection
    finally:
        connection.close()


def test_a_lookout_that_sees_nothing_stops_nothing(parking: ScratchDatabase) -> None:
    assert Lookout(Server("nobody", socket="/nowhere/at/all.sock")).look() == Vitals()
    lookout = Lookout(parking.server)
    assert lookout.look().running is not None
    with session(parking.server) as connection:
        for number, info in rows(connection, "SELECT ID, INFO FROM information_schema.PROCESSLIST"):
            if info is None:
                with suppress(ServerRefused):
                    run(connection, f"KILL {number}")
    assert lookout.look() == Vitals()
    assert lookout.look().running is not None
    lookout.rest()
