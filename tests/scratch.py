"""Throw-away databases on the suite's private servers."""

from __future__ import annotations

import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pymysql
from pymysql.cursors import Cursor

from backups.engine.database import Server, connect, quote_name, rows, session
from backups.engine.private_server import PrivateServer

# The operators' own dumps lie beside the project where it is developed; a clone elsewhere does without.
OPERATORS_DUMPS = Path(__file__).resolve().parents[2] / "shared" / "data"


@dataclass(frozen=True, slots=True)
class ScratchDatabase:
    """An empty database of its own for one test, and who may do everything in it."""

    name: str
    server: Server

    def connect(self) -> pymysql.connections.Connection[Cursor]:
        return connect(self.server, self.name)

    def run(self, *statements: str) -> None:
        with session(self.server, self.name) as connection:
            for statement in statements:
                rows(connection, statement)

    def rows(self, statement: str, values: tuple[object, ...] = ()) -> tuple[tuple[object, ...], ...]:
        with session(self.server, self.name) as connection:
            return rows(connection, statement, values)

    def load(self, dump: Path) -> None:
        """Load a dump as its operator would: with the command-line client."""
        client = shutil.which("mariadb") or "mariadb"
        command = [client, "--no-defaults", f"--socket={self.server.socket}", "--user=root", self.name]
        with dump.open("rb") as text:
            subprocess.run(command, stdin=text, check=True, capture_output=True)


def as_root(server: PrivateServer) -> Server:
    return Server(username="root", socket=str(server.socket))


@contextmanager
def scratch_database(server: PrivateServer) -> Iterator[ScratchDatabase]:
    """A new database; afterwards it and all its shadows (`<name>__…`) are dropped."""
    root = as_root(server)
    name = f"scratch_{secrets.token_hex(4)}"
    with session(root) as connection:
        rows(connection, f"CREATE DATABASE {quote_name(name)} CHARACTER SET utf8mb4")
    try:
        yield ScratchDatabase(name=name, server=root)
    finally:
        _drop_all(root, name)


def _drop_all(root: Server, name: str) -> None:
    statement = (
        "SELECT schema_name FROM information_schema.schemata WHERE schema_name = %s OR schema_name LIKE %s"
    )
    with session(root) as connection:
        rows(connection, "SET SESSION foreign_key_checks = 0")
        for (schema,) in rows(connection, statement, (name, name.replace("_", r"\_") + r"\_\_%")):
            rows(connection, f"DROP DATABASE {quote_name(schema)}")
