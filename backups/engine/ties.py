"""Foreign keys that a swap has led astray, brought home.

A foreign key without its parent takes the first table of that name for it that appears. So when a lost
table comes back into live, the children that were moved aside would hold on to it from their schema: the
application could not delete a row of it any more, and undo would leave them tied to the wrong table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import ddl
from .database import one, quote_name, rows, run

STRAYED = (
    "SELECT DISTINCT TABLE_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS "
    "WHERE CONSTRAINT_SCHEMA = %s AND UNIQUE_CONSTRAINT_SCHEMA <> %s"
)
STANDING = (
    "SELECT CONSTRAINT_NAME, UNIQUE_CONSTRAINT_SCHEMA FROM information_schema.REFERENTIAL_CONSTRAINTS "
    "WHERE CONSTRAINT_SCHEMA = %s AND TABLE_NAME = %s"
)
KEYS = (
    "SELECT DISTINCT INDEX_NAME FROM information_schema.statistics "
    "WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s"
)


@dataclass(frozen=True, slots=True)
class Tie:
    """A foreign key as it has to be: `definition` names the parent without a schema.

    `key` is the index that serves it under another name: the server would name it anew after the foreign key.
    """

    schema: str
    table: str
    name: str
    definition: str
    key: str = ""


def strayed(connection: Connection[Cursor], schema: str, *, to: frozenset[str]) -> Iterator[Tie]:
    """The foreign keys of `schema` whose parents stand in one of the schemas `to`."""
    for (table,) in rows(connection, STRAYED, (schema, schema)):
        text = str(one(connection, f"SHOW CREATE TABLE {quote_name(schema)}.{quote_name(table)}")[1])
        parts = ddl.split(text)
        for definition in parts.foreign_keys:
            home = _without_schema(definition, to)
            if home != definition:
                name = ddl.foreign_key_name(definition)
                yield Tie(schema, str(table), name, home, _serving(definition, parts.keys))


def _serving(definition: str, keys: tuple[str, ...]) -> str:
    """The plain index on just the columns of a foreign key; '' where it is called as the foreign key is."""
    bare = ddl.masked(definition)
    columns = definition[bare.index("(") : bare.index(")") + 1]
    named = (ddl.foreign_key_name(key) for key in keys)
    found = next(
        (n for n, key in zip(named, keys, strict=True) if key == f"KEY {quote_name(n)} {columns}"), ""
    )
    return found if found != ddl.foreign_key_name(definition) else ""


def bring_home(connection: Connection[Cursor], ties: tuple[Tie, ...]) -> None:
    """In two statements a table, since one that does both is refused (1826). Can be run again."""
    run(connection, "SET SESSION foreign_key_checks=0")
    tied: dict[tuple[str, str], dict[str, Tie]] = {}
    for tie in ties:
        tied.setdefault((tie.schema, tie.table), {}).setdefault(tie.name, tie)
    for (schema, table), by_name in tied.items():
        of_table = tuple(by_name.values())
        connection.select_db(schema)
        parents = {str(name): str(parent) for name, parent in rows(connection, STANDING, (schema, table))}
        astray = [tie for tie in of_table if parents.get(tie.name) != schema]
        _alter(
            connection, table, [f"DROP FOREIGN KEY {quote_name(t.name)}" for t in astray if t.name in parents]
        )
        _alter(connection, table, [f"ADD {tie.definition}" for tie in astray])
        _name_keys_again(connection, schema, table, of_table)


def _name_keys_again(connection: Connection[Cursor], schema: str, table: str, ties: tuple[Tie, ...]) -> None:
    """Nothing of a table left live shall change. Before 10.5 the server cannot name an index anew."""
    if not any(tie.key for tie in ties):
        return
    present = {str(name) for (name,) in rows(connection, KEYS, (schema, table))}
    wrong = {tie.key: tie.name for tie in ties if tie.key and tie.name in present and tie.key not in present}
    clauses = [f"RENAME INDEX {quote_name(now)} TO {quote_name(name)}" for name, now in wrong.items()]
    if clauses:
        run(connection, f"ALTER TABLE {quote_name(table)} /*M!100502 {', '.join(clauses)} */")


def _alter(connection: Connection[Cursor], table: str, clauses: list[str]) -> None:
    if clauses:
        run(connection, f"ALTER TABLE {quote_name(table)} {', '.join(clauses)}")


def _without_schema(definition: str, schemas: frozenset[str]) -> str:
    """The REFERENCES clause stands outside quotes; a column may be called anything."""
    found = re.search(r"\bREFERENCES ", ddl.masked(definition))
    if not found:
        return definition
    head, parent = definition[: found.end()], definition[found.end() :]
    for schema in schemas:
        parent = parent.removeprefix(quote_name(schema) + ".")
    return head + parent
