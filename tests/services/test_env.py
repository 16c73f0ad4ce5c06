"""The settings file: what is written is read back, Laravel's dialect is understood, mistakes are named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from backups.services.init import VARIABLES
from qparkin_backup import env
from qparkin_backup.buckets import SUFFIXES
from qparkin_backup.storages import BUCKET, S3, variable

PROJECT = Path(__file__).resolve().parents[2]
values = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(values, values)
def test_any_value_survives_writing_and_reading(first: str, second: str) -> None:
    text = f"A={env.quote(first)}\nB={env.quote(second)} # remark\n"
    # A file with Windows line ends means the same.
    for written in (text, text.replace("\n", "\r\n")):
        assert env.parse(written, source="f", outer={"HOME": "/x"}) == {"A": first, "B": second}


@pytest.mark.parametrize(
    "awkward", ["", " ", "p'\"\\$#% x", "${HOME}", "a#b", "'", '"', "\\", "\\n", "\n\r\t", "é😀", "\x85"]
)
def test_awkward_passwords_survive(awkward: str) -> None:
    assert env.parse(f"P={env.quote(awkward)}", source="f", outer={"HOME": "/x"}) == {"P": awkward}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=plain", "plain"),
        ("export A=plain", "plain"),
        ("A = plain # remark", "plain"),
        ("A=ab#cd", "ab"),
        ("A=", ""),
        ("A=# remark", ""),
        ("A='lit $x \\n ${B}'", "lit $x \\n ${B}"),
        ('A="x ${B} \\${B} \\" \\\\ y"', 'x b ${B} " \\ y'),
        ("A=x${B}y", "xby"),
        ("A=${NOBODY}", "${NOBODY}"),
        ('A="two\nlines"', "two\nlines"),
        ("A=back\\slash", "back\\slash"),
        ("  A=indented", "indented"),
    ],
)
def test_laravels_dialect(line: str, value: str) -> None:
    assert env.parse(f"B=b\n# remark\n\n{line}\n", source="f", outer={})["A"] == value


@pytest.mark.parametrize("line", ["A=two words", 'A="open', "A='open", "A='x'y", "just words", "=x"])
def test_a_mistake_names_the_line_and_never_the_value(line: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        env.parse(f"B=b\n{line}\n", source="the.env", outer={})
    assert "ine 2 of the.env" in str(caught.value)
    assert "words;" not in str(caught.value)
    assert "open" not in str(caught.value)


def test_the_real_environment_wins_and_empty_counts_as_not_set() -> None:
    found = env.Environment(({"A": "real", "B": ""}, {"A": "file", "B": "file", "C": ""}))
    assert (found.text("A"), found.text("B"), found.text("C", "default")) == ("real", "file", "default")


def test_a_secret_may_lie_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret \n")
    found = env.Environment(({"A_FILE": str(tmp_path / "secret")}, {"A": "file"}))
    assert found.text("A") == "s3cret "
    with pytest.raises(ImproperlyConfigured, match="Both A and A_FILE"):
        env.Environment(({"A": "x", "A_FILE": "y"},)).text("A")
    with pytest.raises(ImproperlyConfigured, match="A_FILE names /nowhere"):
        env.Environment(({"A_FILE": "/nowhere"},)).text("A")


@pytest.mark.parametrize(("name", "value"), [("number", "many"), ("flag", "perhaps")])
def test_a_wrong_kind_names_the_variable(name: str, value: str) -> None:
    found = env.Environment(({"A": value},))
    with pytest.raises(ImproperlyConfigured, match=r"^A is n"):
        found.number("A", 1) if name == "number" else found.flag("A", default=True)
    with pytest.raises(ImproperlyConfigured, match="B is not set"):
        found.text("B")


def test_a_wrong_port_or_time_zone_names_the_variable() -> None:
    assert env.time_zone("TIME_ZONE", "Asia/Makassar") == "Asia/Makassar"
    for zone in ("Asia/Nowhere", "../etc/passwd", ""):
        with pytest.raises(ImproperlyConfigured, match="TIME_ZONE"):
            env.time_zone("TIME_ZONE", zone)
    with pytest.raises(ImproperlyConfigured, match="QPARKIN_DB_PORT"):
        env.whole_number("QPARKIN_DB_PORT", "x")


@pytest.mark.parametrize("value", ["-1", "3001", "many", "1.5"])
def test_a_limit_that_makes_no_sense_names_the_variable(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^A is not a "):
        env.Environment(({"A": value},)).limit("A", 600, most=3000)


def test_a_limit_may_be_switched_off() -> None:
    assert env.Environment(({"A": "0"},)).limit("A", 600, most=3000) == 0
    assert env.Environment(({},)).limit("A", 600) == 600


def test_a_secret_is_not_in_what_is_printed() -> None:
    assert "s3cret" not in repr(env.Environment(({"PASSWORD": "s3cret"},)))


def test_every_variable_of_the_settings_is_explained_and_written_by_init() -> None:
    text = (PROJECT / "qparkin_backup" / "settings.py").read_text()
    read = set(re.findall(r'env\.(?:text|number|limit|flag|words)\(\s*"([A-Z_]+)"', text))
    read |= {f"QPARKIN_DB_{name}" for name in re.findall(r'_protected\("([A-Z_]+)"', text)}
    # Of the storages, those that are always there; further ones have names of their own.
    read |= {"BACKUP_STORAGES", *(variable(S3, suffix) for suffix in (BUCKET, *SUFFIXES))}
    explained = set(env.read_file(PROJECT / ".env.example"))
    assert read == explained
    assert read == set(VARIABLES)
