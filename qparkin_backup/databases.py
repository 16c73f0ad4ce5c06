"""The panel's own database, from one URL; never inside the database that it protects."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

LOCAL = {"", "localhost", "127.0.0.1", "::1"}


def control_database(url: str, *, base: Path) -> dict[str, object]:
    """Django's DATABASES entry of sqlite:///file, mysql://… or postgres://…"""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(base / unquote(parts.path).removeprefix("/"))
    engines = {"mysql": "mysql", "mariadb": "mysql", "postgres": "postgresql", "postgresql": "postgresql"}
    if parts.scheme not in engines or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            "CONTROL_DATABASE_URL is not sqlite:///file, mysql://user:password@host/name or postgres://…"
        )
    engine = engines[parts.scheme]
    return {
        "ENGINE": f"django.db.backends.{engine}",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        # What the driver understands, e.g. ?unix_socket=/run/mysqld/mysqld.sock or ?sslmode=verify-full
        "OPTIONS": {**({"charset": "utf8mb4"} if engine == "mysql" else {}), **dict(parse_qsl(parts.query))},
    }


def refuse_shared_database(control: dict[str, object], *, database: str, host: str) -> None:
    """The panel's own data must not be what a restore replaces, nor lie where shadows come and go."""
    if "mysql" not in str(control["ENGINE"]):
        return
    name, place = str(control["NAME"]), str(control["HOST"])
    same_server = place == host or {place, host} <= LOCAL
    if same_server and (name == database or name.startswith(f"{database}__")):
        raise ImproperlyConfigured(
            f"CONTROL_DATABASE_URL puts the panel's own data into the protected database ({name}); "
            "choose another database, or SQLite."
        )


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
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
    }
