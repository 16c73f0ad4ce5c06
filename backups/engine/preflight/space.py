"""Room on the server: what the archive will need there, and what is free as far as anybody can tell."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

from backups.engine.database import one, rows
from backups.engine.errors import ServerRefused

from .values import Check, Subject, blocked, passed, warned

# An estimate on the safe side: pages are never full, and indexes come on top.
GROWTH = 3
# What a server needs for its own files, however little there is to restore.
AT_LEAST = 64 * 1024 * 1024
SIZE = (
    "SELECT COALESCE(SUM(DATA_LENGTH + INDEX_LENGTH), 0) FROM information_schema.tables "
    "WHERE TABLE_SCHEMA = %s"
)
DISKS = "SELECT Path, Available FROM information_schema.DISKS"


@dataclass(frozen=True, slots=True)
class Room:
    needed: int
    live: int  # what the live database takes now, which is kept aside after a swap
    free: int | None


def measure(subject: Subject) -> Room:
    live = int(one(subject.connection, SIZE, (subject.live,))[0])
    needed = max(subject.text_bytes * GROWTH, AT_LEAST)
    return Room(needed, live, free_bytes(subject))


def room(subject: Subject) -> Check:
    found = measure(subject)
    if found.free is None:
        return warned("space", "space_unknown", mend="look_at_disk", needed=found.needed)
    if found.free < subject.text_bytes:
        return blocked("space", "space_lacking", mend="make_room", needed=found.needed, free=found.free)
    if found.free < found.needed:
        return warned("space", "space_tight", mend="make_room", needed=found.needed, free=found.free)
    return passed("space", "space_enough", needed=found.needed, free=found.free)


def undo_room(subject: Subject) -> Check:
    """What is live now is moved aside, not copied; but it stays for as long as it can be undone."""
    if not subject.over_live:
        return passed("undo_space", "nothing_aside")
    return passed("undo_space", "kept_aside", bytes=measure(subject).live)


def free_bytes(subject: Subject) -> int | None:
    """Free room where the server keeps its data; None where nobody here can tell."""
    folder, host = one(subject.connection, "SELECT @@datadir, @@hostname")
    if subject.same_machine and str(host) == socket.gethostname():
        try:
            seen = os.statvfs(str(folder))
        except OSError:
            pass
        else:
            return seen.f_bavail * seen.f_frsize
    return _told_by_the_server(subject, str(folder))


def _told_by_the_server(subject: Subject, folder: str) -> int | None:
    """Where the plugin DISKS is installed: of the disks that hold the folder, the innermost."""
    try:
        disks = {str(path): int(free) * 1024 for path, free in rows(subject.connection, DISKS)}
    except ServerRefused:
        return None
    holding = [path for path in disks if folder.startswith(path.rstrip("/") + "/")]
    return disks[max(holding, key=len)] if holding else None
