"""What stands where beside a live folder, and whether anybody wrote into it since."""

from __future__ import annotations

import os
import shutil
import time

COARSE = 5  # CLOCK_REALTIME_COARSE
TICK_SECONDS = 0.001


def inode_of(path: bytes) -> int | None:
    try:
        return os.lstat(path).st_ino
    except FileNotFoundError:
        return None


def remove(folder: bytes) -> None:
    """All of it, also where its own permissions stand in the way."""
    if inode_of(folder) is None:
        return
    if os.path.islink(folder):
        # Somebody put it there: it goes, and what it leads to stays as it is.
        os.unlink(folder)
        return
    shutil.rmtree(folder, ignore_errors=True)
    if inode_of(folder) is not None:
        # By their handles: by its name, one could become a link to elsewhere meanwhile.
        for _, _, _, place in os.fwalk(folder):
            os.fchmod(place, 0o700)
        shutil.rmtree(folder)


def next_tick() -> int:
    """A moment after all that was written until now, and before all that will be written.

    File systems stamp by the exact clock or by a coarse one that lags behind: this waits for the latter.
    """
    moment = time.time_ns()
    while time.clock_gettime_ns(COARSE) <= moment:
        time.sleep(TICK_SECONDS)
    return moment


def is_touched(folder: bytes, since: int) -> bool:
    # The rename itself changed the folder's own ctime.
    if os.lstat(folder).st_mtime_ns > since:
        return True
    for place, _, names in os.walk(folder):
        if place != folder and os.lstat(place).st_ctime_ns > since:
            return True
        if any(os.lstat(os.path.join(place, name)).st_ctime_ns > since for name in names):
            return True
    return False


def sync(folder: bytes) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
