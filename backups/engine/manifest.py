"""What an archive holds, as values: the inventory of a database and the chunks of its rows.

The manifest travels encrypted inside the archive (`manifest.json.age`). SQL text is kept as the server
gave it; bytes that are not UTF-8 ride along as lone surrogates, which JSON escapes and gives back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from .burden import Burden
from .database import version_family
from .plain import build, to_text

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a server that decide whether code works there."""

    version: str  # as @@version says, e.g. 10.11.19-MariaDB
    lower_case_table_names: int
    sql_mode: str
    time_zone: str
    identity: str  # a hash that tells one server from another, nothing more

    @property
    def family(self) -> tuple[int, ...]:
        return version_family(self.version)


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str  # information_schema's COLUMN_TYPE, e.g. bigint(20) unsigned
    kind: str  # its DATA_TYPE, e.g. bigint
    charset: str | None
    generated: bool


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    ddl: str  # SHOW CREATE TABLE, whole
    engine: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]  # columns of the unique key that orders the rows; empty: a multiset
    auto_increment: int | None
    period: tuple[Column, ...] = ()  # of a system-versioned table: from when until when a row holds


@dataclass(frozen=True, slots=True)
class Sequence:
    name: str
    statement: str  # SHOW CREATE SEQUENCE, whole
    state: tuple[int, ...]  # its one row: next value, limits, start, step, cache, cycle, cycles done


@dataclass(frozen=True, slots=True)
class Trigger:
    name: str
    table: str
    timing: str  # BEFORE or AFTER
    event: str  # INSERT, UPDATE or DELETE
    order: int  # position among the triggers of the same table, timing and event; from 1
    owner: str  # DEFINER=… , in the charset of its body
    head: str  # TRIGGER … FOR EACH ROW, in the charset of its body
    body: str  # in the bytes of `charset`
    definer: str  # user@host
    sql_mode: str
    charset: str
    collation: str
    database_collation: str  # the database's own when it was made

    def statement(self, *, definer: bool = True) -> str:
        """CREATE TRIGGER without any schema name, so that it is made where the session stands."""
        return f"CREATE {self.owner if definer else ''}{self.head}{self.body}"


@dataclass(frozen=True, slots=True)
class Routine:
    kind: str  # PROCEDURE, FUNCTION, PACKAGE or PACKAGE BODY
    name: str
    statement: str  # SHOW CREATE, whole
    definer: str
    sql_mode: str
    charset: str
    collation: str
    database_collation: str


@dataclass(frozen=True, slots=True)
class View:
    name: str
    statement: str
    definer: str
    charset: str
    collation: str
    columns: tuple[str, ...]  # none: it does not compile


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    statement: str
    definer: str
    sql_mode: str
    charset: str
    collation: str
    database_collation: str
    time_zone: str
    status: str  # ENABLED, DISABLED or SLAVESIDE_DISABLED


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything that one database holds, without its rows."""

    database: str
    charset: str
    collation: str
    rules: Rules
    sequences: tuple[Sequence, ...]
    tables: tuple[Table, ...]
    views: tuple[View, ...]
    triggers: tuple[Trigger, ...]
    routines: tuple[Routine, ...]
    events: tuple[Event, ...]
    missing_definers: tuple[str, ...] | None  # definers that the source does not know; None: it would not say
    comment: str | None = None  # of the database; None: the source's version has none

    @property
    def movable(self) -> tuple[str, ...]:
        """What RENAME TABLE moves: tables and sequences."""
        return tuple(sorted([*(t.name for t in self.tables), *(s.name for s in self.sequences)]))

    @property
    def options(self) -> str:
        """What CREATE or ALTER DATABASE says besides the name."""
        told = (self.comment or "").replace("\\", "\\\\").replace("'", "''")
        # Versions that know no comment of a database skip it.
        comment = f" /*M!100500 COMMENT '{told}' */" if self.comment is not None else ""
        return f"CHARACTER SET {self.charset} COLLATE {self.collation}{comment}"

    @property
    def has_history(self) -> bool:
        return any(table.period for table in self.tables)

    @property
    def bodies(self) -> tuple[Routine | Trigger | Event, ...]:
        """Code that the server keeps as text, with the database's collation when it was made."""
        return (*self.routines, *self.triggers, *self.events)

    @property
    def code(self) -> tuple[Trigger | Routine | View | Event, ...]:
        return (*self.triggers, *self.routines, *self.views, *self.events)

    def table(self, name: str) -> Table:
        return next(table for table in self.tables if table.name == name)


