"""A dump is cut as the command-line client cuts it, wherever the blocks that it is read in happen to end."""

from __future__ import annotations

import itertools

import pytest

from backups.engine import statements
from backups.engine.statements import Statements, StatementTooLarge

CUTS = [
    (b"a;b ; c", [(1, b"a"), (1, b"b"), (1, b"c")]),
    (b"-- x;\n# y;\n/* z; */ s 1;\nt;\n", [(3, b"s 1"), (4, b"t")]),
    (b"s ';', \"a\\\";\", `x;``y`;", [(1, b"s ';', \"a\\\";\", `x;``y`")]),
    (b"s 'it''s \\' ;\n-- no\n';\nx;", [(1, b"s 'it''s \\' ;\n-- no\n'"), (4, b"x")]),
    (b"DELIMITER $$\nc begin a; b $ c; end$$\nDELIMITER ;\nq;", [(2, b"c begin a; b $ c; end"), (4, b"q")]),
    (b"delimiter //\ns 1 /2 // s /* // */ 3//", [(2, b"s 1 /2"), (2, b"s /* // */ 3")]),
    (b"DELIMITER ;;\nc a; b ;;\nDELIMITER ;\n\ny;", [(2, b"c a; b"), (5, b"y")]),
    (b"/*!5 C*/ /*!5 x*/;\n/*M!9\\- y */\nb;", [(1, b"/*!5 C*/ /*!5 x*/"), (2, b"/*M!9\\- y */\nb")]),
    (b"x - -- y;\n 3 /* ; */ / 4;", [(1, b"x - -- y;\n 3 /* ; */ / 4")]),
    (b"\\! touch x\nsource y\ns;", [(1, b"\\! touch x\nsource y\ns")]),
    (b"", []),
    (b"-- only a comment", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CUTS)
@pytest.mark.parametrize("block", [1, 2, 3, 7, 1000])
def test_statements_with_the_line_they_begin_at(
    monkeypatch: pytest.MonkeyPatch, text: bytes, expected: list[tuple[int, bytes]], block: int
) -> None:
    monkeypatch.setattr(statements, "FIRST_READ", 1)
    cut = Statements(_blocks(text, block), limit=1000)
    assert [(s.line, s.text) for s in cut] == expected
    assert cut.ends_inside is None
    assert cut.read == len(text)


@pytest.mark.parametrize("text", [b"a;\ns 'abc", b"a;\n/* abc", b"a;\ns `abc;", b'a;\ns "abc\\"'])
def test_a_text_that_ends_in_the_middle_says_where_that_began(text: bytes) -> None:
    cut = Statements(_blocks(text, 3), limit=1000)
    assert [s.text for s in cut] == [b"a"]
    assert cut.ends_inside == 2


def test_where_a_backslash_escapes_nothing_it_ends_no_string_later() -> None:
    cut = Statements(_blocks(b"s '\\';t;", 100), limit=1000)
    cut.backslash = False
    assert [s.text for s in cut] == [b"s '\\'", b"t"]


def test_a_statement_without_an_end_does_not_fill_the_memory() -> None:
    cut = Statements(itertools.repeat(b"x" * 1000), limit=5_000_000)
    with pytest.raises(StatementTooLarge):
        list(cut)
    assert cut.read < 20_000_000


def _blocks(text: bytes, size: int):
    return (text[at : at + size] for at in range(0, len(text), size))
