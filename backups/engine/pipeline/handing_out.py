"""An archive as one file, byte for byte as it was sealed, whichever of its copies the bytes come from.

Nothing in the file is free, so it follows from the members and the seal: each member is compared with the
seal before it is handed out, and what one copy does not give comes from the next at the very same place.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from backups.engine.archive import SEAL, ArchiveWriter, size_of

from .keys import Source
from .open_archive import OpenArchive, opened


@dataclass(frozen=True, slots=True)
class HandedOut:
    """`blocks` end after `size` bytes, or with an error; they are never anything but the archive."""

    size: int
    blocks: Iterator[bytes]


@contextmanager
def handed_out(source: Source) -> Iterator[HandedOut]:
    with opened(source) as found:
        sizes = tuple((member.name, member.size) for member in found.seal.members)
        size = size_of(sizes, seal=len(found.seal_text), created=found.seal.created)
        yield HandedOut(size, _blocks(found))


class _Tray:
    """What was written since it was last emptied."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []

    def write(self, block: bytes, /) -> None:
        self._blocks.append(block)

    def taken(self) -> list[bytes]:
        taken, self._blocks = self._blocks, []
        return taken


def _blocks(found: OpenArchive) -> Iterator[bytes]:
    tray = _Tray()
    writer = ArchiveWriter(tray, found.seal.created)
    for member in found.seal.members:
        writer.add(member.name, found.sealed(member.name))
        yield from tray.taken()
    writer.add(SEAL, found.seal_text)
    writer.close()
    yield from tray.taken()
