"""How much room the disk below a folder has; a bucket does not say."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from backups.engine.storage import ArchiveStorage, LocalStorage


@dataclass(frozen=True, slots=True)
class Room:
    """`disk` tells which disk it is: two storages on one of them fill it together."""

    disk: int
    free: int


def of(storage: ArchiveStorage) -> Room | None:
    """None where nobody can say. A folder that is not there may be a disk that is not mounted."""
    if not isinstance(storage, LocalStorage):
        return None
    try:
        return Room(storage.root.stat().st_dev, shutil.disk_usage(storage.root).free)
    except OSError:
        return None
