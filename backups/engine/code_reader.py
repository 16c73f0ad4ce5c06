"""Stored code as the server keeps it: in the bytes of whoever wrote it, not in the server's translation.

information_schema shows code in utf8mb3, where an emoji is a question mark. SHOW CREATE gives the bytes
themselves, but names and comments in utf8 beside a body in another charset; all are put into that one here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import errors
from .database import one, quote_name, rows
from .grants import definer_clause
from .manifest import Event, Routine, Trigger, View
from .sequences import without_own_schema
from .tokens import SILENT, tokens, without_backslashes

# By the table's schema, which is the trigger's too: by the trigger's the server opens every table it has.
TRIGGERS = (
    "SELECT TRIGGER_NAME, EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER, "
    "DEFINER, SQL_MODE, CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION "
    "FROM information_schema.triggers WHERE EVENT_OBJECT_SCHEMA = %s "
    "ORDER BY EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER"
)
ROUTINES = (
    "SELECT ROUTINE_TYPE, ROUTINE_NAME, ROUTINE_COMMENT, DEFINER, SQL_MODE, CHARACTER_SET_CLIENT, "
    "COLLATION_CONNECTION, DATABASE_COLLATION "
    "FROM information_schema.routines WHERE ROUTINE_SCHEMA = %s ORDER BY ROUTINE_TYPE, ROUTINE_NAME"
)
VIEWS = (
    "SELECT TABLE_NAME, DEFINER, CHARACTER_SET_CLIENT, COLLATION_CONNECTION FROM information_schema.views "
    "WHERE TABLE_SCHEMA = %s ORDER BY TABLE_NAME"
)
EVENTS = (
    "SELECT EVENT_NAME, EVENT_COMMENT, DEFINER, SQL_MODE, CHARACTER_SET_CLIENT, COLLATION_CONNECTION, "
    "DATABASE_COLLATION, TIME_ZONE, STATUS "
    "FROM information_schema.events WHERE EVENT_SCHEMA = %s ORDER BY EVENT_NAME"
)
ROUTINE_KINDS = ("PROCEDURE", "FUNCTION", "PACKAGE", "PACKAGE BODY")
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
UNESCAPED = {"0": "\0", "n": "\n", "r": "\r"}
COMMENT = re.compile(r"COMMENT '((?:[^'\\]|\\.|'')*)'", re.DOTALL)


def read_triggers(
    connection: Connection[Cursor], database: str, *, of: frozenset[str] | None = None
) -> Iterator[Trigger]:
    """Those on the tables `of`; None: all."""
    for name, table, timing, event, order, definer, mode, charset, *rest in rows(
        connection, TRIGGERS, (database,)
    ):
        if of is not None and table not in of:
            continue
        original = str(one(connection, f"SHOW CREATE TRIGGER {quote_name(name)}")[2])
        names = [in_charset(connection, quote_name(each), charset) for each in (name, table)]
        head = f"TRIGGER {names[0]} {timing} {event} ON {names[1]} FOR EACH ROW "
        body = body_of(original, sql_mode=mode)
        owner = in_charset(connection, definer_clause(definer), charset)
        yield Trigger(name, table, timing, event, order, owner, head, body, definer, mode, charset, *rest)


def read_routines(connection: Connection[Cursor], database: str) -> Iterator[Routine]:
    for kind, name, comment, *attributes in rows(connection, ROUTINES, (database,)):
        if kind not in ROUTINE_KINDS:
            raise errors.UnsupportedObject(kind=kind.lower(), name=name)
        statement = one(connection, f"SHOW CREATE {kind} {quote_name(name)}")[2]
        if statement is None:
            raise errors.IncompleteDump(what=f"{kind.lower()} {name}: its text is hidden from this account")
        text = recoded(connection, str(statement), name=name, comment=comment, charset=attributes[2])
        text = _comment_as_meant(text, sql_mode=attributes[1])
        definer, *rest = attributes
        # Of a role only routines leave out the at sign.
        yield Routine(kind, name, text, definer if "@" in definer else f"{definer}@", *rest)


def read_events(connection: Connection[Cursor], database: str) -> Iterator[Event]:
    for name, comment, *attributes in rows(connection, EVENTS, (database,)):
        statement = str(one(connection, f"SHOW CREATE EVENT {quote_name(name)}")[3])
        # SHOW CREATE EVENT takes the first @ for the one before the host, and says it in utf8.
        owner = in_charset(connection, definer_clause(attributes[0]), attributes[2])
        statement = f"CREATE {owner}" + statement[statement.index(f"EVENT {quote_name(name)}") :]
        text = recoded(connection, statement, name=name, comment=comment, charset=attributes[2])
        text = _comment_as_meant(text, sql_mode=attributes[1])
        yield Event(name, text, *attributes)


def read_views(
    connection: Connection[Cursor], database: str, columns: Mapping[str, tuple[str, ...]]
) -> Iterator[View]:
    """A view that no longer compiles has no columns."""
    for name, definer, charset, collation in rows(connection, VIEWS, (database,)):
        statement = str(one(connection, f"SHOW CREATE VIEW {quote_name(name)}")[1])
        text = without_own_schema(statement, database)
        yield View(name, text, definer, charset, collation, columns.get(name, ()))


def body_of(create_trigger: str, *, sql_mode: str) -> str:
    """What stands behind FOR EACH ROW and an order that is told otherwise."""
    spoken: list[tuple[str, int]] = []
    position, start = 0, None
    for token in tokens(create_trigger, sql_mode=sql_mode):
        if start is None and token.kind not in SILENT:
            spoken.append((token.keyword, position))
            words = [word for word, _ in spoken]
            if "EACH" in words[:-1] and words[words.index("EACH") - 1 :][:3] == ["FOR", "EACH", "ROW"]:
                behind = spoken[words.index("EACH") + 2 :]
                if behind and (behind[0][0] not in ("FOLLOWS", "PRECEDES") or len(behind) > 2):
                    start = position
        if start is not None:
            break
        position += len(token.text)
    return create_trigger[start:]


def recoded(connection: Connection[Cursor], statement: str, *, name: str, comment: str, charset: str) -> str:
    """SHOW CREATE of a routine or an event with name and comment in the charset of its body."""
    for quote in "`", '"':
        quoted = quote + name.replace(quote, quote * 2) + quote
        if quoted in statement:
            statement = statement.replace(quoted, in_charset(connection, quoted, charset), 1)
            break
    if comment and not comment.isascii() and (found := COMMENT.search(statement)):
        told = in_charset(connection, found[1], charset)
        statement = statement[: found.start(1)] + told + statement[found.end(1) :]
    return statement


def _comment_as_meant(statement: str, *, sql_mode: str) -> str:
    """The server spells a comment with backslashes, also for a mode that knows none."""
    if without_backslashes(sql_mode) and (found := COMMENT.search(statement)):
        meant = ESCAPED.sub(lambda pair: UNESCAPED.get(pair[1], pair[1]), found[1])
        return statement[: found.start(1)] + meant + statement[found.end(1) :]
    return statement


def in_charset(connection: Connection[Cursor], text: str, charset: str) -> str:
    """Text in utf8 as a client that speaks `charset` would send it."""
    if text.isascii() or charset.startswith("utf8"):
        return text
    return str(one(connection, f"SELECT CAST(CONVERT(%s USING {charset}) AS BINARY)", (text,))[0])
