"""Works: the operators' own database under both case rules, and findings told apart from known defects."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from backups.engine import errors
from backups.engine.database import session
from backups.engine.inventory import server_rules, take_inventory
from backups.engine.manifest import Inventory, Rules
from backups.engine.stream import Silent
from backups.engine.works import Finding, NotExercised, Works, check
from tests.scratch import ScratchDatabase

WRONG_CASE = {
    "trg_booking_after_insert",
    "trg_booking_after_update",
    "trg_booking_before_insert",
    "trg_kendaraan_after_delete",
    "trg_kendaraan_after_insert",
    "trg_mall_after_delete",
    "trg_mall_after_insert",
    "trg_parkiran_after_update",
    "trg_transaksi_after_insert",
}
UPDATES_ITSELF = ("trigger", "trg_transaksi_after_update", "error", 1442)


def inventory_of(database: ScratchDatabase) -> Inventory:
    with session(database.server) as connection:
        return take_inventory(connection, database.name)


def rules_of(database: ScratchDatabase) -> Rules:
    with session(database.server) as connection:
        return server_rules(connection)


def works_of(
    database: ScratchDatabase, inventory: Inventory, missing: tuple[str, ...] = (), shadow: str = ""
) -> Works:
    """The proof, with the database itself as its own shadow."""
    with unchanged(database):
        return check(
            database.server,
            inventory=inventory,
            shadow=shadow or database.name,
            scratch=f"{database.name}__fire",
            target_rules=rules_of(database),
            missing_definers=missing,
            progress=Silent(),
        )


@contextmanager
def unchanged(database: ScratchDatabase) -> Iterator[None]:
    """The database and the list of schemas are afterwards what they were before."""
    listing = "SELECT schema_name FROM information_schema.schemata"
    tables = database.rows(
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_schema = %s AND table_type = 'BASE TABLE'",
        (database.name,),
    )
    checksum = "CHECKSUM TABLE " + ", ".join(f"`{name}`" for (name,) in tables)
    before = database.rows(listing), tables and database.rows(checksum)
    yield
    assert (database.rows(listing), tables and database.rows(checksum)) == before


def under(inventory: Inventory, lower_case_table_names: int) -> Inventory:
    return replace(inventory, rules=replace(inventory.rules, lower_case_table_names=lower_case_table_names))


def brief(findings) -> set[tuple[str, str, str, int | None]]:
    return {(one.kind, one.name, one.cause, one.errno) for one in findings}


def test_where_case_does_not_matter_only_the_known_defect_is_found(qparkin_sql_case_insensitive):
    inventory = inventory_of(qparkin_sql_case_insensitive)
    assert inventory.rules.lower_case_table_names == 1
    works = works_of(qparkin_sql_case_insensitive, inventory)
    assert works.new_findings == ()
    assert brief(works.known_findings) == {UPDATES_ITSELF}
    assert works.not_exercised == ()
    assert works.holds


def test_moving_to_a_server_where_case_matters_breaks_nine_triggers(qparkin_sql):
    inventory = under(inventory_of(qparkin_sql), 1)
    works = works_of(qparkin_sql, inventory)
    assert brief(works.new_findings) == {("trigger", name, "missing_table", None) for name in WRONG_CASE}
    assert len(works.new_findings) == 9
    assert brief(works.known_findings) == {UPDATES_ITSELF}
    assert works.not_exercised == ()
    assert not works.holds


def test_where_the_source_was_broken_in_the_same_way_nothing_is_new(qparkin_sql):
    inventory = inventory_of(qparkin_sql)
    assert inventory.rules.lower_case_table_names == 0
    works = works_of(qparkin_sql, inventory)
    assert works.new_findings == ()
    assert {one.name for one in works.known_findings} == {*WRONG_CASE, UPDATES_ITSELF[1]}
    assert len(works.known_findings) == 10
    assert works.not_exercised == ()


DEMO = Path(__file__).resolve().parents[2] / "backups" / "demo"


def load_demo(database: ScratchDatabase) -> None:
    for name in ("schema.sql", "triggers.sql"):
        lines = (DEMO / name).read_text(encoding="utf-8").splitlines(keepends=True)
        text = "".join(line for line in lines if not line.startswith("--"))
        database.run(*filter(None, map(str.strip, text.split("//\n"))))


def test_the_demo_has_the_same_defects(database, database_case_insensitive):
    load_demo(database)
    load_demo(database_case_insensitive)
    inventory = inventory_of(database)
    works = works_of(database, inventory)
    assert (len(inventory.tables), len(inventory.triggers)) == (29, 34)
    assert works.holds
    assert {one.name for one in works.known_findings} == {*WRONG_CASE, UPDATES_ITSELF[1]}
    assert works.not_exercised == ()
    works = works_of(database_case_insensitive, inventory_of(database_case_insensitive))
    assert works.holds
    assert brief(works.known_findings) == {UPDATES_ITSELF}


def test_an_empty_database_works(database):
    assert works_of(database, inventory_of(database)) == Works((), (), ())


def test_a_view_that_the_source_could_open_and_the_shadow_cannot_is_new(database):
    database.run("CREATE TABLE t (a INT, b INT)", "CREATE VIEW v AS SELECT a, b FROM t")
    inventory = inventory_of(database)
    database.run("ALTER TABLE t DROP COLUMN b")
    broken = replace(inventory, tables=inventory_of(database).tables)
    works = works_of(database, broken)
    assert brief(works.new_findings) == {("view", "v", "view_broken", 1356)}
    assert works.known_findings == ()


def test_a_view_that_was_broken_before_is_a_known_defect(database):
    database.run("CREATE TABLE t (a INT, b INT)", "CREATE VIEW v AS SELECT a, b FROM t")
    database.run("ALTER TABLE t DROP COLUMN b")
    works = works_of(database, inventory_of(database))
    assert works.holds
    assert brief(works.known_findings) == {("view", "v", "view_broken", 1356)}


def test_a_view_of_a_missing_table_is_one_finding(database):
    database.run("CREATE TABLE t (a INT)", "CREATE VIEW v AS SELECT a FROM t", "DROP TABLE t")
    works = works_of(database, inventory_of(database))
    assert works.known_findings == (Finding("view", "v", "missing_table", "t"),)
    assert works.holds


def test_a_view_whose_definer_has_rights_in_the_live_database_only_is_no_finding(database):
    shadow, user = f"{database.name}__restore", f"u{database.name[-8:]}"
    view = f"CREATE DEFINER=`{user}`@localhost SQL SECURITY DEFINER VIEW v AS SELECT a FROM t"
    database.run(
        f"CREATE USER `{user}`@localhost",
        f"GRANT SELECT ON `{database.name}`.* TO `{user}`@localhost",
        "CREATE TABLE t (a INT)",
        view,
        f"CREATE DATABASE `{shadow}`",
        f"USE `{shadow}`",
        "CREATE TABLE t (a INT)",
        view,
    )
    try:
        works = works_of(database, inventory_of(database), shadow=shadow)
        assert works == Works((), (), ())
    finally:
        database.run(f"DROP USER `{user}`@localhost")


def test_a_definer_that_only_the_source_knows_is_a_new_finding(database):
    database.run(
        "CREATE TABLE t (a INT)",
        "CREATE DEFINER=gone@localhost PROCEDURE p() SELECT 1",
        "CREATE DEFINER=gone@localhost TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = 1",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1",
    )
    inventory = inventory_of(database)
    expected = {("procedure", "p", "missing_definer", None), ("trigger", "x", "missing_definer", None)}
    works = works_of(database, replace(inventory, missing_definers=()), ("gone@localhost",))
    assert brief(works.new_findings) == expected
    assert {one.detail for one in works.new_findings} == {"gone@localhost"}
    works = works_of(database, inventory, ("gone@localhost",))
    assert works.holds
    assert brief(works.known_findings) == expected
    # The source would not say, and it is this very server.
    works = works_of(database, replace(inventory, missing_definers=None), ("gone@localhost",))
    assert works.holds
    elsewhere = replace(inventory, missing_definers=None, rules=replace(inventory.rules, identity="other"))
    assert not works_of(database, elsewhere, ("gone@localhost",)).holds


def test_an_error_counts_as_known_only_where_the_servers_agree(database):
    database.run(
        "CREATE TABLE t (a INT)",
        "CREATE TABLE u (a INT)",
        "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW INSERT INTO u (b) VALUES (1)",
        "CREATE TRIGGER y BEFORE INSERT ON u FOR EACH ROW UPDATE u SET a = 1",
    )
    inventory = inventory_of(database)
    works = works_of(database, inventory)
    assert works.holds
    assert brief(works.known_findings) == {("trigger", "x", "error", 1054), ("trigger", "y", "error", 1442)}
    older = replace(inventory, rules=replace(inventory.rules, version="10.4.32-MariaDB"))
    works = works_of(database, older)
    assert brief(works.new_findings) == {("trigger", "x", "error", 1054)}
    assert brief(works.known_findings) == {("trigger", "y", "error", 1442)}


def test_routines_and_events_are_resolved_and_one_object_is_one_finding(database):
    database.run(
        "CREATE TABLE t (a INT)",
        "CREATE PROCEDURE p() BEGIN CREATE TEMPORARY TABLE tmp (a INT); INSERT INTO tmp SELECT a FROM T; END",
        "CREATE PROCEDURE q() SELECT * FROM tmp, Missing, t, missing_too",
        "CREATE FUNCTION f() RETURNS INT RETURN (SELECT COUNT(*) FROM v)",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM gone",
        "CREATE VIEW v AS SELECT a FROM t",
    )
    works = works_of(database, under(inventory_of(database), 1))
    assert set(works.new_findings) == {Finding("procedure", "p", "missing_table", "T")}
    assert set(works.known_findings) == {Finding("event", "e", "missing_table", "gone")} | {
        Finding("procedure", "q", "missing_table", "Missing, missing_too")
    }


def test_what_may_not_be_fired_is_named_and_holds(database):
    database.run(
        "CREATE TABLE t (a INT)",
        "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW INSERT INTO elsewhere.audit VALUES (1)",
    )
    assert works_of(database, inventory_of(database)) == Works((), (), (NotExercised("x", "names_database"),))


def test_a_loss_of_the_connection_still_drops_the_copy(database):
    class Cut(Silent):
        def check(self) -> None:
            for thread, schema in database.rows("SELECT ID, DB FROM information_schema.PROCESSLIST"):
                if schema == f"{database.name}__fire":
                    database.run(f"KILL {thread}")

    database.run("CREATE TABLE t (a INT)", "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = 1")
    inventory = inventory_of(database)
    with unchanged(database), pytest.raises(errors.ConnectionLost):
        check(
            database.server,
            inventory=inventory,
            shadow=database.name,
            scratch=f"{database.name}__fire",
            target_rules=inventory.rules,
            missing_definers=(),
            progress=Cut(),
        )
