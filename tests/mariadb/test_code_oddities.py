"""Code whose text the server tells otherwise than it was meant: modes, roles, lost definers, orders, delimiters."""

import pytest

from backups.engine import pipeline
from backups.engine.errors import NamesInCapitals, RoleMissing
from backups.engine.private_server import PrivateServer
from backups.engine.stream import Silent
from tests.mariadb.road import Road
from tests.mariadb.there_and_back import comes_back, differences
from tests.scratch import ScratchDatabase

TABLE = "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(99), n INT)"
MODES = (
    TABLE,
    "SET SESSION sql_mode='ORACLE'",
    "CREATE TRIGGER o BEFORE INSERT ON t FOR EACH ROW BEGIN :NEW.v := 'x'||'y'; END",
    "CREATE FUNCTION \"of\"(a IN NUMBER, b VARCHAR2) RETURN VARCHAR2 AS x INT := 1; BEGIN RETURN 'a'||b; END",
    "CREATE PROCEDURE op(a OUT INT, b IN OUT INT) AS CURSOR c IS SELECT 1 FROM DUAL; BEGIN a:=1; <<lab>> LOOP EXIT; END LOOP; END",
    "CREATE VIEW ov AS SELECT id||v AS c FROM t",
    "CREATE EVENT oe ON SCHEDULE EVERY 1 DAY DO BEGIN NULL; END",
    "CREATE PACKAGE pk AS /* c1; */ FUNCTION f RETURN INT; END",
    "CREATE PACKAGE BODY pk AS -- c2 ;;\n g INT := 1; FUNCTION f RETURN INT AS BEGIN RETURN g; END; BEGIN g := 3; END",
    "SET SESSION sql_mode='NO_BACKSLASH_ESCAPES,ANSI_QUOTES,PIPES_AS_CONCAT,IGNORE_SPACE,PAD_CHAR_TO_FULL_LENGTH,HIGH_NOT_PRECEDENCE,REAL_AS_FLOAT'",
    "CREATE PROCEDURE nbs(x REAL) COMMENT 'a\\b''\n\\n' SELECT '\\', \"id\", 'it''s' || 'x' FROM t WHERE NOT 1 BETWEEN 0 AND 2",
    "CREATE TRIGGER nb AFTER UPDATE ON t FOR EACH ROW SET @a = '\\' || '$$'",
    "CREATE EVENT nbe ON SCHEDULE EVERY 1 DAY COMMENT 'x\\' DO SELECT '\\'",
    "CREATE VIEW nbv AS SELECT '\\' AS \"a\"\"b\", 'x' || v AS y FROM t",
    "CREATE FUNCTION nbf() RETURNS VARCHAR(9) CHARSET latin1 COLLATE latin1_bin RETURN '\\'",
)
BODIES = (
    TABLE,
    "CREATE PROCEDURE cara(IN a INT, OUT b VARCHAR(9) CHARACTER SET latin1, INOUT c DECIMAL(10,2), d ENUM('é', 'x,)'), INOUT e TYPE OF t.v) BEGIN DECLARE x ROW TYPE OF t; SELECT 1; END",
    "CREATE PROCEDURE sifat() LANGUAGE SQL DETERMINISTIC READS SQL DATA SQL SECURITY INVOKER COMMENT 'a;;b\\\\ \\n' BEGIN END",
    "CREATE AGGREGATE FUNCTION jumlah(x INT) RETURNS INT BEGIN DECLARE s INT DEFAULT 0; DECLARE CONTINUE HANDLER FOR NOT FOUND RETURN s; LOOP FETCH GROUP NEXT ROW; SET s = s + x; END LOOP; END",
    "CREATE FUNCTION f1(a VARCHAR(9) CHARSET koi8r) RETURNS ENUM('a', 'b') CHARSET utf8mb4 COLLATE utf8mb4_bin NO SQL RETURN 'a'",
    "CREATE PROCEDURE c() /*! BEGIN*/ /* DELIMITER $$ */ # x\n -- y;\n SELECT ';;', '$$', \"//\", 'DELIMITER ;'; /*!50000 SELECT 1 */; END",
    "CREATE PROCEDURE \n  -- lead\n sp \t ( /* p */ a INT ) \n\n BEGIN  END",
    "CREATE PROCEDURE d() SELECT '\nDELIMITER //\n\\n\\0 \\\\ \\! rm'",
    *(
        f"CREATE TRIGGER m{n} BEFORE UPDATE ON t FOR EACH ROW SET NEW.v = CONCAT(NEW.v, '{n}')"
        for n in (5, 3, 9)
    ),
    "CREATE TRIGGER m1 BEFORE UPDATE ON t FOR EACH ROW PRECEDES m3 SET NEW.n = 1",
    "CREATE TRIGGER m7 BEFORE UPDATE ON t FOR EACH ROW FOLLOWS m5 SET NEW.n = 1",
)
EVENTS = (
    "CREATE EVENT e1 ON SCHEDULE EVERY '1:30' HOUR_MINUTE STARTS '2027-01-01 00:00:00' ENDS '2030-01-01' ON COMPLETION PRESERVE DISABLE ON SLAVE COMMENT ';;' DO SELECT ';;'",
    "SET SESSION time_zone='+07:00'",
    "CREATE EVENT e2 ON SCHEDULE AT '2037-01-01 10:00:00' ON COMPLETION PRESERVE ENABLE DO BEGIN SELECT 1; END",
    "CREATE EVENT e3 ON SCHEDULE EVERY 1 MONTH DISABLE DO SELECT ' ON COMPLETION PRESERVE ENABLE'",
    "SET SESSION timestamp=1000000000",
    "CREATE EVENT e4 ON SCHEDULE AT '2001-09-09 10:00:00' ON COMPLETION PRESERVE DO SELECT 1",
    "CREATE EVENT e5 ON SCHEDULE EVERY 1 SECOND STARTS '2001-09-09 09:00:00' ENDS '2001-09-09 10:00:00' ON COMPLETION PRESERVE DO SELECT 1",
    "SET SESSION timestamp=DEFAULT",
)
VIEWS = (
    "CREATE FUNCTION f1(a VARCHAR(9)) RETURNS VARCHAR(9) RETURN a",
    "CREATE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW zz AS SELECT id FROM t WHERE id > 1 WITH LOCAL CHECK OPTION",
    "CREATE ALGORITHM=TEMPTABLE VIEW aa AS SELECT id FROM zz",
    "CREATE VIEW ab AS SELECT id FROM zz WHERE id < 9 WITH CASCADED CHECK OPTION",
    "CREATE DEFINER=nobody@nowhere VIEW nv AS SELECT * FROM t",
    (
        "CREATE DEFINER=nobody@nowhere VIEW nw AS SELECT a.id, (SELECT MAX(b.id) FROM t b WHERE b.id = a.id) AS m, f1(a.v) AS f "
        "FROM t a LEFT JOIN zz ON zz.id = a.id WHERE a.v <> 1 GROUP BY a.id ORDER BY a.v"
    ),
    "CREATE VIEW a1(x, `y z`) AS SELECT f1('a'), MAX(id) FROM t",
    "CREATE VIEW a0 AS SELECT * FROM a1 JOIN zz",
    "CREATE VIEW ulang AS WITH RECURSIVE r AS (SELECT 1 AS n UNION SELECT n + 1 FROM r WHERE n < 3) SELECT n, '🚗' AS e FROM r",
)


