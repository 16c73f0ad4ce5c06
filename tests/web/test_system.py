"""Sistem: each line that is not well says what to do, and the protected server is asked apart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as set_up
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from backups.models import Job, WorkerHost
from backups.services import protected_look, system
from backups.services.protected_look import Account, ProtectedLook
from tests.web import factories

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
EVERY = [f"kind:{kind}" for kind in Job.Kind.values]


def shown(client: Client, address: str = "/system/") -> str:
    return " ".join(client.get(address, headers=HTMX).content.decode().split())


def test_a_panel_without_a_worker_says_how_to_start_one(superadmin: Client) -> None:
    page = shown(superadmin)
    assert "Belum pernah ada worker yang menjawab" in page
    assert "systemctl enable --now qparkin-backup-worker" in strip_tags(page)


def test_a_worker_that_fell_silent_and_one_of_another_version_are_told_apart(superadmin: Client) -> None:
    gone = {"seen_at": timezone.now() - timedelta(hours=2), "version": set_up.VERSION}
    WorkerHost.objects.create(name="jauh", offers=["kind:drill"], **gone)
    WorkerHost.objects.create(name="lama", offers=[*EVERY, "identity"], version="0.0.1")
    page = shown(superadmin)
    assert "systemctl start qparkin-backup-worker" in page
    assert "Masih menjalankan versi 0.0.1" in page
    assert "Mengerjakan: Uji pulih" in page
    assert "Mengerjakan semua jenis pekerjaan" in page


def test_a_job_that_waits_for_long_is_a_worry_and_leads_to_why(superadmin: Client) -> None:
    factories.job(state="queued", created_at=timezone.now() - timedelta(hours=1))
    assert "1 pekerjaan menunggu; yang terlama diminta 1 jam yang lalu" in shown(superadmin)
    assert system.look().queue.is_stuck


@pytest.mark.parametrize(("kept", "words"), [(True, "Dijaga tepat oleh NTP"), (False, "Nyalakan NTP")])
def test_a_clock_that_nobody_keeps_is_told(
    kept: bool, words: str, superadmin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backups.engine.kernel.clock_is_kept", lambda: kept)
    assert words in shown(superadmin)


def test_the_watchers_are_on_or_off_and_no_token_is_shown(superadmin: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = "kata-rahasia-yang-panjang"
    settings.STATUS_TOKEN = ""
    page = shown(superadmin)
    assert "Menyala; diakses dengan tokennya" in page
    assert "Isi STATUS_TOKEN" in page
    assert "kata-rahasia" not in page


def test_the_control_database_tells_its_size(superadmin: Client) -> None:
    control = system.look().control
    assert control.bytes
    assert control.vendor in shown(superadmin)


@pytest.mark.usefixtures("protected")
def test_the_server_that_answers_shows_its_version_and_both_accounts(superadmin: Client) -> None:
    page = shown(superadmin, "/system/protected/")
    assert "MariaDB" in page
    assert "<p>10." in page or "<p>11." in page
    assert page.count("punya semua hak yang dibutuhkan") == 2
    assert abs(protected_look.look().ahead) < 60


def test_a_right_that_is_missing_comes_with_the_line_to_run(
    superadmin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = "GRANT TRIGGER ON `qparkin`.* TO `backup`@`localhost`;"
    look = ProtectedLook("qparkin", version="10.11", reader=Account("backup", (line,)), writer=Account("r"))
    monkeypatch.setattr("backups.services.protected_look.look", lambda: look)
    page = shown(superadmin, "/system/protected/")
    assert "backup kekurangan hak" in page
    assert "GRANT TRIGGER ON" in page


def test_a_server_that_is_away_holds_up_no_page_and_names_what_is_wrong(
    superadmin: Client, settings: Any
) -> None:
    settings.QPARKIN_DB_SOCKET, settings.QPARKIN_DB_HOST = "", "127.0.0.1"
    settings.QPARKIN_DB_PORT, settings.QPARKIN_DB_USERNAME = 9, "backup"
    settings.QPARKIN_DB_PASSWORD = "kata-sandi-yang-rahasia"
    page = shown(superadmin, "/system/protected/")
    assert "Server tidak bisa ditanya" in page
    assert "kata-sandi" not in page


def test_without_javascript_the_page_asks_the_server_itself(superadmin: Client) -> None:
    answer = superadmin.get("/system/protected/")
    assert answer.headers["Location"] == "/system/?look=1"
    assert superadmin.get("/system/?look=1").context["protected"]
