"""A server that is full, read-only, gone in the middle, or set in ways that would change or cut a dump."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from backups.engine.database import connect, run, session
from backups.engine.errors import ConnectionLost, ServerFull, ServerReadOnly, ServerUnreachable
from backups.engine.manifest import Warned
from backups.engine.private_server import PrivateServer, running_server
from tests.mariadb.hostile import ODD_TABLES
from tests.mariadb.parkir import SCHEMA
from tests.mariadb.road import Road
from tests.mariadb.test_locks import At
from tests.mariadb.test_rights import reader_with
from tests.scratch import ScratchDatabase, as_root, scratch_database

READ = ("SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "EXECUTE", "LOCK TABLES")
# Each of these changes what a session sees or writes, or cuts it short; not so short that a loaded machine could
# not even sign in.
NASTY = (
    "sql_mode='ANSI,ORACLE,PAD_CHAR_TO_FULL_LENGTH,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES'",
    "max_statement_time=2",
    "wait_timeout=5",
    "idle_transaction_timeout=5",
    "net_write_timeout=5",
    "lock_wait_timeout=1",
    "innodb_lock_wait_timeout=1",
    "sql_select_limit=1",
    "sql_safe_updates=1",
    "max_sort_length=8",
    "group_concat_max_len=4",
    "autocommit=0",
    "tx_isolation='READ-COMMITTED'",
    "tx_read_only=1",
    "foreign_key_checks=0",
    "unique_checks=0",
    "old_mode='NO_PROGRESS_INFO'",
    "default_storage_engine='Aria'",
    "innodb_default_row_format='compact'",
    "explicit_defaults_for_timestamp=0",
    "alter_algorithm='INSTANT'",
    "event_scheduler=ON",
    "init_connect='SET @nobody_asked = 1'",
    "time_zone='-07:00'",
)


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[PrivateServer]:
    with running_server(tmp_path / "server") as server:
        yield server


def test_a_server_set_in_nasty_ways_gives_and_takes_the_same(road: Road, own_server: PrivateServer) -> None:
    with scratch_database(own_server) as database, reader_with(database, READ) as reader:
        database.run(*SCHEMA, *ODD_TABLES, "CREATE TABLE jam (id INT PRIMARY KEY, t TIMESTAMP NOT NULL)")
        kind = road.back_up(reader, database.name)
        database.run(*(f"SET GLOBAL {setting}" for setting in NASTY))
        made = road.back_up(reader, database.name)
        assert made.manifest.rows == kind.manifest.rows
        proof = road.drill(made, database.server, database.name)
        assert proof.proven, proof
        road.restore(made, database.server, database.name)
        assert road.back_up(reader, database.name).manifest.row_count == made.manifest.row_count > 10


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_that_ends_in_the_middle_leaves_nothing_and_the_next_backup_is_whole(
    road: Road, tmp_path: Path, how: signal.Signals
) -> None:
    folder = tmp_path / "server"
    with running_server(folder) as server, session(as_root(server)) as connection:
        for statement in (
            "CREATE DATABASE d",
            "CREATE TABLE d.a (id INT PRIMARY KEY)",
            "INSERT INTO d.a VALUES (1)",
        ):
            run(connection, statement)

        def end() -> None:
            os.kill(server.process.pid, how)
            server.process.wait()

        with pytest.raises((ConnectionLost, ServerUnreachable)):
            road.back_up(as_root(server), "d", progress=At("dump", end))
    assert list(road.storage.root.iterdir()) == []
    with running_server(folder) as server:
        assert road.back_up(as_root(server), "d").manifest.row_count == 1


def test_one_connection_is_enough_and_the_archive_says_that_it_was_one(
    road: Road, database: ScratchDatabase
) -> None:
    database.run("CREATE TABLE a (id INT PRIMARY KEY)", "CREATE TABLE b (id INT) ENGINE=Aria")
    with reader_with(database, READ) as reader:
        database.run(f"GRANT USAGE ON *.* TO {reader.username}@localhost WITH MAX_USER_CONNECTIONS 1")
        made = road.back_up(reader, database.name)
    assert made.manifest.warnings == (
        Warned("not_locked", ("b (Aria)",), "full"),
        Warned("few_connections"),
    )
    assert road.drill(made, database.server, database.name).proven


def test_without_any_connection_free_it_is_one_sentence(road: Road, database: ScratchDatabase) -> None:
    with reader_with(database, READ) as reader, ExitStack() as others:
        database.run(f"GRANT USAGE ON *.* TO {reader.username}@localhost WITH MAX_USER_CONNECTIONS 1")
        others.callback(connect(reader).close)
        with pytest.raises(ServerFull, match="no connection free"):
            road.back_up(reader, database.name)


def test_a_server_that_takes_no_more_connections_says_so(road: Road, own_server: PrivateServer) -> None:
    root = as_root(own_server)
    with session(root) as connection, ExitStack() as others:
        run(connection, "CREATE USER tamu@localhost")
        run(connection, "SET GLOBAL max_connections=10")
        guest = replace(root, username="tamu")
        for _ in range(9):
            others.callback(connect(guest).close)
        with pytest.raises(ServerFull):
            road.back_up(guest, "d")


def test_a_read_only_server_is_backed_up_and_not_restored_into(road: Road, own_server: PrivateServer) -> None:
    with scratch_database(own_server) as database:
        database.run("CREATE TABLE a (id INT PRIMARY KEY)", "INSERT INTO a VALUES (1)")
        with reader_with(database, READ) as reader:
            database.run(f"GRANT ALL ON *.* TO {reader.username}@localhost")
            database.run(
                f"REVOKE READ_ONLY ADMIN ON *.* FROM {reader.username}@localhost", "SET GLOBAL read_only=1"
            )
            try:
                made = road.back_up(reader, database.name)
                with pytest.raises(ServerReadOnly):
                    road.restore(made, reader, database.name)
                assert database.rows("SHOW DATABASES LIKE '%\\\\_\\\\_restore%'") == ()
            finally:
                database.run("SET GLOBAL read_only=0")
            road.restore(made, reader, database.name)
