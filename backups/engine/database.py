"""Connections to the protected server, and the one function that quotes a name."""

from __future__ import annotations

import hashlib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.constants import CLIENT, CR, ER, FIELD_TYPE
from pymysql.converters import conversions
from pymysql.cursors import Cursor

from . import errors
from .dialect import SESSION

Row = tuple[Any, ...]

LOST = {CR.CR_SERVER_GONE_ERROR, CR.CR_SERVER_LOST, CR.CR_COMMANDS_OUT_OF_SYNC, 1927, 1053, 1317}
# A wrong password or plugin, an address that is not let in, an account locked or with a password too old.
REFUSED_SIGN_IN = {ER.ACCESS_DENIED_ERROR, 1698, ER.HOST_NOT_PRIVILEGED, 4151, 1820, 1862}
FULL = {ER.CON_COUNT_ERROR, ER.TOO_MANY_USER_CONNECTIONS, ER.USER_LIMIT_REACHED}
WRITES_OFF = {ER.OPTION_PREVENTS_STATEMENT, 1836}
SAID_BY_THE_SERVER = range(1000, 2000)
CONNECT_SECONDS, VANISHED_SECONDS = 10, 60

# Integers arrive as integers, everything else as the bytes that the server sent.
INTEGERS = {FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG}
CONVERSIONS = {
    kind: how for kind, how in conversions.items() if not isinstance(kind, int) or kind in INTEGERS
}


@dataclass(frozen=True, slots=True)
class Server:
    """Where a MariaDB server is and who signs in. `socket` wins over `host` and `port`.

    `connections` is how many sessions one piece of work may use beside each other; `patience` is how many
    seconds an answer may take (a statement of hours is normal for a dump, so None: as long as it takes);
    `lock_tables`: whether tables without transactions may be locked while they are read;
    `fast_rows`: whether rows may be read by the helper in C, where that was built; the bytes are the same.
    """

    username: str
    password: str = field(repr=False, default="")
    host: str = "127.0.0.1"
    port: int = 3306
    socket: str = ""
    tls_ca: str = ""
    connections: int = 2
    patience: float | None = None
    lock_tables: bool = True
    fast_rows: bool = True

    @property
    def where(self) -> str:
        return self.socket or f"{self.host}:{self.port}"


def quote_name(name: str) -> str:
    """An identifier in backticks, safe whatever it holds."""
    return "`" + name.replace("`", "``") + "`"


def quote_text(text: str) -> str:
    """A string literal that means the same in every sql_mode and charset."""
    if not text:
        return "''"
    return "_utf8mb4 0x" + text.encode("utf-8", "surrogateescape").hex()


def connect(server: Server, database: str | None = None) -> Connection[Cursor]:
    """One autocommit session in UTC and utf8mb4; errors come out as ours, without the password."""
    connection = pymysql.connect(
        host=server.host,
        user=server.username,
        # As bytes: the driver would write text as Latin-1.
        password=server.password.encode(),
        database=database,
        charset="utf8mb4",
        autocommit=True,
        # A server may ask for any file of ours; the driver must refuse, and load_block reads no files.
        local_infile=False,
        use_unicode=False,
        conv=CONVERSIONS,
        client_flag=CLIENT.FOUND_ROWS | CLIENT.LOCAL_FILES,
        ssl=_tls(server),
        # Otherwise the driver would offer it there too, for bytes that never leave the machine.
        ssl_disabled=bool(server.socket),
        read_timeout=_sign_in_seconds(server),
        defer_connect=True,
    )
    try:
        connection.connect(_dial(server))
    except pymysql.MySQLError as error:
        raise _at_sign_in(server, database, error) from None
    # A server that is frozen takes the call and says nothing: signing in has an end, whatever comes after.
    _wait_at_most(connection, server.patience)
    run(connection, SESSION)
    wire: Any = connection
    wire.reads_fast = server.fast_rows
    return connection


def reads_fast(connection: Connection[Cursor]) -> bool:
    """Whether its server was given to us with `fast_rows`."""
    return bool(getattr(connection, "reads_fast", False))


def _sign_in_seconds(server: Server) -> float:
    return min(server.patience or CONNECT_SECONDS, CONNECT_SECONDS)


def _wait_at_most(connection: Connection[Cursor], seconds: float | None) -> None:
    wire: Any = connection
    wire._read_timeout = seconds
    wire._sock.settimeout(seconds)


def _dial(server: Server) -> socket.socket:
    # The driver forgets to close a socket that nobody answers, so the socket is opened here.
    if not server.socket:
        try:
            return socket.create_connection((server.host, server.port), _sign_in_seconds(server))
        except OSError:
            raise errors.ServerUnreachable(where=server.where) from None
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(_sign_in_seconds(server))
    try:
        line.connect(server.socket)
    except OSError:
        line.close()
        raise errors.ServerUnreachable(where=server.where) from None
    return line


