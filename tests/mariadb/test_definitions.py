"""Definitions that hang on more than their own text: options, partitions, periods, a server's defaults, folders."""

from pathlib import Path

from backups.engine import pipeline
from backups.engine.private_server import PrivateServer
from backups.engine.stream import Silent
from tests.mariadb.road import Road
from tests.mariadb.there_and_back import LAX, comes_back, differences
from tests.scratch import ScratchDatabase

PARTITIONS = (
    LAX,
    "CREATE TABLE acak (id INT NOT NULL, d DATE) PARTITION BY LINEAR HASH (id) PARTITIONS 3",
    "CREATE TABLE kunci (id INT PRIMARY KEY) PARTITION BY LINEAR KEY ALGORITHM=1 (id) PARTITIONS 3",
    (
        "CREATE TABLE daftar (a INT, b VARCHAR(9)) PARTITION BY LIST COLUMNS (a, b) "
        "(PARTITION p0 VALUES IN ((1, '🚗'), (2, 'x''y')), PARTITION p1 VALUES IN ((NULL, NULL)) COMMENT='it''s (x), )')"
    ),
    (
        "CREATE TABLE rentang (a INT, d DATETIME) PARTITION BY RANGE (YEAR(d)) SUBPARTITION BY KEY (a) SUBPARTITIONS 2 "
        "(PARTITION `p,(0` VALUES LESS THAN (2000) (SUBPARTITION `s 0`, SUBPARTITION s1), "
        "PARTITION pm VALUES LESS THAN MAXVALUE (SUBPARTITION s2, SUBPARTITION s3))"
    ),
    (
        "CREATE TABLE cap (a INT, ts TIMESTAMP NOT NULL) PARTITION BY RANGE (UNIX_TIMESTAMP(ts)) "
        "(PARTITION a VALUES LESS THAN (UNIX_TIMESTAMP('2020-01-01')), PARTITION b VALUES LESS THAN MAXVALUE)"
    ),
    "CREATE TABLE isam (a INT PRIMARY KEY) ENGINE=MyISAM PARTITION BY HASH (a) PARTITIONS 2",
    "INSERT INTO acak VALUES (1, NULL), (1, NULL), (7, '2020-01-01')",
    "INSERT INTO kunci VALUES (1), (9), (100)",
    "INSERT INTO daftar VALUES (1, '🚗'), (2, 'x''y'), (NULL, NULL), (1, '🚗')",
    "INSERT INTO rentang VALUES (1, '1999-01-01'), (2, '2020-01-01'), (3, NULL)",
    "INSERT INTO cap VALUES (1, '2019-12-31 23:30:00'), (2, '2020-01-01 00:00:00')",
    "INSERT INTO isam VALUES (1), (2)",
    "CREATE TABLE lampau (a INT) WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME INTERVAL 1 DAY STARTS '2024-01-01 00:00:00' PARTITIONS 3",
    (
        "CREATE TABLE batas (a INT) WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME LIMIT 2 "
        "(PARTITION p0 HISTORY, PARTITION p1 HISTORY, PARTITION pc CURRENT)"
    ),
    "INSERT INTO lampau VALUES (1)",
    "INSERT INTO batas VALUES (1), (2), (3)",
    "UPDATE lampau SET a = 2",
    "UPDATE batas SET a = a + 1",
    "UPDATE batas SET a = a + 1",
)
PERIODS = (
    LAX,
    "CREATE TABLE sewa (id INT, s DATE, e DATE, PERIOD FOR app (s, e), PRIMARY KEY (id, app WITHOUT OVERLAPS))",
    "INSERT INTO sewa VALUES (1, '2020-01-01', '2021-01-01'), (1, '2021-01-01', '2022-01-01')",
    (
        "CREATE TABLE dua (id INT, s DATETIME, e DATETIME, r1 TIMESTAMP(6) GENERATED ALWAYS AS ROW START, "
        "r2 TIMESTAMP(6) GENERATED ALWAYS AS ROW END INVISIBLE, PERIOD FOR SYSTEM_TIME (r1, r2), "
        "PERIOD FOR `app time` (s, e), UNIQUE u (id, `app time` WITHOUT OVERLAPS)) WITH SYSTEM VERSIONING"
    ),
    "INSERT INTO dua (id, s, e) VALUES (1, '2020-01-01', '2021-01-01')",
    "UPDATE dua FOR PORTION OF `app time` FROM '2020-02-01' TO '2020-03-01' SET id = 2",
    "DELETE FROM dua WHERE id = 1",
    "CREATE TABLE satu_kolom (x INT WITH SYSTEM VERSIONING, y INT) ENGINE=Aria",
    "INSERT INTO satu_kolom VALUES (1, 1)",
    "UPDATE satu_kolom SET x = 2",
)
MADE_UP_BY_MODES = (
    "CREATE TABLE unsur (a INT, b INT AS (1/a) STORED, c INT AS (1/a), t TINYINT AS (a * 1000) STORED, v VARCHAR(2) AS (REPEAT('x', a)) STORED)",
    "SET SESSION sql_mode='PAD_CHAR_TO_FULL_LENGTH'",
    "CREATE TABLE ganjal (id INT PRIMARY KEY, c CHAR(5), v VARCHAR(20) AS (CONCAT('[', RTRIM(c), ']')) VIRTUAL, w CHAR(9) AS (CONCAT(RTRIM(c), 'x')) STORED)",
    "INSERT INTO ganjal (id, c) VALUES (1, 'a'), (2, ''), (3, NULL)",
    "SET SESSION sql_mode='ORACLE'",
    'CREATE TABLE oracle_gaya ("a b" NUMBER(5,2), c VARCHAR2(9), d CLOB, e RAW(4), f DATE, g VARCHAR2(20) AS (c || "a b") STORED)',
    "INSERT INTO oracle_gaya (\"a b\", c, d, e, f) VALUES (1.5, 'x', 'y', 'z', '2026-01-01 10:00:00')",
    "SET SESSION sql_mode='PIPES_AS_CONCAT,ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
    (
        "CREATE TABLE pipa (\"id\" INT PRIMARY KEY, a VARCHAR(9), b VARCHAR(20) AS (a || '\\' || 'x') STORED, d VARCHAR(9) DEFAULT (a || '\\n'), "
        "e INT CHECK (e <> '\\' || 'y'), f VARCHAR(9) DEFAULT '\\' COMMENT 'it''s \\ \"q\"') COMMENT='\\'"
    ),
    "INSERT INTO pipa (id, a) VALUES (1, 'q\\n'), (2, '\\N')",
    "SET SESSION sql_mode='', check_constraint_checks=0",
    "INSERT INTO unsur (a) VALUES (0), (1), (3), (NULL)",
    "CREATE TABLE hanya (a INT AS (1) STORED UNIQUE, b VARCHAR(3) AS ('x') VIRTUAL)",
    "INSERT INTO hanya VALUES ()",
    "CREATE TABLE urut (a INT NOT NULL, b INT AS (a * 2) STORED, UNIQUE (b))",
    "INSERT INTO urut (a) VALUES (3), (1), (2)",
    "CREATE TABLE jaring (j JSON, k JSON NOT NULL DEFAULT '{}', l LONGTEXT COLLATE utf8mb4_bin CHECK (JSON_VALID(l)), p VARCHAR(20) AS (JSON_VALUE(j, '$.a')), KEY (p))",
    "INSERT INTO jaring (j, l) VALUES ('{\"a\":\"\\\\u00e9 🚗\"}', 'bukan json')",
)
OPTIONS = (
    LAX,
    "CREATE TABLE halaman (a INT) PAGE_COMPRESSED=1 PAGE_COMPRESSION_LEVEL=3",
    "CREATE TABLE angka (a INT PRIMARY KEY) STATS_PERSISTENT=1 STATS_AUTO_RECALC=0 STATS_SAMPLE_PAGES=9 CHECKSUM=1 CONNECTION='c''x'",
    "CREATE TABLE lama (a INT, KEY (a) KEY_BLOCK_SIZE=4) ROW_FORMAT=REDUNDANT ENCRYPTED=NO MAX_ROWS=4",
    "CREATE TABLE tetap (a INT, b VARCHAR(9)) ENGINE=MyISAM ROW_FORMAT=FIXED AVG_ROW_LENGTH=10 CHECKSUM=1 DELAY_KEY_WRITE=1 PACK_KEYS=1",
    "CREATE TABLE aria_0 (a INT, KEY (a)) ENGINE=Aria TRANSACTIONAL=0 ROW_FORMAT=DYNAMIC",
    "CREATE TABLE aria_1 (a INT, KEY (a)) ENGINE=Aria TRANSACTIONAL=1 PAGE_CHECKSUM=1",
    ("CREATE TABLE indeks (a INT, b VARCHAR(150), c TEXT, g GEOMETRY NOT NULL, KEY d (a DESC, b ASC), KEY ig (b(10)) IGNORED, "
    "KEY cm (a) COMMENT 'it''s (x,', FULLTEXT KEY ft (b, c), SPATIAL KEY (g), UNIQUE KEY uh (c) USING HASH, UNIQUE KEY (a, b(3)))"),
    "CREATE TABLE rapat (a TEXT COMPRESSED, b VARCHAR(99) COMPRESSED, c LONGBLOB COMPRESSED NOT NULL DEFAULT '')",
    "INSERT INTO halaman VALUES (1)",
    "INSERT INTO tetap VALUES (1, 'a'), (1, 'a')",
    "INSERT INTO indeks VALUES (1, 'a', 'b', POINT(1, 1)), (NULL, NULL, NULL, LINESTRING(POINT(0, 0), POINT(1, 1)))",
    "INSERT INTO rapat VALUES (REPEAT('é', 999), '', 'x')",
    ("CREATE TABLE bawaan (id INT, u UUID DEFAULT UUID(), v VARCHAR(40) DEFAULT (CONCAT('a,', UPPER('x)'))), w VARCHAR(9) DEFAULT 'it''s \\\\ \\n', "
    "x DOUBLE DEFAULT RAND(), y DATE DEFAULT CURDATE(), z BLOB DEFAULT x'00FF', b BIT(3) DEFAULT b'101', e ENUM('a', 'b''c') DEFAULT 'b''c', "
    "g POINT DEFAULT POINT(1, 1), h VARBINARY(3) DEFAULT 'a\\0', t TEXT DEFAULT 'abc', fr INT DEFAULT (id + 1))"),
    "INSERT INTO bawaan (id) VALUES (1)",
    "CREATE TABLE stempel (a TIMESTAMP NOT NULL, b TIMESTAMP NOT NULL, c TIMESTAMP, d TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3))",
    "INSERT INTO stempel () VALUES ()",
    ("CREATE TABLE huruf (a VARCHAR(9) CHARACTER SET latin1, b VARCHAR(9) COLLATE utf8mb4_bin, d TEXT CHARACTER SET latin1 COLLATE latin1_swedish_ci, "
    "e VARCHAR(9) CHARACTER SET binary, f ENUM('ä', 'é') CHARACTER SET cp1250, g SET('ж', 'x') CHARACTER SET koi8r, h ENUM('ä') CHARACTER SET utf16, "
    "i VARCHAR(3) COLLATE uca1400_as_cs) COLLATE utf8mb4_unicode_ci"),
    "INSERT INTO huruf VALUES ('é', 'a', 'd', 'e', 'é', 'ж', 'ä', 'x')",
)  # fmt: skip


