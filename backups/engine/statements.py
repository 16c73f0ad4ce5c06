"""A dump cut into statements, as the command-line client cuts it: quotes, comments and DELIMITER.

Nothing here obeys the dump: `\\!`, `source` and their like are text that the server will refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

COMMENT = rb"--(?=[\x00-\x20])[^\n]*+(?:\n|\Z)|\#[^\n]*+(?:\n|\Z)|/\*(?!M?!)(?:[^*]++|\*(?!/))*+\*/"
LEADING = re.compile(rb"(?:[\x00-\x20]++|" + COMMENT + rb")*+", re.DOTALL)
DELIMITER = re.compile(rb"delimiter[ \t]+([^\s]+)[^\n]*(?:\n|\Z)", re.IGNORECASE)
FIRST_READ = 1024 * 1024
EDGE = 4096


class StatementTooLarge(ValueError):
    """One statement is larger than the limit; `line` is where it begins."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(line)


@dataclass(frozen=True, slots=True)
class Statement:
    line: int
    text: bytes


class Statements:
    """Iterate for the statements; afterwards `ends_inside` is the line of one that never ended, or None.

    `backslash` may be switched while iterating: under NO_BACKSLASH_ESCAPES it escapes nothing.
    """

    def __init__(self, chunks: Iterator[bytes], *, limit: int) -> None:
        self.backslash = True
        self.ends_inside: int | None = None
        self.line = 1
        self.read = 0
        self.head = b""
        self.tail = b""
        self._chunks = chunks
        self._limit = limit
        self._delimiter = b";"
        self._text, self._place = b"", 0
        # What lies behind is a broken line: a token may go on in what is not read yet.
        self._whole = 0
        self._ended = False

    def __iter__(self) -> Iterator[Statement]:
        while self._skip():
            if command := DELIMITER.match(self._text, self._place, self._whole):
                self._delimiter = command[1]
                self._go_to(command.end())
                continue
            end = self._end_of_statement()
            if end is None:
                return
            line, text = self.line, self._text[self._place : end].rstrip()
            ended = self._text.startswith(self._delimiter, end)
            self._go_to(end + (len(self._delimiter) if ended else 0))
            if text:
                yield Statement(line, text)

    def _skip(self) -> bool:
        """Over blanks and comments, which the server need not see; False where nothing comes after."""
        while True:
            found = LEADING.match(self._text, self._place, self._whole)
            self._go_to(found.end() if found else self._place)
            in_comment = self._starts(b"/*") and not self._starts(b"/*!", b"/*M!")
            if self._place < self._whole and not in_comment:
                return True
            if self._ended:
                self.ends_inside = self.line if in_comment else None
                return False
            self._read_more()

    def _end_of_statement(self) -> int | None:
        place = self._place
        while True:
            found = _pattern(self._delimiter, self.backslash).match(self._text, place, self._whole)
            place = found.end() if found else place
            if place < self._whole and self._text.startswith(self._delimiter, place):
                return place
            if self._ended:
                self.ends_inside = None if place == len(self._text) else self.line
                return place if place == len(self._text) else None
            place -= self._read_more()

    def _read_more(self) -> int:
        """As much again as there is: a token that goes on is looked at no more than twice over.

        Returns by how much places have moved to the front.
        """
        if len(self._text) - self._place > self._limit:
            raise StatementTooLarge(self.line)
        moved, blocks = self._place, [self._text[self._place :]]
        wanted = max(FIRST_READ, len(blocks[0]))
        while wanted > 0 and not self._ended:
            block = next(self._chunks, b"")
            self._ended = not block
            self._remember(block)
            blocks.append(block)
            wanted -= len(block)
        self._text, self._place = b"".join(blocks), 0
        self._whole = len(self._text) if self._ended else self._text.rfind(b"\n") + 1
        return moved

    def _remember(self, block: bytes) -> None:
        self.read += len(block)
        if len(self.head) < EDGE:
            self.head = (self.head + block)[:EDGE]
        self.tail = (self.tail + block[-EDGE:])[-EDGE:]

    def _go_to(self, place: int) -> None:
        self.line += self._text.count(b"\n", self._place, place)
        self._place = place

    def _starts(self, *marks: bytes) -> bool:
        return self._text.startswith(marks, self._place)


@cache
def _pattern(delimiter: bytes, backslash: bool) -> re.Pattern[bytes]:
    """All that a statement may hold before its delimiter; stops there, or where a token does not end."""
    first, rest = re.escape(delimiter[:1]), re.escape(delimiter[1:])
    inside = rb"[^{q}\\]++|\\.|{q}{q}" if backslash else rb"[^{q}]++|{q}{q}"
    quoted = [b"%s(?:%s)*+%s" % (q, inside.replace(b"{q}", q), q) for q in (b"'", b'"')]
    parts = [
        rb"[^'\"`#/\-" + first + rb"]++",
        *quoted,
        rb"`(?:[^`]++|``)*+`",
    ]
    whole_delimiter = rb"(?!" + first + rest + rb")"
    parts += [whole_delimiter + rb"(?:" + COMMENT + rb")"]
    parts += [whole_delimiter + rb"(?:-(?!-[\x00-\x20])|/(?!\*)|/(?=\*M?!))"]
    if rest:
        parts.append(whole_delimiter + first if delimiter[:1] not in b"'\"`#/-" else b"(?!)")
    return re.compile(rb"(?:" + rb"|".join(parts) + rb")*+", re.DOTALL)
