"""SHOW CREATE TABLE taken apart, so that keys and foreign keys can be made after the rows are in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

FOREIGN = "CONSTRAINT "
# Whatever the server's own defaults are, a definition means there what it meant where it was read.
AS_DEFINED = (
    "SET SESSION max_heap_table_size=4294966272, innodb_compression_default=0, "
    "innodb_default_encryption_key_id=1 /*M!101100 , explicit_defaults_for_timestamp=1 */"
)
FOLDER = re.compile(r" (?:DATA|INDEX) DIRECTORY ?=")
SECONDARY = ("KEY ", "UNIQUE KEY ", "FULLTEXT KEY ", "SPATIAL KEY ")


@dataclass(frozen=True, slots=True)
class TableParts:
    """One table's definition; every part as the server wrote it."""

    head: str  # CREATE TABLE `name` (
    columns: tuple[str, ...]
    primary: tuple[str, ...]
    keys: tuple[str, ...]
    foreign_keys: tuple[str, ...]
    checks: tuple[str, ...]
    others: tuple[str, ...]  # e.g. PERIOD FOR SYSTEM_TIME
    options: str  # ) ENGINE=…

    def statement(self, *, keys: bool = True, foreign_keys: bool = True) -> str:
        """CREATE TABLE with or without its secondary keys and its foreign keys.

        Where an AUTO_INCREMENT column needs one of the keys, all stay: their order is part of the definition.
        """
        parts = [*self.columns, *self.primary, *(self.keys if keys or not self.later_keys else ())]
        parts += [*self.checks, *(self.foreign_keys if foreign_keys else ()), *self.others]
        return self.head + ",".join(parts) + self.options

    @property
    def later_keys(self) -> tuple[str, ...]:
        """The keys that can be made after the rows are in."""
        needed = self.counting and not any(_key_leads_with(key, self.counting) for key in self.primary)
        return () if needed else self.keys

    @property
    def counting(self) -> str:
        """The AUTO_INCREMENT column, or ''."""
        found = (_first_name(column) for column in self.columns if " AUTO_INCREMENT" in _unquoted(column))
        return next(found, "")


def split(ddl: str) -> TableParts:
    """Take a SHOW CREATE TABLE apart at its top-level commas."""
    opening = _position_of(ddl, "(")
    items = list(_items(ddl, opening + 1))
    body, end = items[:-1], items[-1]
    stripped = [text.strip() for text in body]
    foreign = tuple(t for t in stripped if t.startswith(FOREIGN) and " FOREIGN KEY " in _unquoted(t))
    checks = tuple(t for t in stripped if t.startswith(FOREIGN) and t not in foreign)
    return TableParts(
        head=ddl[: opening + 1],
        columns=tuple(t for t in stripped if t.startswith("`")),
        primary=tuple(t for t in stripped if t.startswith("PRIMARY KEY")),
        keys=tuple(t for t in stripped if t.startswith(SECONDARY)),
        foreign_keys=foreign,
        checks=checks,
        others=tuple(t for t in stripped if not t.startswith(("`", "PRIMARY KEY", *SECONDARY, FOREIGN))),
        options=_without_folders(end),
    )


def in_the_servers_folder(ddl: str) -> str:
    """The definition without the folders that hold its files: a copy beside it cannot lie there too."""
    options = list(_items(ddl, _position_of(ddl, "(") + 1))[-1]
    return ddl.removesuffix(options) + _without_folders(options)


def _without_folders(options: str) -> str:
    bare = masked(options)
    for found in reversed(list(FOLDER.finditer(bare))):
        end = _closing(options, options.index("'", found.end())) + 1
        options = options[: found.start()] + options[end:]
    return options


def foreign_key_name(definition: str) -> str:
    return _first_name(definition)


def _items(ddl: str, start: int) -> Iterator[str]:
    """The comma-separated items of the outer parenthesis, then all that follows from its end."""
    depth, begin = 0, start
    for position, character in _bare(ddl, start):
        if character == "(":
            depth += 1
        elif character == ")" and depth:
            depth -= 1
        elif character == ")":
            yield ddl[begin:position]
            yield ddl[position:]
            return
        elif character == "," and not depth:
            yield ddl[begin:position]
            begin = position + 1
    raise ValueError("a table definition without an end")


def _bare(ddl: str, start: int = 0) -> Iterator[tuple[int, str]]:
    """Characters outside quotes, with their positions. SHOW CREATE TABLE holds no comments."""
    position = start
    while position < len(ddl):
        character = ddl[position]
        if character in "`'\"":
            position = _closing(ddl, position)
        else:
            yield position, character
        position += 1


def masked(text: str) -> str:
    """The same length, with a blank for every quoted character; until a comment comes, quotes are quotes."""
    bare = [" "] * len(text)
    with suppress(IndexError):
        # A body may hold a lone quote in a comment; all that comes before it is masked by then.
        for position, character in _bare(text):
            bare[position] = character
    return "".join(bare)


def _closing(ddl: str, position: int) -> int:
    quote, position = ddl[position], position + 1
    while ddl[position] != quote or ddl[position + 1 : position + 2] == quote:
        # A backslash escapes in strings, never in backticks.
        escaped = ddl[position] == "\\" and quote != "`"
        position += 2 if escaped or ddl[position] == quote else 1
    return position


def _position_of(ddl: str, wanted: str) -> int:
    return next(position for position, character in _bare(ddl) if character == wanted)


def _unquoted(text: str) -> str:
    return "".join(character for _, character in _bare(text))


def _first_name(definition: str) -> str:
    start = definition.index("`")
    return definition[start + 1 : _closing(definition, start)].replace("``", "`")


def _key_leads_with(key: str, column: str) -> bool:
    inside = key[_position_of(key, "(") :]
    return _first_name(inside) == column
