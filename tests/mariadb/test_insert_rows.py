"""A server with local_infile switched off: the same rows by INSERT, down to the last byte."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backups.engine import errors, insert_rows
from backups.engine.database import rows, session
from backups.engine.inventory import take_inventory
from backups.engine.rows import load_block
from tests.mariadb.hostile import TYPED_ROWS, TYPES, make_hostile
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase


@pytest.fixture
def without_load_data(database: ScratchDatabase) -> Iterator[ScratchDatabase]:
    database.run("SET GLOBAL local_infile=0")
    yield database
    database.run("SET GLOBAL local_infile=1")


def test_the_hostile_database_comes_back_the_same(
    road: Road, without_load_data: ScratchDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Small batches, so that rows are cut apart everywhere.
    monkeypatch.setattr(insert_rows, "WANTED_BYTES", 500)
    make_hostile(without_load_data)
    made = road.back_up(without_load_data.server, without_load_data.name)
    proof = road.drill(made, without_load_data.server, without_load_data.name)
    assert proof.proven, proof


def test_what_looks_like_syntax_is_a_value(road: Road, without_load_data: ScratchDatabase) -> None:
    without_load_data.run(
        "SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO'",
        TYPES,
        *TYPED_ROWS,
        "CREATE TABLE aneh (id INT PRIMARY KEY AUTO_INCREMENT, a TEXT, b BLOB, c CHAR(9), d BIT(9), e ENUM('','x'))",
        r"INSERT INTO aneh VALUES (0, '\\N', '\\N', NULL, b'101', ''), "
        r"(5, CONCAT('a\\', CHAR(0), '''); DROP TABLE aneh; -- '), x'00275c09', '\t\n', NULL, 2), "
        r"(6, '\r\Z\b%_\\%', '', '''', 0, 0), (7, '', NULL, '\\''', 511, NULL)",
        "CREATE TABLE kosong (id INT AS (1) STORED)",
        "INSERT INTO kosong VALUES (), ()",
    )
    made = road.back_up(without_load_data.server, without_load_data.name)
    assert road.drill(made, without_load_data.server, without_load_data.name).proven


def test_load_data_is_really_refused(without_load_data: ScratchDatabase) -> None:
    without_load_data.run("CREATE TABLE satu (id INT PRIMARY KEY)")
    with session(without_load_data.server, without_load_data.name) as connection:
        (table,) = take_inventory(connection, without_load_data.name).tables
        with pytest.raises(errors.LocalInfileOff):
            load_block(connection, table, b"1\n", database=without_load_data.name)
        assert insert_rows.insert_block(connection, table, b"1\n", database=without_load_data.name) == 1


def test_a_row_that_no_statement_can_carry_is_named(database: ScratchDatabase) -> None:
    database.run("CREATE TABLE besar (id INT PRIMARY KEY, isi LONGTEXT)")
    with session(database.server, database.name) as connection:
        (table,) = take_inventory(connection, database.name).tables
        ((most,),) = rows(connection, "SELECT @@max_allowed_packet")
        text = b"1\t" + b"x" * int(most) + b"\n"
        with pytest.raises(errors.RowNeedsLoadData) as refused:
            insert_rows.insert_block(connection, table, text, database=database.name)
    assert refused.value.params == {"table": "besar"}
    assert database.rows("SELECT COUNT(*) FROM besar") == ((0,),)
