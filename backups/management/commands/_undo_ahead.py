"""What an undo would set aside, for people at a terminal and for scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.utils import timezone

from backups.models import Restore
from backups.services.undo_ahead import UndoOutlook, UndoRow

from ._words import size


def undo_values(restore: Restore, ahead: UndoOutlook) -> dict[str, Any]:
    return {
        "restore": str(restore.pk),
        "undone": False,
        "dry_run": True,
        "since": ahead.since.isoformat(),
        "newest_row_at": ahead.newest_at.isoformat() if ahead.newest_at else None,
        "newest_row_table": ahead.newest_table or None,
        "changes": [
            {"table": row.table, "now": row.now, "after": row.after, "since": row.written}
            for row in ahead.changed
        ],
        "folders": [asdict(folder) for folder in ahead.folders],
        "loses_nothing": ahead.loses_nothing,
        "unseen": ahead.error_code or None,
    }


def undo_lines(ahead: UndoOutlook) -> Iterator[str]:
    since = timezone.localtime(ahead.since)
    if ahead.loses_nothing:
        yield f"Since {since:%Y-%m-%d %H:%M %Z} nobody has written anything, as far as rows and files tell."
        return
    yield f"Undo would set aside what was written after {since:%Y-%m-%d %H:%M %Z}:"
    if ahead.error_code:
        yield "  the database cannot be read now, so nobody can say how much that is"
    if ahead.newest_at:
        newest = timezone.localtime(ahead.newest_at)
        yield f"  the newest row is of {newest:%Y-%m-%d %H:%M %Z} ({ahead.newest_table})"
    yield from (f"  {_row(row)}" for row in ahead.changed)
    for folder in ahead.folders:
        yield f"  {folder.folder}: {folder.files} files written since ({size(folder.bytes)})"
        yield from (f"    {name}" for name in folder.names)


def _row(row: UndoRow) -> str:
    now = "unreadable" if row.unreadable else _count(row.now)
    since = f", {row.written:+d} since the restore" if row.written else ""
    return f"{row.table}: {now} rows now{since}, {_count(row.after)} after the undo"


def _count(rows: int | None) -> str:
    return "no" if rows is None else str(rows)
