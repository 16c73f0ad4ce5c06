"""Before a restore: what would stop or spoil it. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backups.engine import pipeline
from backups.engine.errors import BackupError
from backups.engine.preflight import BLOCK, PASS, WARN, Check, passed, warned
from backups.models import Archive

from . import application, archives, keys, storages
from .connections import protected_database, restore_server

__all__ = ["Check", "Preflight", "preflight"]


@dataclass(frozen=True, slots=True)
class Preflight:
    """Each line passes, warns or blocks. Blocked: a restore would be refused, or would fail."""

    archive: Archive
    target: str
    checks: tuple[Check, ...]

    @property
    def blocking(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.level == BLOCK)

    @property
    def warning(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.level == WARN)

    @property
    def passing(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.level == PASS)

    @property
    def may_go(self) -> bool:
        return not self.blocking


def preflight(archive: Archive, *, target: str | None = None, tables: Iterable[str] = ()) -> Preflight:
    """For a restore over the live database, or into `target`; of all tables, or of these."""
    database = protected_database()
    aim = target or database
    try:
        checks = _of_engine(archive, database, aim, frozenset(tables) or None)
    except BackupError as error:
        # No storage holds it, a key file cannot be read, or a setting is missing.
        checks = (Check("seal", BLOCK, error.code, error.params),)
    besides = (*_same_system(archive), *_application()) if aim == database else ()
    return Preflight(archive, aim, (*checks, *besides))


def _of_engine(
    archive: Archive, database: str, target: str, tables: frozenset[str] | None
) -> tuple[Check, ...]:
    _, checks = pipeline.preflight(
        storages.source(archive, keys.to_open()),
        server=restore_server(),
        database=database,
        target=target,
        tables=tables,
        application=application.home(),
    )
    return checks


def _same_system(archive: Archive) -> tuple[Check, ...]:
    try:
        archives.refuse_other(archive)
    except BackupError as error:
        return (Check("system", BLOCK, error.code, error.params),)
    return (passed("system", "same_system"),)


def _application() -> tuple[Check, ...]:
    """How far the application can be taken along; never a reason to stop."""
    state = application.readiness()
    if not state:
        return (warned("application", "application_unknown", mend="set_laravel_path"),)
    if state == "ready":
        return (passed("application", "application_ready"),)
    return (warned("application", f"application_{state}", mend=f"application_{state}"),)
