"""The schemas that we keep beside a database, and how they are called."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from .database import one, rows

THROW_AWAY = ("restore", "drill", "fire")
WITH_JOURNAL = ("before", "undone")
OURS = re.compile(r"__(before|undone|restore|drill|fire)_([0-9a-f]{12})$")
LONGEST = 64
NO_MARK = "0" * 12


def schema_beside(database: str, kind: str, mark: str) -> str:
    """The name of a schema beside `database`, e.g. qparkin__before_1a2b3c4d5e6f; `mark` is 12 hex digits."""
    return f"{prefix_beside(database)}{kind}_{mark}"


def prefix_beside(database: str) -> str:
    """What the names of all schemas beside `database` begin with; shortened where they would be too long."""
    longest = LONGEST - len(f"restore_{NO_MARK}")
    if len(database) + 2 <= longest:
        return f"{database}__"
    short = hashlib.sha256(database.encode()).hexdigest()[:8]
    return f"{database[: longest - 11]}_{short}__"


def schemas_beside(connection: Connection[Cursor], database: str) -> Iterator[tuple[str, str]]:
    """(kind, name) of our schemas beside `database`, and of nobody else's: park is not parking."""
    for (name,) in rows(connection, "SELECT SCHEMA_NAME FROM information_schema.schemata"):
        if (found := OURS.search(str(name))) and schema_beside(database, found[1], found[2]) == name:
            yield found[1], str(name)


def canonical(connection: Connection[Cursor], database: str) -> str:
    """The database's name as the server itself spells it."""
    cases = int(one(connection, "SELECT @@lower_case_table_names")[0])
    return database.lower() if cases else database
