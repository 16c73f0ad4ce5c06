from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from backups.models import Archive, AuditEvent, Job, User
from tests.sealed import sealed_file
from tests.web import factories

pytestmark = pytest.mark.django_db


def test_no_archive_yet_says_what_to_do(superadmin: Client) -> None:
    shown = superadmin.get("/archives/").content.decode()
    assert "Belum ada cadangan" in shown


def test_the_list_costs_the_same_however_long_it_is(
    superadmin: Client, rani: User, django_assert_num_queries: Any
) -> None:
    factories.a_good_week(rani)
    superadmin.get("/archives/")
    with django_assert_num_queries(_queries(superadmin)):
        superadmin.get("/archives/")


def _queries(client: Client) -> int:
    """What the page asks with one archive more."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        client.get("/archives/")
    factories.proof(factories.archive())
    return len(seen)


def test_the_list_has_pages(superadmin: Client) -> None:
    for _ in range(31):
        factories.archive()
    assert "Halaman 1 dari 2" in superadmin.get("/archives/").content.decode()
    assert "Halaman 2 dari 2" in superadmin.get("/archives/?page=2").content.decode()


def test_a_mall_admins_list_holds_no_size_place_or_id(mall_admin: Client, rani: User) -> None:
    archive = factories.a_good_week(rani)[-1]
    shown = mall_admin.get("/archives/").content.decode()
    assert "Utuh" in shown
    for secret in (archive.pk, " MB", "/srv/", "60.093", "Sebelum rilis", f"/archives/{archive.pk}"):
        assert secret not in shown


def test_the_detail_has_tables_copies_and_the_proof_in_plain_words(superadmin: Client) -> None:
    archive = factories.archive()
    factories.proof(archive)
    shown = superadmin.get(f"/archives/{archive.pk}/").content.decode()
    for told in (
        "transaksi_parkir",
        "21.480",
        "34 trigger, 19 foreign key",
        "Terbukti bisa dipulihkan",
        "60.093 baris",
        "1 masalah yang memang sudah ada di QParkIn",
        "(1442)",
        "/srv/qparkin-backup/",
        "manage.py restore",
    ):
        assert told in shown


def test_the_detail_says_which_release_it_is_of_and_what_no_archive_holds(superadmin: Client) -> None:
    shown = superadmin.get(f"/archives/{factories.archive().pk}/").content.decode().replace("<wbr>", "")
    for told in ("v11.31.0", "4f1c9a0d", "2026_10_02_081500_add_slot_to_booking", "GRANT"):
        assert told in shown
    of_before = factories.archive(release={}, content=["files"])
    shown = superadmin.get(f"/archives/{of_before.pk}/").content.decode()
    for told in ("Laravel", "GRANT"):
        assert told not in shown


def test_a_damaged_archive_says_what_is_wrong_and_offers_no_restore(superadmin: Client) -> None:
    problem = {"problem_code": "archive_damaged", "problem_params": {"archive": "a1", "what": "data/3"}}
    archive = factories.archive(state=Archive.State.DAMAGED, **problem)
    factories.proof(archive)
    shown = superadmin.get(f"/archives/{archive.pk}/").content.decode()
    assert "Cadangan a1 rusak (data/3)" in shown
    assert "Uji " not in shown
    assert "Terbukti bisa dipulihkan" not in shown
    assert f"/restore/from/{archive.pk}/" not in shown


def test_what_an_archive_says_of_itself_is_escaped(superadmin: Client) -> None:
    table = {"name": "<b>", "rows": 1, "bytes": 1}
    archive = factories.archive(label="<script>alert(1)</script>", table_rows=[table])
    shown = superadmin.get(f"/archives/{archive.pk}/").content.decode()
    assert "<script>alert" not in shown
    assert "&lt;b&gt;" in shown


@pytest.fixture
def stored(settings: Any, tmp_path: Path) -> Archive:
    """An archive whose file lies in the storage."""
    settings.BACKUP_LOCAL_ROOT = str(tmp_path)
    archive = factories.archive()
    sealed_file(archive, tmp_path / archive.copies.get().name)
    return archive


@pytest.mark.parametrize("kind", ["verify", "drill"])
def test_asking_for_a_look_leads_to_its_job(kind: str, superadmin: Client, stored: Archive) -> None:
    answer = superadmin.post(f"/archives/{stored.pk}/{kind}/")
    job = Job.objects.get()
    assert (job.kind, job.archive) == (kind, stored)
    assert answer.headers["Location"] == f"/jobs/{job.pk}/"


@pytest.mark.django_db(transaction=True)
def test_a_download_is_the_file_as_it_is_and_on_the_record_at_both_ends(
    superadmin: Client, stored: Archive, rani: User, tmp_path: Path
) -> None:
    answer = factories.fetched(superadmin, stored, REMOTE_ADDR="10.1.2.3")
    name = stored.copies.get().name
    assert b"".join(answer.streaming_content) == (tmp_path / name).read_bytes()  # type: ignore[attr-defined]
    assert "no-store" in answer.headers["Cache-Control"]
    assert name in answer.headers["Content-Disposition"]
    asked, begun, ended = AuditEvent.objects.filter(action__startswith="download").order_by("pk")
    assert (asked.action, asked.actor, asked.details) == ("download_link", rani, {"what": "archive"})
    assert (begun.actor, begun.address, begun.object_id) == (rani, "10.1.2.3", stored.pk)
    assert (ended.outcome, ended.details["bytes"]) == ("ok", stored.bytes)


@pytest.mark.django_db(transaction=True)
def test_a_download_that_breaks_off_is_recorded_as_such(superadmin: Client, stored: Archive) -> None:
    answer = factories.fetched(superadmin, stored)
    next(answer.streaming_content)  # type: ignore[attr-defined]
    answer.close()
    assert AuditEvent.objects.get(action="download_end").outcome == "failed"


def test_a_file_that_is_gone_is_refused_in_words(superadmin: Client, settings: Any, tmp_path: Path) -> None:
    settings.BACKUP_LOCAL_ROOT = str(tmp_path)
    answer = factories.fetched(superadmin, factories.archive())
    assert answer.status_code == 404
    assert "Lihat daftar cadangan" in answer.content.decode()


@pytest.mark.parametrize("address", ["/archives/nope/", "/restore/from/nope/"])
def test_an_archive_that_nobody_has_leads_to_the_list(address: str, superadmin: Client) -> None:
    answer = superadmin.get(address)
    assert answer.status_code == 404
    assert "Cadangan nope tidak ada" in answer.content.decode()
    assert 'class="btn btn-primary" href="/archives/"' in " ".join(answer.content.decode().split())
