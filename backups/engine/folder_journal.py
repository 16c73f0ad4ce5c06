"""The journal of a change-over of folders: a file beside the first of them, locked while somebody is at it.

Lines are only ever added. A crash releases the lock, and whoever then finds the journal can finish the
change-over or take it back from what stands on the disk.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, cast

from .confined import raw, text
from .folder_trust import is_ours, may_be_a_colleagues
from .plain import build

BUILDING, MOVING, DONE, UNDOING, UNDONE = "building", "moving", "done", "undoing", "undone"
NAME = re.compile(rb"^\.(.+)\.(restore|drill)-([0-9a-f]{12})\.journal$", re.DOTALL)
FLAGS = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class FolderPlan:
    """What is restored at once: folders, and with them the database `database`, or '' for files alone."""

    mark: str
    kind: str  # restore or drill
    database: str
    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """Of one folder, by the numbers of the folders' inodes: what becomes live, what goes aside."""

    live: int | None
    aside: int | None


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    moves: tuple[Move, ...] = ()
    since: int = 0  # from when on a change to what is live was not ours


class Held(Exception):
    """Somebody is at it, it has just gone, or it is none of ours."""


class FolderJournal:
    def __init__(self, path: bytes, file: int, plan: FolderPlan, step: Step) -> None:
        self.path, self.plan, self.step = path, plan, step
        self._file = file

    @classmethod
    def create(cls, path: bytes, plan: FolderPlan) -> FolderJournal:
        file = os.open(path, FLAGS | os.O_CREAT | os.O_EXCL, 0o600)
        journal = cls(path, file, plan, Step(BUILDING))
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            append(file, asdict(plan))
            _sync_folder(path)
        except BaseException:
            journal.close()
            os.unlink(path)
            raise
        return journal

    @classmethod
    def open(cls, path: bytes, *, within: Sequence[str] = ()) -> FolderJournal | None:
        """None where its first line was never whole, so that nothing had begun; raises Held.

        One that root finds and another account wrote counts only `within` these folders.
        """
        try:
            file = os.open(path, FLAGS)
        except OSError:
            raise Held from None
        try:
            _take(file)
            lines = _whole_lines(file)
            if not lines:
                os.unlink(path)
                os.close(file)
                return None
            found = cls(path, file, *_told(lines))
            if not is_ours(os.fstat(file)) and not found.keeps_within(within):
                raise Held
        except BaseException:
            os.close(file)
            raise
        return found

    def keeps_within(self, folders: Sequence[str]) -> bool:
        """Whether it speaks of these folders alone, and of what stands beside them by its own mark."""
        plan, known = self.plan, {real(folder) for folder in folders}
        return (
            bool(plan.folders)
            and {raw(folder) for folder in plan.folders} <= known
            and journal_path(raw(plan.folders[0]), plan.kind, plan.mark) == self.path
        )

    def note(self, step: Step) -> None:
        append(self._file, asdict(step))
        self.step = step

    def close(self) -> None:
        os.close(self._file)

    def forget(self) -> None:
        os.unlink(self.path)
        _sync_folder(self.path)


def append(file: int, line: dict[str, Any]) -> None:
    """Whole or not at all: half a line that nobody noticed would be taken for a step that was never begun."""
    end = os.lseek(file, 0, os.SEEK_END)
    rest = memoryview(json.dumps(line).encode("ascii") + b"\n")
    try:
        while rest:
            rest = rest[os.write(file, rest) :]
        os.fsync(file)
    except OSError:
        with suppress(OSError):
            os.ftruncate(file, end)
        raise


def journals_beside(folders: Sequence[str], *, colleagues: bool = False) -> Iterator[bytes]:
    """Our journals in the parents of these folders, of any of them; for root also `colleagues`' ones."""
    parents = dict.fromkeys(os.path.dirname(real(folder)) for folder in folders)
    names = {os.path.basename(real(folder)) for folder in folders}
    for parent in parents:
        for name in _listed(parent):
            found, path = NAME.match(name), os.path.join(parent, name)
            if found and found[1] in names and _lies_there(path, colleagues=colleagues):
                yield path


def _listed(parent: bytes) -> list[bytes]:
    try:
        return sorted(os.listdir(parent))
    except OSError:
        return []


def _lies_there(path: bytes, *, colleagues: bool) -> bool:
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return is_ours(status) or (colleagues and may_be_a_colleagues(status))


def _told(lines: list[Any]) -> tuple[FolderPlan, Step]:
    plan = cast(FolderPlan, build(FolderPlan, lines[0]))
    return plan, cast(Step, build(Step, lines[-1])) if lines[1:] else Step(BUILDING)


def journal_path(folder: bytes, kind: str, mark: str) -> bytes:
    parent, name = os.path.split(folder)
    return os.path.join(parent, b"." + beside(name, kind, mark) + b".journal")


def beside(folder: bytes, kind: str, mark: str) -> bytes:
    """The name of what we keep beside a folder, e.g. uploads.before-1a2b3c4d5e6f."""
    return folder + f".{kind}-{mark}".encode()


def real(folder: str) -> bytes:
    """Where a folder of the settings lies; it may be a link to the folder."""
    return os.path.realpath(raw(folder))


def named(folder: bytes) -> str:
    return text(folder)


def _take(file: int) -> None:
    status = os.fstat(file)
    if not (is_ours(status) or may_be_a_colleagues(status)):
        raise Held
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Held from None
    if os.fstat(file).st_nlink == 0:
        raise Held


def _whole_lines(file: int) -> list[Any]:
    """What was cut off in the middle of a line was not yet done, and goes."""
    content = os.pread(file, os.fstat(file).st_size, 0)
    whole = content[: content.rfind(b"\n") + 1]
    os.ftruncate(file, len(whole))
    return [json.loads(line) for line in whole.splitlines()]


def _sync_folder(path: bytes) -> None:
    folder = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