def _tls(server: Server) -> ssl.SSLContext | None:
    if not server.tls_ca or server.socket:
        return None
    return ssl.create_default_context(cafile=server.tls_ca)


def _at_sign_in(server: Server, database: str | None, error: pymysql.MySQLError) -> errors.BackupError:
    number = _number(error)
    if number in REFUSED_SIGN_IN:
        return errors.SignInRefused(username=server.username)
    if number in FULL:
        return errors.ServerFull(where=server.where)
    if number == ER.BAD_DB_ERROR:
        return errors.DatabaseMissing(database=database or "")
    if number == ER.DBACCESS_DENIED_ERROR:
        statement = f"GRANT SELECT ON {quote_name(database or '')}.* TO the user;"
        return errors.GrantMissing(username=server.username, statement=statement)
    if number in SAID_BY_THE_SERVER:
        return translate(error)
    return errors.ServerUnreachable(where=server.where)


@contextmanager
def session(server: Server, database: str | None = None) -> Iterator[Connection[Cursor]]:
    """A connection that is closed whatever happens."""
    connection = connect(server, database)
    try:
        yield connection
    finally:
        forget_result(connection)
        with suppress(pymysql.MySQLError, OSError):
            connection.close()


def forget_result(connection: Connection[Cursor]) -> None:
    """Take a result that was read half from the driver, which would look for its end on a closed line."""
    wire: Any = connection
    if wire._result is not None:
        wire._result.unbuffered_active = False
        wire._result.connection = None


@contextmanager
def lock(server: Server, name: str) -> Iterator[None]:
    """A lock of the server's own on `name`: gone with this session, so a crash leaves none behind."""
    mark = "qparkin:" + hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    with session(server) as connection:
        if one(connection, "SELECT GET_LOCK(%s, 0)", (mark,))[0] != 1:
            raise errors.Busy(system=name)
        yield


def release_when_we_vanish(connection: Connection[Cursor]) -> None:
    """Before a lock that holds others up: a host that loses its power or its network says no good-bye, and
    the server would keep the lock for as long as it lets a session be idle."""
    run(connection, f"SET SESSION wait_timeout={VANISHED_SECONDS}")


def run(connection: Connection[Cursor], statement: str) -> int:
    """Execute one statement as it is, without interpolation; returns the affected rows."""
    return run_bytes(connection, _bytes(statement))


def run_bytes(connection: Connection[Cursor], statement: bytes) -> int:
    with translated():
        return int(connection.query(statement))


def rows(connection: Connection[Cursor], statement: str, values: Sequence[str | int] = ()) -> tuple[Row, ...]:
    """All rows of a small result. Text in the server's own charset arrives decoded as UTF-8."""
    run(connection, statement % tuple(map(_literal, values)) if values else statement)
    wire: Any = connection
    return tuple(tuple(_text(value) for value in row) for row in wire._result.rows or ())


def one(connection: Connection[Cursor], statement: str, values: Sequence[str | int] = ()) -> Row:
    """The single row of a result; an empty one is an error of ours, not of the operator."""
    found = rows(connection, statement, values)
    if not found:
        raise errors.ServerRefused(errno=0, message="an answer was empty")
    return found[0]


def _literal(value: str | int) -> str:
    return str(value) if isinstance(value, int) else quote_text(value)


def _bytes(statement: str) -> bytes:
    return statement.encode("utf-8", "surrogateescape")


def _text(value: Any) -> Any:
    # The server sends its own bytes, undamaged; surrogates keep what is not UTF-8.
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into ours; the statement itself never gets into a message."""
    try:
        yield
    except pymysql.MySQLError as error:
        raise translate(error) from None
    except (ConnectionError, TimeoutError):
        raise errors.ConnectionLost from None
    except RuntimeError:
        # The driver's word for an answer that asks for one of our files.
        raise errors.ServerRefused(errno=0, message="it asked for a file of this machine") from None


def translate(error: pymysql.MySQLError) -> errors.BackupError:
    number = _number(error)
    if number in LOST or isinstance(error, pymysql.err.InterfaceError):
        return errors.ConnectionLost()
    message = str(error.args[1]) if len(error.args) > 1 else "no reason given"
    if number in WRITES_OFF and "read" in message.lower():
        return errors.ServerReadOnly()
    return errors.ServerRefused(errno=number, message=message)


def _number(error: pymysql.MySQLError) -> int:
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0


def schema_exists(connection: Connection[Cursor], name: str) -> bool:
    statement = "SELECT 1 FROM information_schema.schemata WHERE schema_name = %s"
    return bool(rows(connection, statement, (name,)))


def version_family(version: str) -> tuple[int, ...]:
    """Major and minor of @@version, e.g. (10, 11)."""
    return tuple(int(part) for part in version.partition("-")[0].split(".")[:2])
