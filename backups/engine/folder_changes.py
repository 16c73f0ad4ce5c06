"""Two states of a folder set side by side: what would come back, what would change, what would go."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .confined import FOLDER_FLAGS, Confined, LeadsOut, raw, shown
from .entries import FILE, FOLDER, HARD_LINK, SYMLINK, Entry
from .walk import walk

MOST_NAMED = 20
# Of more entries than these only the numbers are told: to name what goes, all that stays must be remembered.
MOST_REMEMBERED = 200_000
COMES_BACK, CHANGES, GOES = "comes_back", "changes", "goes"


@dataclass(frozen=True, slots=True)
class Counted:
    files: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class FolderChanges:
    """Files and links; `changes` has the bytes that come, `goes` those that are there now."""

    folder: str
    comes_back: Counted
    changes: Counted
    goes: Counted
    same: int
    names: tuple[tuple[str, str], ...]  # (comes_back, changes or goes; path), the first of each
    there: bool = True  # the folder itself


class _Tally:
    def __init__(self) -> None:
        self.files = {COMES_BACK: 0, CHANGES: 0, GOES: 0}
        self.bytes = {COMES_BACK: 0, CHANGES: 0, GOES: 0}
        self.names: list[tuple[str, str]] = []
        self.same = 0

    def add(self, what: str, path: str, size: int) -> None:
        self.files[what] += 1
        self.bytes[what] += size
        if sum(1 for kind, _ in self.names if kind == what) < MOST_NAMED:
            self.names.append((what, shown(path)))

    def counted(self, what: str) -> Counted:
        return Counted(self.files[what], self.bytes[what])


def folder_changes(folder: str, entries: Iterable[Entry]) -> FolderChanges:
    """`entries` in place of what lies in `folder` now; looked at by size and time, not byte by byte."""
    told, known = _Tally(), set[str]()
    top = os.path.realpath(raw(folder))
    if not os.path.isdir(top):
        for entry in entries:
            if entry.kind != FOLDER:
                told.add(COMES_BACK, entry.path, entry.size)
        return _made(folder, told, there=False)
    met, matched = 0, 0
    with Confined(top) as place:
        for entry in entries:
            met += 1
            if met <= MOST_REMEMBERED:
                known.add(entry.path)
            matched += _compare(entry, place, told)
        _count_what_goes(top, told, known if met <= MOST_REMEMBERED else None, matched)
    return _made(folder, told, there=True)


def _made(folder: str, told: _Tally, *, there: bool) -> FolderChanges:
    return FolderChanges(
        shown(folder),
        told.counted(COMES_BACK),
        told.counted(CHANGES),
        told.counted(GOES),
        told.same,
        tuple(told.names),
        there,
    )


def _compare(entry: Entry, place: Confined, told: _Tally) -> int:
    """Whether something of that name is there; of folders only that counts."""
    try:
        parent, name = place.place(entry.path)
        status = os.stat(name, dir_fd=parent, follow_symlinks=False)
    except (OSError, LeadsOut):
        if entry.kind != FOLDER:
            told.add(COMES_BACK, entry.path, entry.size)
        return 0
    if entry.kind == FOLDER:
        return 0
    if stat.S_ISDIR(status.st_mode):
        told.add(COMES_BACK, entry.path, entry.size)
        return 0
    if _is_same(entry, status):
        told.same += 1
    else:
        told.add(CHANGES, entry.path, entry.size)
    return 1


def _is_same(entry: Entry, status: os.stat_result) -> bool:
    if entry.kind == SYMLINK:
        return stat.S_ISLNK(status.st_mode) and entry.mtime == status.st_mtime_ns
    if not stat.S_ISREG(status.st_mode) or entry.mtime != status.st_mtime_ns:
        return False
    # The size of a further name stands with the first one.
    return entry.kind == HARD_LINK or (entry.kind == FILE and entry.size == status.st_size)


def _count_what_goes(top: bytes, told: _Tally, known: set[str] | None, matched: int) -> None:
    present = 0
    for path, status in _files_in(top):
        present += 1
        if known is not None and path not in known:
            told.add(GOES, path, status.st_size)
    if known is None:
        told.files[GOES] = max(0, present - matched)


def _files_in(top: bytes) -> Iterator[tuple[str, os.stat_result]]:
    handle = os.open(top, FOLDER_FLAGS)
    try:
        for found in walk(handle, gone=lambda _: None):
            if not stat.S_ISDIR(found.status.st_mode):
                yield found.path, found.status
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class Written:
    """What was put into a folder, or written anew in it, after a moment."""

    folder: str
    files: int
    bytes: int
    names: tuple[str, ...]


def written_since(folder: str, since: int) -> Written:
    """`since` in nanoseconds since 1970; by the time of the last change, which nobody can set back."""
    files = size = 0
    names: list[str] = []
    top = os.path.realpath(raw(folder))
    for path, status in _files_in(top) if os.path.isdir(top) else ():
        if status.st_ctime_ns > since:
            files, size = files + 1, size + status.st_size
            names += [shown(path)] if len(names) < MOST_NAMED else []
    return Written(shown(folder), files, size, tuple(names))
