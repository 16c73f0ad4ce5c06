"""A database there and back again: proven, beside itself and on another server, each byte looked at by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from backups.engine import pipeline
from backups.engine.database import Server, quote_name, rows, run, session
from backups.engine.inventory import take_inventory
from backups.engine.manifest import Column, Inventory
from backups.engine.private_server import PrivateServer
from backups.engine.prove import definition_differences
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase, as_root

NUMBERED = {"enum", "set", "bit", "float", "double"}
SPELLED = {"decimal", "date", "time", "datetime", "timestamp"}
LAX = "SET SESSION sql_mode='', innodb_strict_mode=0, check_constraint_checks=0, foreign_key_checks=0"


def comes_back(
    road: Road, database: ScratchDatabase, *, also_on: PrivateServer | None = None
) -> pipeline.Made:
    """Back up, prove, restore beside it and on another server; definitions and bytes are the same."""
    made = road.back_up(database.server, database.name)
    proof = road.drill(made, database.server, database.name)
    assert proof.proven, proof
    for server in (database.server, *([as_root(also_on)] if also_on else [])):
        with _copy(road, made, server, database.name) as copy:
            assert differences(made.manifest.inventory, server, copy) == []
            here = stored_bytes(database.server, database.name, made.manifest.inventory)
            assert stored_bytes(server, copy, made.manifest.inventory) == here
    return made


@contextmanager
def _copy(road: Road, made: pipeline.Made, server: Server, database: str) -> Iterator[str]:
    copy = f"{database[:50]}__salinan"
    road.elsewhere(made, server, copy, beside=database)
    try:
        yield copy
    finally:
        with session(server) as connection:
            run(connection, f"DROP DATABASE {quote_name(copy)}")


def differences(expected: Inventory, server: Server, schema: str) -> list[str]:
    with session(server) as connection:
        return list(definition_differences(expected, take_inventory(connection, schema)))


def stored_bytes(server: Server, schema: str, inventory: Inventory) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, read in another way than a backup reads it."""
    found: dict[str, list[tuple[object, ...]]] = {}
    with session(server) as connection:
        run(connection, "SET SESSION sql_mode=''")
        for table in inventory.tables:
            every = " FOR SYSTEM_TIME ALL" if table.period else ""
            columns = ", ".join(
                looks for column in (*table.columns, *table.period) for looks in _looks(column)
            )
            where = f"{quote_name(schema)}.{quote_name(table.name)}{every}"
            found[table.name] = sorted(rows(connection, f"SELECT {columns} FROM {where}"), key=repr)
    return found


def _looks(column: Column) -> Iterator[str]:
    name = quote_name(column.name)
    yield f"HEX({name})"
    if column.kind in NUMBERED:
        yield f"{name}+0"
    if column.kind == "float":
        yield f"CAST({name} AS DOUBLE)"
    if column.kind in SPELLED:
        yield f"CAST({name} AS CHAR)"
