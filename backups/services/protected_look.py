"""A look at the protected server when somebody asks for it: its version, its clock, both accounts' rights."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from backups.engine import database
from backups.engine.database import Server
from backups.engine.errors import BackupError

from . import rights
from .connections import KNOCK_SECONDS, protected_database, read_server, restore_server

LOCAL = {"localhost", "127.0.0.1", "::1"}
# Two clocks that differ by less tell the same time.
APART = 5.0


@dataclass(frozen=True, slots=True)
class Account:
    """`missing` are the GRANT lines that an administrator still has to run."""

    username: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProtectedLook:
    """What could not be asked has the error's code and parameters instead."""

    database: str
    error_code: str = ""
    error_params: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""
    # Seconds by which the server's clock is ahead of ours.
    ahead: float = 0.0
    # local, tls or open: whether somebody on the way could listen.
    line: str = "local"
    reader: Account | None = None
    writer: Account | None = None

    @property
    def clocks_differ(self) -> bool:
        return abs(self.ahead) > APART


def look() -> ProtectedLook:
    name = protected_database()
    try:
        told = _asked()
        found = rights.checked()
        reader = Account(read_server().username, found.missing_backup)
        writer = Account(restore_server().username, found.missing_restore)
    except BackupError as error:
        return ProtectedLook(name, error.code, dict(error.params))
    return ProtectedLook(name, reader=reader, writer=writer, **told)


def _asked() -> dict[str, Any]:
    """Whoever is not there is not waited for long."""
    server = replace(read_server(), patience=KNOCK_SECONDS)
    with closing(database.connect(server, protected_database())) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT VERSION(), UNIX_TIMESTAMP(NOW(6))")
        version, now = cursor.fetchone() or (b"", 0)
        ahead = float(now) - time.time()
        cursor.execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
        cipher = (cursor.fetchone() or ("", ""))[1]
    # This session takes all text as it comes, in bytes.
    return {"version": version.decode(), "ahead": ahead, "line": _line(server, bool(cipher))}


def _line(server: Server, encrypted: bool) -> str:
    if server.socket or server.host in LOCAL:
        return "local"
    return "tls" if encrypted else "open"
