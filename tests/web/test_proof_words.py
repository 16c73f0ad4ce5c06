from __future__ import annotations

import ast
import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from backups.services.wording import BRACKETS, sentence_for
from backups.templatetags import proof
from backups.templatetags.reasons import REASONS


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        ({"cause": "missing_table", "detail": "Mall"}, "menyebut yang tidak ada: Mall"),
        ({"cause": "missing_definer", "detail": "a@b"}, "akun yang menjalankannya, a@b, tidak ada"),
        ({"cause": "error", "errno": 1146, "detail": "x"}, "menyebut tabel yang tidak ada (1146)"),
        ({"cause": "error", "errno": 4025, "detail": "CONSTRAINT x failed"}, "CONSTRAINT x failed (4025)"),
    ],
)
def test_why_something_would_not_work(finding: dict[str, object], words: str) -> None:
    with translation.override("id"):
        assert proof.cause_words(finding) == words


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("table booking is missing", "Tabel booking tidak ada"),
        ("view is missing is defined otherwise", "View is missing definisinya berbeda"),
        ("table booking has other bytes in 0001.tsv", "Tabel booking berisi byte yang berbeda di 0001.tsv"),
        ("the character set of the database", "set karakter database"),
    ],
)
def test_what_is_not_equal(told: str, words: str) -> None:
    with translation.override("id"):
        assert proof.unequal_words(told) == words


def test_a_reason_of_ours_is_translated_and_a_name_is_not() -> None:
    with translation.override("id"):
        said = sentence_for("archive_damaged", {"archive": "Whole", "what": "only its seal is left"})
    assert "hanya segelnya yang tersisa" in said
    assert "Cadangan Whole rusak" in said


# What an operating system says of an error is written nowhere in our code.
OF_THE_SYSTEM = {os.strerror(number) for number in errno.errorcode}


@pytest.mark.parametrize("reason", sorted({*REASONS} - OF_THE_SYSTEM))
def test_every_listed_reason_is_still_said_somewhere(reason: str) -> None:
    assert any(reason in file.read_text() for file in sources())


def test_every_reason_in_brackets_is_listed() -> None:
    assert set(reasons_in_the_code()) - set(REASONS) == set()


def sources() -> list[Path]:
    folders = (settings.BASE_DIR / "backups" / name for name in ("engine", "services"))
    return [file for folder in folders for file in folder.rglob("*.py")]


def reasons_in_the_code() -> Iterator[str]:
    """Sentences, not slugs: slugs have words of their own."""
    for file in sources():
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.keyword(arg=name, value=ast.Constant(value=str(said))) if (
                    name in BRACKETS and " " in said
                ):
                    yield said
