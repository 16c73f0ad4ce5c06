"""The tables and routines that a body names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backups.engine.names import NamedRoutine, NamedTable, called_routines, named_tables


def names(body: str, sql_mode: str = "") -> list[str]:
    found = named_tables(body, sql_mode=sql_mode)
    return [f"{table.schema}.{table.name}" if table.schema else table.name for table in found]


@pytest.mark.parametrize(
    "body",
    [
        "SET NEW.a = TRIM(LEADING '0' FROM NEW.code)",
        "SET @y = EXTRACT(YEAR FROM NEW.at), @z = SUBSTRING(NEW.x FROM 2 FOR 3), @m = MID(NEW.x FROM 2)",
        "SET @x = 'SELECT * FROM nowhere', @y = \"UPDATE nowhere\", @z = `from`",
        "BEGIN -- FROM nowhere\n # JOIN nowhere\n /* INTO nowhere */ SET @a = 1; END",
        (
            "BEGIN DECLARE c CURSOR FOR SELECT 1; OPEN c; FETCH c INTO v, w; FETCH FROM c INTO v; "
            "FETCH NEXT FROM c INTO v; CLOSE c; END"
        ),
        "SELECT 1 INTO @a",
        "SELECT 1, 2 INTO a, b",
        "SHOW COLUMNS FROM nowhere",
        "SELECT 1 FROM DUAL",
        "PREPARE s FROM 'DELETE FROM nowhere'",
        "PREPARE s FROM @text",
        (
            "BEGIN CREATE TEMPORARY TABLE tmp (a INT); INSERT INTO tmp VALUES (1); SELECT a FROM Tmp; "
            "DROP TEMPORARY TABLE tmp; END"
        ),
        (
            "BEGIN CREATE TEMPORARY TABLE IF NOT EXISTS tmp (a INT); DELETE FROM tmp; "
            "DROP TABLE IF EXISTS other; END"
        ),
        "WITH x AS (SELECT 1), y (a, b) AS (SELECT 1, 2 FROM x) SELECT * FROM x, y",
        "WITH RECURSIVE n AS (SELECT 1 AS i UNION SELECT i + 1 FROM n WHERE i < 9) SELECT i FROM n",
        "SELECT REPLACE(a, 'x', 'y'), INSERT(a, 1, 2, 'z'), TRUNCATE(1.5, 1)",
        "SELECT * FROM JSON_TABLE('[1]', '$[*]' COLUMNS (a INT PATH '$')) AS j",
        "DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1",
        "SET @x = NEW.from + OLD.update + NEW.`join`",
        "GRANT SELECT, INSERT, UPDATE ON t TO someone",
        "SELECT INTERVAL(1, 2), VALUES(a)",
        "FOR i IN 1..10 DO SET @a = i; END FOR",
    ],
)
def test_what_is_not_a_table_is_not_named(body):
    assert names(body) == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("INSERT INTO a (x, y) VALUES (1, 2)", ["a"]),
        ("INSERT IGNORE a SET x = 1", ["a"]),
        ("INSERT LOW_PRIORITY IGNORE INTO `a b` VALUES (1)", ["a b"]),
        ("INSERT a SELECT x FROM b, c ON DUPLICATE KEY UPDATE x = 1, y = 2", ["a", "b", "c"]),
        ("REPLACE INTO a SELECT * FROM b WHERE x IN (SELECT y FROM c)", ["a", "b", "c"]),
        ("REPLACE a VALUES (1)", ["a"]),
        ("UPDATE a SET x = 1, y = 2", ["a"]),
        ("UPDATE LOW_PRIORITY IGNORE a, b AS bb, c cc SET a.x = bb.y, cc.z = 1", ["a", "b", "c"]),
        ("UPDATE a JOIN (b CROSS JOIN c) ON a.i = b.i SET a.x = 1", ["a", "b", "c"]),
        ("DELETE FROM a WHERE x IN (SELECT DISTINCT y FROM b)", ["a", "b"]),
        ("DELETE x, y FROM a AS x JOIN b AS y ON x.i = y.i", ["a", "b"]),
        ("DELETE FROM x, y.* USING a AS x JOIN b AS y USING (i)", ["a", "b"]),
        ("DELETE LOW_PRIORITY QUICK IGNORE FROM a", ["a"]),
        ("DELETE HISTORY FROM a BEFORE SYSTEM_TIME '2024-01-01'", ["a"]),
        ("SELECT 1 FROM a LEFT JOIN b ON a.i = b.i, c NATURAL JOIN d", ["a", "b", "c", "d"]),
        ("SELECT 1 FROM (a, b), ((SELECT 1 FROM c) UNION (SELECT 2 FROM d)) AS u", ["a", "b", "c", "d"]),
        ("SELECT 1 FROM a PARTITION (p0, p1) USE INDEX FOR JOIN (i, j) STRAIGHT_JOIN b", ["a", "b"]),
        ("SELECT STRAIGHT_JOIN x FROM a", ["a"]),
        ("SELECT 1 FROM { OJ a LEFT OUTER JOIN b ON a.i = b.i }", ["a", "b"]),
        ("SELECT x, y FROM a ORDER BY x, y LIMIT 1, 2", ["a"]),
        ("SELECT x INTO v FROM a WHERE y = 1 FOR UPDATE", ["a"]),
        ("SELECT x FROM a INTO v, w", ["a"]),
        ("SELECT 1 FROM a FOR SYSTEM_TIME FROM '2024-01-01' TO '2025-01-01', b", ["a", "b"]),
        ("SELECT COUNT(*) OVER w FROM a WINDOW w AS (ORDER BY x), v AS (ORDER BY y)", ["a"]),
        ("SELECT (SELECT TRIM(x) FROM a), TRIM((SELECT y FROM b LIMIT 1) )", ["a", "b"]),
        ("SELECT f(x, (SELECT 1 FROM a)), y FROM b", ["a", "b"]),
        ("SELECT * FROM other.a, `Parkiran` P", ["other.a", "Parkiran"]),
        ("WITH a AS (SELECT * FROM a) SELECT * FROM a, b", ["a", "b"]),
        ("BEGIN WITH a AS (SELECT 1) SELECT * FROM a; SELECT * FROM a; END", ["a"]),
        ("BEGIN DECLARE c CURSOR FOR SELECT x FROM a; FETCH c INTO v; END", ["a"]),
        ("FOR r IN (SELECT x FROM a) DO INSERT INTO b VALUES (r.x); END FOR", ["a", "b"]),
        ("IF NEW.x = 1 THEN UPDATE a SET x = 2; ELSEIF EXISTS (SELECT 1 FROM b) THEN DELETE FROM c; END IF",
         ["a", "b", "c"]),
        ("here: LOOP INSERT a VALUES (1); LEAVE here; END LOOP", ["a"]),
        ("TRUNCATE TABLE a", ["a"]),
        ("BEGIN TRUNCATE a; TRUNCATE b.c; END", ["a", "b.c"]),
        ("LOCK TABLES a READ, b AS x WRITE", ["a", "b"]),
        ("DROP TABLE a, b", ["a", "b"]),
        ("ALTER TABLE a ADD COLUMN x INT, DROP y", ["a"]),
        ("CREATE TEMPORARY TABLE tmp LIKE a", ["a"]),
        ("CREATE OR REPLACE TEMPORARY TABLE tmp SELECT * FROM a", ["a"]),
        ("BEGIN HANDLER a OPEN; HANDLER a READ FIRST; HANDLER a CLOSE; END", ["a"]),
        ("SET @n = NEXTVAL(s) + LASTVAL(`db`.`s2`)", ["s", "db.s2"]),
        ("SET @n = NEXT VALUE FOR s, @p = PREVIOUS VALUE FOR s2", ["s", "s2"]),
        ("/*!50003 INSERT INTO a VALUES (1) */", ["a"]),
        ("INSERT INTO a VALUES (1) RETURNING x, y", ["a"]),
        (("CREATE ALGORITHM=UNDEFINED DEFINER=`r`@`%` SQL SECURITY DEFINER VIEW `v` AS "
         "select `t`.`x` AS `x` from (`a` `t` join `b` on(`t`.`i` = `b`.`i`))"), ["a", "b"]),
        (("CREATE DEFINER=`r`@`%` EVENT `e` ON SCHEDULE EVERY 1 DAY ON COMPLETION PRESERVE ENABLE "
         "COMMENT 'FROM x' DO DELETE FROM a"), ["a"]),
        ("CREATE PROCEDURE `p`(IN `from_` INT) COMMENT 'x' UPDATE a SET x = from_", ["a"]),
    ],
)  # fmt: skip
def test_every_table_is_named_once_and_in_order(body, expected):
    assert names(body) == expected


def test_quotes_follow_the_mode():
    assert names('SELECT "x" FROM "a"', "ANSI_QUOTES") == ["a"]
    assert names(r"SELECT 'x\' FROM a -- '", "NO_BACKSLASH_ESCAPES") == ["a"]
    assert names(r"SELECT 'x\' FROM a -- '") == []


@given(st.text(st.sampled_from("FROM JOIN( ),;`'.WITHASINSERTUPDATE@a0 "), max_size=60))
def test_no_text_stops_the_reader(body):
    named_tables(body, sql_mode="")
    called_routines(body, sql_mode="", known=("a",))


KEYWORDS = (
    "WITH AS ( ) , ; . FROM JOIN INSERT INTO UPDATE DELETE USING SELECT a b TABLE CREATE LIKE RECURSIVE "
    "FOR VALUE NEXT TRUNCATE HANDLER OPEN NEXTVAL IF NOT EXISTS"
)


@given(st.lists(st.sampled_from(sorted(KEYWORDS.split())), max_size=25))
def test_no_order_of_keywords_stops_the_reader(words):
    named_tables(" ".join(words), sql_mode="")


def test_calls_by_name_by_schema_and_by_known_function():
    body = "BEGIN CALL p(1); CALL `other`.`q`(); SET @x = Fee (2) + now() + db.g(3) + NEW.fee; END"
    assert called_routines(body, sql_mode="", known=("fee", "p")) == (
        NamedRoutine(None, "p"),
        NamedRoutine("other", "q"),
        NamedRoutine(None, "Fee"),
        NamedRoutine("db", "g"),
    )


def test_a_table_of_another_schema_is_never_taken_for_one_of_ours():
    assert named_tables("SELECT 1 FROM other.booking", sql_mode="") == (NamedTable("other", "booking"),)
