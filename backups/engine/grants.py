"""What an account may do: a missing right hides objects without a word, so rights are checked, not counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from .beside import LONGEST, prefix_beside
from .database import one, quote_name, rows

READ = ("SELECT", "SHOW VIEW", "TRIGGER", "EVENT")
# Without it a view that calls a function has no columns, as if it did not compile.
READ_CODE = ("EXECUTE",)
HAS_CODE = (
    "SELECT EXISTS(SELECT 1 FROM information_schema.views WHERE TABLE_SCHEMA = %s) "
    "OR EXISTS(SELECT 1 FROM information_schema.routines WHERE ROUTINE_SCHEMA = %s)"
)
# Tables without transactions stand still only under a lock.
LOCK = ("LOCK TABLES",)
HAS_OTHER_ENGINES = (
    "SELECT EXISTS(SELECT 1 FROM information_schema.tables WHERE TABLE_SCHEMA = %s "
    "AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND ENGINE <> 'InnoDB')"
)
WRITE = (
    "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER", "INDEX", "REFERENCES", "TRIGGER",
    "CREATE VIEW", "SHOW VIEW", "CREATE ROUTINE", "ALTER ROUTINE", "EXECUTE", "EVENT", "LOCK TABLES",
)  # fmt: skip
GRANT_LINE = re.compile(r"GRANT (.+?) ON ((?:\*|`(?:[^`]|``)+`)\.(?:\*|`(?:[^`]|``)+`)) TO (\S+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Needed:
    """Rights on one scope: `*.*`, `database.*` or `database.table`."""

    rights: tuple[str, ...]
    scope: str  # as it stands in a GRANT statement
    sample: tuple[str, str]  # a database and a table ('' for all) that the scope must cover


def needed_to_back_up(database: str, rights: tuple[str, ...] = READ + READ_CODE + LOCK) -> tuple[Needed, ...]:
    return (
        Needed(rights, f"{_pattern(database)}.*", (database, "")),
        Needed(("SELECT",), "`mysql`.`proc`", ("mysql", "proc")),
    )


def needed_to_restore(database: str, version: tuple[int, ...]) -> tuple[Needed, ...]:
    beside = prefix_beside(database)
    return (
        Needed(WRITE, f"{_pattern(database)}.*", (database, "")),
        Needed(WRITE, f"{_pattern(beside, '%')}.*", (f"{beside}restore_x", "")),
        Needed(("SELECT",), "`mysql`.`proc`", ("mysql", "proc")),
        Needed((_foreign_definers(version),), "*.*", ("", "")),
    )


def needed_in(database: str, *, foreign_definers: bool, version: tuple[int, ...]) -> tuple[Needed, ...]:
    """What it takes to build or swap in exactly this database."""
    needed = [Needed(WRITE, f"{_pattern(database)}.*", (database, ""))]
    if foreign_definers:
        needed.append(Needed((_foreign_definers(version),), "*.*", ("", "")))
    return tuple(needed)


def _foreign_definers(version: tuple[int, ...]) -> str:
    return "SET USER" if version >= (10, 5) else "SUPER"


def missing_to_back_up(
    connection: Connection[Cursor], database: str, *, lock_tables: bool
) -> tuple[str, ...]:
    """What this database takes; of one that cannot be looked into, all that any may take."""
    blind = missing_statements(connection, needed_to_back_up(database, ("SELECT",))[:1])
    coded = blind or one(connection, HAS_CODE, (database, database))[0]
    locked = lock_tables and (blind or one(connection, HAS_OTHER_ENGINES, (database,))[0])
    rights = READ + READ_CODE * bool(coded) + LOCK * bool(locked)
    return missing_statements(connection, needed_to_back_up(database, rights))


def missing_statements(connection: Connection[Cursor], needed: tuple[Needed, ...]) -> tuple[str, ...]:
    """The GRANT statements that an administrator has to run; empty where nothing is missing."""
    held = tuple(_held(connection))
    account = quoted_account(connection)
    return tuple(_statement(need, lacking, account) for need in needed if (lacking := _lacking(need, held)))


def is_read_only(connection: Connection[Cursor], version: tuple[int, ...]) -> bool:
    """Whether the server takes no writes from this account."""
    if not int(one(connection, "SELECT @@GLOBAL.read_only")[0]):
        return False
    # From 10.11 on SUPER writes no longer there.
    passes = {"ALL PRIVILEGES", "READ_ONLY ADMIN"} | ({"SUPER"} if version < (10, 11) else set())
    return not any(grant.rights & passes for grant in _held(connection) if grant.database == "*")


def statements(needed: tuple[Needed, ...], account: str) -> tuple[str, ...]:
    """All GRANT statements for an account, e.g. for the administrator who sets it up."""
    return tuple(_statement(need, need.rights, account) for need in needed)


def plain_account(connection: Connection[Cursor]) -> str:
    """user@host of this session."""
    return str(one(connection, "SELECT CURRENT_USER()")[0])


def quoted_account(connection: Connection[Cursor]) -> str:
    user, _, host = plain_account(connection).rpartition("@")
    return f"{quote_name(user)}@{quote_name(host)}"


def definer_clause(account: str) -> str:
    """What a CREATE says of the owner of code; `account` is user@host, or a role."""
    user, _, host = account.rpartition("@")
    # Without a host it is a role; with an empty one the server would take it for a user.
    return f"DEFINER={quote_name(user)}@{quote_name(host)} " if host else f"DEFINER={quote_name(user)} "


def _statement(need: Needed, rights: tuple[str, ...], account: str) -> str:
    return f"GRANT {', '.join(rights)} ON {need.scope} TO {account};"


@dataclass(frozen=True, slots=True)
class _Grant:
    rights: frozenset[str]
    database: str  # a pattern, or *
    table: str  # a name, or *
    grantee: str  # the account, or one of its roles


def _held(connection: Connection[Cursor]) -> Iterator[_Grant]:
    for (line,) in rows(connection, "SHOW GRANTS"):
        if found := GRANT_LINE.match(str(line)):
            database, table = re.findall(r"\*|`(?:[^`]|``)+`", found[2])
            yield _Grant(_rights(found[1]), _name(database), _name(table), found[3])


def _rights(text: str) -> frozenset[str]:
    # A right on some columns only is not the right that is meant here.
    whole = re.sub(r"[A-Z ]+\([^)]*\)", "", text)
    return frozenset(right.strip() for right in whole.split(","))


def _name(quoted: str) -> str:
    return quoted if quoted == "*" else quoted[1:-1].replace("``", "`")


def _lacking(need: Needed, held: tuple[_Grant, ...]) -> tuple[str, ...]:
    covering = [grant for grant in held if _covers(grant, need.sample)]
    granted = frozenset[str]().union(*(grant.rights for grant in covering if _counts(grant, covering)))
    return () if "ALL PRIVILEGES" in granted else tuple(r for r in need.rights if r not in granted)


def _counts(grant: _Grant, covering: list[_Grant]) -> bool:
    """Of an account's patterns that fit a database, the server looks only at the most particular one."""
    rivals = [g for g in covering if g.grantee == grant.grantee and g.table == "*" and g.database != "*"]
    return grant not in rivals or all(_particular(grant) >= _particular(rival) for rival in rivals)


def _particular(grant: _Grant) -> int:
    """How many characters stand before a pattern's first wildcard; a pattern without one beats all."""
    wild = re.search(r"(?<!\\)[%_]", grant.database)
    return wild.start() if wild else len(grant.database) + LONGEST


def _covers(grant: _Grant, sample: tuple[str, str]) -> bool:
    database, table = sample
    if grant.database == "*":
        return True
    if not database or not _like(grant.database).fullmatch(database):
        return False
    return grant.table in {"*", table}


def _like(pattern: str) -> re.Pattern[str]:
    wild = {"%": ".*", "_": "."}
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    return re.compile(
        "".join(
            re.escape(p[1]) if p.startswith("\\") and len(p) > 1 else wild.get(p, re.escape(p)) for p in parts
        ),
        re.DOTALL,
    )


def _pattern(database: str, rest: str = "") -> str:
    escaped = re.sub(r"([_%\\])", r"\\\1", database)
    return quote_name(escaped + rest)
