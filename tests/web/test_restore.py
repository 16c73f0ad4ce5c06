"""The restore page's own rules; the whole road runs in tests/browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone, translation

from backups import queries
from backups.forms import RestoreForm
from backups.models import Job
from backups.services.restore import PreviewRow, RestorePreview
from backups.templatetags.proof import difference
from backups.views.comparison import compared
from backups.views.restore_check import events_to_wake, findings_of, findings_to_accept
from tests.web import factories
from tests.web.test_wizard import check_address

pytestmark = pytest.mark.django_db


def form(**typed: object) -> RestoreForm:
    return RestoreForm({"name": "qparkin", **typed}, expected="qparkin", findings=["trg_a", "trg_b"])


def test_without_an_archive_it_says_so(superadmin: Client) -> None:
    assert "Belum ada yang bisa dipulihkan" in superadmin.get("/restore/").content.decode()


@pytest.mark.parametrize(
    ("state", "words"), [("damaged", "Cadangan ini rusak"), ("missing", "Cadangan ini hilang")]
)
def test_what_is_not_whole_is_not_restored(state: str, words: str, superadmin: Client) -> None:
    good = factories.archive()
    unfit = factories.archive(state=state)
    answer = superadmin.get(f"/restore/from/{unfit.pk}/")
    assert answer.status_code == 409
    assert words in answer.content.decode()
    assert f"/restore/from/{good.pk}/" in answer.content.decode()
    assert not Job.objects.exists()


def test_the_result_of_bringing_a_lost_database_back_speaks_of_no_undo(superadmin: Client) -> None:
    gone = [{"table": "booking", "now": None, "after": 3}]
    restore = factories.restore(factories.archive(), lost_rows=gone, safety_archive=None, safety_skipped=True)
    assert f"/restore/{restore.pk}/" not in superadmin.get("/").content.decode()
    shown = superadmin.get(f"/restore/{restore.pk}/").content.decode()
    assert "tidak ada data yang ditimpa" in shown
    assert "urungkan" not in shown.lower()
    assert "Dilewati" not in shown


def test_while_the_server_is_down_the_page_promises_nothing_and_asks_for_it(
    superadmin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = factories.archive()
    rows = (PreviewRow("booking", None, 3),)
    preview = RestorePreview(rows, "down", archive.created)
    # The rows of a real preview come out of an archive's file, which this one does not have.
    monkeypatch.setattr("backups.services.outlook.preview_restore", lambda *_: preview)
    shown = superadmin.get(check_address(archive)).content.decode()
    assert "Nyalakan server database dulu" in shown
    assert "Coba lagi" in shown
    for promise in ("tetap bekerja", "safety_backup", 'name="name"', "diurungkan"):
        assert promise not in shown


@pytest.mark.parametrize("typed", ["", "QPARKIN", "qparkin2"])
def test_another_name_is_not_a_confirmation(typed: str) -> None:
    assert "name" in form(name=typed, accepted=["trg_a", "trg_b"]).errors


def test_every_finding_is_accepted_by_name_or_none() -> None:
    assert "accepted" in form(accepted=["trg_a"]).errors
    assert form(accepted=["trg_a", "trg_b"]).is_valid()


def test_a_finding_that_was_not_shown_cannot_be_accepted() -> None:
    assert "accepted" in form(accepted=["trg_a", "trg_b", "trg_c"]).errors


def test_findings_come_from_the_last_proof_once_by_name() -> None:
    archive = factories.archive()
    twice = [{"name": "trg_a", "kind": "trigger"}, {"name": "trg_a", "kind": "trigger"}]
    factories.proof(archive, proven=False, new_findings=twice)
    assert [finding["name"] for finding in findings_to_accept(archive)] == ["trg_a"]


@pytest.mark.parametrize(
    ("scope", "target", "asked"),
    [("files", "live", 0), ("tables", "beside", 0), ("tables", "live", 1), ("database", "new", 1)],
)
def test_nobody_accepts_what_a_restore_does_not_bring(scope: str, target: str, asked: int) -> None:
    archive = factories.archive()
    factories.proof(archive, proven=False, new_findings=[{"name": "trg_a", "kind": "trigger"}])
    assert len(findings_of(archive, {"scope": scope, "target": target})) == asked


def test_the_greatest_loss_comes_first_and_what_stays_is_folded_away() -> None:
    rows = (PreviewRow("a", 5, 5), PreviewRow("b", 5, 4), PreviewRow("c", None, 9), PreviewRow("d", 90, 0))
    shown = compared(RestorePreview(rows, "up", timezone.now()))
    assert [row.table for row in shown.changed] == ["d", "b", "c"]
    assert [row.table for row in shown.same] == ["a"]


@pytest.mark.parametrize(
    ("now", "after", "words"),
    [
        (1500, 200, "−1.300"),
        (0, 1500, "+1.500"),
        (None, 3, "muncul kembali"),
        (3, None, "hilang"),
    ],
)
def test_a_difference_in_words(now: int | None, after: int | None, words: str) -> None:
    with translation.override("id"):
        assert difference(PreviewRow("a", now, after)) == words


@pytest.mark.parametrize(("scope", "events"), [("tables", 0), ("database", 2), ("both", 2)])
def test_nobody_is_asked_about_events_that_some_tables_do_not_bring(scope: str, events: int) -> None:
    archive = factories.archive(code_counts={"events": 2})
    assert events_to_wake(archive, {"scope": scope}) == events


def test_the_plan_beside_promises_no_trying_of_triggers() -> None:
    planned = {"scope": "tables", "target": "beside"}
    with translation.override("id"):
        shown = render_to_string("restores/_will_happen.html", {"planned": planned, "overwrites": False})
    assert "tanpa trigger dan foreign key" in shown
    assert "setiap trigger" not in shown


def test_the_result_offers_undo_while_it_can_be_undone(superadmin: Client) -> None:
    restore = factories.restore(factories.archive())
    assert f"/restore/{restore.pk}/undo/" in superadmin.get(f"/restore/{restore.pk}/").content.decode()


def test_the_result_offers_no_undo_when_its_time_has_passed(superadmin: Client) -> None:
    restore = factories.restore(factories.archive(), undo_until=timezone.now() - timedelta(minutes=1))
    assert "/undo/" not in superadmin.get(f"/restore/{restore.pk}/").content.decode()
    assert "sudah lewat" in superadmin.get(f"/restore/{restore.pk}/undo/").content.decode()


def test_undoing_leads_to_its_job(superadmin: Client) -> None:
    restore = factories.restore(factories.archive())
    superadmin.post(f"/restore/{restore.pk}/undo/")
    assert Job.objects.filter(kind="undo", options__restore=str(restore.pk)).exists()


def test_undoing_too_late_is_refused_in_words(superadmin: Client) -> None:
    restore = factories.restore(factories.archive(), undo_until=timezone.now() - timedelta(minutes=1))
    assert superadmin.post(f"/restore/{restore.pk}/undo/").status_code == 409
    assert not Job.objects.filter(kind="undo").exists()


def test_a_restore_that_was_stopped_for_findings_asks_to_accept_them() -> None:
    archive = factories.archive()
    names = {"names": "trg_a, trg_b"}
    factories.job(
        "restore", "failed", archive=archive, error_code="findings_not_accepted", error_params=names
    )
    assert [finding["name"] for finding in findings_to_accept(archive)] == ["trg_a", "trg_b"]


def test_a_table_that_cannot_be_read_is_not_an_empty_one() -> None:
    row = PreviewRow("tiket", None, 9, unreadable=True)
    assert row.differs
    with translation.override("id"):
        assert difference(row) == "tidak diketahui"
        shown = render_to_string("restores/_changed.html", {"comparison": {"changed": [row]}})
    assert "tidak terbaca" in shown


def test_unreadable_tables_are_still_something_to_go_back_to() -> None:
    rows = [{"table": "tiket", "now": None, "after": 9, "unreadable": True}]
    restore = factories.restore(factories.archive(), safety_skipped=True, lost_rows=rows)
    assert not queries.nothing_was_there(restore)
    restore.lost_rows = [{"table": "tiket", "now": None, "after": 9}]
    assert queries.nothing_was_there(restore)


def test_the_result_of_files_speaks_of_files(superadmin: Client) -> None:
    restore = factories.restore(factories.archive(), scope="files", tables=0, rows=0)
    restore.job.result = {"files": 40, "file_bytes": 6100, "scope": "files"}
    restore.job.save()
    shown = superadmin.get(f"/restore/{restore.pk}/").content.decode()
    assert "Berkasnya sudah kembali" in shown
    assert "40 berkas" in shown
    assert "0 tabel" not in shown


def test_the_result_beside_says_the_new_names_and_that_nothing_was_replaced(superadmin: Client) -> None:
    restore = factories.restore(factories.archive(), scope="beside", safety_archive=None, safety_skipped=True)
    names = {"mall": "mall__restored_20261123"}
    restore.job.result = {"scope": {"tables": ["mall"], "beside": names, "left_out": [], "dangling": []}}
    restore.job.save()
    shown = superadmin.get(f"/restore/{restore.pk}/").content.decode()
    assert "mall__restored_20261123" in shown
    assert "tidak ada yang diganti" in shown
    assert "Dilewati" not in shown


def test_another_database_is_not_the_end_of_the_road(superadmin: Client) -> None:
    archive = factories.archive()
    restore = factories.restore(archive, state="elsewhere", target="qparkin__look", swap_ms=None)
    shown = superadmin.get(f"/restore/{restore.pk}/").content.decode()
    assert f"/restore/check/?what=look&amp;archive={archive.pk}&amp;scope=database&amp;target=live" in shown


@pytest.mark.parametrize(
    ("why", "words"),
    [("unreadable", "tidak bisa dibaca lagi"), ("not_wanted", "sesuai permintaan"), ("gone", "sudah hilang")],
)
def test_the_page_says_why_there_is_no_safety_backup(superadmin: Client, why: str, words: str) -> None:
    lost = [{"table": "mall", "now": 6, "after": 5, "unreadable": why == "unreadable"}]
    made = factories.restore(
        factories.archive(), safety_archive=None, safety_skipped=True, safety_why=why, lost_rows=lost
    )
    assert words in superadmin.get(f"/restore/{made.pk}/").content.decode()
