"""One line of a preflight, and what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from backups.engine.errors import Parameter
from backups.engine.manifest import Manifest, Rules

PASS, WARN, BLOCK = "pass", "warn", "block"
MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class Check:
    """`name` is what was looked at, `code` what was found (a sentence of the page, or an error's code),
    `mend` what helps ('' where nothing has to), `names` the things it is about."""

    name: str
    level: str
    code: str
    params: Mapping[str, Parameter] = field(default_factory=dict)
    mend: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """An archive that could be opened, the server it would go to, and as what."""

    connection: Connection[Cursor]
    manifest: Manifest
    rules: Rules  # of the server it would go to
    live: str  # the protected database
    target: str  # the database it would become
    same_machine: bool  # whether files of the server can be looked at from here
    tables: frozenset[str] | None = None  # only these; None: all
    application: Path | None = None  # where Laravel lies
    beside: bool = False  # the tables among the live ones, under other names

    @property
    def over_live(self) -> bool:
        """Whether anything live would be moved aside."""
        return self.target == self.live and not self.beside

    def wants(self, table: str) -> bool:
        return self.tables is None or table in self.tables

    @property
    def text_bytes(self) -> int:
        return sum(rows.bytes for rows in self.manifest.rows if self.wants(rows.table))


def passed(name: str, code: str, **params: Parameter) -> Check:
    return Check(name, PASS, code, params)


def warned(name: str, code: str, *, mend: str = "", names: Iterable[str] = (), **params: Parameter) -> Check:
    return Check(name, WARN, code, params, mend, tuple(names)[:MOST_NAMED])


def blocked(name: str, code: str, *, mend: str = "", names: Iterable[str] = (), **params: Parameter) -> Check:
    return Check(name, BLOCK, code, params, mend, tuple(names)[:MOST_NAMED])
