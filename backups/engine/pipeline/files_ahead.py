"""What a restore of files, or its undo, would change in the live folders. Nothing is touched."""

from __future__ import annotations

import os
from collections.abc import Sequence

from backups.engine import exchange
from backups.engine.confined import text
from backups.engine.folder_changes import FolderChanges, Written, folder_changes, written_since
from backups.engine.folder_index import entries_of

from .folders import wanted_folders
from .keys import Source
from .open_archive import opened

__all__ = ["FolderChanges", "Written", "files_ahead", "files_written_since"]


def files_ahead(source: Source, *, folders: Sequence[str]) -> tuple[FolderChanges, ...]:
    """Folder by folder: what comes back, what changes and what goes, by the archive's index alone."""
    with opened(source) as found:
        return tuple(
            folder_changes(folder.path, entries_of(folder, found.text))
            for folder in wanted_folders(found.manifest(), folders)
        )


def files_written_since(folders: Sequence[str], *, restore_id: str, since: int) -> tuple[Written, ...]:
    """What undoing a restore of files would put aside: written after the folders changed over."""
    with exchange.resumed(folders, restore_id) as act:
        if act is None:
            return ()
        return tuple(
            written_since(text(spot.path), _moment(spot.beside("before"), since)) for spot in act.spots
        )


def _moment(kept: bytes, since: int) -> int:
    """The rename that put the old folder aside is the change-over itself."""
    try:
        return os.lstat(kept).st_ctime_ns
    except FileNotFoundError:
        return since
