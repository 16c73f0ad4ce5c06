"""What a backup of this database would lose: refused by name before anything is written, or declared."""

from __future__ import annotations

from collections.abc import Iterator

from pymysql.connections import Connection
from pymysql.cursors import Cursor

from . import errors
from .codec import codec, stored
from .manifest import Inventory
from .sequences import dangling_defaults

# Their rows lie elsewhere: in other tables, files or servers.
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


def _losses(connection: Connection[Cursor], inventory: Inventory) -> Iterator[tuple[str, str]]:
    present = {sequence.name for sequence in inventory.sequences}
    for dangling in dangling_defaults(connection, inventory.database, present):
        yield "default", f"{dangling} (its sequence is missing)"
    for table in inventory.tables:
        if table.engine.lower() in NOT_OURS:
            yield "table", f"{table.name} ({table.engine})"
        for column in stored(table):
            codec(column)
