"""The archive: one ordinary ZIP64 file, members stored, whose every byte follows from its members.

Because nothing in the file is free (no time stamps of the moment, no padding), `check` can walk it and
compare every byte, headers and directory included, with what the seal says; and the place of each
member follows from the seal alone, so a partial restore reads just the members it needs.
"""

from __future__ import annotations

import hashlib
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Protocol

from . import errors
from .zip_directory import open_zip

SEAL = "seal.json"
SEAL_LIMIT = 256 * 1024 * 1024
SMALL = 0xFFFFFFFF
LOCAL = struct.Struct("<4sHHHHHLLLHH")
CENTRAL = struct.Struct("<4sHHHHHHLLLHHHHHLL")
END = struct.Struct("<4sHHHHLLH")
END64 = struct.Struct("<4sQHHLLQQQQ")
LOCATOR = struct.Struct("<4sLQL")
OLD, ZIP64 = 20, 45  # versions needed to extract
UTF8 = 0x800
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, NotImplementedError, RuntimeError,
    OverflowError, OSError,
)  # fmt: skip
UNIX_0600 = (0o100600 << 16) & SMALL


class Sink(Protocol):
    def write(self, block: bytes, /) -> object: ...


class Readable(Protocol):
    """What is read from its first byte to its last."""

    def seek(self, position: int, /) -> int: ...

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Place:
    """A member as it lies in the file."""

    name: str
    size: int
    crc: int
    offset: int


class ArchiveWriter:
    """Writes members one after another; `close` writes the directory. Never seeks."""

    def __init__(self, sink: Sink, created: datetime) -> None:
        self._sink = sink
        self._stamp = _dos_stamp(created)
        self._places: list[Place] = []
        self.size = 0

    def add(self, name: str, content: bytes) -> None:
        if len(content) >= SMALL:
            raise ValueError("a member of an archive is smaller than 4 GiB")
        place = Place(name, len(content), zlib.crc32(content), self.size)
        self._write(_local_header(place, self._stamp))
        self._write(content)
        self._places.append(place)

    def close(self) -> None:
        for block in _directory(self._places, self._stamp, self.size):
            self._write(block)

    def _write(self, block: bytes) -> None:
        self._sink.write(block)
        self.size += len(block)


def offsets(sizes: dict[str, int]) -> Iterator[tuple[str, int]]:
    """Where each member's content begins, from the names and sizes in the order of the file."""
    position = 0
    for name, size in sizes.items():
        position += LOCAL.size + len(name.encode())
        yield name, position
        position += size


def size_of(members: tuple[tuple[str, int], ...], *, seal: int, created: datetime) -> int:
    """How large an archive is, from the (name, size) that its seal tells and the seal's own size."""
    places, position = [], 0
    for name, size in (*members, (SEAL, seal)):
        places.append(Place(name, size, 0, position))
        position += LOCAL.size + len(name.encode()) + size
    return position + sum(map(len, _directory(places, _dos_stamp(created), position)))


def read_seal(file: IO[bytes], *, archive: str) -> bytes:
    """The seal's bytes, found by the directory alone; nothing else is looked at yet."""
    try:
        with open_zip(file, most=SEAL_LIMIT) as found:
            if found.getinfo(SEAL).file_size > SEAL_LIMIT:
                raise errors.ArchiveDamaged(archive=archive, what="its seal is too large")
            return found.read(SEAL)
    except KeyError:
        raise errors.SealBroken(archive=archive, what="it has none") from None
    except UNREADABLE:
        raise errors.ArchiveDamaged(archive=archive, what="it is cut off or not an archive") from None


def check(
    file: Readable,
    *,
    archive: str,
    created: datetime,
    members: tuple[tuple[str, int, str], ...],
    seal: bytes,
    on_member: Callable[[str, bytes], None],
) -> None:
    """Read the file from its first to its last byte and compare each with what the seal says.

    `members` is (name, size, SHA-256) in the order of the file. `on_member` is told of each one that holds.
    """
    sealed = (SEAL, len(seal), hashlib.sha256(seal).hexdigest())
    stamp, places, position = _dos_stamp(created), [], 0
    file.seek(0)
    for name, size, sha256 in (*members, sealed):
        header = file.read(LOCAL.size + len(name.encode()))
        content = file.read(size)
        place = Place(name, size, zlib.crc32(content), position)
        if hashlib.sha256(content).hexdigest() != sha256 or header != _local_header(place, stamp):
            raise errors.ArchiveDamaged(archive=archive, what=name)
        places.append(place)
        position += len(header) + size
        on_member(name, content)
    directory = b"".join(_directory(places, stamp, position))
    if file.read(len(directory) + 1) != directory:
        raise errors.ArchiveDamaged(archive=archive, what="its directory")


def _dos_stamp(moment: datetime) -> tuple[int, int]:
    """(time, date) as ZIP keeps them: two-second steps from 1980 on."""
    date = ((moment.year - 1980) << 9) | (moment.month << 5) | moment.day
    return (moment.hour << 11) | (moment.minute << 5) | (moment.second // 2), date


def _local_header(place: Place, stamp: tuple[int, int]) -> bytes:
    name = place.name.encode()
    return LOCAL.pack(b"PK\3\4", OLD, UTF8, 0, *stamp, place.crc, place.size, place.size, len(name), 0) + name


def _directory(places: list[Place], stamp: tuple[int, int], start: int) -> Iterator[bytes]:
    size = 0
    for place in places:
        entry = _central_header(place, stamp)
        size += len(entry)
        yield entry
    count = len(places)
    if start >= SMALL or size >= SMALL or count >= 0xFFFF:
        yield END64.pack(b"PK\6\6", END64.size - 12, (3 << 8) | ZIP64, ZIP64, 0, 0, count, count, size, start)
        yield LOCATOR.pack(b"PK\6\7", 0, start + size, 1)
    few = min(count, 0xFFFF)
    yield END.pack(b"PK\5\6", 0, 0, few, few, min(size, SMALL), min(start, SMALL), 0)


def _central_header(place: Place, stamp: tuple[int, int]) -> bytes:
    name = place.name.encode()
    far = place.offset >= SMALL
    extra = struct.pack("<HHQ", 1, 8, place.offset) if far else b""
    needed = ZIP64 if far else OLD
    return (
        CENTRAL.pack(
            b"PK\1\2", (3 << 8) | needed, needed, UTF8, 0, *stamp, place.crc, place.size, place.size,
            len(name), len(extra), 0, 0, 0, UNIX_0600, min(place.offset, SMALL),
        )
        + name + extra
    )  # fmt: skip
