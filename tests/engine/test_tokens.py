"""SQL cut into tokens: nothing is lost, and what is quoted or commented out is never mistaken for code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backups.engine.tokens import Kind, meaningful, tokens, unqualified, without_definer

HOSTILE = st.text(
    st.one_of(st.sampled_from("'\"`\\/*!-#\n\t ()@.;0125eEx$FROMselect"), st.characters()), max_size=80
)
MODES = st.sampled_from(["", "ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "ANSI,ANSI_QUOTES,NO_BACKSLASH_ESCAPES"])


def kinds(text: str, sql_mode: str = "") -> list[tuple[Kind, str]]:
    return [(token.kind, token.text) for token in meaningful(text, sql_mode=sql_mode)]


def test_the_first_line_of_mariadb_dump_is_a_comment() -> None:
    sandbox = "/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump\n/*!40101 SET @a=1 */"
    assert [text for _, text in kinds(sandbox)] == ["SET", "@a", "=", "1"]


@given(HOSTILE, MODES)
def test_no_byte_is_lost(text, sql_mode):
    assert "".join(token.text for token in tokens(text, sql_mode=sql_mode)) == text


@given(HOSTILE, MODES)
def test_a_quoted_text_is_one_token_whatever_it_holds(text, sql_mode):
    quoted = "'" + text.replace("'", "''").replace("\\", "\\\\") + "'"
    if "NO_BACKSLASH" in sql_mode:
        quoted = "'" + text.replace("'", "''") + "'"
    assert kinds(quoted + " x", sql_mode) == [(Kind.TEXT, quoted), (Kind.WORD, "x")]


@pytest.mark.parametrize(
    "text", ["'it''s", '"open', "`open", "/* open", "'\\", "/*!99999 open /* x", "@`x", "@'"]
)
def test_what_never_ends_is_one_token_to_the_end(text):
    assert "".join(token.text for token in tokens(text, sql_mode="")) == text
    assert len(meaningful(text, sql_mode="")) <= 1


def test_a_backslash_escapes_only_where_the_mode_lets_it():
    assert kinds(r"'a\' FROM t -- '") == [(Kind.TEXT, r"'a\' FROM t -- '")]
    assert kinds(r"'a\' x", "NO_BACKSLASH_ESCAPES") == [(Kind.TEXT, r"'a\'"), (Kind.WORD, "x")]


def test_double_quotes_are_text_or_a_name_as_the_mode_says():
    assert kinds('"a\\"b"') == [(Kind.TEXT, '"a\\"b"')]
    assert kinds('"a""b"', "ANSI_QUOTES") == [(Kind.NAME, '"a""b"')]
    assert next(tokens('"a""b"', sql_mode="ANSI_QUOTES")).value == 'a"b'


def test_a_dash_pair_is_a_comment_only_before_a_space():
    assert kinds("1--1") == [(Kind.NUMBER, "1"), (Kind.SYMBOL, "-"), (Kind.SYMBOL, "-"), (Kind.NUMBER, "1")]
    assert kinds("1 -- x\n2") == [(Kind.NUMBER, "1"), (Kind.NUMBER, "2")]
    assert kinds("1 --") == [(Kind.NUMBER, "1")]


def test_code_in_a_versioned_comment_is_code_unless_mysql_alone_runs_it():
    words = [(Kind.WORD, "a"), (Kind.WORD, "b")]
    assert kinds("/*! a */ b") == words
    assert kinds("/*!40101 a*/b") == words
    assert kinds("/*M!100400 a*/ /* c */ b") == words
    assert kinds("/*!50701 x /* y */ z */ a /*!80000 x*/ b") == words


def test_a_star_before_a_slash_outside_a_comment_is_two_symbols():
    assert [text for _, text in kinds("t.*/*c*/,'*/'")] == ["t", ".", "*", ",", "'*/'"]


def test_numbers_and_names_that_look_alike():
    assert [kind for kind, _ in kinds("1 1.5 .5 1e3 0x1F 0b01")] == [Kind.NUMBER] * 6
    assert kinds("1abc") == [(Kind.WORD, "1abc")]
    assert kinds("t.1x") == [(Kind.WORD, "t"), (Kind.SYMBOL, "."), (Kind.WORD, "1x")]
    assert kinds("`t`.5x") == [(Kind.NAME, "`t`"), (Kind.SYMBOL, "."), (Kind.WORD, "5x")]
    assert kinds("$é_1\udcff") == [(Kind.WORD, "$é_1\udcff")]


def test_variables_and_hosts():
    assert [kind for kind, _ in kinds("@a @@global.x @`q w` @'x' ")] == [Kind.VARIABLE] * 4
    assert kinds("`root`@`%`") == [(Kind.NAME, "`root`"), (Kind.VARIABLE, "@`%`")]


@pytest.mark.parametrize(
    ("definer", "rest"),
    [
        ("DEFINER=`ro``ot`@`%` ", "PROCEDURE p() SELECT 1"),
        ("DEFINER = root@localhost ", "FUNCTION f() RETURNS int RETURN 1"),
        ("DEFINER=CURRENT_USER() ", "TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET @a=1"),
        ("DEFINER=`a role`", " VIEW v AS SELECT 1"),
    ],
)
def test_the_definer_goes_and_nothing_else(definer, rest):
    assert without_definer(f"CREATE {definer}{rest}", sql_mode="").split() == ["CREATE", *rest.split()]
    assert without_definer(f"CREATE {rest}", sql_mode="") == f"CREATE {rest}"


def test_a_definer_that_the_body_speaks_of_stays():
    statement = "CREATE PROCEDURE p() BEGIN SET @x = 'DEFINER=a'; SELECT definer = 1 FROM t; END"
    assert without_definer(statement, sql_mode="") == statement


def test_a_schema_before_names_goes_but_not_in_texts_or_columns():
    statement = "SELECT `db`.`t`.`db`, db.f(1), `x`.`db`.`y`, 'db.t' FROM `db`.`t`"
    expected = "SELECT `t`.`db`, f(1), `x`.`db`.`y`, 'db.t' FROM `t`"
    assert unqualified(statement, "db", sql_mode="") == expected