def test_partitions_come_back_and_are_moved(
    road: Road, database: ScratchDatabase, mariadb_elsewhere: PrivateServer
) -> None:
    database.run(*PARTITIONS)
    made = comes_back(road, database, also_on=mariadb_elsewhere)
    mark, _ = road.restore(made, database.server, database.name)
    assert differences(made.manifest.inventory, database.server, database.name) == []
    pipeline.undo(database.server, database=database.name, restore_id=mark, progress=Silent())


def test_periods_of_the_application_come_back(
    road: Road, database: ScratchDatabase, mariadb_elsewhere: PrivateServer
) -> None:
    database.run(*PERIODS)
    comes_back(road, database, also_on=mariadb_elsewhere)


def test_what_was_made_under_other_modes_comes_back(
    road: Road, database: ScratchDatabase, mariadb_elsewhere: PrivateServer
) -> None:
    database.run(*MADE_UP_BY_MODES)
    comes_back(road, database, also_on=mariadb_elsewhere)


def test_options_and_indexes_come_back_whatever_the_servers_defaults(
    road: Road, database: ScratchDatabase, mariadb_elsewhere: PrivateServer
) -> None:
    database.run(*OPTIONS)
    comes_back(road, database, also_on=mariadb_elsewhere)


def test_a_table_in_memory_may_be_larger_than_the_server_allows(
    road: Road, database: ScratchDatabase, mariadb_elsewhere: PrivateServer
) -> None:
    database.run(
        "SET SESSION max_heap_table_size=104857600",
        "CREATE TABLE besar (id INT, v VARCHAR(1000) CHARACTER SET latin1) ENGINE=MEMORY",
        "INSERT INTO besar SELECT seq, 'x' FROM seq_1_to_30000",
    )
    comes_back(road, database, also_on=mariadb_elsewhere)


