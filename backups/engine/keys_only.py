"""Tables with a few of their columns and nothing else: enough to count what would refer to what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import ddl
from .database import quote_name, run
from .manifest import Table
from .rows import load_block
from .tokens import Kind, tokens

LOADING = "SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION', innodb_strict_mode=0"
CHARSET = re.compile(r"DEFAULT CHARSET=\w+(?: COLLATE=\w+)?")
# A column's type ends where the first of these begins.
AFTER_TYPE = {
    "NOT", "NULL", "DEFAULT", "AUTO_INCREMENT", "COMMENT", "INVISIBLE", "CHECK", "ON", "GENERATED",
    "COMPRESSED", "WITH", "WITHOUT", "REF_SYSTEM_ID",
}  # fmt: skip


def prepare_keys(connection: Connection[Cursor], table: Table, columns: Set[str]) -> None:
    """An empty table of that name in the session's database, with these columns and an index on them."""
    run(connection, LOADING)
    parts = ddl.split(table.ddl)
    told = [_bare(text) for text in parts.columns if _name_of(text) in columns]
    index = ", ".join(quote_name(name) for name in sorted(columns))
    told += [f"{quote_name(end.name)} TIMESTAMP(6) NULL" for end in table.period[1:]]
    charset = CHARSET.search(ddl.masked(parts.options))
    options = charset.group() if charset else ""
    run(connection, f"CREATE TABLE {quote_name(table.name)} ({', '.join(told)}, KEY ({index})) {options}")


def load_keys(
    connection: Connection[Cursor], table: Table, columns: Set[str], text: bytes, *, database: str
) -> None:
    """The rows of a chunk, of each only these columns; of a history only what holds now."""
    wanted = {*columns, *(end.name for end in table.period[1:])}
    load_block(connection, table, text, database=database, only=wanted)
    for end in table.period[1:]:
        run(connection, f"DELETE FROM {quote_name(table.name)} WHERE {quote_name(end.name)} < NOW(6)")


def _bare(definition: str) -> str:
    return "".join(_until_the_type_ends(definition))


def _until_the_type_ends(definition: str) -> Iterator[str]:
    for token in tokens(definition, sql_mode=""):
        if token.keyword in AFTER_TYPE:
            return
        yield token.text


def _name_of(definition: str) -> str:
    return next(token.value for token in tokens(definition, sql_mode="") if token.kind is Kind.NAME)
