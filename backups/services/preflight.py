"""Before a restore: what would stop or spoil it. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backups.engine import pipeline
from backups.engine.errors import BackupError
from backups.engine.preflight import BLOCK, PASS, WARN, Check, passed, warned
from backups.models import Archive

from . import application, archives, folders, keys, storages
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


def preflight(
    archive: Archive,
    *,
    target: str | None = None,
    tables: Iterable[str] = (),
    beside: bool = False,
    scope: str = folders.DATABASE,
) -> Preflight:
    """For a restore over the live database, or into `target`; of all tables, of these, or these `beside`.

    With another `scope` of the files alone, or of both.
    """
    database = protected_database()
    aim = target or database
    try:
        checks = tuple(_of_engine(archive, database, aim, tuple(tables), scope=scope, beside=beside))
    except BackupError as error:
        # No storage holds it, a key file cannot be read, or a setting is missing.
        checks = (Check("seal", BLOCK, error.code, error.params),)
    system = _same_system(archive) if aim == database else ()
    # Tables beside the live ones are none of its business.
    around = _application() if aim == database and not beside else ()
    return Preflight(archive, aim, (*checks, *system, *around))


def _of_engine(
    archive: Archive, database: str, target: str, tables: tuple[str, ...], *, scope: str, beside: bool
) -> Iterator[Check]:
    source, seen = storages.source(archive, keys.to_open()), set()
    if scope != folders.FILES:
        _, checks = pipeline.preflight(
            source,
            server=restore_server(),
            database=database,
            target=target,
            tables=_spelled(archive, tables),
            application=application.home(),
            beside=beside,
        )
        seen = {check.name for check in checks}
        yield from checks
    if scope != folders.DATABASE:
        of_files = pipeline.preflight_of_files(source, folders=folders.configured())
        yield from (check for check in of_files if check.name not in seen)


def _spelled(archive: Archive, tables: tuple[str, ...]) -> frozenset[str] | None:
    """As the archive spells them, whatever was typed; None: all."""
    known = {str(table["name"]).casefold(): str(table["name"]) for table in archive.table_rows}
    return frozenset(known.get(name.casefold(), name) for name in tables) or None


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
