"""Each right that a backup needs: without it nothing is written, and the statement we name is the cure."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from backups.engine import pipeline
from backups.engine.database import Server, quote_name, session
from backups.engine.database import rows as query
from backups.engine.errors import DatabaseMissing, GrantMissing
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase

ON_DATABASE = ("SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "EXECUTE", "LOCK TABLES")
EVERYTHING = (
    "CREATE TABLE a (id INT PRIMARY KEY, n INT)",
    "CREATE TABLE lama (id INT) ENGINE=MyISAM",
    "CREATE FUNCTION tambah(x INT) RETURNS INT DETERMINISTIC RETURN x + 1",
    "CREATE SQL SECURITY INVOKER VIEW v AS SELECT tambah(id) AS b FROM a",
    "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.n = tambah(NEW.n)",
    "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1",
    "INSERT INTO a VALUES (1, 1)",
)


@contextmanager
def reader_with(database: ScratchDatabase, rights: tuple[str, ...], *, proc: bool = True) -> Iterator[Server]:
    name = f"pembaca_{secrets.token_hex(4)}"
    where = quote_name(database.name.replace("_", r"\_"))
    with session(database.server) as connection:
        query(connection, f"CREATE USER {name}@localhost")
        query(connection, f"GRANT {', '.join(rights)} ON {where}.* TO {name}@localhost")
        if proc:
            query(connection, f"GRANT SELECT ON mysql.proc TO {name}@localhost")
        try:
            yield replace(database.server, username=name)
        finally:
            query(connection, f"DROP USER {name}@localhost")


def without(right: str) -> tuple[str, ...]:
    return tuple(other for other in ON_DATABASE if other != right)


@pytest.mark.parametrize("right", [*ON_DATABASE, "mysql.proc"])
def test_each_missing_right_is_refused_and_the_named_statement_is_the_cure(
    road: Road, database: ScratchDatabase, right: str
) -> None:
    database.run(*EVERYTHING)
    with reader_with(database, without(right), proc=right != "mysql.proc") as reader:
        with pytest.raises(GrantMissing) as refused:
            road.back_up(reader, database.name)
        assert not road.storage.root.exists() or not list(road.storage.root.iterdir())
        statement = str(refused.value.params["statement"])
        named = "GRANT SELECT ON `mysql`.`proc` TO" if right == "mysql.proc" else f"GRANT {right} ON"
        assert statement.startswith(named)
        database.run(statement)
        made = road.back_up(reader, database.name)
        as_root = road.back_up(database.server, database.name)
        assert made.manifest.inventory == replace(
            as_root.manifest.inventory, missing_definers=made.manifest.inventory.missing_definers
        )


def test_what_the_database_does_not_hold_is_not_asked_for(road: Road, database: ScratchDatabase) -> None:
    database.run("CREATE TABLE a (id INT PRIMARY KEY)")
    with reader_with(database, ("SELECT", "SHOW VIEW", "TRIGGER", "EVENT")) as reader:
        assert pipeline.missing_grants(reader, database=database.name, for_restore=False) == ()
        road.back_up(reader, database.name)
        database.run("CREATE TABLE lama (id INT) ENGINE=Aria")
        assert "LOCK TABLES" in pipeline.missing_grants(reader, database=database.name, for_restore=False)[0]
        road.back_up(replace(reader, lock_tables=False), database.name)
        database.run("CREATE VIEW v AS SELECT 1 AS satu")
        assert "EXECUTE" in pipeline.missing_grants(reader, database=database.name, for_restore=False)[0]


def test_who_may_see_nothing_is_told_of_all_rights_and_not_that_it_is_gone(
    road: Road, database: ScratchDatabase
) -> None:
    database.run(*EVERYTHING)
    with reader_with(database, ("SELECT",)) as reader:
        database.run(f"REVOKE ALL PRIVILEGES, GRANT OPTION FROM {reader.username}@localhost")
        with pytest.raises(GrantMissing, match=", ".join(ON_DATABASE)):
            road.back_up(reader, database.name)
        for statement in pipeline.missing_grants(reader, database=database.name, for_restore=False):
            database.run(statement)
        assert road.back_up(reader, database.name).manifest.inventory.views[0].columns == ("b",)
        with pytest.raises((DatabaseMissing, GrantMissing)):
            road.back_up(reader, "tidak_ada")


def test_rights_by_a_role_count_where_the_role_is_on(road: Road, database: ScratchDatabase) -> None:
    database.run(*EVERYTHING)
    role = f"peran_{secrets.token_hex(4)}"
    where = quote_name(database.name.replace("_", r"\_"))
    with reader_with(database, ("SELECT",)) as reader:
        account = f"{reader.username}@localhost"
        database.run(f"CREATE ROLE {role}", f"GRANT {role} TO {account}")
        try:
            database.run(f"GRANT {', '.join(ON_DATABASE[1:])} ON {where}.* TO {role}")
            assert pipeline.missing_grants(reader, database=database.name, for_restore=False)
            database.run(f"SET DEFAULT ROLE {role} FOR {account}")
            assert pipeline.missing_grants(reader, database=database.name, for_restore=False) == ()
            assert road.back_up(reader, database.name).manifest.warnings
        finally:
            database.run(f"DROP ROLE {role}")


def test_a_right_on_some_columns_or_some_tables_is_not_the_right(database: ScratchDatabase) -> None:
    database.run(*EVERYTHING)
    with reader_with(database, without("SELECT")) as reader:
        account = f"{reader.username}@localhost"
        database.run(f"GRANT SELECT (id) ON a TO {account}", f"GRANT SELECT ON lama TO {account}")
        named = pipeline.missing_grants(reader, database=database.name, for_restore=False)
        assert [statement.partition(" ON ")[0] for statement in named] == ["GRANT SELECT"]