def nothing_of(database: str) -> Inventory:
    """What a backup of files alone holds of the database."""
    rules = Rules(version="", lower_case_table_names=0, sql_mode="", time_zone="", identity="")
    return Inventory(database, "", "", rules, (), (), (), (), (), (), ())


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of rows of one part of a table, in key order."""

    member: str
    rows: int
    bytes: int  # of the LOAD DATA text, before compression
    sha256: str  # of the LOAD DATA text


@dataclass(frozen=True, slots=True)
class Part:
    """A range of a table by its integer primary key: `after` < key <= `upto`; None: without that bound."""

    after: int | None
    upto: int | None
    chunks: tuple[Chunk, ...] = ()


@dataclass(frozen=True, slots=True)
class TableRows:
    table: str
    parts: tuple[Part, ...]  # in key order; together the whole table
    row_sum: str = ""  # of a table without a key: sum of the SHA-256 of all rows modulo 2**256, in hex

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        return tuple(chunk for part in self.parts for chunk in part.chunks)

    @property
    def rows(self) -> int:
        return sum(chunk.rows for chunk in self.chunks)

    @property
    def bytes(self) -> int:
        return sum(chunk.bytes for chunk in self.chunks)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a longer stream, in a member of its own."""

    member: str
    bytes: int  # before compression
    sha256: str


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of files: a tar stream in pieces, and an index of it in pieces, one line for each entry."""

    path: str  # as the settings name it
    entries: int  # folders, links and the folder itself counted
    files: int
    bytes: int  # of the files that are stored; holes are not
    chunks: tuple[Piece, ...]
    index: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Warned:
    """What the archive holds less surely than the rest: a code for the page's words, and what it is about."""

    code: str
    names: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """The application that wrote the data; '' where its files do not say."""

    framework: str  # version of laravel/framework
    lock: str  # content-hash of composer.lock
    revision: str  # of git
    batch: int | None  # of the last migration
    migrations: tuple[str, ...]  # by name, those that this database has seen


@dataclass(frozen=True, slots=True)
class Manifest:
    format: int
    archive: str
    created: datetime
    label: str
    inventory: Inventory
    rows: tuple[TableRows, ...]
    warnings: tuple[Warned | str, ...]  # as a sentence: in archives of before
    burden: Burden | None = None
    files: tuple[Folder, ...] = ()
    release: Release | None = None

    @property
    def row_count(self) -> int:
        return sum(table.rows for table in self.rows)

    @property
    def text_bytes(self) -> int:
        return sum(table.bytes for table in self.rows)

    def rows_of(self, table: str) -> TableRows:
        return next(found for found in self.rows if found.table == table)


def to_json(manifest: Manifest) -> bytes:
    return to_text(manifest).encode("ascii")


class NotThisFormat(ValueError):
    """A manifest of another format than this version writes."""

    def __init__(self, found: object) -> None:
        self.format = str(found)[:20]
        super().__init__(self.format)


def from_json(text: bytes) -> Manifest:
    """The inverse of `to_json`; raises NotThisFormat for what another version wrote."""
    found = json.loads(text)
    if found.get("format") != FORMAT:
        raise NotThisFormat(found.get("format"))
    try:
        return cast(Manifest, build(Manifest, found))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise NotThisFormat(f"{FORMAT}, incomplete") from None
