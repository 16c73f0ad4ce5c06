"""Whether a folder can be restored in its place at all: looked at before anything is made."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from . import errors
from .confined import shown, text

# What we put behind a name: the longest is that of the journal.
LONGEST_ADDED = len(".restore-0123456789ab.journal") + 1
LONGEST_NAME = 255
MEGABYTE = 1024 * 1024
# Beside what the archive says: folders and small files take up whole blocks.
SPARE_BYTES = 16 * MEGABYTE
MOUNTS = Path("/proc/self/mountinfo")


def refuse_unfit(place: bytes, *, named: bytes = b"") -> None:
    """`named` is how the settings call it, where that may lead there by links."""
    why = next(_obstacles(place), "") or _led_astray(place, named)
    if why:
        raise errors.FolderUnfit(folder=shown(text(place)), why=why)


def _led_astray(place: bytes, named: bytes) -> str:
    """The application may put a link in the way, and have us exchange a folder of ours or of root."""
    there = place if os.path.lexists(place) else os.path.dirname(place)
    ours = {0, os.geteuid()}
    if os.lstat(there).st_uid in ours and any(owner not in ours for owner in _owners_of_links(named)):
        return "a link of another account leads to it; name the folder itself in QPARKIN_FILES"
    return ""


def _owners_of_links(named: bytes) -> Iterator[int]:
    """Of the links on the way, and of those that they lead over."""
    met: set[bytes] = set()
    waiting = [os.path.abspath(named)] if named else []
    while waiting:
        path = waiting.pop()
        parent = os.path.dirname(path)
        if parent != path:
            waiting.append(parent)
        if path not in met and os.path.islink(path):
            yield os.lstat(path).st_uid
            waiting.append(os.path.normpath(os.path.join(parent, os.readlink(path))))
        met.add(path)


def _obstacles(place: bytes) -> Iterator[str]:
    parent, name = os.path.split(place)
    if not name:
        yield "it is the root of the file system"
    if len(name) + LONGEST_ADDED > LONGEST_NAME:
        yield "its name is too long"
    if not os.path.isdir(parent):
        yield "the folder that holds it is not there; make that one first"
        return
    if not os.access(parent, os.W_OK | os.X_OK, effective_ids=True):
        yield "the panel may not write into the folder that holds it"
    if os.path.lexists(place):
        yield from _obstacles_of_what_is_there(place, parent)


def _obstacles_of_what_is_there(place: bytes, parent: bytes) -> Iterator[str]:
    status, around = os.lstat(place), os.stat(parent)
    if not stat.S_ISDIR(status.st_mode):
        yield "it is not a folder"
    if status.st_dev != around.st_dev or any(
        mount == place or mount.startswith(place + b"/") for mount in _mounts()
    ):
        yield "a disk is mounted on it or in it, and cannot be moved aside"
    sticky = around.st_mode & stat.S_ISVTX
    if sticky and os.geteuid() not in (0, status.st_uid, around.st_uid):
        yield "the panel may not move what belongs to another account"


def _mounts() -> Iterator[bytes]:
    if not MOUNTS.exists():
        return
    for line in MOUNTS.read_bytes().splitlines():
        # Blanks and the like stand as \\040 in it.
        yield line.split(b" ")[4].decode("unicode_escape").encode("latin-1")


def refuse_without_room(place: bytes, *, size: int, entries: int) -> None:
    """Before the first byte is written: a full disk would stop the application too."""
    found = os.statvfs(os.path.dirname(place))
    free, needed = found.f_bavail * found.f_frsize, size + entries * found.f_frsize + SPARE_BYTES
    if free < needed or (found.f_files and found.f_favail < entries):
        raise errors.FolderFull(
            folder=shown(text(place)), needed=-(-needed // MEGABYTE), free=free // MEGABYTE
        )
