"""Chosen tables: they come back with what belongs to them, the others stay as they are, and it can be undone."""

import pytest

from backups.engine import pipeline
from backups.engine.database import quote_name
from backups.engine.errors import (
    BackupError,
    DatabaseMissing,
    LiveBusy,
    NameTaken,
    RowsWouldDangle,
    ServerRefused,
    TableUnknown,
    TieUnfit,
    TriggerNameTaken,
)
from backups.engine.stream import Silent
from tests.mariadb.parkir import SCHEMA, schemas_beside, state_of
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase


@pytest.fixture
def parkir(database: ScratchDatabase) -> ScratchDatabase:
    database.run(*SCHEMA)
    return database


@pytest.fixture
def made(road: Road, parkir: ScratchDatabase) -> pipeline.Made:
    return road.back_up(parkir.server, parkir.name)


def undo(parkir: ScratchDatabase, mark: str) -> None:
    pipeline.undo(parkir.server, database=parkir.name, restore_id=mark, progress=Silent())


def foreign_keys(parkir: ScratchDatabase) -> set[tuple[object, ...]]:
    """(child, parent's schema, parent) of all foreign keys that touch the live database."""
    return set(
        parkir.rows(
            "SELECT CONCAT(CONSTRAINT_SCHEMA, '.', TABLE_NAME), UNIQUE_CONSTRAINT_SCHEMA, REFERENCED_TABLE_NAME "
            "FROM information_schema.REFERENTIAL_CONSTRAINTS "
            "WHERE UNIQUE_CONSTRAINT_SCHEMA = %s OR CONSTRAINT_SCHEMA = %s",
            (parkir.name, parkir.name),
        )
    )


def test_a_parent_comes_back_and_the_children_left_live_belong_to_it(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made
) -> None:
    parkir.run("UPDATE induk SET nama = 'rusak'", "INSERT INTO catatan (teks) VALUES ('sesudah')")
    parkir.run("DROP TRIGGER catat1", "CREATE TRIGGER baru AFTER DELETE ON induk FOR EACH ROW SET @a = 1")
    damaged = state_of(parkir)
    mark, restored = road.restore_tables(made, parkir, "induk")
    assert (restored.tables, restored.rows) == (1, 2)
    assert parkir.rows("SELECT nama FROM induk ORDER BY id") == (("a",), ("b",))
    assert parkir.rows("SELECT teks FROM catatan") == (("sesudah",),)
    assert foreign_keys(parkir) == {(f"{parkir.name}.anak", parkir.name, "induk")}
    names = (
        "SELECT TRIGGER_NAME FROM information_schema.triggers WHERE TRIGGER_SCHEMA = %s ORDER BY ACTION_ORDER"
    )
    assert parkir.rows(names, (parkir.name,)) == (("catat1",), ("catat2",))
    with pytest.raises(ServerRefused):
        parkir.run("DELETE FROM induk")
    with pytest.raises(ServerRefused):
        parkir.run("INSERT INTO anak VALUES (9, 99)")
    parkir.run("INSERT INTO induk (nama) VALUES ('c')")
    assert parkir.rows("SELECT COUNT(*) FROM catatan") == ((3,),)
    parkir.run("DELETE FROM catatan WHERE teks <> 'sesudah'", "ALTER TABLE catatan AUTO_INCREMENT = 2")
    undo(parkir, mark)
    assert state_of(parkir) == damaged
    assert foreign_keys(parkir) == {(f"{parkir.name}.anak", parkir.name, "induk")}
    assert schemas_beside(parkir) == [f"{parkir.name}__undone_{mark}"]
    with pytest.raises(ServerRefused):
        parkir.run("INSERT INTO anak VALUES (9, 99)")
    assert pipeline.drop_kept(parkir.server, database=parkir.name, restore_id=mark)


def test_a_child_comes_back_and_belongs_to_the_parent_that_stays(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made
) -> None:
    parkir.run("DELETE FROM anak", "INSERT INTO induk (nama) VALUES ('c')")
    damaged = state_of(parkir)
    mark, _ = road.restore_tables(made, parkir, "anak")
    assert parkir.rows("SELECT * FROM anak") == ((1, 1), (2, 2))
    assert parkir.rows("SELECT COUNT(*) FROM induk") == ((3,),)
    # What was moved aside holds on to nothing: the application can delete what its rows referred to.
    assert foreign_keys(parkir) == {(f"{parkir.name}.anak", parkir.name, "induk")}
    undo(parkir, mark)
    assert state_of(parkir) == damaged
    assert foreign_keys(parkir) == {(f"{parkir.name}.anak", parkir.name, "induk")}


