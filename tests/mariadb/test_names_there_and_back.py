"""Names that try to break out of SQL, shells, paths and format strings, and keys that point anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from backups.engine.beside import schemas_beside
from backups.engine.database import quote_name, run, session
from backups.engine.private_server import PrivateServer
from tests.mariadb.road import Road
from tests.mariadb.there_and_back import LAX, comes_back, differences
from tests.scratch import ScratchDatabase, as_root

WRITTEN = "/tmp/qparkin-backup-was-here"
E64, X64, K64, SEQUENCE = "é" * 64, "x" * 64, "k" * 64, f"s`'\n{'s' * 50}"
NAMES = (
    f"CREATE TABLE `{E64}` (id INT PRIMARY KEY, up INT, CONSTRAINT `{K64}` FOREIGN KEY (up) REFERENCES `{E64}` (id))",
    f"CREATE TABLE `{'n' * 64}` (`{X64}` INT PRIMARY KEY AUTO_INCREMENT, up INT, KEY `{'i' * 64}` (up), CONSTRAINT `{'c' * 64}` CHECK (up > 0))",
    f"INSERT INTO `{'n' * 64}` VALUES (1, 1)",
    f"CREATE TABLE `{'日' * 30}` (id INT, d INT) PARTITION BY RANGE (id) SUBPARTITION BY HASH (d) SUBPARTITIONS 2 (PARTITION `{'p' * 20}` VALUES LESS THAN MAXVALUE)",
    "CREATE TABLE `..` (`.` INT)",
    "INSERT INTO `..` VALUES (1)",
    "CREATE TABLE `a/b\\c:d*e?f` (`a.b` INT PRIMARY KEY, ` x` INT)",
    "CREATE TABLE ` depan` (id INT)",
    f"CREATE TABLE `$(touch {WRITTEN})` (id INT)",
    "CREATE TABLE `'; drop database mysql; --` (id INT)",
    "CREATE TABLE `a%sb%%` (`%s` INT, `%(x)s` INT, `{0}` INT, `{value}` INT, `{value` VARBINARY(3))",
    "INSERT INTO `a%sb%%` VALUES (1, 2, 3, 4, 'x')",
    "CREATE TABLE `nol{value}` (`{value}` VARBINARY(9), `@v0` BIT(3), `%s` ENUM('a'))",
    "INSERT INTO `nol{value}` VALUES ('x', 1, 'a')",
    "CREATE TABLE `1` (`1` INT)",
    "CREATE TABLE `1e5` (`0x1` INT)",
    "CREATE TABLE `\t\r\nq` (`\nq` INT, `\\` INT, `\\\\n` VARBINARY(9))",
    "INSERT INTO `\t\r\nq` VALUES (1, 2, '\\n')",
    "CREATE TABLE `#sql-1` (id INT)",
    "CREATE TABLE `con` (id INT)",
    "CREATE TABLE `nul` (`null` INT)",
    "CREATE TABLE `primary key` (`primary key` INT, `constraint` INT, PRIMARY KEY (`primary key`))",
    "CREATE TABLE `\u0001\u007f\u0080\ufffe` (`\u0001` INT)",
    "CREATE TABLE `ﷺ` (`ẞ` INT)",
    "CREATE TABLE `/*x` (`*/` INT, `--` INT, `#` INT)",
    'CREATE TABLE `"` (`\'` INT, `"` INT)',
    "CREATE VIEW `v\n;;$$` AS SELECT 1 AS `a``\n'`",
    "CREATE PROCEDURE `p\n\"'`(`a``b` INT, `select` TEXT) BEGIN `lab``el`: LOOP LEAVE `lab``el`; END LOOP; END",
    "CREATE FUNCTION `f\t``x`() RETURNS INT RETURN 1",
    f"CREATE TRIGGER `{'t' * 64}` BEFORE INSERT ON `1` FOR EACH ROW SET @x = 1",
    f"CREATE EVENT `{'e' * 60} ;` ON SCHEDULE EVERY 1 DAY DO SELECT 1",
    f"CREATE SEQUENCE {quote_name(SEQUENCE)}",
    f"CREATE TABLE `seq use` (id BIGINT DEFAULT NEXTVAL({quote_name(SEQUENCE)}))",
    "INSERT INTO `seq use` VALUES (DEFAULT)",
    f"CREATE VIEW `{'v' * 64}` AS SELECT * FROM `a%sb%%`",
)
KEYS = (
    LAX,
    "CREATE TABLE c (id INT PRIMARY KEY, a INT, b VARCHAR(9), KEY (a, b), CONSTRAINT x FOREIGN KEY (a, b) REFERENCES p (u, v) ON DELETE SET NULL ON UPDATE CASCADE)",
    "CREATE TABLE p (id INT PRIMARY KEY, u INT, v VARCHAR(9), s INT, KEY tidak_unik (u, v), UNIQUE (s), CONSTRAINT x2 FOREIGN KEY (s) REFERENCES c (id) ON DELETE RESTRICT ON UPDATE NO ACTION)",
    "CREATE TABLE q (id INT PRIMARY KEY, a INT, CONSTRAINT `p` FOREIGN KEY (a) REFERENCES q (id), CONSTRAINT `PRIMARY KEY x` FOREIGN KEY (id) REFERENCES p (s), CONSTRAINT chk CHECK (a <> 3), INDEX `x,(` (a))",
    "CREATE TABLE n (a INT, FOREIGN KEY idx (a) REFERENCES p (s), FOREIGN KEY (a) REFERENCES q (id))",
    "INSERT INTO p VALUES (1, 1, 'a', 1)",
    "INSERT INTO c VALUES (1, 1, 'a'), (2, NULL, 'q'), (3, 7, 'menggantung')",
    "INSERT INTO n VALUES (999)",
    "CREATE TABLE hilang (a INT, FOREIGN KEY (a) REFERENCES tidak_ada (id))",
    "INSERT INTO hilang VALUES (3)",
    "CREATE TABLE g (id INT PRIMARY KEY, b INT AS (id + 1) STORED, FOREIGN KEY (b) REFERENCES p (s))",
    "CREATE TABLE diri (a INT, b INT, pa INT, pb INT, PRIMARY KEY (a, b), FOREIGN KEY (pa, pb) REFERENCES diri (a, b) ON DELETE CASCADE)",
    "INSERT INTO diri VALUES (1, 1, 1, 1)",
    f"ALTER TABLE n ADD CONSTRAINT `{K64}` FOREIGN KEY (a) REFERENCES q (id)",
    "ALTER TABLE q RENAME q2",
)
DATABASES = ("db`x'y\"z; $(touch {written}) ../..", "données\nx", "db.dots..", "%s%d{{0}}", "-rf", "é" * 64)
INSIDE = (
    "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, v INT)",
    "INSERT INTO t VALUES (1, 1)",
    "CREATE SEQUENCE sq",
    "CREATE TABLE d (id INT DEFAULT NEXTVAL(sq), up INT, KEY (up), FOREIGN KEY (up) REFERENCES t (id))",
    "CREATE FUNCTION f() RETURNS INT RETURN 1",
    "CREATE VIEW w AS SELECT f() AS x, NEXTVAL(sq) AS y FROM t",
    "CREATE TRIGGER tr AFTER INSERT ON t FOR EACH ROW INSERT INTO d VALUES (1, 1)",
    "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1",
)


def test_names_that_try_to_break_out_come_back(
    road: Road, database: ScratchDatabase, mariadb_elsewhere: PrivateServer
) -> None:
    database.run(LAX, *NAMES)
    comes_back(road, database, also_on=mariadb_elsewhere)
    assert not Path(WRITTEN).exists()


def test_names_alike_but_for_their_case_come_back(road: Road, database: ScratchDatabase) -> None:
    database.run(
        *(f"CREATE TABLE {name} ({column} INT)" for name, column in (("Aa", "X"), ("aA", "x"), ("AA", "x"))),
        *(f"INSERT INTO {name} VALUES ({number})" for number, name in enumerate(("Aa", "aA", "AA"))),
        "CREATE VIEW Vv AS SELECT * FROM Aa",
        "CREATE VIEW vV AS SELECT * FROM aA",
        "CREATE TRIGGER t1 BEFORE INSERT ON Aa FOR EACH ROW INSERT INTO aA VALUES (1)",
    )
    made = comes_back(road, database)
    road.restore(made, database.server, database.name)
    assert differences(made.manifest.inventory, database.server, database.name) == []


def test_foreign_keys_to_anywhere_come_back(
    road: Road, database: ScratchDatabase, mariadb_elsewhere: PrivateServer
) -> None:
    database.run(*KEYS)
    comes_back(road, database, also_on=mariadb_elsewhere)


@pytest.mark.parametrize("named", DATABASES)
def test_a_database_may_be_called_anything(road: Road, mariadb: PrivateServer, named: str) -> None:
    database = ScratchDatabase(named.format(written=WRITTEN), as_root(mariadb))
    with session(database.server) as connection:
        run(connection, f"CREATE DATABASE {quote_name(database.name)} CHARACTER SET utf8mb4")
        try:
            database.run(*INSIDE)
            made = road.back_up(database.server, database.name)
            database.run("DELETE FROM t")
            road.restore(made, database.server, database.name)
            assert differences(made.manifest.inventory, database.server, database.name) == []
            assert database.rows("SELECT id FROM t") == ((1,),)
        finally:
            _drop_all(connection, database.name)
    assert not Path(WRITTEN).exists()


def _drop_all(connection: Connection[Cursor], database: str) -> None:
    for _, schema in tuple(schemas_beside(connection, database)):
        run(connection, f"DROP DATABASE {quote_name(schema)}")
    run(connection, f"DROP DATABASE {quote_name(database)}")
