"""The operators' own database, there and back, under both case rules."""

import pytest

from backups.engine import pipeline
from backups.engine.database import session
from backups.engine.inventory import take_inventory
from backups.engine.manifest import Inventory
from backups.engine.stream import Silent
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase

BOTH = pytest.mark.parametrize("fixture", ["qparkin_sql", "qparkin_sql_case_insensitive"])


def _inventory(database: ScratchDatabase) -> Inventory:
    with session(database.server) as connection:
        return take_inventory(connection, database.name)


@BOTH
def test_a_lost_table_comes_back_with_everything_around_it(
    request: pytest.FixtureRequest, road: Road, fixture: str
) -> None:
    database: ScratchDatabase = request.getfixturevalue(fixture)
    whole = _inventory(database)
    rows = database.rows("SELECT * FROM notifikasi"), database.rows("SELECT id_user, saldo_poin FROM user")
    made = road.back_up(database.server, database.name)
    database.run("SET foreign_key_checks=0", "DROP TABLE transaksi_parkir")
    damaged = _inventory(database)
    mark, _ = road.restore(made, database.server, database.name)
    assert _inventory(database) == whole
    assert (len(whole.tables), len(whole.triggers)) == (29, 34)
    assert sum(table.ddl.count(" FOREIGN KEY ") for table in whole.tables) == 19
    # A trigger that fired during the load would have added to these.
    assert (
        database.rows("SELECT * FROM notifikasi"),
        database.rows("SELECT id_user, saldo_poin FROM user"),
    ) == rows
    pipeline.undo(database.server, database=database.name, restore_id=mark, progress=Silent())
    assert _inventory(database) == damaged


def test_made_on_one_case_rule_and_proven_on_the_other(
    road: Road, qparkin_sql_case_insensitive: ScratchDatabase, qparkin_sql: ScratchDatabase
) -> None:
    made = road.back_up(qparkin_sql_case_insensitive.server, qparkin_sql_case_insensitive.name)
    proof = road.drill(made, qparkin_sql.server, qparkin_sql.name)
    assert proof.equal
    assert not proof.proven
    assert len(proof.works.new_findings) == 9
    assert [(f.name, f.errno) for f in proof.works.known_findings] == [("trg_transaksi_after_update", 1442)]
