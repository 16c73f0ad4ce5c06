"""From the settings to the folders of files, and order among them after a crash."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from backups.engine import pipeline
from backups.engine.errors import BackupError, Busy, FolderUnfit
from backups.engine.exchange import Settled
from backups.models import Archive, Restore

from .connections import protected_database, restore_server

log = logging.getLogger(__name__)

# What an archive may hold, and a restore may ask for.
DATABASE, FILES, EVERYTHING = "database", "files", "everything"
# What the journal beside the folders says of a change-over that is not over.
OPEN = "open"


def configured() -> tuple[str, ...]:
    return tuple(settings.QPARKIN_FILES)


def present() -> tuple[str, ...]:
    """Those that are there to be backed up; a restore may be about one that is not."""
    return tuple(folder for folder in configured() if Path(folder).is_dir())


def all_hold_something() -> bool:
    return all(Path(folder).is_dir() and any(Path(folder).iterdir()) for folder in configured())


def proposed() -> str:
    """Where files can be looked at in peace: beside the first folder, told apart by the second."""
    ending = f"__look_{timezone.localtime():%Y%m%d_%H%M%S}"
    return f"{configured()[0].rstrip('/')}{ending}" if configured() else ""


def refuse_tangled(into: str) -> None:
    """What is put beside stays beside: apart from the live folders, and from the panel's own."""
    place = Path(into).resolve()
    own = (*configured(), settings.BACKUP_LOCAL_ROOT, str(settings.BASE_DIR), settings.CACHE_FOLDER)
    for other in (Path(folder).resolve() for folder in own if folder):
        if place.is_relative_to(other) or other.is_relative_to(place):
            raise FolderUnfit(
                folder=into, why="it is tangled with a live folder or with one of the panel's own"
            )
    pipeline.refuse_taken(into)


def discard_unfinished(restore: Restore) -> None:
    """What a crash left beside the folder that files were to go into."""
    pipeline.discard_unfinished(restore.folder, mark=restore.id.hex[:12])


def ahead(source: pipeline.Source) -> tuple[pipeline.FolderChanges, ...]:
    return pipeline.files_ahead(source, folders=configured())


def written_since(restore: Restore) -> tuple[pipeline.Written, ...]:
    """Into the folders that a restore brought, after they went live."""
    live = restore.swapped_at or restore.created_at
    return pipeline.files_written_since(
        configured(), restore_id=restore.id.hex[:12], since=int(live.timestamp() * 1_000_000_000)
    )


def scratch() -> str:
    """Where drills unpack; '' stands for beside each folder."""
    return str(settings.QPARKIN_FILES_SCRATCH)


def scratch_for(archive: Archive) -> str:
    """A folder of another machine has no place here, so nothing could be built beside it."""
    known = {os.path.realpath(folder) for folder in configured()}
    if scratch() or all(os.path.realpath(folder["path"]) in known for folder in archive.folders):
        return scratch()
    own = Path(settings.DRILL_FOLDER)
    own.mkdir(parents=True, exist_ok=True, mode=0o700)
    return str(own)


def recover() -> Settled:
    """Finish or take back what a crash broke off. Safe at any time, also while the server is away."""
    tried_out_in = [place for place in (scratch(), settings.DRILL_FOLDER) if place and Path(place).is_dir()]
    looked_at = (*configured(), *(f"{place}/0000" for place in tried_out_in))
    if not looked_at:
        return Settled((), ())
    try:
        server = restore_server()
    except BackupError:
        server = None
    found = pipeline.recover_files(looked_at, server=server)
    for sentence in found.told:
        log.warning("%s", sentence)
    return found


def settle() -> None:
    """Before anything else moves or reads the folders: put in order what broke off, or refuse."""
    if recover().pending:
        raise Busy(system=protected_database())


def fate(mark: str) -> str:
    return pipeline.fate_of_files(configured(), restore_id=mark)


def drop_kept(mark: str) -> tuple[str, ...]:
    return pipeline.drop_kept_files(configured(), restore_id=mark)


def is_of_files(restore: Restore) -> bool:
    return restore.scope in (FILES, EVERYTHING)


def is_of_database(restore: Restore) -> bool:
    return restore.scope != FILES