def test_several_foreign_keys_of_one_table_are_led_home_together(road: Road, parkir: ScratchDatabase) -> None:
    parkir.run(
        "CREATE TABLE cucu (id INT PRIMARY KEY, a INT, b INT, FOREIGN KEY (a) REFERENCES induk (id), "
        "FOREIGN KEY (b) REFERENCES anak (id) ON DELETE CASCADE, FOREIGN KEY (b) REFERENCES cucu (id))",
        "INSERT INTO cucu VALUES (1, 1, 1), (2, 2, 1)",
    )
    whole, tied = state_of(parkir), foreign_keys(parkir)
    made = road.back_up(parkir.server, parkir.name)
    mark, _ = road.restore_tables(made, parkir, "cucu")
    assert (state_of(parkir), foreign_keys(parkir)) == (whole, tied)
    undo(parkir, mark)
    assert (state_of(parkir), foreign_keys(parkir)) == (whole, tied)


def test_an_index_that_serves_a_foreign_key_keeps_its_name(road: Road, parkir: ScratchDatabase) -> None:
    """The server makes the index of a foreign key anew with it, and calls it after it."""
    parkir.run("CREATE TABLE cucu (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES induk (id))")
    whole = state_of(parkir)
    made = road.back_up(parkir.server, parkir.name)
    mark, _ = road.restore_tables(made, parkir, "induk")
    assert state_of(parkir) == whole
    undo(parkir, mark)
    assert state_of(parkir) == whole


def test_a_lost_table_comes_back_alone(road: Road, parkir: ScratchDatabase, made: pipeline.Made) -> None:
    whole = state_of(parkir)
    parkir.run("SET foreign_key_checks=0", "DROP TABLE induk")
    mark, _ = road.restore_tables(made, parkir, "induk")
    assert state_of(parkir) == whole
    undo(parkir, mark)
    assert parkir.rows("SHOW TABLES LIKE 'induk'") == ()
    assert foreign_keys(parkir) == {(f"{parkir.name}.anak", parkir.name, "induk")}


def test_rows_that_would_dangle_stop_it_unless_accepted(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made
) -> None:
    parkir.run("INSERT INTO induk (nama) VALUES ('c')", "INSERT INTO anak VALUES (3, 3), (4, 3)")
    before = state_of(parkir)
    told = road.scope(made, parkir, "induk").dangling
    assert [(one.child, one.parent, one.rows, one.comes_back) for one in told] == [
        ("anak", "induk", 2, False)
    ]
    with pytest.raises(RowsWouldDangle, match=r"anak \(2\) > induk"):
        road.restore_tables(made, parkir, "induk")
    assert state_of(parkir) == before
    assert schemas_beside(parkir) == []
    _, restored = road.restore_tables(made, parkir, "induk", accept_dangling=True)
    assert restored.dangling == told
    assert parkir.rows("SELECT COUNT(*) FROM anak") == ((4,),)


def test_restored_rows_without_a_live_parent_stop_it(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made
) -> None:
    parkir.run("DELETE FROM anak WHERE id = 2", "DELETE FROM induk WHERE id = 2")
    told = road.scope(made, parkir, "anak").dangling
    assert [(one.child, one.parent, one.rows, one.comes_back) for one in told] == [("anak", "induk", 1, True)]
    with pytest.raises(RowsWouldDangle, match="anak"):
        road.restore_tables(made, parkir, "anak")
    road.restore_tables(made, parkir, "anak", "induk")
    assert parkir.rows("SELECT COUNT(*) FROM anak") == ((2,),)


def test_what_leans_on_the_chosen_tables_is_listed(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made
) -> None:
    scope = road.scope(made, parkir, "induk")
    told = {(one.kind, one.name, one.how, one.tables) for one in scope.dependents}
    assert told == {
        ("table", "anak", "refers_here", ("induk",)),
        ("view", "lihat", "names", ("induk",)),
        ("procedure", "hitung", "names", ("induk",)),
    }
    assert (scope.preview.rows, scope.triggers) == ((("induk", 2, 2),), ("catat1", "catat2"))
    assert schemas_beside(parkir) == []


def test_an_unknown_table_is_refused_by_name(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made
) -> None:
    with pytest.raises(TableUnknown, match="Induk, tidak_ada"):
        road.restore_tables(made, parkir, "Induk", "tidak_ada", "anak")
    with pytest.raises(TableUnknown):
        road.restore_tables(made, parkir)


