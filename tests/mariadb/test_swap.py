"""The swap under pressure: who holds tables, what vanished meanwhile, and names that are awkward."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from backups.engine import pipeline
from backups.engine.beside import schema_beside
from backups.engine.database import lock, quote_name, session
from backups.engine.database import rows as query
from backups.engine.errors import (
    Busy,
    FolderOfItsOwn,
    LiveBusy,
    ServerRefused,
    SwapIncomplete,
    TargetNotEmpty,
    TiedToAnother,
    UndoImpossible,
)
from backups.engine.stream import Silent
from tests.mariadb.parkir import SCHEMA, schemas_beside, state_of
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase

# These two sort otherwise for the server than for Python.
UNDERSCORES = ("CREATE TABLE jobs (id INT PRIMARY KEY)", "CREATE TABLE job_batches (id INT PRIMARY KEY)")


@pytest.fixture
def parkir(database: ScratchDatabase) -> ScratchDatabase:
    database.run(*SCHEMA, *UNDERSCORES)
    return database


@contextmanager
def _somebody_holds(database: ScratchDatabase, table: str) -> Iterator[None]:
    with session(database.server, database.name) as idle:
        query(idle, "START TRANSACTION")
        query(idle, f"SELECT * FROM {table}")
        yield


@pytest.mark.parametrize("table", ["jobs", "anak", "induk"])
def test_whoever_holds_a_table_stops_the_swap_before_anything_changes(
    road: Road, parkir: ScratchDatabase, table: str
) -> None:
    made, before = road.back_up(parkir.server, parkir.name), state_of(parkir)
    with _somebody_holds(parkir, table), pytest.raises(LiveBusy):
        road.restore(made, parkir.server, parkir.name)
    assert state_of(parkir) == before
    assert schemas_beside(parkir) == []


def test_no_row_slips_past_its_triggers_while_a_swap_waits(road: Road, parkir: ScratchDatabase) -> None:
    made = road.back_up(parkir.server, parkir.name)
    written, stop = [], threading.Event()

    def application() -> None:
        with session(parkir.server, parkir.name) as connection:
            while not stop.is_set():
                query(connection, "INSERT INTO induk (nama) VALUES ('x')")
                written.append(1)

    thread = threading.Thread(target=application)
    with _somebody_holds(parkir, "jobs"):
        thread.start()
        try:
            with pytest.raises(LiveBusy):
                road.restore(made, parkir.server, parkir.name)
        finally:
            stop.set()
            thread.join()
    assert parkir.rows("SELECT COUNT(*) FROM catatan") == ((2 * len(written),),)


def test_a_live_table_in_a_folder_of_its_own_stops_it_before_anything_is_built(
    road: Road, parkir: ScratchDatabase, tmp_path: Path
) -> None:
    """RENAME would leave its file behind, under the name of the live database."""
    parkir.run(
        f"CREATE TABLE jauh (id INT PRIMARY KEY) DATA DIRECTORY='{tmp_path}'",
        f"CREATE TABLE bagian (id INT PRIMARY KEY) PARTITION BY HASH (id) "
        f"(PARTITION x, PARTITION y DATA DIRECTORY='{tmp_path}')",
        "CREATE TABLE dekat (id INT PRIMARY KEY COMMENT \" DATA DIRECTORY='x'\")",
    )
    made, before = road.back_up(parkir.server, parkir.name), state_of(parkir)
    with pytest.raises(FolderOfItsOwn, match=r"\(DATA DIRECTORY: bagian, jauh\)"):
        road.restore(made, parkir.server, parkir.name)
    with pytest.raises(FolderOfItsOwn, match="jauh"):
        road.restore_tables(made, parkir, "jauh", "dekat")
    road.restore_tables(made, parkir, "dekat")
    road.restore_beside(made, parkir, "jauh")
    parkir.run("DROP TABLE jauh__restored_20261123")
    assert state_of(parkir) == before


def test_a_table_that_gets_a_folder_of_its_own_meanwhile_stops_the_swap(
    road: Road, parkir: ScratchDatabase, tmp_path: Path
) -> None:
    made = road.back_up(parkir.server, parkir.name)
    mark, _ = road.restore(made, parkir.server, parkir.name)
    parkir.run(f"CREATE TABLE jauh (id INT PRIMARY KEY) DATA DIRECTORY='{tmp_path}'")
    before = state_of(parkir)
    with pytest.raises(FolderOfItsOwn):
        pipeline.undo(parkir.server, database=parkir.name, restore_id=mark, progress=Silent())
    assert state_of(parkir) == before


def test_on_the_operators_own_tables_a_time_out_takes_nothing_away(
    road: Road, qparkin_sql: ScratchDatabase
) -> None:
    made = road.back_up(qparkin_sql.server, qparkin_sql.name)
    triggers = "SELECT COUNT(*) FROM information_schema.triggers WHERE TRIGGER_SCHEMA = %s"
    with _somebody_holds(qparkin_sql, "jobs"), pytest.raises(LiveBusy):
        road.restore(made, qparkin_sql.server, qparkin_sql.name)
    assert qparkin_sql.rows(triggers, (qparkin_sql.name,)) == ((34,),)
    road.restore(made, qparkin_sql.server, qparkin_sql.name)
    assert qparkin_sql.rows(triggers, (qparkin_sql.name,)) == ((34,),)


def test_an_incoming_schema_that_vanished_never_empties_live(road: Road, parkir: ScratchDatabase) -> None:
    made, before = road.back_up(parkir.server, parkir.name), state_of(parkir)

    def somebody_drops_the_shadow() -> None:
        shadow = next(schema for schema in schemas_beside(parkir) if "__restore_" in schema)
        parkir.run("SET foreign_key_checks=0", f"DROP DATABASE {quote_name(shadow)}")

    with pytest.raises(SwapIncomplete):
        road.restore(made, parkir.server, parkir.name, before_swap=somebody_drops_the_shadow)
    assert state_of(parkir) == before
    assert schemas_beside(parkir) == []


def test_what_undo_needs_is_not_let_go_while_it_runs(road: Road, parkir: ScratchDatabase) -> None:
    made = road.back_up(parkir.server, parkir.name)
    mark, _ = road.restore(made, parkir.server, parkir.name)
    refused: list[str] = []

    def the_window_closes() -> None:
        try:
            pipeline.drop_kept(parkir.server, database=parkir.name, restore_id=mark)
        except Busy as busy:
            refused.append(busy.code)

    pipeline.undo(
        parkir.server,
        database=parkir.name,
        restore_id=mark,
        progress=Silent(),
        before_swap=the_window_closes,
    )
    assert refused == ["busy"]
    assert pipeline.fate(parkir.server, database=parkir.name, restore_id=mark) == "undone"


def test_the_plan_is_made_under_the_lock(road: Road, parkir: ScratchDatabase) -> None:
    made = road.back_up(parkir.server, parkir.name)
    with lock(parkir.server, parkir.name), pytest.raises(Busy):
        road.restore(made, parkir.server, parkir.name)
    assert schemas_beside(parkir) == []


def test_a_live_database_rebuilt_by_hand_is_never_dropped(road: Road, parkir: ScratchDatabase) -> None:
    made = road.back_up(parkir.server, parkir.name)

    class Killed(BaseException):
        """As if the process died here."""

    def rebuilt_and_killed() -> None:
        parkir.run(f"CREATE TABLE {parkir.name}.tangan (id INT PRIMARY KEY)")
        raise Killed

    with session(parkir.server) as connection:
        query(connection, f"DROP DATABASE {parkir.name}")
    with pytest.raises(Killed):
        road.restore(made, parkir.server, parkir.name, before_swap=rebuilt_and_killed)
    assert pipeline.open_swaps(parkir.server, database=parkir.name)
    found = pipeline.recover(parkir.server, database=parkir.name)
    assert found.pending == ()
    assert parkir.rows("SHOW TABLES") == (("tangan",),)


def test_a_table_that_appears_in_between_is_not_overwritten(road: Road, parkir: ScratchDatabase) -> None:
    made = road.back_up(parkir.server, parkir.name)
    parkir.run("SET foreign_key_checks=0", "DROP TABLE anak")

    def application_makes_it_again() -> None:
        parkir.run("CREATE TABLE anak (lain INT)")

    with suppress(Exception):
        road.restore(made, parkir.server, parkir.name, before_swap=application_makes_it_again)
    assert parkir.rows("SHOW COLUMNS FROM anak")[0][0] == "lain"
    assert pipeline.open_swaps(parkir.server, database=parkir.name) == ()


def test_foreign_keys_of_another_database_are_said_before_anything_moves(
    road: Road, parkir: ScratchDatabase
) -> None:
    made, before = road.back_up(parkir.server, parkir.name), state_of(parkir)
    other = f"lain_{parkir.name}"
    parkir.run(
        f"CREATE DATABASE {other}",
        f"CREATE TABLE {other}.pelanggan (id INT, FOREIGN KEY (id) REFERENCES {parkir.name}.induk (id))",
    )
    try:
        with pytest.raises(TiedToAnother, match="pelanggan"):
            road.restore(made, parkir.server, parkir.name)
        assert state_of(parkir) == before
        assert schemas_beside(parkir) == []
    finally:
        parkir.run(f"DROP DATABASE {other}")


def test_a_target_that_holds_only_code_is_not_empty(road: Road, parkir: ScratchDatabase) -> None:
    made = road.back_up(parkir.server, parkir.name)
    copy = f"{parkir.name}__salinan"
    parkir.run(f"CREATE DATABASE {copy}", f"CREATE FUNCTION {copy}.f() RETURNS INT RETURN 1")
    with pytest.raises(TargetNotEmpty):
        road.elsewhere(made, parkir.server, copy, beside=parkir.name)
    assert parkir.rows(f"SELECT {copy}.f()") == ((1,),)


def test_an_event_cannot_wake_itself_by_its_name(road: Road, parkir: ScratchDatabase) -> None:
    name = "x ON COMPLETION PRESERVE ENABLE"
    parkir.run(
        f"CREATE EVENT `{name}` ON SCHEDULE EVERY 1 HOUR COMMENT 'it''s' DO INSERT INTO catatan (teks) VALUES ('a')"
    )
    made = road.back_up(parkir.server, parkir.name)
    copy = f"{parkir.name}__salinan"
    road.elsewhere(made, parkir.server, copy, beside=parkir.name)
    status = "SELECT EVENT_NAME, STATUS FROM information_schema.events WHERE EVENT_SCHEMA = %s"
    assert parkir.rows(status, (copy,)) == ((name, "DISABLED"),)


def test_a_name_is_the_same_however_it_is_typed(
    road: Road, database_case_insensitive: ScratchDatabase
) -> None:
    database = database_case_insensitive
    database.run(*SCHEMA)
    made = road.back_up(database.server, database.name)
    shadow = schema_beside(database.name, "restore", "0" * 12)
    database.run(f"CREATE DATABASE {shadow}")
    assert len(pipeline.recover(database.server, database=database.name.upper()).told) == 1
    mark, restored = road.restore(made, database.server, database.name.upper())
    assert restored.target == database.name
    pipeline.undo(database.server, database=database.name, restore_id=mark, progress=Silent())


def test_a_restore_of_nowhere_cannot_be_undone(parkir: ScratchDatabase) -> None:
    with pytest.raises(UndoImpossible):
        pipeline.undo(parkir.server, database=parkir.name, restore_id="0" * 12, progress=Silent())
    assert pipeline.fate(parkir.server, database=parkir.name, restore_id="0" * 12) == "gone"


def test_a_live_table_that_cannot_be_read_does_not_stop_a_restore(
    road: Road, parkir: ScratchDatabase
) -> None:
    """What is live may be what the restore is for: it is moved aside, not understood."""
    made, whole = road.back_up(parkir.server, parkir.name), state_of(parkir)
    parkir.run("CREATE SEQUENCE nomor", "CREATE VIEW patah AS SELECT * FROM jobs", "DROP TABLE jobs")
    road.restore(made, parkir.server, parkir.name)
    assert state_of(parkir) == whole


def test_a_lost_parent_that_comes_back_belongs_to_live_alone(road: Road, parkir: ScratchDatabase) -> None:
    """Else the children moved aside would hold on to it, and the application could delete nothing."""
    made = road.back_up(parkir.server, parkir.name)
    parkir.run("DROP VIEW lihat", "SET foreign_key_checks=0", "DROP TABLE induk")
    damaged = state_of(parkir)
    mark, _ = road.restore(made, parkir.server, parkir.name)
    parkir.run("DELETE FROM anak", "DELETE FROM induk", "INSERT INTO induk (id, nama) VALUES (1, 'baru')")
    with pytest.raises(ServerRefused):
        parkir.run("INSERT INTO anak VALUES (9, 999)")
    pipeline.undo(parkir.server, database=parkir.name, restore_id=mark, progress=Silent())
    assert state_of(parkir) == damaged
    assert pipeline.drop_kept(parkir.server, database=parkir.name, restore_id=mark)
