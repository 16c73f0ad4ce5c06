"""What an archive holds less surely than the rest is said in the reader's language."""

from __future__ import annotations

import pytest
from django.utils import translation

from backups.templatetags.warned import NAMED, WORDS, warning_lines


def _line(warned: object) -> str:
    with translation.override("id"):
        (line,) = warning_lines([warned])  # type: ignore[list-item]
    return line


def test_a_locked_table_is_no_reason_to_worry() -> None:
    line = _line({"code": "locked", "names": ["lama (MyISAM)"], "why": "late"})
    assert "tidak ada yang bisa menulis" in line
    assert "lama (MyISAM)" in line


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("busy", "terus dipakai"),
        ("off", "DUMP_LOCK_TABLES"),
        ("full", "koneksi"),
        ("nobody-knows", "menolak"),
    ],
)
def test_a_table_read_without_a_lock_tells_why(why: str, words: str) -> None:
    assert words in _line({"code": "not_locked", "names": ["a (Aria)"], "why": why})


@pytest.mark.parametrize("code", WORDS)
def test_each_code_has_words(code: str) -> None:
    assert _line({"code": code, "names": ["x"], "why": ""})


def test_many_names_are_counted_and_not_listed() -> None:
    assert "dan 5 lagi" in _line({"code": "locked", "names": [f"t{n}" for n in range(NAMED + 5)], "why": ""})


def test_archives_of_before_are_told_as_they_were() -> None:
    assert "MyISAM" in _line("sessions: MyISAM")
    assert _line("A plain sentence") == "A plain sentence"