def test_code_of_every_mode_and_shape_comes_back_and_is_moved(
    road: Road, database: ScratchDatabase, mariadb_elsewhere: PrivateServer
) -> None:
    database.run(*MODES, "SET SESSION sql_mode=''", *BODIES[1:], *EVENTS)
    made = comes_back(road, database, also_on=mariadb_elsewhere)
    mark, _ = road.restore(made, database.server, database.name)
    assert differences(made.manifest.inventory, database.server, database.name) == []
    pipeline.undo(database.server, database=database.name, restore_id=mark, progress=Silent())
    assert differences(made.manifest.inventory, database.server, database.name) == []


def test_views_whose_definer_is_lost_come_back(
    road: Road, database: ScratchDatabase, mariadb_elsewhere: PrivateServer
) -> None:
    """SHOW CREATE VIEW then puts the schema before each column, which would be another one's."""
    database.run(TABLE, "INSERT INTO t VALUES (2, 'a', 1)", *VIEWS)
    made = comes_back(road, database, also_on=mariadb_elsewhere)
    road.restore(made, database.server, database.name)
    assert database.rows("SELECT * FROM a0") == (("a", 2, 2),)


def test_code_of_a_role_comes_back_where_the_role_is(
    road: Road, database: ScratchDatabase, mariadb_elsewhere: PrivateServer
) -> None:
    role = f"peran_{database.name[-8:]}"
    database.run(f"CREATE ROLE {role}")
    try:
        database.run(
            TABLE,
            f"CREATE DEFINER={role} PROCEDURE rr() SELECT 1",
            f"CREATE DEFINER={role} TRIGGER rt BEFORE DELETE ON t FOR EACH ROW SET @x = 1",
            f"CREATE DEFINER={role} VIEW rv AS SELECT 1",
            f"CREATE DEFINER={role} EVENT re ON SCHEDULE EVERY 1 DAY DO SELECT 1",
        )
        made = comes_back(road, database)
        assert made.manifest.inventory.missing_definers == ()
        with pytest.raises(RoleMissing, match=f"CREATE ROLE `{role}`;"):
            comes_back(road, database, also_on=mariadb_elsewhere)
    finally:
        database.run(f"DROP ROLE {role}")


def test_names_with_capitals_are_refused_where_the_server_lowers_them(
    road: Road, database: ScratchDatabase, mariadb_case_insensitive: PrivateServer
) -> None:
    database.run("CREATE TABLE Parkir (Id INT PRIMARY KEY)", "CREATE TABLE kecil (Id INT PRIMARY KEY)")
    with pytest.raises(NamesInCapitals, match=r"\(Parkir\)"):
        comes_back(road, database, also_on=mariadb_case_insensitive)
    database.run("DROP TABLE Parkir", "CREATE VIEW alias AS SELECT A.Id FROM kecil AS A JOIN kecil Bb")
    comes_back(road, database, also_on=mariadb_case_insensitive)