def test_names_follow_the_servers_case_rule(road: Road, database_case_insensitive: ScratchDatabase) -> None:
    database = database_case_insensitive
    database.run(*SCHEMA)
    made = road.back_up(database.server, database.name)
    database.run("DELETE FROM anak")
    road.restore_tables(made, database, "ANAK", "anak")
    assert database.rows("SELECT COUNT(*) FROM anak") == ((2,),)


def test_a_database_that_is_gone_is_restored_whole(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made
) -> None:
    with parkir.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {parkir.name}")
    with pytest.raises(DatabaseMissing):
        road.restore_tables(made, parkir, "induk")


def test_names_that_live_gave_to_others_are_said(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made
) -> None:
    parkir.run("DROP TRIGGER catat1", "CREATE TRIGGER Catat1 AFTER DELETE ON anak FOR EACH ROW SET @a = 1")
    with pytest.raises(TriggerNameTaken, match="anak"):
        road.restore_tables(made, parkir, "induk")
    parkir.run("DROP TABLE anak", "CREATE VIEW anak AS SELECT 1")
    with pytest.raises(NameTaken):
        road.restore_tables(made, parkir, "anak")
    assert schemas_beside(parkir) == []


def test_a_foreign_key_that_no_longer_fits_stops_it_before_anything_moves(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made
) -> None:
    parkir.run(
        "ALTER TABLE induk ADD kode INT UNIQUE, ADD nomor BIGINT UNIQUE",
        "CREATE TABLE cucu (kode INT, FOREIGN KEY g (kode) REFERENCES induk (kode))",
    )
    before = state_of(parkir)
    with pytest.raises(TieUnfit, match="cucu"):
        road.restore_tables(made, parkir, "induk", accept_dangling=True)
    assert state_of(parkir) == before
    assert schemas_beside(parkir) == []


def test_whoever_holds_a_child_left_live_stops_it(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made
) -> None:
    before = state_of(parkir)
    with parkir.connect() as idle, idle.cursor() as cursor:
        cursor.execute("START TRANSACTION")
        cursor.execute("SELECT * FROM anak")
        with pytest.raises(LiveBusy):
            road.restore_tables(made, parkir, "induk")
    assert state_of(parkir) == before


def test_a_trigger_is_tried_among_the_tables_that_are_live(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made
) -> None:
    parkir.run("ALTER TABLE catatan DROP COLUMN teks")
    with pytest.raises(pipeline.NotAccepted, match="catat1"):
        road.restore_tables(made, parkir, "induk")
    parkir.run("DROP TABLE catatan")
    with pytest.raises(pipeline.NotAccepted, match="catat2"):
        road.restore_tables(made, parkir, "induk")
    road.restore_tables(made, parkir, "induk", accepted=frozenset({"catat1", "catat2"}))
    # Its own parent and child know no triggers: nothing is tried, nothing stops them.
    road.restore_tables(made, parkir, "anak")


SPECIAL = (
    "CREATE SEQUENCE nomor NOCACHE",
    "CREATE SEQUENCE lain NOCACHE",
    "CREATE TABLE tiket (id BIGINT DEFAULT NEXTVAL(nomor) PRIMARY KEY, lama BIGINT DEFAULT NEXTVAL(lain))",
    "INSERT INTO tiket VALUES (DEFAULT, DEFAULT), (DEFAULT, DEFAULT)",
    "CREATE TABLE riwayat (id INT PRIMARY KEY, nilai INT) WITH SYSTEM VERSIONING",
    "INSERT INTO riwayat VALUES (1, 1)",
    "UPDATE riwayat SET nilai = 2",
    "CREATE TABLE tanpa (nilai INT)",
    "INSERT INTO tanpa VALUES (1), (1)",
    "CREATE TABLE bagian (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (9), PARTITION b VALUES LESS THAN MAXVALUE)",
    "INSERT INTO bagian VALUES (1), (10)",
)


