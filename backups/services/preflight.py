"""Before a restore: what would stop or spoil it. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backups.engine import pipeline
from backups.engine.errors import BackupError
from backups.engine.manifest import Manifest
from backups.engine.preflight import BLOCK, PASS, WARN, Check, passed, warned
from backups.models import Archive

from . import application, archives, folders, keys, reading
from .connections import protected_database, restore_server

__all__ = ["Check", "Preflight", "preflight"]


@dataclass(frozen=True, slots=True)
class Preflight:
    """Each line passes, warns or blocks. Blocked: a restore would be refused, or would fail."""

    archive: Archive
    target: str
    checks: tuple[Check, ...]
    rewrites: tuple[pipeline.Respelling, ...] = ()  # what could be spelled anew, if somebody asks for it

    @property
    def mended(self) -> frozenset[str]:
        """Code that would find its tables again, by name."""
        return frozenset(one.name for one in self.rewrites)

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
    into: str = "",
) -> Preflight:
    """For a restore over the live database, or into `target`; of all tables, of these, or these `beside`.

    With another `scope` of the files alone, or of both; of files alone perhaps `into` a folder.
    """
    database = protected_database()
    aim = target or database
    rewrites: tuple[pipeline.Respelling, ...] = ()
    try:
        source = reading.source(archive, keys.to_open())
        if scope == folders.FILES:
            checks = _of_files(source, into)
        else:
            spelled = _spelled(archive, tuple(tables))
            manifest, checks = _of_database(source, database, aim, spelled, beside=beside)
            if manifest is not None and not beside and not any(check.level == BLOCK for check in checks):
                rewrites = _rewrites(manifest, database, aim, spelled)
            if scope == folders.EVERYTHING:
                seen = {check.name for check in checks}
                checks += tuple(check for check in _of_files(source, "") if check.name not in seen)
    except BackupError as error:
        # No storage holds it, a key file cannot be read, or a setting is missing.
        checks = (Check("seal", BLOCK, error.code, error.params),)
    over_live = aim == database and not into
    system = _same_system(archive) if over_live else ()
    # Tables beside the live ones are none of its business.
    around = _application() if over_live and not beside else ()
    return Preflight(archive, aim, (*checks, *system, *around), rewrites)


def _of_database(
    source: pipeline.Source, database: str, target: str, tables: frozenset[str] | None, *, beside: bool
) -> tuple[Manifest | None, tuple[Check, ...]]:
    return pipeline.preflight(
        source,
        server=restore_server(),
        database=database,
        target=target,
        tables=tables,
        application=application.home(),
        beside=beside,
    )


def _rewrites(
    manifest: Manifest, database: str, target: str, tables: frozenset[str] | None
) -> tuple[pipeline.Respelling, ...]:
    try:
        return pipeline.rewrites(
            manifest, server=restore_server(), database=database, target=target, tables=tables
        )
    except BackupError:
        # The line about spelling says what is wrong; what cannot be offered is not offered.
        return ()


def _of_files(source: pipeline.Source, into: str) -> tuple[Check, ...]:
    if not into:
        return pipeline.preflight_of_files(source, folders=folders.configured())
    try:
        folders.refuse_tangled(into)
    except BackupError as error:
        place = Check("files", BLOCK, error.code, error.params)
    else:
        place = passed("files", "folder_free", folder=into)
    return *pipeline.preflight_of_archive(source), place


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
