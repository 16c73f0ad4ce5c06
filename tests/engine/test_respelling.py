"""Names of tables written as the tables are called: nothing else in a body is touched."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backups.engine.manifest import Inventory, Routine, Rules, Trigger, nothing_of
from backups.engine.respelling import Respelling, respelled

LOWERING = Rules("10.4.32-MariaDB", 1, "", "SYSTEM", "x")
KEEPING = replace(LOWERING, lower_case_table_names=0)
PRESENT = ("notifikasi", "booking", "tarif parkir", "Mall", "mall", "strasse")


def inventory(body: str, *, rules: Rules = LOWERING, sql_mode: str = "") -> Inventory:
    trigger = Trigger(
        "t", "booking", "AFTER", "INSERT", 1, "", "TRIGGER t ", body, "a@b", sql_mode, "utf8mb4", "x", "x"
    )
    return replace(nothing_of("qparkin"), rules=rules, triggers=(trigger,))


def written(body: str, *, rules: Rules = LOWERING, sql_mode: str = "") -> str:
    made, told = respelled(inventory(body, rules=rules, sql_mode=sql_mode), present=PRESENT)
    assert bool(told) == (made.triggers[0].body != body)
    return made.triggers[0].body


@pytest.mark.parametrize(
    "body",
    [
        "SET NEW.a = 'Notifikasi', NEW.b = \"INSERT INTO Booking\"",
        "BEGIN -- FROM Notifikasi\n # Booking\n /* INTO Notifikasi */ SET @Notifikasi = 1; END",
        "INSERT INTO notifikasi (Booking, Notifikasi) VALUES (NEW.Booking, OLD.Notifikasi)",
        "SELECT Booking AS Notifikasi FROM notifikasi WHERE Booking = 1",
        "SELECT * FROM lain.Notifikasi",
        "SELECT * FROM MALL",  # there are Mall and mall: nobody knows which is meant
        "SELECT * FROM tidak_ada",
        "CALL Notifikasi()",
        "BEGIN CREATE TEMPORARY TABLE Notifikasi (a INT); INSERT INTO Notifikasi VALUES (1); END",
        "WITH Booking AS (SELECT 1 AS a) SELECT Booking.a FROM Booking",
        # A schema that is called like a table.
        "SELECT Booking.hitung(1), Booking.lain.a FROM booking",
        "IF EXISTS (SELECT 1 FROM booking) THEN CALL `Booking` . bersih(); END IF",
        "SELECT Booking.a FROM booking, notifikasi FOR SYSTEM_TIME ALL Booking",
        # The server takes these for two names, whatever a dictionary says.
        "SELECT * FROM straße",
        "BEGIN DECLARE Booking INT; SET Booking = 1; END",
    ],
)
def test_what_is_not_such_a_table_stays_as_it_is(body: str) -> None:
    assert written(body) == body


@pytest.mark.parametrize(
    ("body", "right"),
    [
        ("INSERT INTO Notifikasi (a) VALUES (1)", "INSERT INTO notifikasi (a) VALUES (1)"),
        (
            "DELETE FROM `NOTIFIKASI` WHERE a = 'NOTIFIKASI'",
            "DELETE FROM `notifikasi` WHERE a = 'NOTIFIKASI'",
        ),
        ("UPDATE `Tarif Parkir` SET a = 1", "UPDATE `tarif parkir` SET a = 1"),
        ("SELECT * FROM qparkin.Booking", "SELECT * FROM qparkin.booking"),
        ("SELECT * FROM `QParkin` . `Booking`", "SELECT * FROM `qparkin` . `booking`"),
        (
            "UPDATE Booking SET Booking.Booking = Booking.a + 1 WHERE qparkin.Booking.b = 2",
            "UPDATE booking SET booking.Booking = booking.a + 1 WHERE qparkin.booking.b = 2",
        ),
        (
            "DELETE QParkin.Booking FROM booking WHERE QPARKIN.booking.a = `QParkin` . `BOOKING`.b",
            "DELETE qparkin.booking FROM booking WHERE qparkin.booking.a = `qparkin` . `booking`.b",
        ),
        ("SELECT Booking.a FROM booking", "SELECT booking.a FROM booking"),
        ("SELECT Booking.* FROM Booking, notifikasi n", "SELECT booking.* FROM booking, notifikasi n"),
        ("SELECT b.a FROM Booking b", "SELECT b.a FROM booking b"),
        ("SELECT B.Booking FROM Booking AS B", "SELECT B.Booking FROM booking AS B"),
        (
            "DELETE Booking FROM Booking JOIN Notifikasi ON Notifikasi.a = Booking.a",
            "DELETE booking FROM booking JOIN notifikasi ON notifikasi.a = booking.a",
        ),
        ("DELETE FROM Booking USING Booking, Mall", "DELETE FROM booking USING booking, Mall"),
        (
            "BEGIN\n  UPDATE Booking SET a = 1;\n  SET @b = 'Booking'; -- Booking\nEND",
            "BEGIN\n  UPDATE booking SET a = 1;\n  SET @b = 'Booking'; -- Booking\nEND",
        ),
        ("INSERT INTO/*Booking*/Booking VALUES(1)", "INSERT INTO/*Booking*/booking VALUES(1)"),
    ],
)
def test_a_table_is_spelled_as_it_is_called(body: str, right: str) -> None:
    assert written(body) == right


@pytest.mark.parametrize(
    "body",
    [
        # Which of the two `Booking.a` means, only the server could say.
        "SELECT Booking.a FROM notifikasi Booking WHERE EXISTS (SELECT 1 FROM Booking WHERE Booking.a = 1)",
        "BEGIN DECLARE Booking ROW (a INT); UPDATE Booking SET a = Booking.a; END",
    ],
)
def test_a_name_with_two_meanings_is_left_to_a_person(body: str) -> None:
    assert written(body) == body


def test_quotes_go_by_the_sql_mode() -> None:
    body = 'INSERT INTO "Notifikasi" VALUES ("Booking")'
    assert written(body, sql_mode="ANSI_QUOTES") == 'INSERT INTO "notifikasi" VALUES ("Booking")'


def test_a_database_of_another_case_is_another_one_where_names_are_kept() -> None:
    body = "SELECT * FROM QPARKIN.Booking"
    assert written(body, rules=KEEPING) == body
    assert written(body) == "SELECT * FROM qparkin.booking"


@pytest.mark.parametrize("charset", ["sjis", "cp932", "gbk", "big5"])
def test_code_whose_letters_may_hold_a_quote_is_left_to_a_person(charset: str) -> None:
    """The second byte of a letter may be that of a backslash, so where a string ends is not known."""
    body = "BEGIN SET @a = '\udc83\\'; SET @b = 'FROM Booking'; DELETE FROM Booking; END"
    found = inventory(body)
    trigger = replace(found.triggers[0], charset=charset)
    made, told = respelled(replace(found, triggers=(trigger,)), present=PRESENT)
    assert (made.triggers[0].body, told) == (body, ())


def test_what_was_changed_is_told_by_name_and_line() -> None:
    body = "BEGIN\n\tINSERT INTO Notifikasi SELECT * FROM `Booking`;\n\tSET @a = 1;\nEND"
    _, (told,) = respelled(inventory(body), present=PRESENT)
    assert told == Respelling(
        "trigger",
        "t",
        (("Notifikasi", "notifikasi"), ("Booking", "booking")),
        (
            (
                "INSERT INTO Notifikasi SELECT * FROM `Booking`;",
                "INSERT INTO notifikasi SELECT * FROM `booking`;",
            ),
        ),
    )


def test_bytes_that_are_no_text_are_shown_all_the_same() -> None:
    _, (told,) = respelled(inventory("UPDATE Booking SET a = 'caf\udce9'"), present=PRESENT)
    assert told.lines[0][1].encode().decode().startswith("UPDATE booking SET a = 'caf")


def test_a_routine_keeps_its_own_name() -> None:
    statement = "CREATE PROCEDURE `Booking`() DELETE FROM Booking"
    routine = Routine("PROCEDURE", "Booking", statement, "a@b", "", "utf8mb4", "x", "x")
    made, _ = respelled(replace(inventory("SET @a = 1"), routines=(routine,)), present=PRESENT)
    assert made.routines[0].statement == "CREATE PROCEDURE `Booking`() DELETE FROM booking"


BODY = """SELECT FROM Booking `Notifikasi` NOTIFIKASI booking . , ( ) ; AS DELETE JOIN 'Booking' #Booking /*
*/ INTO INSERT UPDATE SET = qparkin Mall"""
WORDS = st.sampled_from(BODY.split())


@given(st.lists(WORDS, max_size=30).map("\n".join))
def test_whatever_stands_there_nothing_but_the_case_of_letters_changes(body: str) -> None:
    once = written(body)
    assert once.casefold() == body.casefold()
    assert written(once) == once
