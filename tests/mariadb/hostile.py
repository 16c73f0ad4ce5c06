"""A hostile database: whatever the server allows and other tools lose, made by hand.

Names are in small letters, so that it can be restored where the server lowers them.
"""

from __future__ import annotations

from backups.engine.database import run, session
from tests.scratch import ScratchDatabase

SEQUENCES = (
    "CREATE SEQUENCE biasa COMMENT='it''s'",
    "CREATE SEQUENCE putar START 1 MAXVALUE 3 CYCLE CACHE 2",
    "CREATE SEQUENCE mundur START -3 INCREMENT -2 MINVALUE -9 MAXVALUE 9 NOCACHE",
    "CREATE SEQUENCE habis MAXVALUE 2 NOCYCLE NOCACHE",
    "CREATE SEQUENCE berhingga MINVALUE -9223372036854775807 MAXVALUE 9223372036854775806 ENGINE=Aria",
    "SELECT NEXTVAL(biasa), NEXTVAL(putar), NEXTVAL(putar), NEXTVAL(putar), NEXTVAL(putar), NEXTVAL(mundur)",
    "SELECT NEXTVAL(habis), NEXTVAL(habis)",
    "SELECT SETVAL(berhingga, 9223372036854775805)",
)
DRAWING = (
    (
        "CREATE TABLE tiket (id BIGINT DEFAULT NEXTVAL(biasa) PRIMARY KEY, n INT DEFAULT (NEXTVAL(mundur) + 1), "
        "catatan VARCHAR(50) DEFAULT '`x`.`biasa`')"
    ),
    "CREATE TABLE riwayat (id BIGINT DEFAULT NEXTVAL(biasa), n INT) PARTITION BY HASH (n) PARTITIONS 3",
    "CREATE VIEW berikut AS SELECT NEXTVAL(putar) AS n",
    "CREATE TRIGGER ambil BEFORE INSERT ON tiket FOR EACH ROW SET NEW.n = NEXTVAL(putar)",
    "INSERT INTO tiket (id) VALUES (DEFAULT), (DEFAULT)",
)
IN_LATIN1 = (
    "CREATE TRIGGER `pemicu\udce9` BEFORE UPDATE ON `meja\udce9` FOR EACH ROW SET NEW.v = '\udce9'",
    "CREATE TRIGGER sesudah BEFORE UPDATE ON `meja\udce9` FOR EACH ROW FOLLOWS `pemicu\udce9` SET NEW.v = 'FOR EACH ROW \udce9'",
    "CREATE PROCEDURE `tata\udce9`(x ENUM('\udce9')) COMMENT 'kata ''\udce9' SELECT '\udce9', 1 AS `\udce9`",
    "CREATE DEFINER=`r\udcf4le`@`%` TRIGGER `pemilik` AFTER UPDATE ON `meja\udce9` FOR EACH ROW SET @x = '\udce9'",
    "CREATE DEFINER=`r\udcf4le`@`%` FUNCTION `pemilik`() RETURNS INT RETURN LENGTH('\udce9')",
    "CREATE DEFINER=`r\udcf4le`@`%` EVENT `pemilik` ON SCHEDULE EVERY 1 DAY DO SELECT '\udce9'",
    "CREATE EVENT `acara\udce9` ON SCHEDULE EVERY 1 DAY COMMENT 'k\udce9' DO SELECT '\udce9'",
    "CREATE VIEW `pandang\udce9` AS SELECT '\udce9' AS `kolom\udce9`",
)
CODE = (
    "CREATE TABLE meja (id INT PRIMARY KEY, v VARCHAR(20) CHECK (v <> '🛵'), g VARCHAR(30) AS (CONCAT('🚗', v)))",
    "CREATE TABLE `mejaé` (id INT PRIMARY KEY, v VARCHAR(40))",
    "CREATE TRIGGER t BEFORE INSERT ON meja FOR EACH ROW SET NEW.v = '🛵é'",
    "CREATE PROCEDURE p() SELECT '🚗é?'",
    "CREATE FUNCTION p(a INT) RETURNS VARCHAR(9) RETURN '🚗'",
    "CREATE EVENT e ON SCHEDULE EVERY 1 HOUR COMMENT 'é' DO SELECT '🚗'",
    "CREATE VIEW v AS SELECT '🚗' AS a, p(1) AS b",
)
PACKAGES = (
    "SET SESSION sql_mode='ORACLE'",
    "CREATE PACKAGE paket AS FUNCTION f1 RETURN INT; PROCEDURE p1; END",
    "CREATE PACKAGE BODY paket AS FUNCTION f1 RETURN INT AS BEGIN RETURN 1; END; PROCEDURE p1 AS BEGIN SELECT 1; END; END",
    "CREATE PROCEDURE oracle_gaya AS BEGIN NULL; END",
)
BROKEN_VIEWS = (
    "CREATE TABLE ada (x INT)",
    "CREATE TABLE hilang (x INT)",
    "CREATE VIEW utuh AS SELECT x FROM ada",
    "CREATE VIEW rusak AS SELECT x FROM hilang",
    "CREATE VIEW di_atas AS SELECT * FROM rusak",
    "DROP TABLE hilang",
)
VERSIONED = (
    "CREATE TABLE tanpa_kunci (a INT, b VARCHAR(9)) WITH SYSTEM VERSIONING",
    "CREATE TABLE berkunci (id INT PRIMARY KEY AUTO_INCREMENT, b INT, u INT UNIQUE, k INT AS (b + 1) STORED, KEY (b)) WITH SYSTEM VERSIONING",
    (
        "CREATE TABLE bernama (a INT PRIMARY KEY, b INT, mulai TIMESTAMP(6) GENERATED ALWAYS AS ROW START INVISIBLE, "
        "akhir TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (mulai, akhir)) WITH SYSTEM VERSIONING"
    ),
    (
        "CREATE TABLE sebagian (a INT PRIMARY KEY, b INT WITHOUT SYSTEM VERSIONING) WITH SYSTEM VERSIONING "
        "PARTITION BY SYSTEM_TIME (PARTITION p0 HISTORY, PARTITION pc CURRENT)"
    ),
    "CREATE SEQUENCE nomor",
    "CREATE TABLE bernomor (id BIGINT DEFAULT NEXTVAL(nomor) PRIMARY KEY, b INT) WITH SYSTEM VERSIONING",
    "INSERT INTO tanpa_kunci VALUES (1, 'a'), (1, 'a'), (2, NULL)",
    "UPDATE tanpa_kunci SET b = 'b' WHERE a = 1",
    "DELETE FROM tanpa_kunci WHERE a = 2",
    "INSERT INTO berkunci (b, u) VALUES (1, 1), (2, 2), (3, 3)",
    "UPDATE berkunci SET b = b + 1",
    "DELETE FROM berkunci WHERE id = 2",
    "INSERT INTO berkunci (id, b, u) VALUES (2, 9, 9)",
    "INSERT INTO bernama (a, b) VALUES (1, 1), (2, 2)",
    "UPDATE bernama SET b = 5",
    "INSERT INTO sebagian VALUES (1, 1)",
    "UPDATE sebagian SET a = 2",
    "INSERT INTO bernomor (b) VALUES (1), (2)",
    "UPDATE bernomor SET b = 3",
)
ODD_TABLES = (
    "SET SESSION sql_mode='', innodb_strict_mode=0, check_constraint_checks=0, time_zone='+07:00'",
    "CREATE TABLE melanggar (id INT PRIMARY KEY, n INT CHECK (n > 5), CONSTRAINT `c``,(` CHECK (id < 100))",
    "INSERT INTO melanggar VALUES (1, 1), (500, 9)",
    "CREATE TABLE terhitung (a INT AS (1 + 1), b INT AS (5) STORED)",
    "INSERT INTO terhitung VALUES (), (), ()",
    "CREATE TABLE pecahan (f FLOAT PRIMARY KEY, d DOUBLE)",
    "INSERT INTO pecahan VALUES (0.1, -0.0), (-0.0, 1.7976931348623157e308), (3.4028234e38, 4.9e-324), (16777217, 0.1), (1.17549435e-38, 5e-324)",
    "CREATE TABLE teks_kunci (k VARCHAR(50) COLLATE utf8mb4_general_ci, b VARBINARY(9), n INT, PRIMARY KEY (k, b))",
    "INSERT INTO teks_kunci VALUES ('a', x'00', 1), ('B', x'', 2), ('b', x'01', 3), ('é 🚗', x'FF', 4), ('', x'', 5)",
    "CREATE TABLE biner_kunci (b BLOB, n INT, PRIMARY KEY (b(9)))",
    "INSERT INTO biner_kunci VALUES (x'00', 1), (x'FF5C0A', 2), ('', 3)",
    f"CREATE TABLE terlalu_lebar (id INT PRIMARY KEY, {', '.join(f'c{n} VARCHAR(250)' for n in range(60))}) ROW_FORMAT=COMPACT",
    f"INSERT INTO terlalu_lebar (id, {', '.join(f'c{n}' for n in range(60))}) VALUES (1{', REPEAT(2, 100)' * 60})",
    "CREATE TABLE mampat (id INT PRIMARY KEY, v TEXT) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=4",
    "CREATE TABLE padat (id INT PRIMARY KEY, v VARCHAR(999) COMPRESSED, b BLOB COMPRESSED)",
    "INSERT INTO mampat VALUES (1, REPEAT('a', 9999))",
    "INSERT INTO padat VALUES (1, REPEAT('🚗', 200), REPEAT(x'00FF', 999)), (2, '', NULL)",
    ("CREATE TABLE rentang (id INT, d DATE, PRIMARY KEY (id, d)) PARTITION BY RANGE COLUMNS (d) SUBPARTITION BY HASH (id) "
    "SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN ('2020-01-01') COMMENT = '),(', PARTITION p1 VALUES LESS THAN (MAXVALUE))"),
    "CREATE TABLE daftar (id INT, c INT) PARTITION BY LIST (c) (PARTITION a VALUES IN (1, NULL), PARTITION b DEFAULT)",
    "INSERT INTO rentang VALUES (1, '2019-12-31'), (1, '2026-01-01'), (2, '0000-00-00')",
    "INSERT INTO daftar VALUES (1, 1), (2, NULL), (3, 9), (3, 9)",
    "CREATE TABLE isam (id INT PRIMARY KEY AUTO_INCREMENT, v TEXT, FULLTEXT (v)) ENGINE=MyISAM AUTO_INCREMENT=77",
    "CREATE TABLE aria (v TEXT, g POINT NOT NULL, SPATIAL KEY (g)) ENGINE=Aria",
    "CREATE TABLE ingatan (id INT, v VARCHAR(9), KEY USING BTREE (v)) ENGINE=MEMORY",
    "CREATE TABLE koma (id INT NOT NULL, v TEXT NOT NULL) ENGINE=CSV",
    "INSERT INTO isam (v) VALUES ('a\\tb\\n\\\\'), ('b')",
    "INSERT INTO aria VALUES ('x', POINT(1, 2)), ('x', POINT(1, 2)), (NULL, POINT(0, 0))",
    "INSERT INTO ingatan VALUES (1, 'a'), (1, 'a'), (NULL, NULL)",
    "INSERT INTO koma VALUES (1, 'a,\"b\"\\n\\\\'), (2, '')",
    "CREATE TABLE nol (id INT PRIMARY KEY AUTO_INCREMENT, e ENUM('', 'a'), s SET('x', 'y'), t TIMESTAMP NULL, d DATETIME, j TIME(3), b BIT(1))",
    "SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO'",
    "INSERT INTO nol VALUES (0, 'tidak ada', '', '2026-03-29 02:30:00', '0000-00-00', '-838:59:59.999', 0), (5, '', 'x,y', NULL, '2026-02-31', '00:00:00.001', 1)",
    "INSERT INTO nol VALUES (-3, NULL, NULL, '1970-01-01 07:00:01', '2026-00-00', NULL, NULL)",
    "ALTER TABLE nol AUTO_INCREMENT=900",
    "CREATE TABLE jodoh_a (id INT PRIMARY KEY, b INT, CHECK (b <> 3))",
    "CREATE TABLE jodoh_b (id INT, a INT, PRIMARY KEY (id), FOREIGN KEY (a) REFERENCES jodoh_a (id) ON DELETE SET NULL ON UPDATE CASCADE)",
    "ALTER TABLE jodoh_a ADD FOREIGN KEY (b) REFERENCES jodoh_b (id)",
    "INSERT INTO jodoh_a VALUES (1, NULL)",
    "INSERT INTO jodoh_b VALUES (1, 1)",
    "UPDATE jodoh_a SET b = 1",
    "CREATE TABLE tersembunyi (id INT PRIMARY KEY, x INT INVISIBLE DEFAULT (1 + 1), c INT COMMENT 'it''s \\\\ \"x\" `y`') COMMENT='a ''b'' \\\\ c'",
    "INSERT INTO tersembunyi (id, x) VALUES (1, 7)",
    "CREATE TABLE masa (id INT, s DATE, e DATE, PERIOD FOR app (s, e), UNIQUE (id, app WITHOUT OVERLAPS))",
    "INSERT INTO masa VALUES (1, '2020-01-01', '2021-01-01'), (1, '2021-01-01', '2022-01-01')",
)  # fmt: skip
TYPES = (
    "CREATE TABLE semua (id BIGINT UNSIGNED PRIMARY KEY, kecil TINYINT, besar BIGINT, uang DECIMAL(65,30), "
    "f FLOAT, d DOUBLE, b BIT(64), tahun YEAR, tgl DATE, jam TIME(6), waktu DATETIME(6), cap TIMESTAMP(6) NULL, "
    "teks TEXT CHARACTER SET utf8mb4, lama VARCHAR(20) CHARACTER SET latin1, dua VARCHAR(20) CHARACTER SET ucs2, "
    "bin VARBINARY(300), blok LONGBLOB, e ENUM('', 'aktif', '3') , s SET('a','b','c'), j JSON, u UUID, i INET6, "
    "g GEOMETRY, hasil INT AS (kecil + 1) STORED, maya INT AS (kecil + 2) VIRTUAL, tersembunyi INT INVISIBLE DEFAULT 5)"
)
TYPED_ROWS = (
    (
        "INSERT INTO semua (id, kecil, besar, uang, f, d, b, tahun, tgl, jam, waktu, cap, teks, lama, dua, bin, blok, e, s, j, u, i, g) "
        "VALUES (0, -128, -9223372036854775808, '-99999999999999999999999999999999999.999999999999999999999999999999', "
        "3.4028234e38, -0.0, b'1111111111111111111111111111111111111111111111111111111111111111', 1901, '1000-01-01', "
        "'-838:59:59.999999', '9999-12-31 23:59:59.999999', '2038-01-19 03:14:07.999999', "
        "'Rp\\t\\n\\r\\\\N \\0 🚗 ''\"', 'crème', _ucs2 0x0041004200FF, UNHEX('000102090A0D5C4E'), "
        "REPEAT(UNHEX('00FF5C0A'), 1000), '', 'a,c', '{\"a\": [1, 2]}', '123e4567-e89b-12d3-a456-426614174000', "
        "'2001:db8::1', ST_GeomFromText('POINT(106.8 -6.2)', 4326))"
    ),
    "INSERT INTO semua (id, kecil, besar, uang, f, d) VALUES (18446744073709551615, 127, 9223372036854775807, 0, 1.17549435e-38, 2.2250738585072014e-308)",
    "INSERT INTO semua (id, teks, lama, f) VALUES (7, '\\\\N', '', 0.1), (8, '', NULL, 16777217)",
)

