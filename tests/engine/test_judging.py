"""What a statement is about: decided from its own words, whatever stands around them."""

from __future__ import annotations

import pytest

from backups.engine.judging import Judged, judged, prepared


@pytest.mark.parametrize(
    ("text", "act", "kind", "name"),
    [
        ("CREATE TABLE IF NOT EXISTS `a b` (x int)", "run", "table", "a b"),
        ("CREATE TABLE `qparkin`.`mall` (x int)", "run", "table", "mall"),
        ("INSERT IGNORE INTO `mall` VALUES (1)", "run", "rows", "mall"),
        ("ALTER TABLE `mall` ADD PRIMARY KEY (a)", "run", "keys", "mall"),
        ("DROP TABLE IF EXISTS `mall`", "run", "table", "mall"),
        ("/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`l`*/ /*!50003 TRIGGER t BEFORE */", "run", "trigger", "t"),
        ("CREATE ALGORITHM=MERGE DEFINER=`event`@`x` SQL SECURITY DEFINER VIEW `v`", "run", "view", "v"),
        ("/*!40101 SET NAMES utf8mb4 */", "run", "setting", ""),
        ("SELECT SETVAL(`s`, 3, 0)", "run", "statement", ""),
        ("CREATE DATABASE /*!32312 IF NOT EXISTS*/ `x`", "pass", "database", "x"),
        ("SELECT * FROM mall INTO OUTFILE '/tmp/x'", "pass", "statement", ""),
        ("USE `mysql`", "use", "database", "mysql"),
        ("DROP DATABASE other", "leave", "database", "other"),
        ("CREATE USER x", "leave", "user", "x"),
        ("/*!50003 GRANT ALL ON *.* TO x */", "leave", "statement", "GRANT"),
        ("CREATE FUNCTION f RETURNS STRING SONAME 'x.so'", "leave", "function", "f"),
        ("SET GLOBAL local_infile=1", "leave", "setting", ""),
        ("SET @@GLOBAL.GTID_PURGED='x'", "leave", "setting", ""),
        ("SET @@SESSION.SQL_LOG_BIN= 0", "leave", "setting", ""),
        ("LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE mall", "leave", "statement", "LOAD"),
        ("CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x')", "leave", "server", "s"),
        ("SHUTDOWN", "leave", "statement", "SHUTDOWN"),
        ("\\! touch /tmp/pwned", "leave", "statement", ""),
    ],
)  # fmt: skip
def test_what_it_is_about(text: str, act: str, kind: str, name: str) -> None:
    found = judged(text)
    assert (found.act, found.kind, found.name) == (act, kind, name)


def test_code_belongs_to_whoever_loads_it() -> None:
    text = (
        "CREATE DEFINER=`root`@`localhost` TRIGGER t BEFORE INSERT ON m FOR EACH ROW SET @a='DEFINER=`x`@`y`'"
    )
    found = prepared(text, judged(text))
    assert "root" not in found
    assert "DEFINER=`x`@`y`" in found


def test_rows_are_run_as_they_are() -> None:
    text = "INSERT INTO t VALUES ('CREATE DEFINER=`root`@`localhost` TRIGGER')"
    assert prepared(text, judged(text)) == text


def test_alter_database_means_the_one_it_is_in() -> None:
    text = "ALTER DATABASE `qparkin` CHARACTER SET latin1 COLLATE latin1_swedish_ci"
    assert prepared(text, judged(text)).split() == text.replace("`qparkin`", "").split()
    text = "ALTER DATABASE CHARACTER SET latin1"
    assert prepared(text, Judged("run", "database", "CHARACTER")) == text
