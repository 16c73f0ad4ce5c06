"""No string without its Indonesian, and the compiled catalogue is that of the text."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "locale" / "id" / "LC_MESSAGES" / "django.po"
# As the catalogue is made: django-admin makemessages -l id, and these.
MAKING = ("--no-location", "--no-wrap", "--no-obsolete", "--symlinks")
RUNBOOK = ROOT / "docs" / "restore-runbook.id.md"
SOURCES = ("backups", "qparkin_backup", "templates")


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What makemessages finds now, merged with what is translated."""
    folder = tmp_path_factory.mktemp("words")
    for name in (*SOURCES, "manage.py", "locale"):
        (folder / name).symlink_to(ROOT / name) if name != "locale" else _copy(ROOT / name, folder / name)
    run = ["django-admin", "makemessages", "-l", "id", *MAKING]
    environment = {"PATH": f"{ROOT / '.venv' / 'bin'}:/usr/bin:/bin", "LANG": "C.UTF-8"}
    subprocess.run(run, cwd=folder, check=True, capture_output=True, env=environment)
    return folder / "locale" / "id" / "LC_MESSAGES" / "django.po"


def test_every_string_is_translated(extracted: Path) -> None:
    missing = [words for words, translated in entries(extracted).items() if not translated]
    assert missing == []


def test_no_translation_is_a_guess(extracted: Path) -> None:
    fuzzy = [block for block in extracted.read_text().split("\n\n") if "fuzzy" in block.split("msgid")[0]]
    assert fuzzy == []


def test_nothing_is_translated_that_nobody_says(extracted: Path) -> None:
    assert set(entries(CATALOGUE)) == set(entries(extracted))


def test_the_compiled_catalogue_is_current(tmp_path: Path) -> None:
    fresh = tmp_path / "django.mo"
    subprocess.run(["msgfmt", "-o", str(fresh), str(CATALOGUE)], check=True)
    assert fresh.read_bytes() == CATALOGUE.with_suffix(".mo").read_bytes()


def test_a_translation_uses_the_same_placeholders() -> None:
    for words, translated in entries(CATALOGUE).items():
        assert set(re.findall(r"%\(\w+\)[sd]", words)) == set(re.findall(r"%\(\w+\)[sd]", translated)), words


@pytest.mark.parametrize(
    "other",
    [
        "arsip",
        "basis data",
        "peramban",
        "surel",
        "pertukaran",
        "pergantian",
        "uji pemulihan",
        "pengurungan",  # more often read as locking somebody in
        "database yang berjalan",
        "data yang berjalan",
        "tabel yang berjalan",
    ],
)
def test_a_thing_has_one_name_in_indonesian(other: str) -> None:
    """Whoever reads "arsip" after "cadangan", or "basis data" after "database", looks for a second thing."""
    assert [words for words, told in entries(CATALOGUE).items() if other in told.lower()] == []
    # The sheet of paper speaks of what the screen shows.
    assert other not in RUNBOOK.read_text().lower()


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-r", str(source), str(target)], check=True)


def entries(catalogue: Path) -> dict[str, str]:
    found = {}
    for block in catalogue.read_text().split("\n\n"):
        words, translated = _text(block, "msgid"), _text(block, "msgstr")
        if words:
            found[_text(block, "msgctxt") + words] = translated
    return found


def _text(block: str, keyword: str) -> str:
    match = re.search(rf'^{keyword}(?:\[0\])? ((?:"(?:[^"\\]|\\.)*"\n?)+)', block, re.MULTILINE)
    return "".join(ast.literal_eval(line) for line in match[1].splitlines()) if match else ""
