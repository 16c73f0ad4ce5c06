"""One hostile database with all of it at once, there and back again."""

import pytest

from backups.engine import pipeline
from backups.engine.database import session
from backups.engine.inventory import take_inventory
from backups.engine.manifest import Inventory
from backups.engine.prove import definition_differences
from backups.engine.stream import Silent
from tests.mariadb.hostile import make_hostile
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase


@pytest.fixture
def hostile(database: ScratchDatabase) -> ScratchDatabase:
    make_hostile(database)
    return database


def _inventory(database: ScratchDatabase, schema: str) -> Inventory:
    with session(database.server) as connection:
        return take_inventory(connection, schema)


def _rows(made: pipeline.Made) -> list[object]:
    """Each table's rows as hashes: of its chunks in order, or of all rows where nothing orders them."""
    return [
        (rows.table, rows.row_sum or [chunk.sha256 for chunk in rows.chunks]) for rows in made.manifest.rows
    ]


def test_it_is_proven_and_comes_back_beside_itself(road: Road, hostile: ScratchDatabase) -> None:
    made = road.back_up(hostile.server, hostile.name)
    proof = road.drill(made, hostile.server, hostile.name)
    assert proof.proven, proof
    copy = f"{hostile.name}__salinan"
    road.elsewhere(made, hostile.server, copy, beside=hostile.name)
    assert list(definition_differences(made.manifest.inventory, _inventory(hostile, copy))) == []
    assert _rows(road.back_up(hostile.server, copy)) == _rows(made)


def test_it_comes_back_on_another_server(
    road: Road, hostile: ScratchDatabase, database_case_insensitive: ScratchDatabase
) -> None:
    made = road.back_up(hostile.server, hostile.name)
    there = database_case_insensitive
    road.elsewhere(made, there.server, f"{there.name}__salinan", beside=there.name)
    found = _inventory(there, f"{there.name}__salinan")
    assert list(definition_differences(made.manifest.inventory, found)) == []
    assert _rows(road.back_up(there.server, f"{there.name}__salinan")) == _rows(made)


def test_it_is_swapped_in_and_out(road: Road, hostile: ScratchDatabase) -> None:
    made = road.back_up(hostile.server, hostile.name)
    hostile.run("DELETE FROM semua", "DROP SEQUENCE habis", "DROP PROCEDURE asing", "DROP TABLE terhitung")
    damaged = road.back_up(hostile.server, hostile.name)
    mark, _ = road.restore(made, hostile.server, hostile.name)
    assert list(definition_differences(made.manifest.inventory, _inventory(hostile, hostile.name))) == []
    assert _rows(road.back_up(hostile.server, hostile.name)) == _rows(made)
    pipeline.undo(hostile.server, database=hostile.name, restore_id=mark, progress=Silent())
    assert list(definition_differences(damaged.manifest.inventory, _inventory(hostile, hostile.name))) == []
    assert _rows(road.back_up(hostile.server, hostile.name)) == _rows(damaged)
