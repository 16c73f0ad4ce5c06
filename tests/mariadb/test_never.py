"""What must never happen around a restore, tried on a server that would do it: docs/never.md names the tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backups.engine import errors, pipeline
from backups.engine.database import rows, session
from backups.engine.stream import Silent
from tests.installation import until
from tests.mariadb.parkir import SCHEMA, schemas_beside, state_of
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase

EVERY_SECOND = (
    "CREATE EVENT {name} ON SCHEDULE EVERY 1 SECOND DO INSERT INTO catatan (teks) VALUES ('{name}')"
)


@pytest.fixture
def parkir(database: ScratchDatabase) -> ScratchDatabase:
    database.run(*SCHEMA)
    return database


@pytest.fixture
def scheduler(parkir: ScratchDatabase) -> Iterator[ScratchDatabase]:
    """A clock of the server's that really runs, and beside live a schema whose event proves that it does."""
    before = parkir.rows("SELECT @@GLOBAL.event_scheduler")[0][0]
    beside = f"{parkir.name}__jam"
    yield ScratchDatabase(beside, parkir.server)
    parkir.run(f"SET GLOBAL event_scheduler={before}")


def start(clock: ScratchDatabase) -> None:
    with session(clock.server) as connection:
        rows(connection, f"CREATE DATABASE {clock.name}")
    clock.run("CREATE TABLE catatan (id INT PRIMARY KEY AUTO_INCREMENT, teks VARCHAR(50))")
    clock.run(EVERY_SECOND.format(name="jam"), "SET GLOBAL event_scheduler=ON")


def two_more_seconds(clock: ScratchDatabase) -> None:
    seen = noted(clock)
    until(lambda: noted(clock) >= seen + 2)


def noted(database: ScratchDatabase) -> int:
    return int(str(database.rows("SELECT COUNT(*) FROM catatan")[0][0]))


def test_no_restored_event_fires_before_somebody_says_so(
    road: Road, parkir: ScratchDatabase, scheduler: ScratchDatabase
) -> None:
    parkir.run(EVERY_SECOND.format(name="detik"))
    made = road.back_up(parkir.server, parkir.name)
    parkir.run("DROP EVENT detik")
    start(scheduler)
    assert road.drill(made, parkir.server, parkir.name).proven
    copy = f"{parkir.name}__salinan"
    road.elsewhere(made, parkir.server, copy, beside=parkir.name)
    road.restore(made, parkir.server, parkir.name)
    two_more_seconds(scheduler)
    assert (noted(parkir), noted(ScratchDatabase(copy, parkir.server))) == (0, 0)
    asked = "SELECT EVENT_SCHEMA, STATUS FROM information_schema.events WHERE EVENT_NAME = 'detik'"
    assert set(parkir.rows(asked)) == {(parkir.name, "DISABLED"), (copy, "DISABLED")}
    # Said, it does: the same event, by the same clock.
    awake = f"{parkir.name}__bangun"
    road.elsewhere(made, parkir.server, awake, beside=parkir.name, wake=True)
    until(lambda: noted(ScratchDatabase(awake, parkir.server)) > 0)
    assert noted(parkir) == 0


def test_an_undo_gives_back_the_events_that_were_awake(
    road: Road, parkir: ScratchDatabase, scheduler: ScratchDatabase
) -> None:
    made = road.back_up(parkir.server, parkir.name)
    parkir.run("CREATE EVENT lama ON SCHEDULE EVERY 1 DAY DO DELETE FROM catatan")
    mark, _ = road.restore(made, parkir.server, parkir.name)
    asked = "SELECT STATUS FROM information_schema.events WHERE EVENT_SCHEMA = %s"
    assert parkir.rows(asked, (parkir.name,)) == ()
    start(scheduler)
    # Set aside, it is no event any more that anybody's clock could find.
    assert parkir.rows("SELECT COUNT(*) FROM information_schema.events WHERE EVENT_NAME = 'lama'") == ((0,),)
    pipeline.undo(parkir.server, database=parkir.name, restore_id=mark, progress=Silent())
    assert parkir.rows(asked, (parkir.name,)) == (("ENABLED",),)


@pytest.mark.parametrize("local_infile", [1, 0])
def test_no_trigger_fires_while_rows_are_loaded(
    road: Road, parkir: ScratchDatabase, local_infile: int
) -> None:
    parkir.run(
        "CREATE TRIGGER meledak BEFORE INSERT ON anak FOR EACH ROW "
        "BEGIN IF NEW.id < 100 THEN SIGNAL SQLSTATE '45000'; END IF; END"
    )
    made = road.back_up(parkir.server, parkir.name)
    before = state_of(parkir)
    parkir.run(f"SET GLOBAL local_infile={local_infile}", "DELETE FROM anak")
    try:
        road.restore_tables(made, parkir, "anak", "induk")
        assert state_of(parkir) == before
        road.restore(made, parkir.server, parkir.name)
    finally:
        parkir.run("SET GLOBAL local_infile=1")
    assert state_of(parkir) == before
    assert noted(parkir) == 0


def test_of_two_restores_at_once_one_is_told_and_changes_nothing(road: Road, parkir: ScratchDatabase) -> None:
    """Two panels that know nothing of each other, and the server between them."""
    made = road.back_up(parkir.server, parkir.name)
    new = state_of(parkir)
    parkir.run("DELETE FROM anak")
    refused: list[errors.BackupError] = []

    def meanwhile() -> None:
        for another in (
            lambda: road.restore(made, parkir.server, parkir.name),
            lambda: road.restore_tables(made, parkir, "anak"),
        ):
            with pytest.raises(errors.Busy) as told:
                another()
            refused.append(told.value)

    mark, _ = road.restore(made, parkir.server, parkir.name, before_swap=meanwhile)
    assert [error.code for error in refused] == ["busy", "busy"]
    assert state_of(parkir) == new
    assert [schema for schema in schemas_beside(parkir) if mark not in schema] == []
