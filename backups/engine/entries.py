"""One entry of a folder of files: as a value, and as a line of the index that goes beside the tar stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any, cast

FOLDER, FILE, SYMLINK, HARD_LINK = "folder", "file", "symlink", "hardlink"
KINDS = {FOLDER, FILE, SYMLINK, HARD_LINK}
# The folder itself, as tar calls it.
TOP = "."
EVERY_BIT = 0o7777
LARGEST, LARGEST_ID = 2**63 - 1, 2**32 - 2

Run = tuple[int, int]  # (offset, length) of bytes of a file that are there; between runs are holes


class NotAnEntry(ValueError):
    """A line of an index that this version did not write."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Bytes of names that are not UTF-8 ride along as lone surrogates, as everywhere in a manifest."""

    path: str  # within the folder; TOP is the folder itself
    kind: str
    mode: int  # permission bits, all twelve
    uid: int
    gid: int
    owner: str  # '' where the number has no name
    group: str
    mtime: int  # nanoseconds since 1970
    at: int  # where its header begins in the tar stream
    size: int = 0  # of a file, its holes counted
    runs: tuple[Run, ...] | None = None  # of a file with holes
    sha256: str = ""  # of the bytes that are stored
    link: str = ""  # what a symlink says; of a hard link the path of its first name

    @property
    def stored(self) -> tuple[Run, ...]:
        """The runs of bytes that the stream holds."""
        if self.kind != FILE:
            return ()
        return ((0, self.size),) if self.runs is None else self.runs

    @property
    def stored_bytes(self) -> int:
        return sum(length for _, length in self.stored)


DEFAULTS = {field.name: field.default for field in fields(Entry)}
NUMBERS = ("mode", "uid", "gid", "at", "size")
TEXTS = ("path", "kind", "owner", "group", "sha256", "link")


def to_line(entry: Entry) -> bytes:
    told = {name: value for name, value in asdict(entry).items() if value != DEFAULTS[name]}
    return json.dumps(told, separators=(",", ":")).encode("ascii") + b"\n"


def from_lines(text: bytes) -> Iterator[Entry]:
    """The inverse of `to_line`, for many; whatever does not have its exact shape is refused."""
    for line in text.splitlines():
        try:
            told = json.loads(line)
            if told.get("runs") is not None:
                told["runs"] = tuple((offset, length) for offset, length in told["runs"])
            entry = Entry(**told)
        except (ValueError, TypeError, AttributeError):
            raise NotAnEntry("a line of the index is not an entry") from None
        if not _is_sound(entry) or to_line(entry) != line + b"\n":
            raise NotAnEntry("a line of the index is not an entry")
        yield entry


def _is_sound(entry: Entry) -> bool:
    numbers = [cast(Any, getattr(entry, name)) for name in NUMBERS]
    texts = [getattr(entry, name) for name in TEXTS]
    return (
        entry.kind in KINDS
        and all(isinstance(text, str) and _can_be_named(text) for text in texts)
        and all(isinstance(number, int) and 0 <= number <= LARGEST for number in numbers)
        and isinstance(entry.mtime, int)
        and abs(entry.mtime) <= LARGEST
        and max(entry.uid, entry.gid) <= LARGEST_ID
        and entry.mode <= EVERY_BIT
        and _are_in_order(entry)
    )


def _can_be_named(text: str) -> bool:
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def _are_in_order(entry: Entry) -> bool:
    """Runs that touch, overlap or leave the file would be written twice, or beyond its end."""
    if entry.runs is None:
        return True
    end = -1
    for offset, length in entry.runs:
        if not (isinstance(offset, int) and isinstance(length, int)) or length <= 0 or offset <= end:
            return False
        end = offset + length
    return entry.kind == FILE and end <= entry.size
