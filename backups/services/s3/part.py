"""One part of an upload: bytes that lie in memory until the server has them."""

from __future__ import annotations

import base64
import hashlib
import io
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Part(io.RawIOBase):
    """A body for one request; read again from its beginning where need be, and ends when `stop` is set."""

    def __init__(self, content: memoryview, stop: threading.Event) -> None:
        super().__init__()
        self._content, self._stop, self._position = content, stop, 0
        self.md5 = hashlib.md5(content, usedforsecurity=False).digest()

    @property
    def as_body(self) -> Any:
        """Of a request, with the MD5 that the server compares."""
        return {"Body": self, "ContentMD5": base64.b64encode(self.md5).decode()}

    def __len__(self) -> int:
        return len(self._content)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: len(self._content)}[whence]
        self._position = base + offset
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        if self._stop.is_set():
            raise InterruptedError
        room = memoryview(buffer).cast("B")
        block = self._content[self._position : self._position + len(room)]
        room[: len(block)] = block
        self._position += len(block)
        return len(block)


def looks_like_md5(etag: str) -> bool:
    return len(etag) == 32 and all(digit in "0123456789abcdef" for digit in etag)
