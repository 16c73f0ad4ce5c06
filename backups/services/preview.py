"""What a restore would change, said before anything is done."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backups.engine import pipeline
from backups.engine.errors import BackupError
from backups.engine.pipeline import Dangling, Dependent, FolderChanges
from backups.engine.stream import Progress, Silent
from backups.models import Archive

from . import folders, keys, reading
from .connections import ProtectedState, look_at_protected, protected_database, read_server, restore_server

__all__ = [
    "Dangling",
    "Dependent",
    "FilesPreview",
    "FolderChanges",
    "PreviewRow",
    "RestorePreview",
    "ScopePreview",
    "preview_files",
    "preview_restore",
    "scope_preview",
]


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """Rows of one table, now and after the restore; None where the table is not there (or cannot be seen)."""

    table: str
    now: int | None
    after: int | None
    unreadable: bool = False  # it is there, and nobody can say what is in it

    @property
    def differs(self) -> bool:
        return self.unreadable or self.now != self.after

    @property
    def lost(self) -> int:
        """Rows that are there now and would not be afterwards, as far as counts tell."""
        return max(0, (self.now or 0) - (self.after or 0))


@dataclass(frozen=True, slots=True)
class RestorePreview:
    """What a restore would change. `live` is up, down or missing; `since` is when the archive was made."""

    rows: tuple[PreviewRow, ...]
    live: str
    since: datetime
    error_code: str = ""
    error_params: dict[str, Any] | None = None

    @property
    def changed(self) -> tuple[PreviewRow, ...]:
        return tuple(row for row in self.rows if row.differs)


@dataclass(frozen=True, slots=True)
class FilesPreview:
    """Folder by folder; where the archive's index cannot be read the error's code says why."""

    folders: tuple[FolderChanges, ...]
    error_code: str = ""
    error_params: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ScopePreview:
    """What a restore of chosen tables would touch, ready for a page.

    `dependents` are tables tied to the chosen ones and code that names them; `dangling` are rows that would
    refer to rows that are not there (None: they cannot be counted), which has to be accepted.
    """

    tables: tuple[str, ...]
    rows: tuple[PreviewRow, ...]
    dependents: tuple[Dependent, ...]
    dangling: tuple[Dangling, ...]
    triggers: tuple[str, ...]  # that come back with the tables
    sequences: tuple[str, ...]  # that come along since live lacks them
    live: str
    since: datetime
    error_code: str = ""
    error_params: dict[str, Any] | None = None


def preview_files(archive: Archive) -> FilesPreview:
    """What comes back, changes and goes in the live folders. Nothing is changed."""
    try:
        return FilesPreview(folders.ahead(reading.source(archive, keys.to_open())))
    except BackupError as error:
        return FilesPreview((), error.code, dict(error.params))


def preview_restore(archive: Archive, tables: Collection[str] = ()) -> RestorePreview:
    """Rows now against rows in the archive, table by table; only `tables`, if any. Nothing is changed."""
    archived, only = _archived(archive), tables or None
    state = look_at_protected()
    if state.state == "down":
        after = tuple(_after(archived, only))
        return RestorePreview(after, "down", archive.created, state.error_code, dict(state.error_params))
    seen = pipeline.preview(read_server(), database=protected_database(), archived=archived, only=only)
    return RestorePreview(_rows(seen), "up" if seen.live_exists else "missing", archive.created)


def scope_preview(
    archive: Archive, tables: Iterable[str], *, progress: Progress | None = None
) -> ScopePreview:
    """What a restore of these tables would touch, counted on keys alone. The live database is only read."""
    state = look_at_protected()
    if state.state == "down":
        return _unseen(archive, tuple(tables), state)
    seen = pipeline.scope_preview(
        reading.source(archive, keys.to_open()),
        server=restore_server(),
        database=protected_database(),
        tables=tuple(tables),
        progress=progress or Silent(),
    )
    return ScopePreview(
        tables=seen.tables,
        rows=_rows(seen.preview),
        dependents=seen.dependents,
        dangling=seen.dangling,
        triggers=seen.triggers,
        sequences=seen.sequences,
        live=state.state,
        since=archive.created,
    )


def _unseen(archive: Archive, tables: tuple[str, ...], state: ProtectedState) -> ScopePreview:
    rows = tuple(_after(_archived(archive), tables))
    params = dict(state.error_params)
    return ScopePreview(tables, rows, (), (), (), (), "down", archive.created, state.error_code, params)


def _after(archived: dict[str, int], only: Collection[str] | None) -> Iterable[PreviewRow]:
    for table, count in archived.items():
        if only is None or table in only:
            yield PreviewRow(table, None, count)


def _rows(seen: pipeline.Preview) -> tuple[PreviewRow, ...]:
    return tuple(
        PreviewRow(table, now, after, unreadable=table in seen.unreadable) for table, now, after in seen.rows
    )


def _archived(archive: Archive) -> dict[str, int]:
    """From the index, where it knows: the manifest need not be opened for it."""
    if archive.table_rows:
        return {str(table["name"]): int(table["rows"]) for table in archive.table_rows}
    manifest = pipeline.read_manifest(reading.source(archive, keys.to_open()))
    return {rows.table: rows.rows for rows in manifest.rows}
