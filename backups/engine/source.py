"""Which rows, and in which order: the same whenever and however a part of a table is read."""

from __future__ import annotations

from .database import quote_name
from .manifest import Part, Table


def source_of(table: Table, *, database: str, part: Part) -> str:
    """FROM, WHERE and ORDER BY. A table without a key is read in the order of its rows, never of an index."""
    where = f"FROM {quote_name(database)}.{quote_name(table.name)}"
    if table.period:
        where += " FOR SYSTEM_TIME ALL"
    if not table.key:
        return where + " USE INDEX ()"
    key = quote_name(table.key[0])
    bounds = [f"{key} > {part.after}"] * (part.after is not None)
    bounds += [f"{key} <= {part.upto}"] * (part.upto is not None)
    # By the table's name too: a bare one could mean what is selected instead.
    order = ", ".join(f"{quote_name(table.name)}.{quote_name(name)}" for name in table.key)
    return where + (" WHERE " + " AND ".join(bounds) if bounds else "") + " ORDER BY " + order
