from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from backups.models import Job
from tests.web import factories

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def test_a_backup_is_asked_for_once_and_leads_to_its_job(superadmin: Client, rani: object) -> None:
    answer = superadmin.post("/backup/")
    job = Job.objects.get()
    assert (job.kind, job.requested_by, job.trigger) == ("backup", rani, "person")
    assert answer.headers["Location"] == f"/jobs/{job.pk}/"


@pytest.mark.parametrize(
    ("kind", "notice"), [("backup", "Pencadangan sudah berjalan"), ("drill", "sedang berjalan")]
)
def test_a_backup_meanwhile_leads_to_what_is_running(kind: str, notice: str, superadmin: Client) -> None:
    running = factories.job(kind)
    answer = superadmin.post("/backup/", follow=True)
    assert answer.redirect_chain == [(f"/jobs/{running.pk}/", 302)]
    assert notice in answer.content.decode()
    assert Job.objects.count() == 1


def test_other_work_meanwhile_is_refused_in_words_with_the_way_to_what_is_running(superadmin: Client) -> None:
    running = factories.job()
    answer = superadmin.post(f"/archives/{factories.archive().pk}/drill/")
    assert answer.status_code == 409
    assert "masih berjalan" in answer.content.decode()
    assert f"/jobs/{running.pk}/" in answer.content.decode()


def test_never_more_than_the_whole_is_done(superadmin: Client) -> None:
    job = factories.job(done=656_000, total=651_000)
    shown = superadmin.get(f"/jobs/{job.pk}/").content.decode()
    assert "651 kB dari 651 kB" in shown
    assert "sekitar kurang" not in shown


def proof_notice(client: Client, job: Job) -> str:
    answer = client.get(f"/jobs/{job.pk}/progress/?proof", headers=HTMX)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_finished_backup_waits_for_its_drill_and_says_what_came_of_it(superadmin: Client) -> None:
    archive = factories.archive()
    job = factories.job(state="done", archive=archive)
    assert "hx-get" in proof_notice(superadmin, job)
    drill = factories.job("drill", archive=archive)
    assert f"/jobs/{drill.pk}/" in proof_notice(superadmin, job)
    assert "every 2s" in proof_notice(superadmin, job)
    Job.objects.filter(pk=drill.pk).update(state="done")
    proof = factories.proof(archive, job=drill)
    assert "Terbukti bisa dipulihkan" in proof_notice(superadmin, job)
    assert "hx-get" not in proof_notice(superadmin, job)
    proof.proven = False
    proof.save()
    assert "Uji pulih menemukan masalah" in proof_notice(superadmin, job)


def test_a_drill_that_broke_off_leaves_the_backup_unproven(superadmin: Client) -> None:
    archive = factories.archive()
    job = factories.job(state="done", archive=archive)
    factories.job("drill", "failed", archive=archive, error_code="connection_lost")
    assert "Uji pulih tidak selesai" in proof_notice(superadmin, job)


def test_a_running_job_says_phase_percent_rate_and_time_left(superadmin: Client) -> None:
    job = factories.job()
    shown = superadmin.get(f"/jobs/{job.pk}/").content.decode()
    for told in (
        "Menyalin dan mengenkripsi",
        "61",
        "7,2 MB dari 11,8 MB",
        "MB per detik",
        "lagi untuk langkah ini",
    ):
        assert told in shown
    assert "Anda boleh menutup halaman ini" in shown
    assert "tidak ada sisa yang tertinggal" in shown


