"""Reading one entry of a live folder, which may change under our hands: what is read is whole or told of."""

from __future__ import annotations

import errno
import grp
import os
import posixpath
import pwd
import stat
from collections.abc import Iterator
from functools import lru_cache

from .confined import raw, text
from .entries import FILE, FOLDER, SYMLINK, Entry, Run
from .walk import Found

READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
BLOCK_BYTES = 1024 * 1024
# A file with more runs than this is kept with its smallest holes filled.
MOST_RUNS = 10_000
SECTOR = 512


def entry_of(path: str, status: os.stat_result, *, at: int, link: str = "") -> Entry:
    """The entry without its content."""
    kind = FOLDER if stat.S_ISDIR(status.st_mode) else SYMLINK if stat.S_ISLNK(status.st_mode) else FILE
    return Entry(
        path=path,
        kind=kind,
        mode=stat.S_IMODE(status.st_mode),
        uid=status.st_uid,
        gid=status.st_gid,
        owner=_owner(status.st_uid),
        group=_group(status.st_gid),
        mtime=status.st_mtime_ns,
        at=at,
        link=link,
    )


@lru_cache(maxsize=256)
def _owner(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return ""


@lru_cache(maxsize=256)
def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return ""


def open_file(found: Found) -> int | None:
    """The file, open; None where it is none any more: a link, a pipe or a folder took its place."""
    try:
        file = os.open(found.name, READ_FLAGS, dir_fd=found.parent)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            return None
        raise
    if stat.S_ISREG(os.fstat(file).st_mode):
        return file
    os.close(file)
    return None


def runs_of(file: int, status: os.stat_result) -> tuple[Run, ...] | None:
    """Where a file with holes has bytes; None where it has no holes."""
    if status.st_blocks * SECTOR >= status.st_size:
        return None
    runs = tuple(_runs(file, status.st_size))
    if runs == ((0, status.st_size),):
        return None
    least = 4096
    while len(runs) > MOST_RUNS:
        runs, least = _joined(runs, least), least * 2
    return runs


def _runs(file: int, size: int) -> Iterator[Run]:
    end = 0
    while end < size:
        try:
            begin = os.lseek(file, end, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return
            raise
        end = min(os.lseek(file, begin, os.SEEK_HOLE), size)
        if begin < end:
            yield begin, end - begin


def _joined(runs: tuple[Run, ...], least: int) -> tuple[Run, ...]:
    """Runs with holes smaller than `least` between them become one."""
    joined = [runs[0]]
    for offset, length in runs[1:]:
        before, held = joined[-1]
        if offset - before - held < least:
            joined[-1] = (before, offset + length - before)
        else:
            joined.append((offset, length))
    return tuple(joined)


def blocks_of(file: int, run: Run) -> Iterator[bytes]:
    """Exactly as many bytes as the run has; what was cut off meanwhile is zeros, as in a hole."""
    offset, left = run
    while left:
        block = os.pread(file, min(left, BLOCK_BYTES), offset)
        # The header that says how many there are is written already.
        block = block or bytes(min(left, BLOCK_BYTES))
        yield block
        offset, left = offset + len(block), left - len(block)


def has_changed(file: int, before: os.stat_result) -> bool:
    now = os.fstat(file)
    return (now.st_size, now.st_mtime_ns, now.st_ctime_ns) != (
        before.st_size,
        before.st_mtime_ns,
        before.st_ctime_ns,
    )


def link_text(found: Found) -> str:
    return text(os.readlink(found.name, dir_fd=found.parent))


def leads_out(folder: str, path: str, link: str) -> bool:
    """Whether a symlink names something that is not in the folder, as far as names tell."""
    top = posixpath.normpath(raw(folder))
    target = posixpath.normpath(posixpath.join(top, posixpath.dirname(raw(path)), raw(link)))
    return target != top and not target.startswith(top + b"/")
