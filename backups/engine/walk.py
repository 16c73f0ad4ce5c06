"""All that one folder holds, met one by one: no link is followed, only the way down is kept in memory."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from . import errors
from .confined import FOLDER_FLAGS, shown, text


@dataclass(frozen=True, slots=True)
class Found:
    """Something in the folder `parent`, which is open as long as this one is looked at."""

    path: str
    parent: int
    name: bytes
    status: os.stat_result


@dataclass(frozen=True, slots=True)
class _Level:
    prefix: bytes
    folder: int
    listing: Any  # what os.scandir gives; its type has no public name

    def close(self) -> None:
        self.listing.close()
        os.close(self.folder)


def walk(top: int, *, gone: Callable[[str], None]) -> Iterator[Found]:
    """Parents before what is in them. `gone` is told of what vanished while we looked."""
    levels = [_level(b"", os.dup(top))]
    try:
        while levels:
            entry = next(levels[-1].listing, None)
            if entry is None:
                levels.pop().close()
                continue
            level, name = levels[-1], os.fsencode(entry.name)
            path = text(level.prefix + name)
            with told_of(path):
                try:
                    found, below = _look(path, level.folder, name)
                except FileNotFoundError:
                    gone(path)
                    continue
            if below is not None:
                levels.append(_level(level.prefix + name + b"/", below))
            yield found
    finally:
        for level in levels:
            level.close()


def _level(prefix: bytes, folder: int) -> _Level:
    try:
        return _Level(prefix, folder, os.scandir(folder))
    except BaseException:
        os.close(folder)
        raise


def _look(path: str, parent: int, name: bytes) -> tuple[Found, int | None]:
    """What it is, and where it is a folder, that folder open."""
    status = os.stat(name, dir_fd=parent, follow_symlinks=False)
    if not stat.S_ISDIR(status.st_mode):
        return Found(path, parent, name, status), None
    try:
        below = os.open(name, FOLDER_FLAGS, dir_fd=parent)
    except NotADirectoryError:
        # It was a folder a moment ago; what it is now is met as that.
        return Found(path, parent, name, os.stat(name, dir_fd=parent, follow_symlinks=False)), None
    return Found(path, parent, name, os.fstat(below)), below


@contextmanager
def told_of(path: str) -> Iterator[None]:
    """What cannot be read fails the backup by name: leaving it out would be a loss that nobody hears of."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise errors.FileUnreadable(path=shown(path), reason=error.strerror or "no reason given") from None
