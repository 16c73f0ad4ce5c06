"""The panel's own database: made when it is new, refused when it is older than the code."""

from __future__ import annotations

from pathlib import Path

from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from .refusals import ControlDatabaseBehind, ControlDatabaseUnreachable


def prepare() -> None:
    """Migrate a new database; leave one that is up to date alone."""
    try:
        _make_private()
        executor = MigrationExecutor(connection)
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return
        if any(app == "backups" for app, _ in executor.loader.applied_migrations):
            raise ControlDatabaseBehind
        call_command("migrate", verbosity=0, interactive=False)
    except (DatabaseError, OSError) as error:
        raise ControlDatabaseUnreachable(reason=type(error).__name__) from error


def _make_private() -> None:
    if connection.vendor != "sqlite":
        return
    file = Path(str(connection.settings_dict["NAME"]))
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        # It holds password hashes and the record of who did what: nobody else's to read.
        file.touch(mode=0o600)
