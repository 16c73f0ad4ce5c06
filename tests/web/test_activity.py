"""Aktivitas: what is under way and what was, for superadmins whole and for mall admins in plain words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backups.models import Job, Slot, User, WorkerHost
from backups.templatetags.job_log import log_lines
from tests.web import factories

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
ABLE = [f"kind:{kind}" for kind in Job.Kind.values]


def shown(client: Client, address: str = "/activity/") -> str:
    return " ".join(client.get(address).content.decode().split())


def test_what_runs_says_phase_percent_rate_time_left_and_who_asked(superadmin: Client, rani: User) -> None:
    factories.past_job(timezone.now() - timedelta(days=1))
    factories.job(requested_by=rani, log=factories.log_of("snapshot", "inventory", "dump"))
    page = shown(superadmin)
    for told in (
        "Menyalin dan mengenkripsi",
        "61",
        "MB per detik",
        "lagi; biasanya 30 detik",
        "Rani Wulandari",
    ):
        assert told in page
    assert "Cadangan yang setengah jadi; tidak ada sisa yang tertinggal." in page


def test_a_time_that_nobody_knows_is_not_made_up(superadmin: Client) -> None:
    factories.job()
    assert "Lamanya belum diketahui" in shown(superadmin)


def test_who_asked_is_a_person_a_schedule_the_terminal_or_the_panel(superadmin: Client, rani: User) -> None:
    at = timezone.now() - timedelta(hours=2)
    night = factories.schedules()[0]
    Slot.objects.create(schedule=night, at=at, job=factories.past_job(at, trigger="schedule"))
    factories.past_job(at, "verify", trigger="schedule")
    factories.past_job(at, "drill", trigger="command")
    factories.past_job(at, "copy", requested_by=rani)
    page = shown(superadmin)
    for told in ("Jadwal “Setiap malam”", "Panel, otomatis", "Baris perintah", "Rani Wulandari"):
        assert told in page


@pytest.mark.parametrize(
    ("asked", "count"), [("kind=drill", 1), ("state=failed", 1), ("asker=command", 2), ("kind=x&asker=--", 3)]
)
def test_it_is_narrowed_down(asked: str, count: int, superadmin: Client) -> None:
    at = timezone.now() - timedelta(hours=2)
    factories.past_job(at, "drill")
    factories.past_job(at, state="failed", trigger="command", error_code="connection_lost")
    factories.past_job(at, "copy", trigger="command")
    assert shown(superadmin, f"/activity/?{asked}").count('id="job-') == count


def test_it_is_narrowed_down_to_a_person(superadmin: Client, rani: User) -> None:
    factories.past_job(timezone.now(), requested_by=rani)
    factories.past_job(timezone.now())
    assert shown(superadmin, f"/activity/?asker={rani.pk}").count('id="job-') == 1


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"state": "queued", "needs": ["kind:none"]}, "Belum ada worker yang bisa"),
        ({"state": "queued", "needs": ["identity"]}, "Tidak ada worker untuk pekerjaan ini yang menjawab"),
        ({"state": "queued", "trigger": "command"}, "Diminta dari terminal"),
        (
            {"state": "running", "lease_until": timezone.now() - timedelta(minutes=3)},
            "terakhir memberi kabar",
        ),
        ({"state": "running", "cancel_requested_at": timezone.now()}, "berhenti"),
        ({"state": "interrupted", "lock": "qparkin"}, "sedang dibereskan"),
    ],
)
def test_what_does_not_move_says_why(told: dict[str, Any], words: str, superadmin: Client) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    WorkerHost.objects.create(name="jauh", offers=["identity"], seen_at=long_ago)
    job = factories.job(**told)
    assert words in shown(superadmin)
    page = shown(superadmin, f"/jobs/{job.pk}/")
    assert words in page
    assert ("Lihat worker" in page) == ("worker" in words or "kabar" in words)


def test_what_waits_for_another_job_leads_to_it(superadmin: Client) -> None:
    WorkerHost.objects.create(name="panel-1", offers=ABLE)
    first = factories.job()
    Job.objects.filter(pk=first.pk).update(lock=first.system)
    waiting = factories.job("drill", "queued")
    page = shown(superadmin, f"/jobs/{waiting.pk}/")
    assert "Menunggu pekerjaan sebelumnya selesai" in page
    assert f'href="/jobs/{first.pk}/"' in page


def test_the_pulse_is_silent_until_something_changes(superadmin: Client) -> None:
    job = factories.job()
    seen = superadmin.get("/activity/").context["seen"]
    asked = f"/activity/pulse/?seen={seen}"
    assert superadmin.get(asked, headers=HTMX).status_code == 204
    Job.objects.filter(pk=job.pk).update(state="done", finished_at=timezone.now())
    changed = superadmin.get(asked, headers=HTMX)
    assert changed.status_code == 200
    assert changed.content.decode().count("hx-swap-oob") == 3
    assert "Tidak ada yang sedang berjalan" in changed.content.decode()


def test_the_number_of_questions_does_not_grow_with_what_is_under_way(superadmin: Client, rani: User) -> None:
    counts = []
    for _ in range(2):
        for kind in ("backup", "drill", "verify"):
            for state in ("running", "queued"):
                factories.job(kind, state, requested_by=rani, archive=factories.archive())
        superadmin.get("/activity/")
        with CaptureQueriesContext(connection) as asked:
            superadmin.get("/activity/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_mall_admin_learns_how_far_it_is_and_nothing_else(mall_admin: Client, rani: User) -> None:
    factories.past_job(timezone.now() - timedelta(days=1), requested_by=rani)
    factories.past_job(timezone.now() - timedelta(days=1), "drill", state="failed", error_code="storage_full",
                       error_params={"storage": "nas"})  # fmt: skip
    factories.past_job(timezone.now() - timedelta(days=1), "prune")
    now = timezone.now()
    begun = now - timedelta(seconds=10)
    factories.job(
        requested_by=rani, phase="snapshot", done=0, total=0, phase_started_at=now, started_at=begun,
        log=factories.log_of("snapshot", since=now),
    )  # fmt: skip
    page = shown(mall_admin)
    assert "sedang berjalan, " in page
    assert "Cadangan tersimpan" in page
    assert "Uji coba pemulihan tidak selesai; superadmin juga melihatnya" in page
    for kept_back in ("Rani", "nas", "MB", "/jobs/", "Pembersihan", "worker"):
        assert kept_back not in page
    assert mall_admin.get("/activity/pulse/", headers=HTMX).status_code == 200


def test_a_restore_into_another_place_frightens_no_mall(mall_admin: Client, rani: User) -> None:
    elsewhere = {"target": "qparkin_lihat"}
    factories.job("restore", "done", requested_by=rani, options=elsewhere)
    factories.job("restore", requested_by=rani, options=elsewhere)
    page = shown(mall_admin)
    assert "Cadangan sedang dibuka di tempat lain; data Anda tidak berubah" in page
    assert "Cadangan dibuka di tempat lain; data Anda tidak berubah" in page
    assert "Data dipulihkan" not in page
    assert "qparkin_lihat" not in page


def test_a_jobs_log_tells_in_sentences_what_it_did_and_met(superadmin: Client, rani: User) -> None:
    job = factories.past_job(timezone.now(), requested_by=rani)
    at = timezone.now().isoformat()
    assert "mulai dari awal" not in shown(superadmin, f"/jobs/{job.pk}/")
    met = [
        {"at": at, "note": "passed_over", "params": {"storage": "nas", "code": "archive_damaged"}},
        {"at": at, "phase": "snapshot"},
        {"at": at, "note": "left_out", "params": {"count": 3}},
    ]
    Job.objects.filter(pk=job.pk).update(log=[*job.log, *met])
    page = shown(superadmin, f"/jobs/{job.pk}/")
    for told in (
        "Diminta oleh Rani Wulandari", "Diambil worker", "Menyegel cadangan", "Selesai dalam 30 detik",
        "Salinan di nas dilewati: salinan ini rusak", "mulai dari awal", "3 baris tidak ditampilkan",
    ):  # fmt: skip
        assert told in page


def told_of(phases: tuple[str, ...]) -> list[str]:
    log = factories.log_of(*phases, each=0.2)
    return [line["words"] for line in log_lines(Job(log=log, created_at=timezone.now()))][1:]


def test_a_picture_that_waited_for_nobody_is_no_second_one() -> None:
    """As every backup begins: it looks whether the server is calm before it takes its picture."""
    calm = told_of(("snapshot", "calm", "snapshot", "inventory", "dump"))
    assert len(calm) == 3
    assert not any("mulai dari awal" in words for words in calm)
    altered = told_of(("snapshot", "inventory", "dump", "snapshot", "inventory"))
    assert sum("mulai dari awal" in words for words in altered) == 1
