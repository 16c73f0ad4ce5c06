"""What comes back is what was there: bytes by type, definitions, counters, code."""

from backups.engine.database import session
from backups.engine.inventory import take_inventory
from backups.engine.manifest import Warned
from backups.engine.prove import definition_differences
from tests.mariadb.hostile import TYPED_ROWS, TYPES
from tests.mariadb.road import Road
from tests.scratch import ScratchDatabase


def test_every_kind_of_column_comes_back_byte_for_byte(road: Road, database: ScratchDatabase) -> None:
    database.run(TYPES, *TYPED_ROWS)
    with session(database.server, database.name) as connection:
        connection.query("SET SESSION sql_mode=''")
        connection.query(
            "INSERT INTO semua (id, e, tgl, waktu) VALUES (9, 'tidak ada', '0000-00-00', '2026-02-31')"
        )
    made = road.back_up(database.server, database.name)
    road.elsewhere(made, database.server, f"{database.name}__salinan", beside=database.name)
    for column in (
        "HEX(teks)",
        "HEX(lama)",
        "HEX(dua)",
        "HEX(bin)",
        "MD5(blok)",
        "e+0",
        "s+0",
        "b+0",
        "f+0e0",
        "d",
        "uang",
        "jam",
        "waktu",
        "cap",
        "tgl",
        "u",
        "i",
        "HEX(g)",
        "ST_SRID(g)",
        "hasil",
        "tersembunyi",
        "j",
    ):
        statement = f"SELECT id, {column} FROM {{}}.semua ORDER BY id"
        there = database.rows(statement.format(f"`{database.name}__salinan`"))
        assert there == database.rows(statement.format(f"`{database.name}`")), column


def test_names_that_try_to_break_out_come_back(road: Road, database: ScratchDatabase) -> None:
    awkward = "a`b'c\"; DROP TABLE x; -- .../ä 🚗"[:40]
    database.run(
        f"CREATE TABLE `{awkward.replace('`', '``').replace('🚗', 'x')}` "
        "(`select` INT PRIMARY KEY COMMENT 'it''s (a, \"b\")', `tab\tnama` VARCHAR(9) DEFAULT 'x,y)')",
    )
    made = road.back_up(database.server, database.name)
    assert road.drill(made, database.server, database.name).proven


def test_a_table_without_a_key_is_compared_as_a_multiset(road: Road, database: ScratchDatabase) -> None:
    database.run(
        "CREATE TABLE acak (a INT, b VARCHAR(9)) ENGINE=Aria TRANSACTIONAL=0",
        "INSERT INTO acak VALUES (2,'x'),(1,'y'),(2,'x'),(NULL,NULL)",
        "DELETE FROM acak WHERE a = 1",
        "INSERT INTO acak VALUES (3,'z')",
    )
    made = road.back_up(database.server, database.name)
    assert made.manifest.warnings == (Warned("locked", ("acak (Aria)",)),)
    assert road.drill(made, database.server, database.name).equal


def test_counters_keys_and_foreign_keys_come_back(road: Road, database: ScratchDatabase) -> None:
    database.run(
        "CREATE TABLE induk (id INT PRIMARY KEY AUTO_INCREMENT, kode VARCHAR(9), UNIQUE (kode), KEY k (kode, id)) "
        "AUTO_INCREMENT=500",
        "CREATE TABLE anak (id INT PRIMARY KEY, induk INT, diri INT, FULLTEXT KEY t (teks), teks TEXT, "
        "FOREIGN KEY f1 (induk) REFERENCES induk (id) ON DELETE CASCADE, FOREIGN KEY f2 (diri) REFERENCES anak (id))",
        "CREATE TABLE kedua (grup INT, nomor INT AUTO_INCREMENT, PRIMARY KEY (grup, nomor), KEY n (nomor), KEY g (grup))",
        "INSERT INTO induk (kode) VALUES ('a')",
        "INSERT INTO anak (id, induk, diri) VALUES (1, 500, 1)",
    )
    made = road.back_up(database.server, database.name)
    assert road.drill(made, database.server, database.name).proven


