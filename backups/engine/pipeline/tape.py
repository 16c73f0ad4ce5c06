"""A file that is read from its first byte to its last; each byte is hashed, and written on if wanted."""

from __future__ import annotations

import hashlib
from typing import IO


class Tape:
    def __init__(self, file: IO[bytes], sink: IO[bytes] | None = None) -> None:
        self._file, self._sink = file, sink
        self._hash = hashlib.sha256()
        self.size = 0

    def seek(self, position: int) -> int:
        return self._file.seek(position)

    def read(self, size: int) -> bytes:
        block = self._file.read(size)
        self._hash.update(block)
        self.size += len(block)
        if self._sink is not None:
            self._sink.write(block)
        return block

    def sha256(self) -> str:
        return self._hash.hexdigest()
