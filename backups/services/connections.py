"""From the settings to the protected server, and whether it answers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.core.cache import cache

from backups.engine import database, errors, fast_rows
from backups.engine.database import Server

from .refusals import SettingMissing

# The server answers, and refuses this panel: that is no harm to the application beside it.
REFUSALS = {"sign_in_refused", "grant_missing", "setting_missing"}
REMEMBERED_SECONDS = 5
# A page does not wait for a host that is gone, nor for a server that takes the call and says nothing.
KNOCK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class ProtectedState:
    """`state` is up, down or missing; the error's code and parameters say why it is not up."""

    state: str
    error_code: str = ""
    error_params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_up(self) -> bool:
        return self.state == "up"

    @property
    def is_refused(self) -> bool:
        return self.error_code in REFUSALS


def protected_database() -> str:
    return str(settings.QPARKIN_DB_DATABASE)


def read_server() -> Server:
    """The account that backs up."""
    if not settings.QPARKIN_DB_USERNAME:
        raise SettingMissing(name="QPARKIN_DB_USERNAME")
    return _server(settings.QPARKIN_DB_USERNAME, settings.QPARKIN_DB_PASSWORD)


def no_server() -> Server:
    """For work that asks no server anything: a backup of files goes on while it is away."""
    return Server(username="")


def restore_server() -> Server:
    """The account that may write: the same one unless another is set."""
    if not settings.QPARKIN_RESTORE_USERNAME:
        return read_server()
    return _server(settings.QPARKIN_RESTORE_USERNAME, settings.QPARKIN_RESTORE_PASSWORD)


def drill_server() -> Server:
    """Where archives are tried out: the protected server, unless another is set."""
    if not drills_elsewhere():
        return restore_server()
    if not settings.DRILL_DB_USERNAME:
        raise SettingMissing(name="DRILL_DB_USERNAME")
    return replace(
        _server(settings.DRILL_DB_USERNAME, settings.DRILL_DB_PASSWORD),
        host=settings.DRILL_DB_HOST or "127.0.0.1",
        port=settings.DRILL_DB_PORT,
        socket=settings.DRILL_DB_SOCKET,
        tls_ca=settings.DRILL_DB_TLS_CA,
    )


def drills_elsewhere() -> bool:
    return bool(settings.DRILL_DB_HOST or settings.DRILL_DB_SOCKET)


def drill_place() -> str:
    """For people: where it was tried out; '' is the protected server."""
    if not drills_elsewhere():
        return ""
    return str(settings.DRILL_DB_SOCKET or f"{settings.DRILL_DB_HOST}:{settings.DRILL_DB_PORT}")


def _server(username: str, password: str) -> Server:
    return Server(
        username=username,
        password=password,
        host=settings.QPARKIN_DB_HOST,
        port=settings.QPARKIN_DB_PORT,
        socket=settings.QPARKIN_DB_SOCKET,
        tls_ca=settings.QPARKIN_DB_TLS_CA,
        connections=max(1, settings.DUMP_CONNECTIONS),
        lock_tables=settings.DUMP_LOCK_TABLES,
        fast_rows=settings.QPARKIN_FAST_ROWS,
    )


def row_helper() -> str:
    """The helper in C that reads rows: ready, off, absent or stale."""
    return fast_rows.state().value if settings.QPARKIN_FAST_ROWS else "off"


def protected_state() -> ProtectedState:
    """Looked at no more than every few seconds, whoever asks."""
    key = _remembered_as()
    known = cache.get(key)
    if isinstance(known, dict):
        return ProtectedState(known["state"], known["error_code"], known["error_params"])
    found = look_at_protected()
    seen = {"state": found.state, "error_code": found.error_code, "error_params": dict(found.error_params)}
    cache.set(key, seen, REMEMBERED_SECONDS)
    return found


def forget_protected_state() -> None:
    """After a swap, what was seen before it says nothing any more."""
    cache.delete(_remembered_as())


def look_at_protected() -> ProtectedState:
    """The same without memory."""
    try:
        server = replace(read_server(), patience=KNOCK_SECONDS)
        with closing(database.connect(server, protected_database())):
            return ProtectedState("up")
    except errors.DatabaseMissing as error:
        return ProtectedState("missing", error.code, dict(error.params))
    except errors.BackupError as error:
        return ProtectedState("down", error.code, dict(error.params))


def database_exists() -> bool:
    return look_at_protected().state != "missing"


def _remembered_as() -> str:
    return "protected-" + hashlib.sha256(f"{_address()}/{protected_database()}".encode()).hexdigest()[:24]


def _address() -> str:
    return str(settings.QPARKIN_DB_SOCKET or f"{settings.QPARKIN_DB_HOST}:{settings.QPARKIN_DB_PORT}")
