"""Sequences with their state, and the defaults that draw from them.

The server writes a sequence into a default with its schema's name, whatever its maker wrote. That name is
taken out, so that a table draws from the sequence beside it, wherever the two of them lie.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import errors
from .database import one, quote_name, rows, run
from .manifest import Sequence
from .tokens import NOTHING, SILENT, Kind, Token, tokens

DRAWS = {"NEXTVAL", "LASTVAL", "SETVAL"}
NO_SUCH_TABLE = 1146
DEFAULTS = (
    "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_DEFAULT FROM information_schema.columns "
    "WHERE TABLE_SCHEMA = %s AND COLUMN_DEFAULT LIKE '%%val(%%' ORDER BY TABLE_NAME, ORDINAL_POSITION"
)


def read_sequence(connection: Connection[Cursor], name: str) -> Sequence:
    """A sequence of the session's database; what it gives next is read after the snapshot was taken."""
    statement = str(one(connection, f"SHOW CREATE SEQUENCE {quote_name(name)}")[1])
    state = one(connection, f"SELECT * FROM {quote_name(name)}")
    return Sequence(name, statement, tuple(map(int, state)))


def state_statement(sequence: Sequence) -> str:
    """Puts a sequence into its state: SETVAL only counts upwards, and knows no wrapped one."""
    return f"INSERT INTO {quote_name(sequence.name)} VALUES ({', '.join(map(str, sequence.state))})"


def without_own_schema(statement: str, schema: str) -> str:
    """The server's own text without `schema.` before sequences drawn from, functions called and columns.

    Columns carry it in a view whose definer is not there, or may not look at them.
    """
    if quote_name(schema) + "." not in statement:
        return statement
    parts = list(tokens(statement, sql_mode=""))
    dropped: set[int] = set()
    for place, token in enumerate(parts):
        if token.kind is Kind.NAME and token.value == schema and _qualifies(parts, place):
            dropped |= {place, place + 1}
    return "".join(token.text for place, token in enumerate(parts) if place not in dropped)


def _qualifies(parts: list[Token], place: int) -> bool:
    dot, _, behind, last = [*parts[place + 1 : place + 5], NOTHING, NOTHING, NOTHING, NOTHING][:4]
    before = [token for token in parts[max(0, place - 3) : place] if token.kind not in SILENT][-2:]
    drawn = len(before) == 2 and before[0].keyword in DRAWS and before[1].text == "("
    leads = not (before and before[-1].text == ".")
    called = leads and behind.text == "("
    column = leads and behind.text == "." and (last.kind is Kind.NAME or last.text == "*")
    return dot.text == "." and (drawn or called or column)


def repoint_defaults(connection: Connection[Cursor], schema: str, *, away_from: str) -> None:
    """Let the tables of `schema` draw from its own sequences, where they still name another schema's.

    A sequence that is not there either was missing before: such a default stays as it was. Can be run again.
    """
    connection.select_db(schema)
    run(connection, "SET SESSION system_versioning_alter_history=KEEP")
    changes: dict[str, list[str]] = defaultdict(list)
    for table, column, default in rows(connection, DEFAULTS, (schema,)):
        expression = without_own_schema(str(default), away_from)
        if expression != default:
            changes[table].append(f"ALTER COLUMN {quote_name(column)} SET DEFAULT ({expression})")
    for table, clauses in changes.items():
        # All of a table at once: the server looks at every default whenever it alters one.
        try:
            run(connection, f"ALTER TABLE {quote_name(table)} {', '.join(clauses)}")
        except errors.ServerRefused as refused:
            if refused.params["errno"] != NO_SUCH_TABLE:
                raise


def drop_draws(connection: Connection[Cursor], schema: str, table: str) -> None:
    """Let a table draw from no sequence any more. All of its defaults at once, as above."""
    run(connection, "SET SESSION system_versioning_alter_history=KEEP")
    columns = [
        quote_name(column) for owner, column, _ in rows(connection, DEFAULTS, (schema,)) if owner == table
    ]
    if columns:
        clauses = ", ".join(f"ALTER COLUMN {column} DROP DEFAULT" for column in columns)
        run(connection, f"ALTER TABLE {quote_name(table)} {clauses}")


def dangling_defaults(connection: Connection[Cursor], schema: str, present: set[str]) -> Iterator[str]:
    """Columns (as `table.column`) whose default draws from a sequence of `schema` that is not there."""
    for table, column, default in rows(connection, DEFAULTS, (schema,)):
        drawn = _drawn_from(str(default), schema)
        if any(name not in present for name in drawn):
            yield f"{table}.{column}"


def _drawn_from(expression: str, schema: str) -> Iterator[str]:
    parts = list(tokens(expression, sql_mode=""))
    for place, token in enumerate(parts):
        if token.kind is Kind.NAME and token.value == schema and _qualifies(parts, place):
            yield parts[place + 2].value
