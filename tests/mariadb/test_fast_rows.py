"""The same bytes with the helper in C, without it, and column by column in Python, whatever a table holds."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from backups.demo.seed import create_qparkin
from backups.engine import fast_rows, pipeline
from backups.engine.codec import stored
from backups.engine.database import Server, session
from backups.engine.inventory import take_inventory
from backups.engine.large_rows import large_rows
from backups.engine.manifest import Inventory, Part
from backups.engine.rows import read_text
from tests.mariadb.hostile import ODD_TABLES, TYPED_ROWS, TYPES, VERSIONED, make_hostile
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase

pytestmark = pytest.mark.skipif(
    not fast_rows.helper(), reason="the fast row helper is not built here (bin/_setup does)"
)
WHOLE = Part(None, None)
NUMBERS = (
    "CREATE TABLE angka (id INT(9) ZEROFILL PRIMARY KEY, a TINYINT(3) UNSIGNED ZEROFILL, b BIGINT ZEROFILL, "
    "c FLOAT(9,3), d DOUBLE(12,4), e FLOAT ZEROFILL, f DOUBLE ZEROFILL, g DECIMAL(10,3) ZEROFILL, h YEAR, i BIT(1), "
    "j BIT(7), k TIME, l TIME(3), m DATETIME(1), n TIMESTAMP NULL, o INET4, p DOUBLE, q DECIMAL(65,0), r YEAR(2))"
)
NUMBERED = (
    "INSERT INTO angka VALUES (1, 7, 12, 1.5, -2.25, 3.1, 1e30, 9.5, 0, 0, 65, '-00:00:01', '00:00:00.5', "
    "'2026-01-01 00:00:00.9', '1970-01-01 00:00:01', '10.0.0.1', 1e15, REPEAT('9', 65), 99), "
    "(2, 0, 0, 0, 0, 0, 0, 0, 2155, 1, 127, '838:59:59', '-838:59:59.999', '0000-00-00', NULL, '0.0.0.0', 1e16, 0, 0), "
    "(3, 255, 99, 123456.789, 12345678.1234, 16777216, 5e-324, 1, 1901, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "
    "1.7976931348623157e308, -1, NULL), "
    "(4, 1, 1, 0.001, -0.0, 1.17549435e-38, 0.1, 0, 2026, 1, 10, '00:00:00', '00:00:00', '2026-02-31', NULL, NULL, 1e-7, 5, 5)"
)
NAMES = (
    f"CREATE TABLE nama (`{'é' * 64}` FLOAT, `a+0` INT, `a` ENUM('x') NOT NULL, `c0` INT, c1 INT, PRIMARY KEY (`a`, c0, c1))",
    "INSERT INTO nama VALUES (0.1, 5, 'x', 2, 1), (1.5, 4, 'x', 1, 2), (NULL, NULL, '', 3, 0)",
    "CREATE TABLE bentuk (id INT PRIMARY KEY, g GEOMETRY, l LINESTRING, m MULTIPOLYGON, k GEOMETRYCOLLECTION)",
    ("INSERT INTO bentuk VALUES (1, ST_GeomFromText('POINT(9 10)', 4326), LineString(Point(1, 1), Point(2, 2)), "
    "ST_GeomFromText('MULTIPOLYGON(((0 0,0 3,3 3,3 0,0 0)))'), NULL), (2, NULL, NULL, NULL, NULL)"),
    "CREATE TABLE padat (id INT PRIMARY KEY, c CHAR(20), v VARCHAR(30), t TINYTEXT, b BINARY(5), s SET('a','b'), j JSON)",
    (r"INSERT INTO padat VALUES (1, 'a  ', ' b ', '\t\n\\', 'x', 'a,b', '{\"a\": \"\\n\"}'), (2, '', '', '', '', '', '[]'), "
    r"(3, '\\N', 'N', '\r\0', NULL, NULL, 'null')"),
)  # fmt: skip


def _same_in_every_way(database: ScratchDatabase) -> Inventory:
    slow = replace(database.server, fast_rows=False)
    with ExitStack() as stack:
        fast_line, slow_line = (
            stack.enter_context(session(each, database.name)) for each in (database.server, slow)
        )
        inventory = take_inventory(fast_line, database.name)
        for table in inventory.tables:
            fast, slowly = (
                b"".join(read_text(line, table, database=database.name, part=WHOLE))
                for line in (fast_line, slow_line)
            )
            assert fast == slowly, table.name
            if stored(table):
                by_column = large_rows(slow_line, table, database=database.name, part=WHOLE, skip=0)
                assert b"".join(by_column) == fast, table.name
    return inventory


def test_every_kind_of_number_and_moment(database: ScratchDatabase) -> None:
    database.run("SET SESSION sql_mode='ALLOW_INVALID_DATES'", NUMBERS, NUMBERED, *NAMES)
    assert len(_same_in_every_way(database).tables) == 4


def test_all_of_a_hostile_database(database: ScratchDatabase) -> None:
    make_hostile(database)
    assert len(_same_in_every_way(database).tables) > 30


def test_the_demo(database: ScratchDatabase) -> None:
    with session(database.server, database.name) as connection:
        create_qparkin(connection, rows=20_000, until=datetime(2026, 3, 15, 9, 30, tzinfo=UTC))
    assert _same_in_every_way(database).tables


def test_the_helper_is_what_reads_unless_it_is_switched_off(
    database: ScratchDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.run("CREATE TABLE a (id INT PRIMARY KEY)", "INSERT INTO a VALUES (1), (2)")
    helper = fast_rows.helper()
    calls: list[int] = []

    class Watched:
        def convert(self, wire: bytearray, size: int, kinds: bytes) -> tuple[bytes, int, int, int]:
            calls.append(size)
            assert helper
            return helper.convert(wire, size, kinds)

    monkeypatch.setattr(fast_rows, "helper", Watched)
    for server, used in ((replace(database.server, fast_rows=False), False), (database.server, True)):
        with session(server, database.name) as connection:
            (table,) = take_inventory(connection, database.name).tables
            assert b"".join(read_text(connection, table, database=database.name, part=WHOLE)) == b"1\n2\n"
        assert bool(calls) is used


def _rows(made: pipeline.Made) -> list[object]:
    return [
        (rows.table, rows.row_sum or [chunk.sha256 for chunk in rows.chunks]) for rows in made.manifest.rows
    ]


@pytest.mark.parametrize("with_it", [True, False])
def test_what_was_made_with_it_is_proven_without_it_and_the_other_way_round(
    road: Road, database: ScratchDatabase, with_it: bool
) -> None:
    database.run(TYPES, *TYPED_ROWS, *ODD_TABLES, *VERSIONED)
    maker: Server = replace(database.server, fast_rows=with_it)
    prover = replace(database.server, fast_rows=not with_it)
    made = road.back_up(maker, database.name)
    assert road.drill(made, prover, database.name).proven
    assert _rows(road.back_up(prover, database.name)) == _rows(made)


def test_rows_of_several_packets_come_in_the_middle(database: ScratchDatabase) -> None:
    (most,) = database.rows("SELECT @@GLOBAL.max_allowed_packet")[0]
    database.run("SET GLOBAL max_allowed_packet=1073741824")
    try:
        database.run(
            "CREATE TABLE besar (id INT PRIMARY KEY, teks LONGTEXT, blok LONGBLOB)",
            r"INSERT INTO besar VALUES (1, 'a', x'00'), (2, REPEAT('x\t\n\\', 5000000), NULL), (3, REPEAT('y', 9000000), NULL), "
            "(4, NULL, REPEAT(x'00ff0a', 6000000)), (5, 'z', x'ff')",
        )
    finally:
        database.run(f"SET GLOBAL max_allowed_packet={most}")
    _same_in_every_way(database)
