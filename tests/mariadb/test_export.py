"""An archive as plain SQL: loaded by a client, or as phpMyAdmin does it, it is the same database again."""

from __future__ import annotations

import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

from backups.engine import errors, pipeline
from backups.engine.database import quote_name, rows, session
from backups.engine.inventory import take_inventory
from backups.engine.manifest import Inventory
from backups.engine.prove import definition_differences
from backups.engine.stream import Silent
from tests.mariadb.hostile import make_hostile
from tests.mariadb.phpmyadmin import take_in
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase

AWKWARD = (
    """CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, teks TEXT, lama VARCHAR(20) CHARACTER SET latin1,
    bin VARBINARY(20), f FLOAT, d DOUBLE, e ENUM('', 'a'), b BIT(9), y YEAR, tgl DATETIME, hari DATE)""",
    "SET sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'",
    "INSERT INTO t VALUES (0, CONCAT('a''\"\\\\', CHAR(0), '\\r\\n\\t\\Z$$;--', '🚗'), 'Ré', UNHEX('00FF27'), 0.1, -0e0, 1, 257, 0, '2026-02-31 00:00:00', '0000-00-00')",
    "INSERT INTO t VALUES (5, '\\\\N', '', '', 3.4028235e38, 1.7976931348623157e308, 2, 0, 2026, NULL, NULL), (6, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    "CREATE TABLE anak (id INT PRIMARY KEY, t INT, FOREIGN KEY (t) REFERENCES t (id))",
    "INSERT INTO anak VALUES (1, 5)",
    "CREATE TABLE catat (n INT)",
    "CREATE TRIGGER tr AFTER INSERT ON t FOR EACH ROW INSERT INTO catat VALUES (NEW.id)",
    "CREATE EVENT ev ON SCHEDULE EVERY 1 SECOND DO DELETE FROM catat",
    "CREATE PROCEDURE p() BEGIN SELECT ';;$$'; END",
    "CREATE VIEW v AS SELECT id FROM t",
)

# What a naive cutting of statements stumbles over.
AWKWARD_CODE = (
    r"""CREATE TRIGGER tanda BEFORE UPDATE ON t FOR EACH ROW BEGIN
    -- it's a comment; with ';' and "
    # another; `
    /* DELIMITER $$ */
    IF NEW.teks = ';;' THEN SET NEW.teks = 'a\\'';"//'; END IF; END""",
    "CREATE PROCEDURE titik_koma() BEGIN SELECT 'DELIMITER ;;'; SELECT \"$$\"; /* ;; */ END",
    "CREATE TABLE `a;b``'\"` (`k;--` INT PRIMARY KEY COMMENT 'x;''y', v LONGBLOB)",
    "INSERT INTO `a;b``'\"` VALUES (1, UNHEX(REPEAT('00', 999))), (2, UNHEX('275C220A0D3B1A')), (3, '')",
)


@pytest.mark.parametrize("client", ["mariadb", "mysql"])
def test_awkward_rows_come_back_through_the_client(
    client: str, road: Road, database: ScratchDatabase, tmp_path: Path
) -> None:
    if shutil.which(client) is None:
        pytest.skip(f"there is no {client} here")
    database.run(*AWKWARD, *AWKWARD_CODE)
    _same_again(road, database, tmp_path, client)
    copy = f"{database.name}__ekspor"
    assert database.rows(f"SELECT COUNT(*) FROM {copy}.catat") == ((0,),)
    assert database.rows(f"SELECT STATUS FROM information_schema.events WHERE EVENT_SCHEMA='{copy}'") == (
        ("DISABLED",),
    )


def test_the_hostile_database_too(road: Road, database: ScratchDatabase, tmp_path: Path) -> None:
    make_hostile(database)
    _same_again(road, database, tmp_path)


def test_the_operators_database_too(road: Road, qparkin_sql: ScratchDatabase, tmp_path: Path) -> None:
    _same_again(road, qparkin_sql, tmp_path)