def test_tables_in_folders_of_their_own_come_back_in_the_servers(
    road: Road, database: ScratchDatabase, mariadb_elsewhere: PrivateServer, tmp_path: Path
) -> None:
    """A copy beside it could not use the same folder, and RENAME would leave its file behind."""
    database.run(
        f"CREATE TABLE satu (a INT) ENGINE=MyISAM DATA DIRECTORY='{tmp_path}' INDEX DIRECTORY='{tmp_path}' COMMENT=\" DATA DIRECTORY='x'\"",
        f"CREATE TABLE dua (a INT) ENGINE=MyISAM PARTITION BY RANGE (a) (PARTITION x VALUES LESS THAN (5) "
        f"COMMENT=' INDEX DIRECTORY = ' DATA DIRECTORY='{tmp_path}', PARTITION y VALUES LESS THAN MAXVALUE)",
        "INSERT INTO satu VALUES (1)",
        "INSERT INTO dua VALUES (1), (9)",
    )
    made = comes_back(road, database, also_on=mariadb_elsewhere)
    assert [len(told.names) for told in made.manifest.warnings if told.code == "own_folder"] == [2]


def test_the_comment_of_the_database_comes_back(
    road: Road, database: ScratchDatabase, mariadb_elsewhere: PrivateServer
) -> None:
    told = "ALTER DATABASE COMMENT '{}'"
    database.run("CREATE TABLE a (i INT)", told.format("it''s */ é \\\\ \"x\" `y`"))
    made = comes_back(road, database, also_on=mariadb_elsewhere)
    assert made.manifest.inventory.comment == 'it\'s */ é \\ "x" `y`'
    database.run(told.format(""))
    mark, _ = road.restore(made, database.server, database.name)
    assert differences(made.manifest.inventory, database.server, database.name) == []
    pipeline.undo(database.server, database=database.name, restore_id=mark, progress=Silent())
    assert differences(made.manifest.inventory, database.server, database.name) == [
        "the comment of the database"
    ]
