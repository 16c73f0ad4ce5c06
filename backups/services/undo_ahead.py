"""What an undo would put aside, said before it is done: nothing is deleted, and nothing is guessed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backups.engine import pipeline
from backups.engine.errors import BackupError
from backups.models import Restore

from . import folders, reaper
from .connections import restore_server

__all__ = ["UndoOutlook", "UndoRow", "undo_outlook"]


@dataclass(frozen=True, slots=True)
class UndoRow:
    """One table: rows now, rows after the undo, and rows that the restore had put there (None: unknown)."""

    table: str
    now: int | None
    after: int | None
    restored: int | None
    unreadable: bool = False

    @property
    def differs(self) -> bool:
        return self.unreadable or self.now != self.after or bool(self.written)

    @property
    def lost(self) -> int:
        """Rows that are live now and would not be afterwards, as far as counts tell."""
        return max(0, (self.now or 0) - (self.after or 0))

    @property
    def written(self) -> int:
        """Rows that came since the restore, or went (below zero), as far as counts tell."""
        if self.now is None or self.restored is None:
            return 0
        return self.now - self.restored


@dataclass(frozen=True, slots=True)
class UndoOutlook:
    """`newest_at` is set where live was written to since the restore, as far as its own rows tell.

    `error_code` says why the rows cannot be seen; then `rows` says nothing.
    """

    since: datetime
    rows: tuple[UndoRow, ...] = ()
    newest_at: datetime | None = None
    newest_table: str = ""
    folders: tuple[pipeline.Written, ...] = ()
    error_code: str = ""

    @property
    def changed(self) -> tuple[UndoRow, ...]:
        return tuple(
            sorted((r for r in self.rows if r.differs), key=lambda r: (-r.written, -r.lost, r.table))
        )

    @property
    def same(self) -> int:
        return sum(not row.differs for row in self.rows)

    @property
    def files(self) -> int:
        return sum(folder.files for folder in self.folders)

    @property
    def loses_nothing(self) -> bool:
        """As far as anybody can tell: no table has other rows than the restore left, and no file is newer."""
        known = all(row.restored is not None and not row.unreadable for row in self.rows)
        quiet = not any(row.written for row in self.rows) and self.newest_at is None
        return known and quiet and not self.files and not self.error_code


def undo_outlook(restore: Restore) -> UndoOutlook:
    """Nothing is changed. A server that cannot be asked is said so, and is no error here."""
    since = restore.swapped_at or restore.created_at
    written = folders.written_since(restore) if folders.is_of_files(restore) else ()
    if not folders.is_of_database(restore):
        return UndoOutlook(since, folders=written)
    try:
        seen = pipeline.undo_ahead(
            restore_server(), database=restore.target, restore_id=reaper.mark_of(restore)
        )
    except BackupError as error:
        return UndoOutlook(since, folders=written, error_code=error.code)
    if seen is None:
        return UndoOutlook(since, folders=written)
    newest = seen.newest if seen.newest and seen.newest.written > since else None
    return UndoOutlook(
        since,
        tuple(_rows(restore, seen)),
        newest.written if newest else None,
        newest.table if newest else "",
        written,
    )


def _rows(restore: Restore, seen: pipeline.UndoAhead) -> list[UndoRow]:
    put = _put_there(restore)
    return [
        UndoRow(table, now, after, put.get(table.casefold()), unreadable=table in seen.unreadable)
        for table, now, after in seen.rows
    ]


def _put_there(restore: Restore) -> dict[str, int]:
    """By table: what the archive held, under the name that it has now."""
    if restore.archive is None:
        return {}
    held = {str(table["name"]): int(table["rows"]) for table in restore.archive.table_rows}
    scope = (restore.job.result.get("scope") if restore.job else None) or {}
    named = scope.get("beside", {}) if isinstance(scope, dict) else {}
    return {named.get(name, name).casefold(): rows for name, rows in held.items()}
