"""A backup that is read from a replica: how far it was behind its primary is in the archive, or nothing is."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from backups.engine.burden import Source
from backups.engine.database import Server, quote_name, rows, run, session
from backups.engine.pace import Limits
from backups.engine.private_server import running_server
from backups.engine.stream import Silent
from backups.engine.vitals import Lookout, Replica
from tests.conftest import QUICK
from tests.installation import until
from tests.mariadb.road import Road
from tests.scratch import as_root

DATABASE = "parkir"
ELSEWHERE = "lain"  # what holds up the replica is not what is backed up
AT_ONCE = Limits(lag=1, patience=0)


@dataclass(frozen=True, slots=True)
class Pair:
    primary: Server
    replica: Server

    def on_primary(self, *statements: str) -> None:
        _run(self.primary, *statements)

    def on_replica(self, *statements: str) -> None:
        _run(self.replica, *statements)

    def seen(self) -> Replica | None:
        lookout = Lookout(self.replica)
        try:
            return lookout.look().replica
        finally:
            lookout.rest()

    def is_even(self) -> bool:
        return self.seen() == Replica(behind=0, broken=False)


def _run(server: Server, *statements: str) -> None:
    with session(server) as connection:
        for statement in statements:
            run(connection, statement)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    port = _free_port()
    speaks = {"log_bin": "binlog", "server_id": "1", "skip_networking": "OFF", "port": str(port)}
    listens = {"server_id": "2", "relay_log": "relay"}
    with (
        running_server(
            tmp_path_factory.mktemp("primary"), options={**QUICK, **speaks, "bind_address": "127.0.0.1"}
        ) as one,
        running_server(tmp_path_factory.mktemp("replica"), options={**QUICK, **listens}) as other,
    ):
        found = Pair(as_root(one), as_root(other))
        found.on_primary(
            "CREATE USER salin@'127.0.0.1' IDENTIFIED BY 'rahasia'",
            "GRANT REPLICATION SLAVE ON *.* TO salin@'127.0.0.1'",
        )
        found.on_replica(
            f"CHANGE MASTER TO master_host='127.0.0.1', master_port={port}, master_user='salin', "
            "master_password='rahasia', master_use_gtid=slave_pos",
            "START SLAVE",
        )
        found.on_primary(
            f"CREATE DATABASE {DATABASE}",
            f"CREATE TABLE {DATABASE}.tiket (id INT PRIMARY KEY)",
            f"INSERT INTO {DATABASE}.tiket VALUES (1), (2)",
            f"CREATE DATABASE {ELSEWHERE}",
            f"CREATE TABLE {ELSEWHERE}.catatan (id INT AUTO_INCREMENT PRIMARY KEY)",
        )
        until(lambda: _has(found.replica, ELSEWHERE, "catatan"))
        yield found
        found.on_replica("STOP SLAVE")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _has(server: Server, database: str, table: str) -> bool:
    statement = "SELECT 1 FROM information_schema.tables WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s"
    with session(server) as connection:
        return bool(rows(connection, statement, (database, table)))


@contextmanager
def held_back(pair: Pair) -> Iterator[None]:
    """The replica gets everything and cannot write it down."""
    until(pair.is_even)
    with session(pair.replica) as holder:
        run(holder, f"LOCK TABLES {ELSEWHERE}.catatan WRITE")
        pair.on_primary(f"INSERT INTO {ELSEWHERE}.catatan VALUES ()")
        until(lambda: (found := pair.seen()) is not None and (found.behind or 0) > 1)
        yield
    until(pair.is_even)


@contextmanager
def stopped(pair: Pair) -> Iterator[None]:
    pair.on_replica("STOP SLAVE SQL_THREAD")
    try:
        yield
    finally:
        pair.on_replica("START SLAVE SQL_THREAD")


def test_a_replica_that_is_even_says_so(pair: Pair, road: Road) -> None:
    until(pair.is_even)
    made = road.back_up(pair.replica, DATABASE, limits=AT_ONCE)
    assert made.manifest.row_count == 2
    assert made.manifest.burden is not None
    assert made.manifest.burden.replica == Source(behind=0, broken=False, too_far=False)


def test_a_replica_that_is_behind_says_by_how_much(pair: Pair, road: Road) -> None:
    with held_back(pair):
        made = road.back_up(pair.replica, DATABASE, limits=AT_ONCE)
    burden = made.manifest.burden
    assert burden is not None
    assert burden.replica is not None
    assert burden.replica.too_far
    assert burden.replica.behind is not None
    assert burden.replica.behind > 1
    assert burden.patience_ended, "there was none, and the backup was made all the same"


def test_a_replica_that_catches_up_is_waited_for(pair: Pair, road: Road) -> None:
    """Then the backup is that of a replica that is even."""
    with ExitStack() as held:
        held.enter_context(held_back(pair))

        class LetsGo(Silent):
            def check(self) -> None:
                held.close()

        made = road.back_up(pair.replica, DATABASE, progress=LetsGo(), limits=Limits(lag=1, patience=10_000))
    burden = made.manifest.burden
    assert burden is not None
    assert burden.paused_seconds > 0
    assert burden.replica == Source(behind=0, broken=False, too_far=False)


def test_a_replica_whose_replication_stopped_is_not_waited_for_and_said(pair: Pair, road: Road) -> None:
    with stopped(pair):
        made = road.back_up(pair.replica, DATABASE, limits=Limits(lag=1, patience=10_000))
    burden = made.manifest.burden
    assert burden is not None
    assert burden.replica == Source(behind=None, broken=True, too_far=False)
    assert burden.paused_seconds == 0


def test_who_may_not_ask_claims_nothing(pair: Pair, road: Road) -> None:
    account = "pembaca@localhost"
    until(pair.is_even)
    pair.on_replica(
        f"CREATE USER {account}",
        f"GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES ON {quote_name(DATABASE)}.* TO {account}",
        f"GRANT SELECT ON mysql.proc TO {account}",
    )
    reader = Server("pembaca", socket=pair.replica.socket)
    with stopped(pair):
        made = road.back_up(reader, DATABASE, limits=AT_ONCE)
    burden = made.manifest.burden
    assert burden is not None
    assert burden.replica is None
    assert burden.most_running is not None


def test_a_primary_is_no_replica(pair: Pair, road: Road) -> None:
    burden = road.back_up(pair.primary, DATABASE, limits=AT_ONCE).manifest.burden
    assert burden is not None
    assert burden.replica is None
