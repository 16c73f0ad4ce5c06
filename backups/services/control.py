"""The panel's own database: made when it is new, refused when it is older than the code."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from django.core.management import call_command
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from backups.engine.file_lock import locked

from .refusals import ControlDatabaseBehind, ControlDatabaseUnreachable

MIGRATING_SECONDS = 600.0
LOOK_SECONDS = 0.2
# The same number for every panel; each database has its own such locks.
ADVISORY = 7_316_015
_held: ContextVar[bool] = ContextVar("held", default=False)


def prepare() -> None:
    """Migrate a new database; leave one that is up to date alone."""
    try:
        _make_private()
        if not _is_behind():
            return
        with alone():
            # Another host, started at the same moment, may have made it meanwhile.
            if executor := _is_behind():
                _make(executor)
    except (Error, OSError) as error:
        raise ControlDatabaseUnreachable(reason=type(error).__name__) from error


def _is_behind() -> MigrationExecutor | None:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return executor if plan else None


def _make(executor: MigrationExecutor) -> None:
    if any(app == "backups" for app, _ in executor.loader.applied_migrations):
        raise ControlDatabaseBehind
    call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def alone() -> Iterator[None]:
    """One host at a time changes the tables: on MariaDB a migration is no transaction."""
    if _held.get():
        yield
        return
    mark = _held.set(True)
    try:
        with LOCKS[connection.vendor]():
            yield
    finally:
        _held.reset(mark)


@contextmanager
def _on_mariadb() -> Iterator[None]:
    # The name is the whole server's, and may have 64 characters.
    name = f"qparkin-migrating {connection.settings_dict['NAME']}"[:64]
    _until(lambda: _asked("SELECT GET_LOCK(%s, 0)", name))
    try:
        yield
    finally:
        _asked("SELECT RELEASE_LOCK(%s)", name)


@contextmanager
def _on_postgresql() -> Iterator[None]:
    _until(lambda: _asked("SELECT pg_try_advisory_lock(%s)", ADVISORY))
    try:
        yield
    finally:
        _asked("SELECT pg_advisory_unlock(%s)", ADVISORY)


@contextmanager
def _on_sqlite() -> Iterator[None]:
    file = Path(str(connection.settings_dict["NAME"]))
    with file.with_name(f"{file.name}.migrating").open("a") as lock:
        _until(lambda: locked(lock.fileno()))
        yield


LOCKS = {"mysql": _on_mariadb, "postgresql": _on_postgresql, "sqlite": _on_sqlite}


def _until(got: Callable[[], bool]) -> None:
    deadline = time.monotonic() + MIGRATING_SECONDS
    while not got():
        if time.monotonic() > deadline:
            raise ControlDatabaseUnreachable(reason="another host is changing its tables")
        time.sleep(LOOK_SECONDS)


def _asked(statement: str, value: str | int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [value])
        row = cursor.fetchone()
    return bool(row and row[0])


def _make_private() -> None:
    if connection.vendor != "sqlite":
        return
    file = Path(str(connection.settings_dict["NAME"]))
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        # It holds password hashes and the record of who did what: nobody else's to read.
        file.touch(mode=0o600)
