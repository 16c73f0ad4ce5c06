"""The tables and routines that a body names: read from its tokens, without asking a server."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backups.engine.table_reader import NamedTable, TableReader, chain
from backups.engine.tokens import NOTHING, Kind, meaningful

__all__ = ["NamedRoutine", "NamedTable", "called_routines", "made_tables", "named_tables"]


@dataclass(frozen=True, slots=True)
class NamedRoutine:
    schema: str | None
    name: str


def named_tables(body: str, *, sql_mode: str) -> tuple[NamedTable, ...]:
    """Every table, view or sequence that `body` names and does not make itself, in order, once each."""
    reader = TableReader(meaningful(body, sql_mode=sql_mode))
    reader.read()
    named = (mention.table for mention in reader.found)
    unmade = (table for table in named if table.schema or table.name.casefold() not in reader.made)
    return tuple(dict.fromkeys(unmade))


def made_tables(body: str, *, sql_mode: str) -> frozenset[str]:
    """The tables that `body` makes itself, temporary ones above all; in small letters."""
    reader = TableReader(meaningful(body, sql_mode=sql_mode))
    reader.read()
    return frozenset(reader.made)


def called_routines(body: str, *, sql_mode: str, known: Iterable[str]) -> tuple[NamedRoutine, ...]:
    """The routines called: by CALL, by a schema before the name, or as one of the `known` functions."""
    functions = {name.casefold() for name in known}
    spoken = [NOTHING, *meaningful(body, sql_mode=sql_mode), NOTHING, NOTHING, NOTHING]
    found: dict[NamedRoutine, None] = {}
    for place, token in enumerate(spoken):
        if token.kind not in (Kind.WORD, Kind.NAME) or spoken[place - 1].text == ".":
            continue
        name, end = chain(spoken, place)
        called = spoken[place - 1].keyword == "CALL"
        applied = spoken[end].text == "(" and (bool(name.schema) or name.name.casefold() in functions)
        if called or applied:
            found[NamedRoutine(name.schema, name.name)] = None
    return tuple(found)
