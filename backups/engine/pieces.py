"""A long run of bytes cut into members of a few MiB, and read again as one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import count

from .manifest import Piece

PIECE_BYTES = 4 * 1024 * 1024

Pack = Callable[[bytes], bytes]
Put = Callable[[str, bytes], None]
Fetch = Callable[[str, int], bytes]


class NotWhole(ValueError):
    """Fewer or other bytes than the manifest says."""


class PieceWriter:
    """`name` holds {number}; each full piece is packed and put at once, so memory holds one."""

    def __init__(self, name: str, *, pack: Pack, put: Put) -> None:
        self._name, self._pack, self._put = name, pack, put
        self._numbers = count(1)
        self._waiting = bytearray()
        self.pieces: list[Piece] = []
        self.position = 0

    def write(self, block: bytes) -> None:
        self._waiting += block
        self.position += len(block)
        while len(self._waiting) >= PIECE_BYTES:
            self._emit(bytes(self._waiting[:PIECE_BYTES]))
            del self._waiting[:PIECE_BYTES]

    def close(self) -> tuple[Piece, ...]:
        if self._waiting:
            self._emit(bytes(self._waiting))
            self._waiting.clear()
        return tuple(self.pieces)

    def _emit(self, content: bytes) -> None:
        member = self._name.format(number=f"{next(self._numbers):06d}")
        self._put(member, self._pack(content))
        self.pieces.append(Piece(member, len(content), hashlib.sha256(content).hexdigest()))


class PieceReader:
    """The inverse: reads exactly what is asked for, or says that it is not there."""

    def __init__(self, pieces: Iterable[Piece], fetch: Fetch) -> None:
        self._contents = contents(pieces, fetch)
        self._rest = b""
        self._from = 0
        self.position = 0

    def read(self, size: int) -> bytes:
        """Only for small sizes; `blocks` is for what may be large."""
        return b"".join(self.blocks(size))

    def blocks(self, size: int) -> Iterator[bytes]:
        while size:
            if self._from >= len(self._rest):
                self._rest, self._from = next(self._contents, b""), 0
                if not self._rest:
                    raise NotWhole("it ends too early")
            block = self._rest[self._from : self._from + size]
            self._from += len(block)
            self.position += len(block)
            size -= len(block)
            yield block

    @property
    def at_end(self) -> bool:
        return self._from >= len(self._rest) and not next(self._contents, b"")


def contents(pieces: Iterable[Piece], fetch: Fetch) -> Iterator[bytes]:
    """Each piece, no larger than we cut them: a bomb is not unpacked to see how large it is."""
    for piece in pieces:
        if not 0 < piece.bytes <= PIECE_BYTES:
            raise NotWhole("a piece has a size that we do not make")
        content = fetch(piece.member, piece.bytes)
        if len(content) != piece.bytes or hashlib.sha256(content).hexdigest() != piece.sha256:
            raise NotWhole("a piece is not what the manifest says")
        yield content