NAMES = (
    "CREATE TABLE `select` (`from` INT PRIMARY KEY, `a``b` INT, `x y.` INT COMMENT '`;\\\\', KEY `key` (`a``b`))",
    "CREATE TABLE `a'b\"c; drop table x; --` (`$(touch /tmp/x)` INT PRIMARY KEY, `tab\n\tnama` VARCHAR(9) DEFAULT 'x,y)')",
    "CREATE TABLE `../../etc/passwd` (`;;` INT PRIMARY KEY)",
    "CREATE TABLE `titik..` (id INT PRIMARY KEY)",
    "CREATE TABLE `baris\nbaru $$ delimiter` (id INT PRIMARY KEY)",
    f"CREATE TABLE `{'é' * 50}` (`{'x' * 64}` INT PRIMARY KEY, CONSTRAINT `{'c' * 60}` CHECK (`{'x' * 64}` > 0))",
    f"CREATE TABLE `{'n' * 64}` (id INT PRIMARY KEY)",
    "INSERT INTO `select` VALUES (1, 2, 3)",
    "INSERT INTO `baris\nbaru $$ delimiter` VALUES (1)",
    "CREATE VIEW `pandangan``;'` AS SELECT `from` AS `select`, `a``b` FROM `select`",
    "CREATE TRIGGER `pemicu`` ;;` BEFORE INSERT ON `select` FOR EACH ROW BEGIN SET NEW.`a``b` = 1; /* $$ ;; */ END",
    "CREATE PROCEDURE `tata``cara`() /* komentar; $$ */ BEGIN SELECT ';;'; -- DELIMITER ;\n SELECT '$$'; END",
)
KEYS = (
    "CREATE TABLE anak_dulu (id INT PRIMARY KEY, a INT, b INT, diri INT, KEY (a, b), FOREIGN KEY (diri) REFERENCES anak_dulu (id) ON DELETE CASCADE)",
    "CREATE TABLE zinduk (a INT, b INT, PRIMARY KEY (a, b))",
    "ALTER TABLE anak_dulu ADD CONSTRAINT `ke;belakang` FOREIGN KEY (a, b) REFERENCES zinduk (a, b) ON UPDATE CASCADE ON DELETE SET NULL",
    "INSERT INTO zinduk VALUES (1, 2)",
    "INSERT INTO anak_dulu VALUES (1, 1, 2, 1), (2, NULL, NULL, 1)",
)
MORE_CODE = (
    "SET SESSION sql_mode='ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT'",
    'CREATE TRIGGER ketiga BEFORE INSERT ON anak_dulu FOR EACH ROW SET NEW."b" = 1',
    "CREATE TRIGGER pertama BEFORE INSERT ON anak_dulu FOR EACH ROW PRECEDES ketiga SET NEW.a = LENGTH('\\' || 'x')",
    "CREATE TRIGGER kedua BEFORE INSERT ON anak_dulu FOR EACH ROW FOLLOWS pertama SET NEW.b = 2",
    "CREATE FUNCTION garis() RETURNS VARCHAR(9) CHARSET latin1 DETERMINISTIC RETURN '\\'",
    "CREATE VIEW atas AS SELECT garis() AS g",
    "CREATE VIEW awal AS SELECT * FROM atas",
    "SET SESSION sql_mode='', time_zone='+07:00'",
    "CREATE EVENT mati ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT ';;'",
    "CREATE EVENT lewat ON SCHEDULE AT CURRENT_TIMESTAMP + INTERVAL 1 HOUR ON COMPLETION PRESERVE DO SELECT 1",
    "CREATE DEFINER=`tidak ada`@`di mana``pun` EVENT asing ON SCHEDULE EVERY 1 HOUR ENDS '2037-01-01' DO BEGIN END",
    "CREATE DEFINER=`siapa`@`%` PROCEDURE asing() SQL SECURITY INVOKER MODIFIES SQL DATA COMMENT 'k''!' BEGIN END",
)
TABLES_FIRST = (
    TYPES,
    *TYPED_ROWS,
    *ODD_TABLES,
    "SET SESSION sql_mode='', time_zone='+00:00'",
    *SEQUENCES,
    *DRAWING,
    *VERSIONED,
)
THEN_CODE = (*NAMES, *KEYS, *CODE, *BROKEN_VIEWS, *MORE_CODE, *PACKAGES)


def make_hostile(database: ScratchDatabase) -> None:
    """Everything at once, as a database may have grown over the years."""
    database.run(*TABLES_FIRST)
    database.run(*THEN_CODE)
    with session(database.server, database.name) as connection:
        run(connection, "SET NAMES latin1")
        for statement in IN_LATIN1:
            run(connection, statement)
    # Its code was made under another collation than it has now.
    database.run("ALTER DATABASE COLLATE utf8mb4_unicode_ci")
