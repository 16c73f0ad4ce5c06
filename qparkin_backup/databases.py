"""The panel's own database, from one URL; never inside the database that it protects."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

LOCAL = {"", "localhost", "127.0.0.1", "::1"}
MARIADB, POSTGRES = "qparkin_backup.mariadb", "django.db.backends.postgresql"
ON_MARIADB: dict[str, object] = {
    "charset": "utf8mb4",
    # What is claimed by one statement and read again must be seen as it is now.
    "isolation_level": "read committed",
    # Nobody waits for ever for a server that takes the call and says nothing.
    "connect_timeout": 10,
    "read_timeout": 60,
    "write_timeout": 60,
    # A text that does not fit is refused, not cut, whatever the server's default; its wait ends before ours.
    "init_command": "SET SESSION sql_mode='STRICT_ALL_TABLES', innodb_lock_wait_timeout=20",
}


def control_database(url: str, *, base: Path) -> dict[str, object]:
    """Django's DATABASES entry of sqlite:///file, mysql://… or postgres://…"""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(base / unquote(parts.path).removeprefix("/"))
    engines = {"mysql": MARIADB, "mariadb": MARIADB, "postgres": POSTGRES, "postgresql": POSTGRES}
    if parts.scheme not in engines or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            "CONTROL_DATABASE_URL is not sqlite:///file, mysql://user:password@host/name or postgres://…"
        )
    engine = engines[parts.scheme]
    return {
        "ENGINE": engine,
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        # What the driver understands, e.g. ?unix_socket=/run/mysqld/mysqld.sock or ?sslmode=verify-full
        "OPTIONS": {**(ON_MARIADB if engine == MARIADB else {}), **_options(parts.query)},
        # One session for each process is kept, and looked at before each request or task.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


def refuse_shared_database(control: dict[str, object], *, database: str, host: str) -> None:
    """The panel's own data must not be what a restore replaces, nor lie where shadows come and go."""
    if control["ENGINE"] != MARIADB:
        return
    name, place = str(control["NAME"]), str(control["HOST"])
    same_server = place.casefold() == host.casefold() or {place, host} <= LOCAL
    # Where the server lowers names, two spellings are one database.
    taken, wanted = database.casefold(), name.casefold()
    if same_server and (wanted == taken or wanted.startswith(f"{taken}__")):
        raise ImproperlyConfigured(
            f"CONTROL_DATABASE_URL puts the panel's own data into the protected database ({name}); "
            "choose another database, or SQLite."
        )


def _options(query: str) -> dict[str, object]:
    """A number is a number to the driver; a certificate authority is all that TLS needs to be told."""
    given: dict[str, object] = {
        name: int(value) if value.isdecimal() else value for name, value in parse_qsl(query)
    }
    return given


def _sqlite(file: Path) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "TEST": {"NAME": str(file.with_name(f"test-{file.name}"))},
        "OPTIONS": {
            "timeout": 20,
            # Writers queue up at the start of a transaction instead of failing in the middle of it.
            "transaction_mode": "IMMEDIATE",
            # FULL: an audit event that was shown as recorded survives a power cut.
            # 32 MB at most: thousands of archives are read once for a page, not for each of its questions.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
            "PRAGMA cache_size=-32000;",
        },
    }
