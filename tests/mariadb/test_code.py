"""Stored code comes back in its own bytes, settings and order, also what no longer works."""

import pytest

from backups.engine import pipeline
from backups.engine.database import run, session
from backups.engine.inventory import take_inventory
from backups.engine.manifest import Warned
from backups.engine.prove import definition_differences
from backups.engine.stream import Silent
from tests.mariadb.hostile import BROKEN_VIEWS, CODE, IN_LATIN1, PACKAGES
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase


def _differences(database: ScratchDatabase, made: pipeline.Made, schema: str) -> list[str]:
    with session(database.server) as connection:
        return list(definition_differences(made.manifest.inventory, take_inventory(connection, schema)))


def _round_trip(road: Road, database: ScratchDatabase) -> pipeline.Made:
    """Drill, restore elsewhere, swap and undo; the definitions are the same after each."""
    made = road.back_up(database.server, database.name)
    proof = road.drill(made, database.server, database.name)
    assert proof.proven, proof
    copy = f"{database.name}__salinan"
    road.elsewhere(made, database.server, copy, beside=database.name)
    assert _differences(database, made, copy) == []
    mark, _ = road.restore(made, database.server, database.name)
    assert _differences(database, made, database.name) == []
    pipeline.undo(database.server, database=database.name, restore_id=mark, progress=Silent())
    assert _differences(database, made, database.name) == []
    return made


def test_emoji_and_other_charsets_in_code_come_back(road: Road, database: ScratchDatabase) -> None:
    database.run(*CODE)
    with session(database.server, database.name) as connection:
        run(connection, "SET NAMES latin1")
        for statement in IN_LATIN1:
            run(connection, statement)
    made = _round_trip(road, database)
    assert made.manifest.warnings == ()
    bodies = {trigger.name: trigger.body for trigger in made.manifest.inventory.triggers}
    assert bodies == {
        "t": "SET NEW.v = '🛵é'",
        "pemicué": "SET NEW.v = '\udce9'",
        "pemilik": "SET @x = '\udce9'",
        "sesudah": "SET NEW.v = 'FOR EACH ROW \udce9'",
    }
    shown = f"SHOW CREATE TRIGGER `{database.name}__salinan`.`pemicué`"
    assert "SET NEW.v = '\udce9'" in str(database.rows(shown)[0][2])


def test_an_emoji_that_the_server_forgot_is_told_of(road: Road, database: ScratchDatabase) -> None:
    database.run(
        "CREATE TABLE meja (id INT PRIMARY KEY, a VARCHAR(9) DEFAULT '🚗', b ENUM('🚗', 'x'), "
        "c VARCHAR(9) DEFAULT 'x' COMMENT 'ya?', d VARCHAR(9) DEFAULT (CONCAT('?', '🚗')))"
    )
    told = road.back_up(database.server, database.name).manifest.warnings
    assert told == (Warned("emoji_forgotten", ("meja.a", "meja.b")),)


def test_packages_come_back(road: Road, database: ScratchDatabase) -> None:
    database.run(*PACKAGES)
    made = _round_trip(road, database)
    kinds = [routine.kind for routine in made.manifest.inventory.routines]
    assert kinds == ["PACKAGE", "PACKAGE BODY", "PROCEDURE"]
    database.run("SET SESSION sql_mode='ORACLE'", "DROP PACKAGE paket")
    database.run("CREATE FUNCTION oracle_gaya() RETURNS INT RETURN 1")
    mark, _ = road.restore(made, database.server, database.name)
    assert _differences(database, made, database.name) == []
    pipeline.undo(database.server, database=database.name, restore_id=mark, progress=Silent())
    assert len(database.rows("SELECT 1 FROM mysql.proc WHERE db = %s", (database.name,))) == 2


def test_views_that_do_not_compile_stop_nothing(road: Road, database: ScratchDatabase) -> None:
    database.run(*BROKEN_VIEWS)
    made = _round_trip(road, database)
    assert made.manifest.warnings == (Warned("view_broken", ("di_atas", "rusak")),)
    assert [view.name for view in made.manifest.inventory.views] == ["di_atas", "rusak", "utuh"]


def test_code_made_under_another_collation_of_the_database_keeps_it(
    road: Road, database: ScratchDatabase
) -> None:
    database.run(
        "CREATE TABLE a (id INT PRIMARY KEY, n VARCHAR(9))",
        "ALTER DATABASE COLLATE latin1_bin",
        "CREATE PROCEDURE lama(x VARCHAR(9)) SELECT x",
        "CREATE TRIGGER lama BEFORE INSERT ON a FOR EACH ROW SET NEW.n = 'a'",
        "ALTER DATABASE COLLATE utf8mb4_general_ci",
        "CREATE PROCEDURE baru(x VARCHAR(9)) SELECT x",
        "CREATE EVENT baru ON SCHEDULE EVERY 1 HOUR DO SELECT 1",
    )
    made = _round_trip(road, database)
    found = {(body.name, body.database_collation) for body in made.manifest.inventory.bodies}
    assert found == {("lama", "latin1_bin"), ("baru", "utf8mb4_general_ci")}


@pytest.mark.parametrize(
    "definer", ["`a@b`@`%`", "`o'x\"y``z`@`10.0.0.%`", "`tidak ada`@`local host`", "`rôle`@`%`"]
)
def test_definers_with_odd_names_come_back(road: Road, database: ScratchDatabase, definer: str) -> None:
    database.run(
        "CREATE TABLE a (id INT PRIMARY KEY, n INT)",
        f"CREATE DEFINER={definer} TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.n = 1",
        f"CREATE DEFINER={definer} PROCEDURE p() SELECT 1",
        f"CREATE DEFINER={definer} EVENT e ON SCHEDULE EVERY 1 HOUR DO SELECT 1",
        f"CREATE DEFINER={definer} SQL SECURITY INVOKER VIEW v AS SELECT 1 AS x",
    )
    _round_trip(road, database)
