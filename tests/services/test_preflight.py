"""Preflight and outlook from the panel's side: archive, settings, application, and what was learnt before."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.utils import timezone, translation
from pytest_django import Settings

from backups.engine import errors
from backups.models import Archive, Proof, Restore
from backups.services import work
from backups.services.backup import request_backup
from backups.services.outlook import outlook
from backups.services.preflight import Check, preflight
from backups.templatetags.preflight import FOUND, MENDS, TITLES, check_mend, check_title, check_words
from tests.laravel import laravel_in
from tests.scratch import ScratchDatabase

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def archive(parking: ScratchDatabase) -> Archive:
    job = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert job.archive is not None
    return job.archive


def by_name(archive: Archive, target: str | None = None) -> dict[str, Check]:
    return {check.name: check for check in preflight(archive, target=target).checks}


def test_what_lies_nowhere_any_more_blocks(archive: Archive, archives_in: Path) -> None:
    for file in archives_in.iterdir():
        file.unlink()
    looked = preflight(archive)
    assert not looked.may_go
    assert [(check.name, check.code) for check in looked.blocking] == [("seal", "archive_unknown")]


def test_an_archive_of_another_system_is_not_put_over_this_one(
    archive: Archive, parking: ScratchDatabase
) -> None:
    Archive.objects.update(database="lain")
    other = Archive.objects.get()
    assert by_name(other)["system"].code == "other_database"
    assert "system" not in by_name(other, target=f"{parking.name}__lain")


def test_a_server_that_is_away_is_one_line_and_no_error(archive: Archive, settings: Settings) -> None:
    settings.QPARKIN_DB_SOCKET = "/nowhere.sock"
    looked = by_name(archive)
    assert (looked["connection"].level, looked["seal"].level) == ("block", "pass")


def test_the_application_is_told_as_it_stands(archive: Archive, settings: Settings, tmp_path: Path) -> None:
    assert by_name(archive)["application"].code == "application_unknown"
    settings.QPARKIN_LARAVEL_PATH = str(tmp_path / "qparkin")
    assert by_name(archive)["application"].code == "application_no_application"
    made = laravel_in(tmp_path / "qparkin")
    assert preflight(archive).warning == ()
    made.switched_on_by_somebody()
    assert by_name(archive)["application"].code == "application_closed"
    made.down.unlink()
    (made.folder / ".env").write_text("APP_MAINTENANCE_DRIVER=cache\n")
    assert by_name(archive)["application"].code == "application_in_the_cache"


def test_every_line_has_its_words_in_both_languages(archive: Archive, parking: ScratchDatabase) -> None:
    parking.run("CREATE EVENT bersih ON SCHEDULE EVERY 1 HOUR DO SELECT 1")
    job = work.run_here(request_backup(requested_by=None, trigger="command"))
    assert job.archive is not None
    for language in ("id", "en"):
        with translation.override(language):
            for check in preflight(job.archive).checks:
                assert check.name in TITLES
                assert check.code in FOUND
                assert not check.mend or check.mend in MENDS
                assert "%(" not in check_title(check) + check_words(check) + check_mend(check)
    refused = Check("grants", "block", "grant_missing", {"username": "a", "statement": "GRANT x;"})
    with translation.override("en"):
        assert "GRANT x;" in check_words(refused)


FINDINGS = ("backups/engine/preflight", "backups/engine/pipeline", "backups/services")


def _told(level: str) -> set[tuple[str, str, str]]:
    """(line, finding, mend) of each call of `passed`, `warned` or `blocked` in the program."""
    files = [path for folder in FINDINGS for path in (ROOT / folder).glob("*.py")]
    calls = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    return {
        (name.value, code.value, _mend(call))
        for call in calls
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == level
        for name, code in [call.args[:2]]
        if isinstance(name, ast.Constant) and isinstance(code, ast.Constant)
    }


def _mend(call: ast.Call) -> str:
    found = [word.value for word in call.keywords if word.arg == "mend"]
    return str(found[0].value) if found and isinstance(found[0], ast.Constant) else ""


def test_whatever_a_line_may_ever_find_has_words_and_what_warns_has_a_mend() -> None:
    passes, warns, blocks = (_told(level) for level in ("passed", "warned", "blocked"))
    assert (len(passes) >= 30, len(warns) >= 15, len(blocks) >= 4) == (True, True, True)
    for name, code, mend in passes | warns | blocks:
        assert name in TITLES, name
        assert code in FOUND, code
        assert not mend or mend in MENDS, mend
    assert {code for _, code, mend in warns | blocks if not mend} == set()


def test_the_issues_list_is_looked_at_line_by_line(archive: Archive) -> None:
    asked = {
        "connection", "grants", "space", "version", "collisions", "spelling", "engines", "time_zones",
        "packet", "definers", "own_database", "key", "seal", "sessions", "migrations",
    }  # fmt: skip
    assert asked <= set(by_name(archive))


def test_nothing_is_promised_before_anything_was_learnt(archive: Archive) -> None:
    ahead = outlook(archive)
    assert (ahead.seconds, ahead.learnt_from, ahead.interruption_ms) == (None, 0, None)
    assert (ahead.newest_at, ahead.loses_rows) == (None, False)


def test_time_and_interruption_are_learnt_from_drills_and_swaps(
    archive: Archive, parking: ScratchDatabase
) -> None:
    now = timezone.now()
    other = Archive.objects.create(id="x", database=parking.name, created=now, purpose="manual", seconds=2)
    for seconds in (8.0, 12.0, 60.0):
        Proof.objects.create(
            archive=other, made_at=now, proven=True, equal=True, rows=archive.rows * 2, seconds=seconds
        )
    Restore.objects.create(archive=other, target=parking.name, swap_ms=70)
    Restore.objects.create(archive=other, target=parking.name, swap_ms=110)
    Restore.objects.create(archive=other, target="lain", swap_ms=900)
    ahead = outlook(archive)
    # Half the rows, the median of three, and the newest backup's two seconds for the safety backup.
    assert (ahead.seconds, ahead.learnt_from, ahead.interruption_ms) == (pytest.approx(6.0 + 2), 3, 110)
    Proof.objects.create(archive=archive, made_at=now, proven=True, equal=True, rows=6, seconds=5.0)
    assert outlook(archive, safety_backup=False).seconds == 5.0
    beside = outlook(archive, target=f"{parking.name}__lain")
    assert (beside.seconds, beside.interruption_ms, beside.newest_at) == (5.0, None, None)


def test_the_newest_row_of_live_is_told(archive: Archive, parking: ScratchDatabase) -> None:
    parking.run(
        "CREATE TABLE tamu (id INT PRIMARY KEY, created_at TIMESTAMP NULL)",
        "INSERT INTO tamu VALUES (1, '2031-01-01 00:00:00')",
    )
    ahead = outlook(archive)
    assert (ahead.newest_table, ahead.newest_at and ahead.newest_at.year) == ("tamu", 2031)
    assert ahead.loses_rows


def test_an_error_of_the_engine_has_its_own_sentence() -> None:
    check = Check("ties", "block", errors.TiedToAnother.code, {"database": "a", "tables": "b.c"})
    with translation.override("en"):
        assert "b.c" in check_words(check)
