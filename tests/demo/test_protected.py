"""The demo's accounts may do what the panel needs, and no more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backups.demo import protected
from backups.demo.home import Home
from backups.engine.database import Server, connect, rows, session
from backups.engine.errors import BackupError, GrantMissing, ServerRefused
from backups.engine.grants import missing_statements, needed_to_back_up, needed_to_restore
from backups.engine.private_server import PrivateServer, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[PrivateServer]:
    options = {"innodb_flush_log_at_trx_commit": "0", "innodb_buffer_pool_size": "32M"}
    with running_server(tmp_path_factory.mktemp("demo"), options=options) as server:
        yield server


@pytest.fixture(scope="module")
def home(tmp_path_factory, server) -> Home:
    home = Home(tmp_path_factory.mktemp("home"))
    protected.seed_once(server, home, count=3000)
    return home


@pytest.fixture
def accounts(server, home) -> protected.Accounts:
    return protected.create_accounts(server)


def account(server: PrivateServer, name: str, password: str) -> Server:
    return Server(username=name, password=password, socket=str(server.socket))


def test_both_accounts_have_every_right_the_panel_asks_for(server, accounts):
    with session(account(server, protected.READER, accounts.reader), "qparkin") as connection:
        assert missing_statements(connection, needed_to_back_up("qparkin")) == ()
    with session(account(server, protected.WRITER, accounts.writer), "qparkin") as connection:
        assert missing_statements(connection, needed_to_restore("qparkin", (10, 11))) == ()


def test_the_reader_writes_nothing_and_sees_every_trigger(server, accounts):
    with session(account(server, protected.READER, accounts.reader), "qparkin") as connection:
        assert len(rows(connection, "SHOW TRIGGERS")) == 34
        with pytest.raises(BackupError, match="denied"):
            rows(connection, "DELETE FROM notifikasi")


def test_the_writer_makes_shadows_and_nothing_elsewhere(server, accounts):
    with session(account(server, protected.WRITER, accounts.writer), "qparkin") as connection:
        rows(connection, "CREATE DATABASE qparkin__restore_x")
        rows(connection, "DROP DATABASE qparkin__restore_x")
        with pytest.raises((ServerRefused, GrantMissing)):
            rows(connection, "CREATE DATABASE qparkinX_restore")


def test_new_accounts_replace_the_old_ones(server, accounts):
    again = protected.create_accounts(server)
    assert again != accounts
    with pytest.raises(BackupError, match="refused the user"):
        connect(account(server, protected.READER, accounts.reader))


def test_a_database_somebody_broke_is_not_made_anew(server, home):
    root = Server(username="root", socket=str(server.socket))
    with session(root, "qparkin") as connection:
        rows(connection, "CREATE TABLE broken (id INT)")
    protected.seed_once(server, home, count=3000)
    with session(root, "qparkin") as connection:
        assert len(rows(connection, "SHOW TABLES")) == 30
        rows(connection, "DROP TABLE broken")


def test_a_seed_that_was_cut_short_is_begun_again(server, home):
    home.seeded.unlink()
    root = Server(username="root", socket=str(server.socket))
    with session(root, "qparkin") as connection:
        rows(connection, "DROP TABLE booking")
    protected.seed_once(server, home, count=3000)
    with session(root, "qparkin") as connection:
        assert len(rows(connection, "SHOW TABLES")) == 29
