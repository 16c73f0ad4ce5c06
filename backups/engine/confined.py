"""Reaching things inside one folder, step by step from its top: no name and no link leads out of it."""

from __future__ import annotations

import os
from types import TracebackType

from .entries import TOP

FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class LeadsOut(ValueError):
    """A path that is not one below the folder."""


def raw(path: str) -> bytes:
    """A path of an entry as the file system has it, whatever the locale says."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise LeadsOut("a name that no file can have") from None


def text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


def shown(path: str) -> str:
    """For people: what cannot be printed, or would break a line, is escaped."""
    readable = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in readable)


def parts_of(path: str) -> tuple[bytes, ...]:
    """The names from the top down; refuses `..`, absolute paths, and other spellings of the same place."""
    if path == TOP:
        return ()
    parts = tuple(raw(path).split(b"/"))
    if any(part in (b"", b".", b"..") or b"\0" in part for part in parts):
        raise LeadsOut("a name that leads out of the folder")
    return parts


class Confined:
    """A folder, open. The last parent stays open, since entries of one folder follow one another."""

    def __init__(self, folder: bytes) -> None:
        self.top = os.open(folder, FOLDER_FLAGS)
        self._parent: tuple[tuple[bytes, ...], int] = ((), os.dup(self.top))

    def __enter__(self) -> Confined:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._parent[1])
        os.close(self.top)

    def place(self, path: str) -> tuple[int, bytes]:
        """(open parent folder, name in it); the top is `.` in itself."""
        parts = parts_of(path)
        if not parts:
            return self.top, b"."
        self._enter(parts[:-1])
        return self._parent[1], parts[-1]

    def _enter(self, folders: tuple[bytes, ...]) -> None:
        if folders == self._parent[0]:
            return
        known = self._parent[0]
        below = bool(known) and folders[: len(known)] == known
        reached = os.dup(self._parent[1] if below else self.top)
        try:
            for name in folders[len(known) :] if below else folders:
                # O_NOFOLLOW at every step: a link in the way is refused by the kernel, not by us.
                step = os.open(name, FOLDER_FLAGS, dir_fd=reached)
                os.close(reached)
                reached = step
        except BaseException:
            os.close(reached)
            raise
        os.close(self._parent[1])
        self._parent = (folders, reached)
