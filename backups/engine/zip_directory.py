"""Opening a ZIP whose directory may be as large as the file itself: zipfile would read all of it at once."""

from __future__ import annotations

import zipfile
from typing import IO, Any, cast

MOST_BYTES = 16 * 1024**2


class DirectoryTooLarge(zipfile.BadZipFile):
    """More files are named in it, or longer names, than there is memory for."""


class _Sparing:
    """A file of which nobody reads much at once; the directory is what zipfile reads in one piece."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file = file
        self._most = most

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size if 0 <= size <= self._most else self._most + 1)
        if len(block) > self._most:
            raise DirectoryTooLarge
        return block

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def open_zip(file: IO[bytes], *, most: int = MOST_BYTES) -> zipfile.ZipFile:
    """Like zipfile.ZipFile, which believes whatever size the end of the file gives for the directory."""
    sparing = _Sparing(file, most)
    archive = zipfile.ZipFile(cast(IO[bytes], sparing))
    # From here on members are read, whose own sizes are for their readers to limit.
    archive.fp = file
    return archive
