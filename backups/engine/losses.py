"""What a backup of this database would lose: refused by name before anything is written, or declared."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import errors
from .codec import codec, stored
from .ddl import split
from .manifest import Column, Inventory
from .sequences import dangling_defaults
from .tokens import NOTHING, Kind, meaningful

# Their rows lie elsewhere: in other tables, files or servers.
WITH_EMOJI = {"utf8mb4", "utf16", "utf16le", "utf32"}
NOT_OURS = {"mrg_myisam", "federated", "connect", "spider", "s3"}


def refuse_losses(connection: Connection[Cursor], inventory: Inventory) -> None:
    """Raise for the first thing that could not come back as it is."""
    for kind, name in _losses(connection, inventory):
        raise errors.UnsupportedObject(kind=kind, name=name)


def warnings_of(inventory: Inventory) -> Iterator[str]:
    """What the archive holds less surely than the rest, e.g. tables that take no part in the snapshot."""
    for table in inventory.tables:
        if table.engine != "InnoDB":
            yield f"{table.name}: {table.engine}"
    for view in inventory.views:
        if not view.columns:
            yield f"The view {view.name} does not compile; its text is kept, and it comes back where it does"
    for column in _perhaps_forgotten(inventory):
        yield f"The column {column} shows a ? where its definition may hold an emoji that the server forgot"


def _perhaps_forgotten(inventory: Inventory) -> Iterator[str]:
    """Labels and plain defaults are shown in utf8mb3, where an emoji is a question mark."""
    for table in inventory.tables:
        for text, column in zip(split(table.ddl).columns, table.columns, strict=False):
            if column.charset in WITH_EMOJI and "?" in text and any(_told_in_utf8mb3(text, column)):
                yield f"{table.name}.{column.name}"


def _told_in_utf8mb3(text: str, column: Column) -> Iterator[bool]:
    spoken = [NOTHING, *meaningful(text, sql_mode="")]
    for before, token in pairwise(spoken):
        listed = column.kind in ("enum", "set") and before.text in ("(", ",")
        yield token.kind is Kind.TEXT and "?" in token.text and (listed or before.keyword == "DEFAULT")


def _losses(connection: Connection[Cursor], inventory: Inventory) -> Iterator[tuple[str, str]]:
    present = {sequence.name for sequence in inventory.sequences}
    for dangling in dangling_defaults(connection, inventory.database, present):
        yield "default", f"{dangling} (its sequence is missing)"
    for table in inventory.tables:
        if table.engine.lower() in NOT_OURS:
            yield "table", f"{table.name} ({table.engine})"
        for column in stored(table):
            codec(column)
