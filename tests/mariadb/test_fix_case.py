"""QParkIn's nine triggers on a server that keeps names as they are written: broken, then spelled anew."""

from __future__ import annotations

import pytest

from backups.engine import pipeline
from backups.engine.database import session
from backups.engine.inventory import take_inventory
from backups.engine.pipeline import NotAccepted, Wishes
from backups.engine.prove import definition_differences
from backups.engine.stream import Silent
from tests.mariadb.road import Road
from tests.mariadb.test_works import WRONG_CASE
from tests.scratch import ScratchDatabase

PARKING = (
    "CREATE TABLE mall (id INT PRIMARY KEY, nama VARCHAR(80))",
    "CREATE TABLE notifikasi (id INT PRIMARY KEY AUTO_INCREMENT, `Mall` INT, isi VARCHAR(80))",
    "INSERT INTO mall VALUES (1, 'Grand Batam')",
    (
        "CREATE TRIGGER kabar AFTER INSERT ON MALL FOR EACH ROW BEGIN\n"
        "  INSERT INTO Notifikasi (Mall, isi) VALUES (NEW.id, 'Mall dan Notifikasi baru'); -- Notifikasi\n"
        "END"
    ),
    "CREATE PROCEDURE bersih() DELETE Notifikasi FROM Notifikasi JOIN Mall ON Mall.id = Notifikasi.mall",
    "CREATE VIEW Ringkas AS SELECT Mall.nama FROM Mall",
    "CREATE EVENT sapu ON SCHEDULE EVERY 1 DAY DO DELETE FROM NOTIFIKASI",
)


def restored(
    road: Road, made: pipeline.Made, database: ScratchDatabase, *tables: str, **wishes: object
) -> tuple[str, pipeline.Restored]:
    mark = pipeline.new_mark()
    more = {"tables": tables} if tables else {}
    way = pipeline.restore_tables if tables else pipeline.restore
    return mark, way(
        road.source(made),
        server=database.server,
        database=database.name,
        restore_id=mark,
        wishes=Wishes(fix_case=True, **wishes),  # type: ignore[arg-type]
        before_swap=lambda: None,
        progress=Silent(),
        **more,
    )


def rewrites(road: Road, made: pipeline.Made, database: ScratchDatabase, **more: object) -> list[str]:
    told = pipeline.rewrites(
        made.manifest, server=database.server, database=database.name,
        target=str(more.get("target") or database.name), tables=more.get("tables"),  # type: ignore[arg-type]
    )  # fmt: skip
    return [f"{one.kind} {one.name}" for one in told]


@pytest.fixture
def made(road: Road, database_case_insensitive: ScratchDatabase) -> pipeline.Made:
    lowering = database_case_insensitive
    lowering.run(*PARKING)
    return road.back_up(lowering.server, lowering.name)


def test_without_being_asked_nothing_is_rewritten_and_the_restore_stops(
    road: Road, made: pipeline.Made, database: ScratchDatabase
) -> None:
    with pytest.raises(NotAccepted) as stopped:
        road.restore(made, database.server, database.name)
    assert str(stopped.value.params["names"]) == "bersih, kabar, sapu"
    assert stopped.value.proof.rewritten == ()


def test_spelled_anew_it_works_and_the_proof_says_what_is_not_equal(
    road: Road, made: pipeline.Made, database: ScratchDatabase
) -> None:
    offered = rewrites(road, made, database)
    assert offered == ["trigger kabar", "procedure bersih", "event sapu"]
    _, done = restored(road, made, database)
    assert (done.proof.equal, done.proof.works.new_findings) == (True, ())
    assert [f"{one.kind} {one.name}" for one in done.proof.rewritten] == offered
    assert done.proof.rewritten[0].lines == (
        (
            "INSERT INTO Notifikasi (Mall, isi) VALUES (NEW.id, 'Mall dan Notifikasi baru'); -- Notifikasi",
            "INSERT INTO notifikasi (Mall, isi) VALUES (NEW.id, 'Mall dan Notifikasi baru'); -- Notifikasi",
        ),
    )
    database.run("INSERT INTO mall VALUES (2, 'Nagoya')", "CALL bersih()", "INSERT INTO mall VALUES (3, 'x')")
    assert database.rows("SELECT `Mall`, isi FROM notifikasi") == ((3, "Mall dan Notifikasi baru"),)