def test_special_tables_come_back_too(road: Road, parkir: ScratchDatabase) -> None:
    parkir.run(*SPECIAL)
    made = road.back_up(parkir.server, parkir.name)
    parkir.run("INSERT INTO tiket VALUES (DEFAULT, DEFAULT)", "DELETE FROM riwayat", "DELETE FROM tanpa")
    parkir.run("DELETE FROM bagian", "ALTER TABLE tiket ALTER lama DROP DEFAULT", "DROP SEQUENCE lain")
    mark, restored = road.restore_tables(made, parkir, "tiket", "riwayat", "tanpa", "bagian")
    assert restored.rows == 8
    assert parkir.rows("SELECT COUNT(*) FROM riwayat FOR SYSTEM_TIME ALL") == ((2,),)
    assert parkir.rows("SELECT * FROM bagian") == ((1,), (10,))
    # One sequence went on counting where it is, the other came along.
    parkir.run("INSERT INTO tiket VALUES (DEFAULT, DEFAULT)")
    drawn = parkir.rows("SELECT id, lama FROM tiket ORDER BY id DESC LIMIT 1")
    assert drawn[0] == (4, 3)
    assert parkir.name + "__" not in str(parkir.rows("SHOW CREATE TABLE tiket")[0][1])
    undo(parkir, mark)
    assert parkir.rows("SELECT COUNT(*) FROM tiket") == ((3,),)
    assert parkir.rows("SHOW TABLES LIKE 'lain'") == ()
    parkir.run("INSERT INTO tiket (lama) VALUES (0)")


def test_beside_the_live_tables_nothing_is_touched(road: Road, parkir: ScratchDatabase) -> None:
    parkir.run(*SPECIAL)
    made, before = road.back_up(parkir.server, parkir.name), state_of(parkir)
    restored = road.restore_beside(made, parkir, "anak", "induk", "tiket", "riwayat")[1]
    assert restored.names == tuple(
        (name, f"{name}__restored_20261123") for name in ("anak", "induk", "riwayat", "tiket")
    )
    assert parkir.rows("SELECT * FROM anak__restored_20261123") == ((1, 1), (2, 2))
    again, second = road.restore_beside(made, parkir, "anak")
    assert second.names == (("anak", "anak__restored_20261123_2"),)
    parkir.run(
        "DELETE FROM anak", "DELETE FROM induk", "INSERT INTO induk__restored_20261123 VALUES (9, 'x')"
    )
    assert parkir.rows("SELECT COUNT(*) FROM catatan") == ((0,),)
    parkir.run("INSERT INTO induk VALUES (1, 'a'), (2, 'b')", "INSERT INTO anak VALUES (1, 1), (2, 2)")
    parkir.run("DELETE FROM catatan", "ALTER TABLE catatan AUTO_INCREMENT = 1")
    undo(parkir, again)
    undo(parkir, restored.before_schema[-12:])
    assert state_of(parkir) == before


def test_a_long_name_beside_is_shortened(road: Road, parkir: ScratchDatabase) -> None:
    long = "t" * 64
    parkir.run(f"CREATE TABLE {long} (id INT)", f"CREATE TABLE {long[:-1]}x (id INT)")
    made = road.back_up(parkir.server, parkir.name)
    names = road.restore_beside(made, parkir, long, f"{long[:-1]}x")[1].names
    assert [len(name) for _, name in names] == [64, 64]
    assert len({name for _, name in names}) == 2
    for _, name in names:
        parkir.run(f"SELECT * FROM {quote_name(name)}")


def test_into_a_new_database_come_only_these_tables(
    road: Road, parkir: ScratchDatabase, made: pipeline.Made
) -> None:
    target = f"{parkir.name}__salinan"
    restored = road.elsewhere(made, parkir.server, target, beside=parkir.name, tables=("induk",))
    assert parkir.rows(f"SHOW TABLES FROM {target}") == (("induk",),)
    assert (restored.tables, restored.left_out) == (1, ("catat1", "catat2"))
    both = f"{parkir.name}__dua"
    restored = road.elsewhere(made, parkir.server, both, beside=parkir.name, tables=("induk", "catatan"))
    assert restored.left_out == ()
    parkir.run(f"INSERT INTO {both}.induk (nama) VALUES ('c')")
    assert parkir.rows(f"SELECT COUNT(*) FROM {both}.catatan") == ((2,),)


def test_a_failed_proof_leaves_nothing(road: Road, parkir: ScratchDatabase, made: pipeline.Made) -> None:
    path = road.storage.root / made.name
    text = bytearray(path.read_bytes())
    text[len(text) // 2 : len(text) // 2 + 1] = bytes([text[len(text) // 2] ^ 1])
    path.write_bytes(text)
    before = state_of(parkir)
    try:
        road.restore_tables(made, parkir, "induk", "anak", "catatan")
    except BackupError:
        assert state_of(parkir) == before
    assert [schema for schema in schemas_beside(parkir) if "__before_" not in schema] == []
