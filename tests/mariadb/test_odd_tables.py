"""Tables that others lose: with a history, in partitions, compressed, broken by their own rules, without columns."""

import pytest

from backups.engine import pipeline
from backups.engine.errors import HistoryNotRestorable, UnsupportedObject
from backups.engine.manifest import Warned
from backups.engine.pipeline.rights import refuse_history
from backups.engine.stream import Silent
from tests.mariadb.hostile import ODD_TABLES, VERSIONED
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase

HISTORY = {
    "tanpa_kunci": "a, b, row_start, row_end",
    "berkunci": "id, b, u, k, row_start, row_end",
    "bernama": "a, b, mulai, akhir",
    "sebagian": "a, b, row_start, row_end",
    "bernomor": "id, b, row_start, row_end",
}


def _history(database: ScratchDatabase, schema: str) -> list[object]:
    return [
        database.rows(f"SELECT {columns} FROM `{schema}`.{table} FOR SYSTEM_TIME ALL ORDER BY {columns}")
        for table, columns in HISTORY.items()
    ]


def test_history_by_transactions_is_refused(road: Road, database: ScratchDatabase) -> None:
    database.run(
        "CREATE TABLE tepat (a INT, s BIGINT UNSIGNED GENERATED ALWAYS AS ROW START, "
        "e BIGINT UNSIGNED GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (s, e)) WITH SYSTEM VERSIONING"
    )
    with pytest.raises(UnsupportedObject, match="tepat"):
        road.back_up(database.server, database.name)


def test_a_table_whose_rows_lie_in_others_is_refused(road: Road, database: ScratchDatabase) -> None:
    database.run(
        "CREATE TABLE satu (id INT PRIMARY KEY) ENGINE=MyISAM",
        "CREATE TABLE gabungan (id INT PRIMARY KEY) ENGINE=MERGE UNION=(satu)",
    )
    with pytest.raises(UnsupportedObject, match="gabungan"):
        road.back_up(database.server, database.name)


def test_history_is_refused_where_the_server_cannot_take_it(road: Road, database: ScratchDatabase) -> None:
    database.run(*VERSIONED)
    inventory = road.back_up(database.server, database.name).manifest.inventory
    with pytest.raises(HistoryNotRestorable, match=r"berkunci.* 10\.6"):
        refuse_history(inventory, (10, 6))
    refuse_history(inventory, (10, 11))


def test_history_comes_back_and_is_moved(road: Road, database: ScratchDatabase) -> None:
    database.run(*VERSIONED)
    expected = _history(database, database.name)
    made = road.back_up(database.server, database.name)
    proof = road.drill(made, database.server, database.name)
    assert proof.proven, proof
    copy = f"{database.name}__salinan"
    road.elsewhere(made, database.server, copy, beside=database.name)
    assert _history(database, copy) == expected
    database.run("UPDATE bernama SET b = 7", "DELETE HISTORY FROM berkunci")
    changed = _history(database, database.name)
    mark, _ = road.restore(made, database.server, database.name)
    assert _history(database, database.name) == expected
    database.run("INSERT INTO bernomor (b) VALUES (9)", "UPDATE berkunci SET b = 0 WHERE id = 1")
    pipeline.undo(database.server, database=database.name, restore_id=mark, progress=Silent())
    assert _history(database, database.name) == changed


def test_tables_that_others_lose_come_back(road: Road, database: ScratchDatabase) -> None:
    database.run(*ODD_TABLES)
    made = road.back_up(database.server, database.name)
    locked = ("aria (Aria)", "ingatan (MEMORY)", "isam (MyISAM)", "koma (CSV)")
    assert made.manifest.warnings == (Warned("locked", locked),)
    proof = road.drill(made, database.server, database.name)
    assert proof.proven, proof
    copy = f"{database.name}__salinan"
    road.elsewhere(made, database.server, copy, beside=database.name)
    for table in made.manifest.inventory.tables:
        names = ", ".join(f"HEX(`{c.name}`)" + f", `{c.name}`+0" * (c.kind != "point") for c in table.columns)
        there, here = (
            database.rows(f"SELECT {names} FROM `{s}`.{table.name} ORDER BY 1, 2")
            for s in (copy, database.name)
        )
        assert there == here, table.name
    mark, _ = road.restore(made, database.server, database.name)
    pipeline.undo(database.server, database=database.name, restore_id=mark, progress=Silent())
    again = road.back_up(database.server, database.name)
    assert [rows.chunks[0].sha256 for rows in again.manifest.rows if rows.chunks and not rows.row_sum] == [
        rows.chunks[0].sha256 for rows in made.manifest.rows if rows.chunks and not rows.row_sum
    ]


@pytest.mark.parametrize("many", [100, pytest.param(1000, marks=pytest.mark.slow)])
def test_a_thousand_tables_come_back(road: Road, database: ScratchDatabase, many: int) -> None:
    database.run(
        *(f"CREATE TABLE t{n} (id INT PRIMARY KEY, v VARCHAR(9)) ENGINE=Aria" for n in range(many)),
        *(f"INSERT INTO t{n} VALUES ({n}, 'x')" for n in range(many)),
    )
    made = road.back_up(database.server, database.name)
    assert (len(made.manifest.rows), made.manifest.row_count) == (many, many)
    copy = f"{database.name}__salinan"
    restored = road.elsewhere(made, database.server, copy, beside=database.name)
    assert (restored.tables, restored.rows) == (many, many)
