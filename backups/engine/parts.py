"""Large tables cut into ranges of their integer primary key, so that several sessions can read one table."""

from __future__ import annotations

from itertools import pairwise

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import altered
from .database import one, quote_name
from .manifest import Part, Table

PART_BYTES = 32 * 1024 * 1024
MOST_PARTS = 64
INTEGERS = {"tinyint", "smallint", "mediumint", "int", "bigint"}
WHOLE = (Part(None, None),)


def parts_of(session: Connection[Cursor], table: Table, *, database: str, size: int) -> tuple[Part, ...]:
    """Ranges of equal width that cover every key; one range for a table of a part's size or less."""
    wanted = min(size // PART_BYTES, MOST_PARTS)
    if wanted <= 1 or not _has_integer_key(table):
        return WHOLE
    key = quote_name(table.key[0])
    where = f"{quote_name(database)}.{quote_name(table.name)}"
    with altered.named(table.name):
        low, high = one(session, f"SELECT MIN({key}), MAX({key}) FROM {where}")
    if low is None:
        return WHOLE
    step = max(1, (int(high) - int(low)) // wanted)
    bounds = [None, *(int(low) + step * number for number in range(1, wanted)), None]
    return tuple(Part(after, upto) for after, upto in pairwise(bounds))


def _has_integer_key(table: Table) -> bool:
    kinds = {column.name: column.kind for column in table.columns}
    return len(table.key) == 1 and kinds[table.key[0]] in INTEGERS
