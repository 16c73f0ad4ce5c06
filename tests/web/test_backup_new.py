"""A backup with a label, of a part, or kept longer."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from backups.models import Job
from tests.web import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("protected")]

ADDRESS = "/backup/new/"


@pytest.fixture(autouse=True)
def folders(settings: Any) -> None:
    settings.QPARKIN_FILES = ["/srv/qparkin/storage"]


def test_what_most_people_want_is_chosen(superadmin: Client) -> None:
    shown = " ".join(superadmin.get(ADDRESS).content.decode().split())
    assert 'value="everything" checked' in shown
    assert '<option value="0" selected>' in shown


def test_it_says_what_the_last_one_took(superadmin: Client) -> None:
    factories.archive(seconds=372.0, bytes=3_200_000)
    shown = superadmin.get(ADDRESS).content.decode()
    assert "6 menit 12 detik" in shown
    assert "3,2 MB" in shown


def test_it_is_asked_for_as_chosen(superadmin: Client) -> None:
    chosen = {"content": "database", "label": " Sebelum rilis 2.4 ", "keep_days": "30"}
    answer = superadmin.post(ADDRESS, chosen)
    job = Job.objects.get()
    assert answer.headers["Location"] == f"/jobs/{job.pk}/"
    assert job.options == {"content": "database", "label": "Sebelum rilis 2.4", "keep_days": 30}


def test_what_is_kept_longer_needs_a_word(superadmin: Client) -> None:
    answer = superadmin.post(ADDRESS, {"content": "everything", "label": " ", "keep_days": "30"})
    assert "Tulis untuk apa disimpan" in answer.content.decode()
    assert not Job.objects.exists()


@pytest.mark.parametrize("wrong", [{"keep_days": "99999"}, {"keep_days": "-1"}, {"content": "alles"}])
def test_what_was_not_offered_is_refused(superadmin: Client, wrong: dict[str, str]) -> None:
    superadmin.post(ADDRESS, {"content": "everything", "label": "x", "keep_days": "0", **wrong})
    assert not Job.objects.exists()


def test_without_folders_there_is_nothing_to_choose(superadmin: Client, settings: Any) -> None:
    settings.QPARKIN_FILES = []
    assert 'name="content"' not in superadmin.get(ADDRESS).content.decode()
    superadmin.post(ADDRESS, {"label": "", "keep_days": "0"})
    assert Job.objects.get().options["content"] == "everything"


def test_while_another_runs_it_leads_there(superadmin: Client) -> None:
    running = factories.job()
    answer = superadmin.post(ADDRESS, {"label": "", "keep_days": "0"})
    assert answer.headers["Location"] == f"/jobs/{running.pk}/"


def test_without_the_database_its_files_are_proposed(superadmin: Client, settings: Any) -> None:
    settings.QPARKIN_DB_DATABASE = "qparkin_yang_hilang"
    shown = " ".join(superadmin.get(ADDRESS).content.decode().split())
    assert 'value="files" checked' in shown
    assert "Berkasnya tetap bisa dicadangkan" in shown
