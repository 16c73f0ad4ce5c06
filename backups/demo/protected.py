"""The demo's protected system: the database qparkin and the two accounts that the panel signs in with."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pymysql.connections import Connection
from pymysql.cursors import Cursor
from tqdm import tqdm

from backups.demo.home import Home
from backups.demo.seed import create_qparkin
from backups.engine.database import Server, quote_name, rows, session
from backups.engine.grants import needed_to_back_up, needed_to_restore, statements
from backups.engine.private_server import PrivateServer

DATABASE = "qparkin"
READER, WRITER = "qparkin_backup", "qparkin_restore"
# From this version on SET USER exists; the demo's server is never older.
VERSION = (10, 6)


@dataclass(frozen=True, slots=True)
class Accounts:
    """Passwords of the account that reads and of the one that may write."""

    reader: str = field(repr=False)
    writer: str = field(repr=False)


def seed_once(server: PrivateServer, home: Home, *, count: int) -> None:
    """Make the database when it has not been made; later it belongs to whoever tries things out."""
    if home.seeded.exists():
        return
    until = datetime.now(UTC).replace(microsecond=0)
    with session(_root(server)) as connection:
        rows(connection, f"DROP DATABASE IF EXISTS {quote_name(DATABASE)}")
        rows(
            connection,
            f"CREATE DATABASE {quote_name(DATABASE)} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
        )
    with session(_root(server), DATABASE) as connection, _bar(count) as bar:
        written = create_qparkin(
            connection, rows=count, until=until, on_written=lambda done: bar.update(done - bar.n)
        )
    home.seeded.write_text(json.dumps({"rows": written, "until": until.isoformat()}))


def create_accounts(server: PrivateServer) -> Accounts:
    """Both accounts, with new passwords and exactly the rights that the panel asks for."""
    accounts = Accounts(reader=secrets.token_urlsafe(24), writer=secrets.token_urlsafe(24))
    with session(_root(server)) as connection:
        _create(connection, READER, accounts.reader)
        _create(connection, WRITER, accounts.writer)
        granted = statements(needed_to_back_up(DATABASE), _account(READER))
        granted += statements(needed_to_restore(DATABASE, VERSION), _account(WRITER))
        for statement in granted:
            rows(connection, statement)
    return accounts


def _create(connection: Connection[Cursor], name: str, password: str) -> None:
    rows(connection, f"DROP USER IF EXISTS {_account(name)}")
    # Token characters only, so the literal needs no escape.
    rows(connection, f"CREATE USER {_account(name)} IDENTIFIED BY '{password}'")


def _account(name: str) -> str:
    return f"{quote_name(name)}@`localhost`"


def _root(server: PrivateServer) -> Server:
    return Server(username="root", socket=str(server.socket))


@contextmanager
def _bar(count: int) -> Iterator[tqdm]:  # type: ignore[type-arg]
    quiet = not sys.stderr.isatty()
    with tqdm(total=count, unit=" rows", unit_scale=True, leave=False, disable=quiet, desc="QParkIn") as bar:
        yield bar
