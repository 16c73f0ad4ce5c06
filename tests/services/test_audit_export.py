"""What was taken along of the audit can be checked anywhere: nothing in it changes unseen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from backups.models import AuditEvent
from backups.services import audit, audit_export, audit_export_check
from backups.services.refusals import AuditBroken
from tests.tampering import by_hand
from tests.web import factories

pytestmark = pytest.mark.django_db

KINDS = {"csv": audit_export.as_csv, "json": audit_export.as_json}
HARD = ["=1+1", "+x", "-x", "@SUM(A1)", "\tx", "\rx", "\nx", "'=x", "''", "＝1", 'say "a, b"\r\nand', "é😀"]


@pytest.fixture(params=KINDS)
def exported(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    person = factories.superadmin()
    for text in HARD:
        audit.record("look", actor=person, about=person, address=text, details={"n": 1, "text": text})
    audit.record("look", actor=None)
    return written(tmp_path / "export", KINDS[request.param](AuditEvent.objects.all()))


def written(path: Path, lines: Iterator[str]) -> Path:
    path.write_text("".join(lines), newline="")
    return path


def test_what_was_taken_along_holds(exported: Path) -> None:
    state = audit_export_check.check(exported)
    assert state == audit_export_check.ExportState(len(HARD) + 1, None, 0, signed=True, unknown=0)
    assert state.holds


def test_a_search_has_gaps_and_holds(tmp_path: Path, exported: Path) -> None:
    some = AuditEvent.objects.filter(address__in=HARD[::2])
    for kind, lines in KINDS.items():
        state = audit_export_check.check(written(tmp_path / kind, lines(some)))
        assert (state.holds, state.gaps) == (True, len(HARD[::2]) - 1)


def test_no_cell_of_it_is_a_formula() -> None:
    for text in HARD:
        audit.record("look", actor=None, address=text)
    for event in AuditEvent.objects.all():
        told = audit_export.cells(event)
        assert not [cell for cell in told if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))]
        assert audit_export.meant(told[audit_export.FIELDS.index("address")]) == event.address


def test_every_byte_that_is_changed_shows(exported: Path) -> None:
    whole = exported.read_bytes()
    for place in range(0, len(whole), 23):
        exported.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert not held(exported), place


def test_every_line_that_is_missing_or_twice_there_shows(exported: Path) -> None:
    lines = exported.read_bytes().splitlines(keepends=True)
    for place in range(len(lines)):
        exported.write_bytes(b"".join(lines[:place] + lines[place + 1 :]))
        assert not held(exported), place
        exported.write_bytes(b"".join([*lines[:place], lines[place], *lines[place:]]))
        assert not held(exported), place
    for cut in range(len(lines)):
        exported.write_bytes(b"".join(lines[:cut]))
        assert not held(exported), cut


def held(path: Path) -> bool:
    try:
        return audit_export_check.check(path).holds
    except AuditBroken:
        return False


def test_a_record_that_was_cut_since_is_contradicted_by_what_was_taken_along(exported: Path) -> None:
    last = AuditEvent.objects.latest("pk")
    by_hand(f"DELETE FROM backups_auditevent WHERE id = {last.pk}")
    state = audit_export_check.check(exported)
    assert (state.signed, state.unknown, state.holds) == (True, 1, False)


def test_one_that_nobody_signed_does_not_hold(tmp_path: Path, settings: Settings, exported: Path) -> None:
    settings.BACKUP_SIGNING_KEY_FILE = ""
    unsigned = written(tmp_path / "unsigned", audit_export.as_json(AuditEvent.objects.all()))
    assert not audit_export_check.check(unsigned).holds
    assert not audit_export_check.check(exported).signed
