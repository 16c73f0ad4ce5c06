"""Tables taken apart and put together again by a real server are the tables they were."""

from __future__ import annotations

import pytest

from backups.engine.ddl import split
from tests.scratch import ScratchDatabase

TABLES = [
    "(a INT)",
    "(id INT AUTO_INCREMENT PRIMARY KEY, a INT, b TEXT, KEY (a), UNIQUE `u ``,(` (a, id), FULLTEXT (b))",
    "(a INT NOT NULL, id INT NOT NULL AUTO_INCREMENT, b INT, PRIMARY KEY (a), KEY b (b), UNIQUE KEY i (id))",
    "(g INT NOT NULL, id INT NOT NULL AUTO_INCREMENT, b INT, PRIMARY KEY (g, id), KEY (b)) ENGINE=MyISAM",
    "(id INT NOT NULL AUTO_INCREMENT, g INT, KEY (g), KEY (id, g), KEY (id)) ENGINE=Aria",
    r"(a ENUM('it''s','a,b',')','(','\\','\n','`') DEFAULT ')' COMMENT 'KEY `k` (`a`), ''x'' \\', KEY (a))",
    "(a INT, b INT AS (IF(a > 1, LENGTH(CONCAT('(', ')', ',')), 0)), c INT AS (b + 1) STORED, KEY (b))",
    "(a INT CHECK (a IN (1, 2)), b TEXT, CONSTRAINT `,(` CHECK (b <> ' FOREIGN KEY (' AND a), KEY (b(9)))",
    "(a INT, b INT DEFAULT (1 + 2), c VARCHAR(9) DEFAULT CONCAT('a', ','), KEY (a DESC, b))",
    "(`KEY x` INT, `PRIMARY KEY` INT, `CONSTRAINT x` INT, `a``,(` INT, KEY `KEY x` (`KEY x`, `a``,(`))",
    (
        "(a INT PRIMARY KEY, d DATE, KEY (d)) COMMENT='), KEY (' PARTITION BY RANGE (a) "
        "(PARTITION p0 VALUES LESS THAN (5) COMMENT = '),(', PARTITION p1 VALUES LESS THAN MAXVALUE)"
    ),
    "(a INT, p POINT NOT NULL, SPATIAL KEY (p), UNIQUE KEY (a) USING HASH) ROW_FORMAT=COMPRESSED",
    "(a INT INVISIBLE, b BLOB, c INT, UNIQUE KEY (b), KEY c (c) COMMENT 'x,(' IGNORED)",
    "(id INT, s DATE, e DATE, PERIOD FOR p (s, e), PRIMARY KEY (id, p WITHOUT OVERLAPS), KEY (e))",
    "(a INT, b INT, KEY (b)) WITH SYSTEM VERSIONING",
    "(a VARCHAR(9) CHARSET latin1 COLLATE latin1_bin COMPRESSED, b INT, KEY (b)) ENGINE=InnoDB",
    "(a INT, KEY (a), FOREIGN KEY (a) REFERENCES parent (id) ON DELETE SET NULL ON UPDATE CASCADE)",
    "(a INT, b INT, CONSTRAINT `f ``(,` FOREIGN KEY (a) REFERENCES parent (id), CHECK (b > 1), KEY (b))",
    "(id INT PRIMARY KEY, up INT, CONSTRAINT own FOREIGN KEY (up) REFERENCES `t ``x` (id))",
]


def definition(database: ScratchDatabase) -> str:
    return str(database.rows("SHOW CREATE TABLE `t ``x`")[0][1])


@pytest.mark.parametrize("columns", TABLES)
def test_a_table_is_the_same_with_its_keys_made_at_once_or_later(database, columns):
    database.run(
        "CREATE TABLE parent (id INT PRIMARY KEY) ENGINE=InnoDB",
        f"CREATE TABLE `t ``x` {columns}",
    )
    expected = definition(database)
    parts = split(expected)
    database.run("DROP TABLE `t ``x`", parts.statement())
    assert definition(database) == expected
    database.run("DROP TABLE `t ``x`", parts.statement(keys=False, foreign_keys=False))
    for additions in (parts.later_keys, parts.foreign_keys):
        if additions:
            database.run("ALTER TABLE `t ``x` " + ", ".join(f"ADD {part}" for part in additions))
    assert definition(database) == expected
