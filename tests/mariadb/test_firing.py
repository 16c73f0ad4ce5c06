"""Triggers fired in a disposable copy: hostile ones, awkward tables, and what must never be fired."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backups.engine import errors
from backups.engine.database import rows, session
from backups.engine.firing import Failure, NotExercised, fire_triggers
from backups.engine.inventory import take_inventory
from backups.engine.rehearsal import rehearsal
from backups.engine.stream import Silent
from tests.scratch import ScratchDatabase


def fired(database: ScratchDatabase, progress=None) -> tuple[tuple[Failure, ...], tuple[NotExercised, ...]]:
    with session(database.server) as connection:
        inventory = take_inventory(connection, database.name)
    name = f"{database.name}__fire"
    with rehearsal(database.server, inventory=inventory, rules=inventory.rules, name=name) as stage:
        return fire_triggers(stage, progress=progress or Silent())


def broken(database: ScratchDatabase) -> set[tuple[str, int]]:
    failures, not_exercised = fired(database)
    assert not_exercised == ()
    return {(failure.trigger, failure.errno) for failure in failures}


def skipped(database: ScratchDatabase) -> dict[str, str]:
    failures, not_exercised = fired(database)
    assert failures == ()
    return {one.name: one.why for one in not_exercised}


def schemas(database: ScratchDatabase) -> set[object]:
    return {name for (name,) in database.rows("SHOW DATABASES")}


def test_a_copy_in_the_way_is_neither_used_nor_dropped(database):
    taken = f"{database.name}__fire"
    database.run(f"CREATE DATABASE `{taken}`", f"CREATE TABLE `{taken}`.kept (a INT)")
    with pytest.raises(errors.ServerRefused):
        fired(database)
    assert database.rows(f"SELECT COUNT(*) FROM `{taken}`.kept") == ((0,),)


def test_a_cancel_leaves_no_copy(database):
    class Stopped(Silent):
        def check(self) -> None:
            raise errors.Cancelled

    database.run("CREATE TABLE t (a INT)", "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = 1")
    with pytest.raises(errors.Cancelled):
        fired(database, Stopped())
    assert f"{database.name}__fire" not in schemas(database)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("SET @a = SLEEP(60)", "waits"),
        ("SET @a = GET_LOCK('x', 60)", "waits"),
        ("SET @a = LOAD_FILE('/etc/passwd')", "touches_files"),
        ("SET GLOBAL max_connections = 1", "changes_server"),
        ("INSERT INTO {other}.victim VALUES (1)", "names_database"),
        ("INSERT INTO {own}.log VALUES (1)", "names_database"),
        ("INSERT INTO log SELECT 1 FROM {other}.victim", "names_database"),
        ("CALL {other}.harm()", "names_database"),
        ("SET NEW.a = {other}.poison(1)", "names_database"),
        ("CALL deeper()", "names_database"),
        ("INSERT INTO log SELECT a FROM view_elsewhere", "names_database"),
    ],
)
def test_what_would_reach_beyond_the_copy_is_never_fired(database, body, why):
    other = f"{database.name}__other"
    database.run(
        f"CREATE DATABASE `{other}`",
        f"CREATE TABLE `{other}`.victim (a INT)",
        f"CREATE FUNCTION `{other}`.poison(x INT) RETURNS INT NO SQL RETURN x",
        f"CREATE PROCEDURE `{other}`.harm() INSERT INTO victim VALUES (1)",
        "CREATE TABLE t (a INT)",
        "CREATE TABLE log (a INT)",
        f"CREATE VIEW view_elsewhere AS SELECT a FROM `{other}`.victim",
        f"CREATE PROCEDURE deepest() INSERT INTO `{other}`.victim VALUES (1)",
        "CREATE PROCEDURE deeper() CALL deepest()",
        "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW "
        + body.format(other=f"`{other}`", own=f"`{database.name}`"),
        # It would set x off.
        "CREATE TABLE u (a INT)",
        "CREATE TRIGGER y AFTER INSERT ON u FOR EACH ROW INSERT INTO t VALUES (1)",
    )
    assert skipped(database) == {"x": why}
    for table in (f"`{other}`.victim", "log", "t"):
        assert database.rows(f"SELECT COUNT(*) FROM {table}") == ((0,),)


def test_a_column_called_like_a_danger_is_none(database):
    database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, password VARCHAR(60), role INT, `sleep` INT, `global` INT)",
        "CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW BEGIN "
        "SET @sleep = NEW.`sleep`, @a = 'SET GLOBAL x; SLEEP(1)'; "
        "UPDATE u SET password = NEW.password, role = (NEW.role) WHERE id = NEW.id; END",
        "CREATE TABLE u LIKE t",
    )
    assert broken(database) == set()


def test_an_endless_trigger_ends(database, monkeypatch):
    monkeypatch.setattr("backups.engine.volley.SHOT_SECONDS", 0.2)
    database.run(
        "CREATE TABLE t (a INT)",
        "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN WHILE TRUE DO SET @a = 1; END WHILE; END",
    )
    assert skipped(database) == {"x": "too_slow"}


def test_a_signal_is_an_answer_whatever_number_it_carries(database):
    database.run(
        "CREATE TABLE t (a INT NOT NULL, b INT)",
        "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'",
        "CREATE TRIGGER y BEFORE UPDATE ON t FOR EACH ROW "
        "SIGNAL SQLSTATE '45001' SET MESSAGE_TEXT = 'no', MYSQL_ERRNO = 1146",
        "CREATE TRIGGER z BEFORE DELETE ON t FOR EACH ROW SIGNAL SQLSTATE '23000'",
    )
    assert broken(database) == set()


def test_rows_that_the_code_does_not_like_are_answers_too(database):
    database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, a INT)",
        "CREATE TABLE log (id INT PRIMARY KEY, a INT NOT NULL, b TINYINT)",
        "CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW INSERT INTO log VALUES (NEW.id, NEW.a, 4000)",
        "CREATE TRIGGER y BEFORE UPDATE ON t FOR EACH ROW SET NEW.a = (SELECT 1 UNION SELECT 2)",
    )
    assert broken(database) == set()


def test_a_column_that_is_gone_breaks_the_trigger_that_writes_it(database):
    database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, status ENUM('open','paid') NOT NULL)",
        "CREATE TABLE log (id INT, note TEXT, extra INT)",
        "CREATE TRIGGER x AFTER UPDATE ON t FOR EACH ROW "
        "IF OLD.status = 'open' AND NEW.status = 'paid' THEN INSERT INTO log (extra) VALUES (1); END IF",
        "CREATE TRIGGER y AFTER INSERT ON t FOR EACH ROW CALL gone(NEW.id)",
        "CREATE TRIGGER z AFTER DELETE ON t FOR EACH ROW DELETE FROM nowhere WHERE id = OLD.id",
        "ALTER TABLE log DROP COLUMN extra",
    )
    assert broken(database) == {("x", 1054), ("y", 1305), ("z", 1146)}


def test_a_trigger_whose_own_column_is_gone_is_found_when_it_is_made(database):
    database.run(
        "CREATE TABLE t (id INT, gone INT)",
        "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.id = NEW.gone",
        "ALTER TABLE t DROP COLUMN gone",
    )
    assert broken(database) == {("x", 1054)}


@pytest.mark.parametrize(
    ("columns", "condition"),
    [
        ("at DATETIME", "OLD.at IS NULL AND NEW.at IS NOT NULL"),
        ("at DATETIME", "OLD.at IS NOT NULL AND NEW.at IS NULL"),
        ("kapasitas INT", "NEW.kapasitas = 0 AND OLD.kapasitas > 0"),
        ("amount DECIMAL(10,2)", "NEW.amount >= 50000 AND OLD.amount < 50000"),
        ("a ENUM('','new','half','paid','void') NOT NULL", "OLD.a = 'half' AND NEW.a = 'void'"),
        ("a ENUM('','new') NOT NULL", "OLD.a = 'new' AND NEW.a = ''"),
        ("a ENUM('it''s','a,b','c)') NOT NULL", "NEW.a = 'c)' AND OLD.a = 'a,b'"),
        ("a VARCHAR(9), b ENUM('x','y','z')", "NEW.a = 'gold' AND OLD.a <> 'gold' AND NEW.b = 'z'"),
        ("a SET('r','w') NOT NULL, b INT", "FIND_IN_SET('w', NEW.a) AND NEW.b IS NULL"),
        ("a TINYINT(1) NOT NULL DEFAULT 0", "OLD.a = 0 AND NEW.a"),
        ("a DATE", "NEW.a > NOW()"),
        ("a INT", "DAYOFWEEK(NOW()) IN (1, 7)"),
        ("a INT", "DAYOFWEEK(NOW()) NOT IN (1, 7)"),
        ("a INT, b INT AS (a + 1) VIRTUAL, c INT AS (a * 2) STORED", "NEW.b = 2 AND NEW.c = 2 AND OLD.a = 0"),
        ("a INT", "EXISTS (SELECT 1 FROM other WHERE t_id = NEW.id AND state = 'done')"),
        ("a INT", "NOT EXISTS (SELECT 1 FROM other)"),
    ],
)
def test_branches_are_reached(database, columns, condition):
    database.run(
        f"CREATE TABLE t (id INT NOT NULL PRIMARY KEY, {columns})",
        "CREATE TABLE other (id INT AUTO_INCREMENT PRIMARY KEY, t_id INT, state ENUM('open','done','void'))",
        f"CREATE TRIGGER x AFTER UPDATE ON t FOR EACH ROW IF {condition} THEN CALL reached(); END IF",
    )
    assert broken(database) == {("x", 1305)}


@pytest.mark.parametrize("event", ["INSERT", "UPDATE", "DELETE"])
@pytest.mark.parametrize("timing", ["BEFORE", "AFTER"])
@pytest.mark.parametrize(
    "definition",
    [
        "(a INT, b VARCHAR(5))",
        "(a INT, b VARCHAR(5)) ENGINE=MyISAM",
        "(g INT NOT NULL, id INT NOT NULL AUTO_INCREMENT, b INT, PRIMARY KEY (g, id)) ENGINE=MyISAM",
        "(a INT PRIMARY KEY, b VARCHAR(5), CHECK (b = 'never')) ENGINE=Aria",
        "(a INT, b VARCHAR(5)) ENGINE=MEMORY",
        "(a INT NOT NULL, b VARCHAR(5) NOT NULL) ENGINE=CSV",
        "(a INT PRIMARY KEY, b DATE) PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (0))",
        "(a POINT NOT NULL, b UUID, c INET6, d JSON, e BIT(3), f YEAR, g TIME(3), SPATIAL KEY (a))",
        "(a BLOB NOT NULL, b DECIMAL(3,2) NOT NULL, c FLOAT, d SET('x','y'), e CHAR(0), UNIQUE (b))",
        "(`a ``b` INT INVISIBLE, b INT DEFAULT 5 COMMENT 'NOT NULL, (')",
        "(id INT, s DATE, e DATE, PERIOD FOR p (s, e))",
        "(a ENUM('x') NOT NULL, b INT AS (1) VIRTUAL, c INT AS (a + 1) STORED, d INT DEFAULT (1 + 1))",
        "(a BIGINT UNSIGNED NOT NULL, b TIMESTAMP NOT NULL DEFAULT current_timestamp(), UNIQUE KEY (a))",
    ],
)
def test_every_kind_of_table_is_reached_and_left_as_it_was(database, definition, timing, event):
    database.run(
        f"CREATE TABLE `t ``1` {definition}",
        "CREATE TABLE log (a INT) ENGINE=MyISAM",
        f"CREATE TRIGGER `x ``y` {timing} {event} ON `t ``1` FOR EACH ROW "
        "BEGIN INSERT INTO log VALUES (1); CALL reached(); END",
    )
    assert broken(database) == {("x `y", 1305)}
    assert database.rows("SELECT COUNT(*) FROM log") == ((0,),)


def test_an_account_that_may_only_make_copies_is_enough(database):
    database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, n INT)",
        "CREATE TABLE u (id INT PRIMARY KEY, n INT)",
        "CREATE FUNCTION f(x INT) RETURNS INT DETERMINISTIC RETURN x + 1",
        "CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW UPDATE u SET n = f(NEW.n) WHERE id = NEW.id",
        "CREATE TRIGGER y AFTER UPDATE ON u FOR EACH ROW UPDATE u SET n = 1",
    )
    with session(database.server) as connection:
        inventory = take_inventory(connection, database.name)
    user, name = f"r{database.name[-8:]}", f"{database.name}__fire"
    pattern = database.name.replace("_", r"\_") + r"\_\_%"
    database.run(
        f"CREATE USER `{user}`@localhost IDENTIFIED BY 'secret'",
        f"GRANT ALL ON `{pattern}`.* TO `{user}`@localhost",
    )
    try:
        limited = replace(database.server, username=user, password="secret")
        with rehearsal(limited, inventory=inventory, rules=inventory.rules, name=name) as stage:
            failures, not_exercised = fire_triggers(stage, progress=Silent())
    finally:
        database.run(f"DROP USER `{user}`@localhost")
    assert {(one.trigger, one.errno) for one in failures} == {("y", 1442)}
    assert not_exercised == ()


def test_a_table_that_outlives_the_shot_is_no_failure(database):
    database.run(
        "CREATE TABLE t (a INT)",
        "CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW BEGIN "
        "CREATE TEMPORARY TABLE tmp (a INT); INSERT INTO tmp VALUES (STR_TO_DATE(NEW.a, '%Y')); END",
    )
    assert broken(database) == set()


def test_a_table_that_refuses_every_made_up_row_is_said_so(database):
    database.run(
        "CREATE TABLE t (a INT UNSIGNED NOT NULL, b DOUBLE AS (EXP(1000 + a)) STORED)",
        "CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW CALL gone()",
        "CREATE TRIGGER y BEFORE DELETE ON t FOR EACH ROW CALL gone()",
    )
    assert skipped(database) == {"x": "not_reached", "y": "not_reached"}


def test_a_table_that_draws_from_a_sequence_elsewhere_is_not_copied(database):
    other = f"{database.name}__other"
    database.run(
        f"CREATE DATABASE `{other}`",
        f"CREATE SEQUENCE `{other}`.s",
        f"CREATE TABLE t (a INT, b INT DEFAULT NEXTVAL(`{other}`.s))",
        "CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW SET @a = 1",
    )
    assert skipped(database) == {"x": "table_not_made"}
    assert database.rows(f"SELECT NEXTVAL(`{other}`.s)") == ((1,),)


def test_rows_that_do_not_roll_back_are_put_back_between_shots(database):
    database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, a INT)",
        "CREATE TABLE m (id INT PRIMARY KEY) ENGINE=MyISAM",
        "CREATE TRIGGER x AFTER UPDATE ON t FOR EACH ROW BEGIN "
        "IF NEW.a = 2 AND EXISTS (SELECT 1 FROM m) THEN CALL reached(); END IF; DELETE FROM m; END",
    )
    assert broken(database) == {("x", 1305)}


def test_a_before_trigger_may_change_the_row(database):
    database.run(
        "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, code VARCHAR(5) UNIQUE, a INT)",
        "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.id = 7, NEW.code = CONCAT('a', NEW.a)",
        "CREATE TRIGGER y BEFORE UPDATE ON t FOR EACH ROW SET NEW.code = 'far too long for it'",
    )
    assert broken(database) == set()


def test_siblings_do_not_hide_one_another(database):
    database.run(
        "CREATE TABLE t (a INT)",
        "CREATE TRIGGER second BEFORE INSERT ON t FOR EACH ROW CALL gone()",
        "CREATE TRIGGER first BEFORE INSERT ON t FOR EACH ROW PRECEDES second SIGNAL SQLSTATE '45000'",
        "CREATE TRIGGER third AFTER INSERT ON t FOR EACH ROW CALL gone_too()",
    )
    assert broken(database) == {("second", 1305), ("third", 1305)}


def test_two_triggers_that_set_each_other_off_break_both(database):
    database.run(
        "CREATE TABLE a (id INT PRIMARY KEY, n INT)",
        "CREATE TABLE b (id INT PRIMARY KEY, n INT)",
        "CREATE TRIGGER of_a AFTER UPDATE ON a FOR EACH ROW UPDATE b SET n = NEW.n WHERE id = NEW.id",
        "CREATE TRIGGER of_b AFTER UPDATE ON b FOR EACH ROW UPDATE a SET n = NEW.n WHERE id = NEW.id",
    )
    failures, not_exercised = fired(database)
    assert {(one.trigger, one.errno, one.own) for one in failures} == {
        ("of_a", 1442, False),
        ("of_b", 1442, False),
    }
    assert not_exercised == ()
    assert all(f"{database.name}__fire" not in failure.message for failure in failures)


def test_who_sets_off_a_broken_trigger_is_not_blamed(database):
    database.run(
        "CREATE TABLE a (id INT PRIMARY KEY)",
        "CREATE TABLE b (id INT)",
        "CREATE TABLE c (id INT)",
        "CREATE TRIGGER of_a AFTER INSERT ON a FOR EACH ROW INSERT INTO b VALUES (NEW.id)",
        "CREATE TRIGGER of_b AFTER INSERT ON b FOR EACH ROW INSERT INTO c VALUES (NEW.id)",
        "CREATE TRIGGER of_c AFTER INSERT ON c FOR EACH ROW DELETE FROM Nowhere",
    )
    assert broken(database) == {("of_c", 1146)}


def test_routines_functions_and_views_are_there_for_the_triggers(database):
    database.run(
        "CREATE TABLE t (id INT PRIMARY KEY, a INT)",
        "CREATE TABLE log (id INT, a INT)",
        "CREATE VIEW v1 AS SELECT id, a FROM t",
        "CREATE FUNCTION twice(x INT) RETURNS INT DETERMINISTIC RETURN x * 2",
        "CREATE VIEW a_over_v1 AS SELECT id, twice(a) AS a FROM v1",
        "CREATE DEFINER=nobody@nowhere PROCEDURE note(IN x INT) "
        "BEGIN INSERT INTO log SELECT id, twice(x) FROM a_over_v1; END",
        "CREATE DEFINER=nobody@nowhere TRIGGER x AFTER INSERT ON t FOR EACH ROW CALL note(NEW.a)",
    )
    assert broken(database) == set()


def test_code_keeps_its_own_rules(database):
    with database.connect() as connection:
        rows(connection, "CREATE TABLE t (a INT, b VARCHAR(20))")
        rows(connection, "SET SESSION sql_mode='ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES'")
        rows(
            connection,
            'CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW."b" = \'a\\\' || NEW."a"',
        )
    assert broken(database) == set()


def test_a_database_without_triggers_takes_no_time(database):
    database.run("CREATE TABLE t (a INT)")
    assert fired(database) == ((), ())