def test_code_comes_back_with_its_settings(road: Road, database: ScratchDatabase) -> None:
    database.run(
        "CREATE TABLE a (id INT PRIMARY KEY, n INT)",
        "CREATE FUNCTION ganda(x INT) RETURNS INT DETERMINISTIC RETURN x * 2",
        "CREATE VIEW z AS SELECT id, ganda(n) AS dua FROM a",
        "CREATE VIEW b AS SELECT * FROM z",
        "CREATE PROCEDURE p() /* komentar; $$ */ BEGIN SELECT 1; SELECT '$$'; END",
        "SET SESSION sql_mode='ANSI_QUOTES'",
        "CREATE TRIGGER t2 BEFORE INSERT ON a FOR EACH ROW SET NEW.n = 1",
        "CREATE TRIGGER t1 BEFORE INSERT ON a FOR EACH ROW PRECEDES t2 SET NEW.n = 2",
        "CREATE EVENT e ON SCHEDULE EVERY 1 HOUR DO DELETE FROM a",
        "CREATE EVENT lewat ON SCHEDULE AT CURRENT_TIMESTAMP + INTERVAL 1 HOUR ON COMPLETION PRESERVE DO DELETE FROM a",
    )
    made = road.back_up(database.server, database.name)
    assert road.drill(made, database.server, database.name).proven
    copy = f"{database.name}__salinan"
    road.elsewhere(made, database.server, copy, beside=database.name)
    with session(database.server) as connection:
        found = take_inventory(connection, copy)
    assert list(definition_differences(made.manifest.inventory, found)) == []
    assert [event.status for event in found.events] == ["DISABLED", "DISABLED"]
    assert [trigger.name for trigger in found.triggers] == ["t1", "t2"]


def test_events_wake_only_when_asked(road: Road, database: ScratchDatabase) -> None:
    database.run("CREATE EVENT e ON SCHEDULE EVERY 1 HOUR DO SELECT 1", "CREATE TABLE a (id INT PRIMARY KEY)")
    made = road.back_up(database.server, database.name)
    copy = f"{database.name}__salinan"
    road.elsewhere(made, database.server, copy, beside=database.name, wake=True)
    with session(database.server) as connection:
        assert [event.status for event in take_inventory(connection, copy).events] == ["ENABLED"]


def test_rows_larger_than_a_packet_come_back(road: Road, database: ScratchDatabase) -> None:
    (most,) = database.rows("SELECT @@GLOBAL.max_allowed_packet")[0]
    database.run("SET GLOBAL max_allowed_packet=1073741824")
    try:
        database.run(
            "CREATE TABLE besar (id INT PRIMARY KEY, teks LONGTEXT, blok LONGBLOB, lama LONGTEXT CHARACTER SET latin1)",
            "INSERT INTO besar VALUES (1, 'a', x'00', NULL), (2, REPEAT('x\\t\\n\\\\', 6000000), NULL, NULL), "
            "(3, NULL, REPEAT(x'00ff0a', 6000000), NULL), (4, '', NULL, REPEAT('è', 9000000)), (5, 'b', x'ff', 'è')",
        )
    finally:
        database.run(f"SET GLOBAL max_allowed_packet={most}")
    made = road.back_up(database.server, database.name)
    assert made.manifest.row_count == 5
    assert road.drill(made, database.server, database.name).proven


def test_a_large_table_is_read_in_parts(road: Road, database: ScratchDatabase) -> None:
    database.run(
        "CREATE TABLE lebar (id BIGINT PRIMARY KEY, isi VARCHAR(4000))",
        "INSERT INTO lebar SELECT CAST(seq AS SIGNED) * 3 - 1000, REPEAT(CHAR(65 + seq % 26), 4000) FROM seq_1_to_20000",
        "ANALYZE TABLE lebar",
    )
    made = road.back_up(database.server, database.name)
    assert len(made.manifest.rows[0].parts) > 1
    assert made.manifest.row_count == 20_000
    assert road.drill(made, database.server, database.name).proven


def test_the_modes_of_the_server_change_nothing(road: Road, database: ScratchDatabase) -> None:
    database.run(TYPES, *TYPED_ROWS)
    expected = road.back_up(database.server, database.name)
    ((modes, zone),) = database.rows("SELECT @@GLOBAL.sql_mode, @@GLOBAL.time_zone")
    hostile = "ORACLE,ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH,NO_UNSIGNED_SUBTRACTION,STRICT_ALL_TABLES"
    database.run(
        f"SET GLOBAL sql_mode='{hostile}', time_zone='-05:00', max_statement_time=600, sql_select_limit=1"
    )
    try:
        made = road.back_up(database.server, database.name)
        assert (
            made.manifest.rows[0].parts[0].chunks[0].sha256
            == expected.manifest.rows[0].parts[0].chunks[0].sha256
        )
        assert road.drill(made, database.server, database.name).proven
    finally:
        restored = f"SET GLOBAL sql_mode='{modes}', time_zone='{zone}', max_statement_time=0, sql_select_limit=DEFAULT"
        database.run("SET SESSION sql_mode=''", restored)


def test_a_session_that_is_closed_in_mid_result_leaves_nothing_to_look_for(
    database: ScratchDatabase,
) -> None:
    """An error may keep the result alive, and whoever clears it away later finds a closed line."""
    with session(database.server, database.name) as connection:
        connection.query(b"SELECT seq FROM seq_1_to_100000", unbuffered=True)
        kept = connection._result
    assert not kept.unbuffered_active
