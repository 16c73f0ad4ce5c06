"""Making one entry anew inside a confined folder, and looking whether it is what it should be."""

from __future__ import annotations

import grp
import hashlib
import os
import pwd
import stat
from collections.abc import Iterator
from functools import lru_cache

from .confined import Confined, LeadsOut, raw
from .entries import FILE, FOLDER, HARD_LINK, SYMLINK, Entry, Run
from .file_reader import BLOCK_BYTES, READ_FLAGS, blocks_of
from .pieces import NotWhole, PieceReader
from .stream import Progress

# O_EXCL: what is there already, a second entry of the same name or a link, is never written through.
CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
PRIVATE = 0o700
SET_ID = stat.S_ISUID | stat.S_ISGID


class FileWriter:
    def __init__(self, place: Confined, progress: Progress) -> None:
        self._place = place
        self._progress = progress
        self.owners_lost = 0

    def make(self, entry: Entry, stream: PieceReader) -> None:
        """What the entry says, private until all is in it; its bytes are taken from the stream."""
        try:
            parent, name = self._place.place(entry.path)
            if entry.kind == FILE:
                self._make_file(entry, parent, name, stream)
            elif entry.kind == FOLDER:
                if name != b".":
                    os.mkdir(name, PRIVATE, dir_fd=parent)
            elif entry.kind == SYMLINK:
                os.symlink(raw(entry.link), name, dir_fd=parent)
                self._give(entry, name, parent)
                os.utime(name, ns=(entry.mtime, entry.mtime), dir_fd=parent, follow_symlinks=False)
            else:
                self._make_hard_link(entry)
        except FileExistsError:
            raise NotWhole("a name comes twice") from None
        except (FileNotFoundError, NotADirectoryError):
            raise LeadsOut("a name that leads out of the folder") from None

    def _make_file(self, entry: Entry, parent: int, name: bytes, stream: PieceReader) -> None:
        file = os.open(name, CREATE, 0o600, dir_fd=parent)
        try:
            found = hashlib.sha256()
            for offset, length in entry.stored:
                os.lseek(file, offset, os.SEEK_SET)
                for block in stream.blocks(length):
                    self._progress.check()
                    found.update(block)
                    _write(file, block)
                    self._progress.advance(len(block))
            if found.hexdigest() != entry.sha256:
                raise NotWhole("a file has other bytes than the index says")
            os.ftruncate(file, entry.size)
            self._give(entry, file)
            os.fchmod(file, kept_mode(entry))
            os.utime(file, ns=(entry.mtime, entry.mtime))
        finally:
            os.close(file)

    def _make_hard_link(self, entry: Entry) -> None:
        source, first = self._place.place(entry.link)
        if not stat.S_ISREG(os.stat(first, dir_fd=source, follow_symlinks=False).st_mode):
            raise LeadsOut("a second name of something that is no file")
        # The way to the second name may close the way to the first.
        source = os.dup(source)
        try:
            parent, name = self._place.place(entry.path)
            os.link(first, name, src_dir_fd=source, dst_dir_fd=parent, follow_symlinks=False)
        finally:
            os.close(source)

    def finish(self, entry: Entry) -> None:
        """The last touch of a folder, when nothing more goes into it."""
        parent, name = self._place.place(entry.path)
        folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
        try:
            self._give(entry, folder)
            os.fchmod(folder, kept_mode(entry))
            os.utime(folder, ns=(entry.mtime, entry.mtime))
        finally:
            os.close(folder)

    def _give(self, entry: Entry, what: int | bytes, parent: int | None = None) -> None:
        """To its owner, by name where the name is known here; who is not root may give nothing away."""
        uid, gid = _uid(entry.owner, entry.uid), _gid(entry.group, entry.gid)
        try:
            os.chown(what, uid, gid, dir_fd=parent, follow_symlinks=isinstance(what, int))
        except PermissionError:
            self.owners_lost += 1


def _write(file: int, block: bytes) -> None:
    rest = memoryview(block)
    while rest:
        rest = rest[os.write(file, rest) :]


def kept_mode(entry: Entry) -> int:
    """Files never run as somebody else after a restore; a folder hands its group on, as it did before."""
    return entry.mode & ~(SET_ID if entry.kind == FILE else stat.S_ISUID)


@lru_cache(maxsize=256)
def _uid(owner: str, number: int) -> int:
    try:
        return pwd.getpwnam(owner).pw_uid if owner else number
    except (KeyError, ValueError):
        return number


@lru_cache(maxsize=256)
def _gid(group: str, number: int) -> int:
    try:
        return grp.getgrnam(group).gr_gid if group else number
    except (KeyError, ValueError):
        return number


KINDS = {FILE: stat.S_ISREG, HARD_LINK: stat.S_ISREG, FOLDER: stat.S_ISDIR, SYMLINK: stat.S_ISLNK}


def differences_of(entry: Entry, place: Confined, progress: Progress) -> Iterator[str]:
    """What stands there read back: kind, permissions, time, size, bytes, holes, and where a link leads."""
    try:
        parent, name = place.place(entry.path)
        status = os.stat(name, dir_fd=parent, follow_symlinks=False)
    except OSError:
        yield "is not there"
        return
    if not KINDS[entry.kind](status.st_mode):
        yield "is of another kind"
        return
    if entry.kind == HARD_LINK:
        source, first = place.place(entry.link)
        if not os.path.samestat(status, os.stat(first, dir_fd=source, follow_symlinks=False)):
            yield "is no second name of the same file"
        return
    if status.st_mtime_ns != entry.mtime:
        yield "has another time"
    if entry.kind == SYMLINK:
        if os.readlink(name, dir_fd=parent) != raw(entry.link):
            yield "leads elsewhere"
        return
    if (stat.S_IMODE(status.st_mode) ^ kept_mode(entry)) & ~_not_ours_to_give(entry):
        yield "has other permissions"
    if entry.kind == FILE:
        yield from _content_differences(entry, name, parent, progress)


def _not_ours_to_give(entry: Entry) -> int:
    """Who is not root cannot hand on a group that is not their own."""
    return stat.S_ISGID if entry.kind == FOLDER and os.geteuid() else 0


def _content_differences(entry: Entry, name: bytes, parent: int, progress: Progress) -> Iterator[str]:
    file = os.open(name, READ_FLAGS, dir_fd=parent)
    try:
        if os.fstat(file).st_size != entry.size:
            yield "has another size"
            return
        found = hashlib.sha256()
        for run in entry.stored:
            for block in blocks_of(file, run):
                progress.check()
                found.update(block)
                progress.advance(len(block))
        if found.hexdigest() != entry.sha256:
            yield "has other bytes"
        if any(_is_filled(file, hole) for hole in _holes(entry)):
            yield "has bytes where there should be none"
    finally:
        os.close(file)


def _holes(entry: Entry) -> Iterator[Run]:
    end = 0
    for offset, length in (*entry.stored, (entry.size, 0)):
        if offset > end:
            yield end, offset - end
        end = offset + length


def _is_filled(file: int, hole: Run) -> bool:
    """Zeros that take up room are as good as a hole."""
    offset, end = hole[0], sum(hole)
    while offset < end:
        try:
            offset = os.lseek(file, offset, os.SEEK_DATA)
        except OSError:
            return False
        if offset < end and os.pread(file, min(BLOCK_BYTES, end - offset), offset).strip(b"\0"):
            return True
        offset += BLOCK_BYTES
    return False
