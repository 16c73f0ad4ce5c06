"""Values near and far above what the server sends in one piece."""

import time
from dataclasses import replace

import pytest

from backups.engine.private_server import PrivateServer
from tests.mariadb.road import Road
from tests.mariadb.there_and_back import LAX, comes_back
from tests.scratch import ScratchDatabase, as_root

MIB = 1024 * 1024
PATIENCE = 150
SIZES = (16 * MIB - 1, 16 * MIB, 16 * MIB + 1, 17 * MIB, 40 * MIB, 64 * MIB, 80 * MIB)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_values_of_up_to_five_packets_come_back(road: Road, database: ScratchDatabase) -> None:
    ((most,),) = database.rows("SELECT @@GLOBAL.max_allowed_packet")
    assert most == 16 * MIB
    database.run("SET GLOBAL max_allowed_packet=1073741824")
    try:
        database.run("CREATE TABLE besar (id INT PRIMARY KEY AUTO_INCREMENT, a LONGTEXT, b LONGBLOB)")
        for size in SIZES:
            database.run(
                f"INSERT INTO besar (a) VALUES (CONCAT(REPEAT('x\\t', {size // 2}), REPEAT('y', {size % 2})))",
                f"INSERT INTO besar (b) VALUES (CONCAT(REPEAT(x'00ff', {size // 2}), REPEAT('y', {size % 2})))",
            )
    finally:
        database.run(f"SET GLOBAL max_allowed_packet={most}")
    made = road.back_up(database.server, database.name)
    assert made.manifest.row_count == 2 * len(SIZES)
    assert road.drill(made, database.server, database.name).proven


def test_a_long_text_of_many_lines_is_read_at_once(road: Road, database: ScratchDatabase) -> None:
    """The server's REPLACE would need minutes for each of these, since it moves the rest for every hit."""
    database.run(
        LAX,
        "CREATE TABLE catatan (id INT PRIMARY KEY, a MEDIUMTEXT, j JSON, v VARCHAR(9))",
        "INSERT INTO catatan VALUES (1, 'x\\ty', '[]', 'a'), (2, REPEAT('\n\\\\', 2000000), NULL, 'b'), "
        "(3, NULL, CONCAT('\"', REPEAT('\t', 65535), '\"'), NULL), (4, REPEAT('\n', 65536), '{}', '')",
    )
    started = time.monotonic()
    made = comes_back(road, database)
    assert time.monotonic() - started < PATIENCE
    assert made.manifest.row_count == 4


def test_a_restore_fits_the_smallest_packets_in_use(
    road: Road, database: ScratchDatabase, mariadb_elsewhere: PrivateServer
) -> None:
    """XAMPP comes with a max_allowed_packet of 1 MiB."""
    database.run(
        "CREATE TABLE banyak (id INT PRIMARY KEY, a VARCHAR(300))",
        "INSERT INTO banyak SELECT seq, REPEAT(MD5(seq), 9) FROM seq_1_to_12000",
    )
    there = replace(database, name="mysql", server=as_root(mariadb_elsewhere))
    ((most,),) = there.rows("SELECT @@GLOBAL.max_allowed_packet")
    there.run(f"SET GLOBAL max_allowed_packet={MIB}")
    try:
        comes_back(road, database, also_on=mariadb_elsewhere)
    finally:
        there.run(f"SET GLOBAL max_allowed_packet={most}")