def test_what_was_rewritten_goes_with_the_undo(
    road: Road, made: pipeline.Made, database: ScratchDatabase
) -> None:
    database.run("CREATE TABLE lama (id INT PRIMARY KEY)")
    mark, _ = restored(road, made, database)
    pipeline.undo(database.server, database=database.name, restore_id=mark, progress=Silent())
    assert [name for (name,) in database.rows("SHOW TABLES")] == ["lama"]
    assert database.rows("SHOW TRIGGERS") == ()


def test_one_table_finds_those_that_stay_live(
    road: Road, made: pipeline.Made, database: ScratchDatabase
) -> None:
    database.run(*PARKING[:3])
    assert rewrites(road, made, database, tables=("mall",)) == ["trigger kabar"]
    # Alone in another database it would not find notifikasi, however that is spelled.
    assert rewrites(road, made, database, tables=("mall",), target=f"{database.name}__lain") == []
    _, done = restored(road, made, database, "mall")
    assert [one.name for one in done.proof.rewritten] == ["kabar"]
    database.run("INSERT INTO mall VALUES (2, 'Nagoya')")
    assert database.rows("SELECT `Mall` FROM notifikasi") == ((2,),)


def test_a_server_that_lowers_names_needs_no_rewriting(
    road: Road, made: pipeline.Made, database_case_insensitive: ScratchDatabase
) -> None:
    lowering = database_case_insensitive
    assert rewrites(road, made, lowering) == []
    _, done = restored(road, made, lowering)
    assert done.proof.rewritten == ()
    with session(lowering.server) as connection:
        (kept,) = take_inventory(connection, lowering.name).triggers
    assert kept == made.manifest.inventory.triggers[0]


def test_the_operators_nine_triggers_work_after_it(
    road: Road, qparkin_sql_case_insensitive: ScratchDatabase, database: ScratchDatabase
) -> None:
    source = qparkin_sql_case_insensitive
    made = road.back_up(source.server, source.name)
    assert {one.removeprefix("trigger ") for one in rewrites(road, made, database)} == WRONG_CASE
    _, done = restored(road, made, database)
    assert {one.name for one in done.proof.rewritten} == WRONG_CASE
    assert (done.proof.equal, done.proof.works.new_findings) == (True, ())
    broken = {finding.name for finding in done.proof.works.known_findings}
    assert not broken & WRONG_CASE
    # Looked at beside the archive itself: nothing else is otherwise.
    with session(database.server) as connection:
        found = take_inventory(connection, database.name)
    told = set(definition_differences(made.manifest.inventory, found))
    assert told == {f"trigger {name} is defined otherwise" for name in WRONG_CASE}


def test_triggers_that_were_broken_before_can_be_mended_too(road: Road, qparkin_sql: ScratchDatabase) -> None:
    """On a server that keeps names they never worked: restored as they are unless somebody asks."""
    made = road.back_up(qparkin_sql.server, qparkin_sql.name)
    _, as_it_was = road.restore(made, qparkin_sql.server, qparkin_sql.name)
    assert {f.name for f in as_it_was.proof.works.known_findings} >= WRONG_CASE
    _, done = restored(road, made, qparkin_sql)
    assert {one.name for one in done.proof.rewritten} == WRONG_CASE
    assert not {f.name for f in done.proof.works.known_findings} & WRONG_CASE
    assert done.proof.works.new_findings == ()
    ((before,),) = qparkin_sql.rows("SELECT COUNT(*) FROM notifikasi")
    qparkin_sql.run("INSERT INTO kendaraan (id_user, plat) SELECT MIN(id_user), 'B 1 UJI' FROM user")
    ((after,),) = qparkin_sql.rows("SELECT COUNT(*) FROM notifikasi")
    assert int(str(after)) == int(str(before)) + 1