@pytest.mark.parametrize("made_of", ["awkward", "hostile", "operators"])
def test_phpmyadmin_takes_it_in_to_the_same_bytes(
    made_of: str, road: Road, database: ScratchDatabase, request: pytest.FixtureRequest
) -> None:
    if made_of == "operators":
        database = request.getfixturevalue("qparkin_sql")
    elif made_of == "hostile":
        make_hostile(database)
        # Code in which a backslash is a letter like any other, phpMyAdmin cannot cut out of anybody's dump.
        database.run("DROP TRIGGER pertama", "DROP VIEW awal", "DROP VIEW atas", "DROP FUNCTION garis")
    else:
        database.run(*AWKWARD, *AWKWARD_CODE)
    made = road.back_up(database.server, database.name)
    target = f"{database.name}__ekspor"
    with session(database.server) as connection:
        rows(connection, f"CREATE DATABASE {quote_name(target)}")
    take_in(database, target, _text(road, made, None))
    with session(database.server) as connection:
        assert list(definition_differences(made.manifest.inventory, take_inventory(connection, target))) == []
    assert _sums(road.back_up(database.server, target)) == _sums(made)


def test_chosen_tables_come_with_their_triggers_alone(
    road: Road, database: ScratchDatabase, tmp_path: Path
) -> None:
    database.run(*AWKWARD)
    found = _loaded(
        road, road.back_up(database.server, database.name), database, tmp_path, tables=["t", "catat"]
    )
    assert [table.name for table in found.tables] == ["catat", "t"]
    assert [trigger.name for trigger in found.triggers] == ["tr"]
    assert (found.views, found.routines, found.events) == ((), (), ())


def test_a_table_that_is_not_there_is_refused_before_anything_is_written(
    road: Road, database: ScratchDatabase
) -> None:
    database.run("CREATE TABLE t (a INT)")
    made = road.back_up(database.server, database.name)
    with pytest.raises(errors.TableUnknown, match="lain"):
        next(pipeline.export_sql(road.source(made), tables=["t", "lain"], progress=Silent()))


def test_a_large_table_is_cut_into_statements_of_a_megabyte(road: Road, database: ScratchDatabase) -> None:
    database.run(
        "CREATE TABLE t (a INT PRIMARY KEY, b TEXT)",
        "INSERT INTO t SELECT seq, REPEAT('x', 900) FROM seq_1_to_4000",
    )
    made = road.back_up(database.server, database.name)
    statements = [line for line in _text(road, made, None).split(b";\n") if line.startswith(b"INSERT")]
    assert 3 < len(statements) < 8
    assert max(map(len, statements)) < 1.1 * 1024 * 1024


def _same_again(road: Road, database: ScratchDatabase, tmp_path: Path, client: str = "mariadb") -> None:
    made = road.back_up(database.server, database.name)
    found = _loaded(road, made, database, tmp_path, tables=None, client=client)
    assert list(definition_differences(made.manifest.inventory, found)) == []
    assert _sums(road.back_up(database.server, f"{database.name}__ekspor")) == _sums(made)


def _sums(made: pipeline.Made) -> list[tuple[object, ...]]:
    """Every byte of every row."""
    return [(r.table, r.rows, r.row_sum, [chunk.sha256 for chunk in r.chunks]) for r in made.manifest.rows]


def _loaded(
    road: Road,
    made: pipeline.Made,
    database: ScratchDatabase,
    folder: Path,
    *,
    tables: list[str] | None,
    client: str = "mariadb",
) -> Inventory:
    target = f"{database.name}__ekspor"
    (folder / "dump.sql").write_bytes(_text(road, made, tables))
    with session(database.server) as connection:
        rows(connection, f"CREATE DATABASE {quote_name(target)}")
    command = [
        client,
        "--no-defaults",
        "--comments",
        f"--socket={database.server.socket}",
        "--user=root",
        target,
    ]
    with (folder / "dump.sql").open("rb") as text:
        done = subprocess.run(command, stdin=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with session(database.server) as connection:
        return take_inventory(connection, target)


def _text(road: Road, made: pipeline.Made, tables: list[str] | None) -> bytes:
    packed = b"".join(pipeline.export_sql(road.source(made), tables=tables, progress=Silent()))
    return zlib.decompress(packed, 16 + zlib.MAX_WBITS)
