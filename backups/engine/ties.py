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


@dataclass(frozen=True, slots=True)
class Tie:
    """A foreign key as it has to be: `definition` names the parent without a schema."""

    schema: str
    table: str
    name: str
    definition: str


def strayed(connection: Connection[Cursor], schema: str, *, to: frozenset[str]) -> Iterator[Tie]:
    """The foreign keys of `schema` whose parents stand in one of the schemas `to`."""
    for (table,) in rows(connection, STRAYED, (schema, schema)):
        text = str(one(connection, f"SHOW CREATE TABLE {quote_name(schema)}.{quote_name(table)}")[1])
        for definition in ddl.split(text).foreign_keys:
            home = _without_schema(definition, to)
            if home != definition:
                yield Tie(schema, str(table), ddl.foreign_key_name(definition), home)


def bring_home(connection: Connection[Cursor], ties: tuple[Tie, ...]) -> None:
    """In two statements a table, since one that does both is refused (1826). Can be run again."""
    run(connection, "SET SESSION foreign_key_checks=0")
    tied: dict[tuple[str, str], list[Tie]] = {}
    for tie in ties:
        tied.setdefault((tie.schema, tie.table), []).append(tie)
    for (schema, table), of_table in tied.items():
        connection.select_db(schema)
        parents = {str(name): str(parent) for name, parent in rows(connection, STANDING, (schema, table))}
        astray = [tie for tie in of_table if parents.get(tie.name) != schema]
        _alter(
            connection, table, [f"DROP FOREIGN KEY {quote_name(t.name)}" for t in astray if t.name in parents]
        )
        _alter(connection, table, [f"ADD {tie.definition}" for tie in astray])


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