def test_the_fragment_goes_on_while_the_job_runs(superadmin: Client) -> None:
    answer = superadmin.get(f"/jobs/{factories.job().pk}/progress/", headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()


@pytest.mark.parametrize("state", ["done", "failed", "cancelled", "interrupted"])
def test_the_fragment_stops_the_polling_when_the_job_has_ended(state: str, superadmin: Client) -> None:
    answer = superadmin.get(f"/jobs/{factories.job(state=state).pk}/progress/", headers=HTMX)
    assert answer.status_code == 286


def test_the_fragments_address_in_a_browser_is_the_page(superadmin: Client) -> None:
    job = factories.job()
    assert superadmin.get(f"/jobs/{job.pk}/progress/").headers["Location"] == f"/jobs/{job.pk}/"


def test_a_fragment_after_the_session_has_ended_reloads_the_page(client: Client) -> None:
    answer = client.get(f"/jobs/{factories.job().pk}/progress/", headers=HTMX)
    assert answer.headers["HX-Refresh"] == "true"


@pytest.mark.usefixtures("protected")
def test_a_failed_backup_says_why_what_is_safe_and_what_next(superadmin: Client) -> None:
    job = factories.job(state="failed", error_code="storage_full", error_params={"storage": "local"})
    shown = superadmin.get(f"/jobs/{job.pk}/").content.decode()
    assert "Penyimpanan Disk lokal penuh" in shown
    assert "cadangan yang sudah ada tetap aman" in shown
    # Again would fail again: first there has to be room.
    assert '<a class="btn btn-primary" href="/storages/">' in shown
    assert "Cadangkan lagi" in shown


@pytest.mark.usefixtures("protected")
def test_a_backup_of_a_database_that_is_gone_leads_to_the_restore(superadmin: Client, settings: Any) -> None:
    settings.QPARKIN_DB_DATABASE = "qparkin_yang_hilang"
    job = factories.job(state="failed", error_code="database_missing", error_params={"database": "qparkin"})
    shown = superadmin.get(f"/jobs/{job.pk}/").content.decode()
    assert 'class="btn btn-primary" href="/restore/"' in " ".join(shown.split())
    assert "Cadangkan lagi" not in shown
    assert "tidak berubah" not in shown


def test_a_backup_without_its_server_asks_for_the_server(superadmin: Client) -> None:
    job = factories.job(
        state="failed", error_code="server_unreachable", error_params={"where": "/run/x.sock"}
    )
    shown = superadmin.get(f"/jobs/{job.pk}/").content.decode()
    assert "Nyalakan dulu server database" in shown
    assert "Cadangkan lagi" not in shown
    assert "tidak berubah" not in shown


@pytest.mark.usefixtures("protected")
def test_a_failed_drill_says_that_live_is_not_involved(superadmin: Client) -> None:
    job = factories.job("drill", "failed", archive=factories.archive(), error_code="connection_lost")
    assert "tidak tersentuh" in superadmin.get(f"/jobs/{job.pk}/").content.decode()


def test_each_look_brings_the_alarm_as_it_is_now(superadmin: Client) -> None:
    shown = superadmin.get(f"/jobs/{factories.job().pk}/progress/", headers=HTMX).content.decode()
    assert '<div id="alarm" hx-swap-oob="true">' in shown
    assert "Database QParkIn tidak menjawab" in shown


@pytest.mark.usefixtures("protected")
def test_the_last_look_takes_the_alarm_away(superadmin: Client, settings: Any) -> None:
    there, settings.QPARKIN_DB_DATABASE = settings.QPARKIN_DB_DATABASE, "qparkin_yang_hilang"
    job = factories.job("restore")
    superadmin.get(f"/jobs/{job.pk}/")
    settings.QPARKIN_DB_DATABASE = there
    Job.objects.update(state="done")
    shown = superadmin.get(f"/jobs/{job.pk}/progress/", headers=HTMX).content.decode()
    assert "tidak ditemukan" not in shown


@pytest.mark.usefixtures("protected")
def test_a_database_that_is_gone_is_not_spoken_of_as_running(superadmin: Client, settings: Any) -> None:
    settings.QPARKIN_DB_DATABASE = "qparkin_yang_hilang"
    shown = superadmin.get(f"/jobs/{factories.job('restore', phase='load').pk}/").content.decode()
    assert "Memuat data ke database tersendiri" in shown
    assert "database yang dipakai" not in shown


def test_a_restore_that_went_live_before_it_failed_claims_nothing(superadmin: Client) -> None:
    archive = factories.archive()
    job = factories.job("restore", "failed", archive=archive, error_code="connection_lost")
    factories.restore(archive, job=job)
    assert "Database yang dipakai tidak diubah" not in superadmin.get(f"/jobs/{job.pk}/").content.decode()


@pytest.mark.usefixtures("protected")
def test_a_restore_that_was_stopped_says_that_live_is_as_it_was(superadmin: Client) -> None:
    archive = factories.archive()
    job = factories.job(
        "restore", "failed", archive=archive, error_code="proof_failed", error_params={"what": "x"}
    )
    factories.restore(archive, job=job, state="failed")
    assert "Database yang dipakai tidak diubah" in superadmin.get(f"/jobs/{job.pk}/").content.decode()


def test_a_restore_with_its_safety_backup_shows_that_step_first(superadmin: Client) -> None:
    job = factories.job("restore", archive=factories.archive(), options={"safety_backup": True})
    shown = superadmin.get(f"/jobs/{job.pk}/").content.decode()
    assert shown.index("Buat cadangan pengaman dulu") < shown.index("Memuat data di samping")


def test_cancelling_a_waiting_job_ends_it(superadmin: Client) -> None:
    job = factories.job(state="queued")
    superadmin.post(f"/jobs/{job.pk}/cancel/")
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_cancelling_a_running_job_asks_it_to_stop(superadmin: Client) -> None:
    job = factories.job()
    superadmin.post(f"/jobs/{job.pk}/cancel/")
    assert "Sedang dibatalkan" in superadmin.get(f"/jobs/{job.pk}/").content.decode()


def test_a_finished_backup_points_to_its_proof_under_way(superadmin: Client) -> None:
    archive = factories.archive()
    job = factories.job(state="done", archive=archive)
    drill = factories.job("drill", archive=archive)
    assert f"/jobs/{drill.pk}/" in superadmin.get(f"/jobs/{job.pk}/").content.decode()


@pytest.mark.parametrize(("state", "gone"), [("running", False), ("done", True), ("cancelled", True)])
def test_the_fragment_takes_the_cancel_button_away_when_it_has_no_use(
    state: str, gone: bool, superadmin: Client
) -> None:
    answer = superadmin.get(f"/jobs/{factories.job(state=state).pk}/progress/", headers=HTMX)
    assert ('id="calling-off"' in answer.content.decode()) is gone
