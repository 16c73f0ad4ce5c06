"""A file of SQL taken in as phpMyAdmin's import page does: cut by its rules, one connection, no client commands.

What it does otherwise than a client: a backslash takes its next byte along everywhere but in comments, `/*M!` is a
comment, DELIMITER counts wherever it stands, a lone CR becomes LF, and what is left at the end is sent, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backups.engine.database import run_bytes, session
from tests.scratch import ScratchDatabase

PIECE = re.compile(
    rb"""\\. | '(?:\\.|[^'\\])*' | "(?:\\.|[^"\\])*" | `(?:\\.|[^`\\])*`
    | \#[^\n]* | --[ \t\r\n][^\n]* | /\*(?!!).*?\*/
    | (?P<delimiter>delimiter[ \t\r\n]+(?P<wanted>[^ \t\r\n]+)(?=[ \t\r\n])) | [^'"`]""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)


def statements(text: bytes) -> Iterator[bytes]:
    text = re.sub(rb"\r(?=[^\n]|$)", b"\n", text)
    delimiter, place = b";", 0
    current: list[bytes] = []
    while place < len(text):
        if text.startswith(delimiter, place):
            place += len(delimiter)
            yield b"".join(current).strip()
            current = []
            continue
        piece = PIECE.match(text, place)
        assert piece, f"a quote at byte {place} never ends: {text[place - 80 : place + 80]!r}"
        place = piece.end()
        if piece["delimiter"]:
            delimiter, current = piece["wanted"], []
        else:
            current.append(piece[0])
    yield b"".join(current).strip()


def take_in(database: ScratchDatabase, target: str, text: bytes) -> None:
    """The first statement that the server refuses ends it, as it ends there."""
    with session(database.server, target) as connection:
        for statement in filter(None, statements(text)):
            run_bytes(connection, statement)
