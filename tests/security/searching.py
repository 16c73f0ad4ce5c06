"""The search for secrets in what a life leaves behind: files, rows, and what is packed inside of both."""

from __future__ import annotations

import base64
import re
import sqlite3
import zlib
from binascii import Error
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.security.planted import Wanted, found_in

# Sessions, tasks of the queue and cached values are base64, zlib, or one in the other.
PACKED = re.compile(rb"[A-Za-z0-9_+/-]{40,}")
ZLIB = re.compile(rb"x[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
MOST = 4 * 1024 * 1024


def unfolded(content: bytes, *, depth: int = 3) -> Iterator[bytes]:
    """As it is, and whatever can be unpacked in it."""
    yield content
    if depth and len(content) < MOST:
        for text in PACKED.findall(content):
            with suppress(Error):
                yield from unfolded(_decoded(text), depth=depth - 1)
        for found in ZLIB.finditer(content):
            with suppress(zlib.error):
                plain = zlib.decompressobj(47).decompress(content[found.start() :], MOST)
                yield from unfolded(plain, depth=depth - 1)


def _decoded(text: bytes) -> bytes:
    plain = text.replace(b"-", b"+").replace(b"_", b"/")
    return base64.b64decode(plain[: len(plain) // 4 * 4])


def names_in(content: bytes, wanted: Wanted) -> list[str]:
    return sorted({name for text in unfolded(content) for name in found_in(text, wanted)})


def in_files(folder: Path, wanted: Wanted, *, but: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Archives, seals, exports, caches, temp folders, pages: all but what begins with one of `but`."""
    searched, found = 0, {}
    for file in folder.rglob("*"):
        name = str(file.relative_to(folder))
        if file.is_file() and not name.startswith(but):
            searched += 1
            if names := names_in(file.read_bytes(), wanted) + found_in(name.encode(), wanted):
                found[name] = names
    assert searched > 8
    return found


def in_database(file: Path, wanted: Wanted) -> dict[str, list[str]]:
    """Each table by itself, so that a find has a name; a binary file may hide a text that is cut in two."""
    found, told = {}, 0
    with sqlite3.connect(file) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        for table in tables:
            rows = connection.execute(f'SELECT * FROM "{table}"').fetchall()
            told += len(repr(rows))
            for value in {value for row in rows for value in row if isinstance(value, str | bytes)}:
                raw = value.encode() if isinstance(value, str) else value
                if names := names_in(raw, wanted):
                    found[table] = sorted({*found.get(table, []), *names})
    assert told > 5000
    return found
