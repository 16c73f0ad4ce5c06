"""The certificate of a drill, and how the age of a proof is shown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backups.models import Proof, User
from backups.services.certificate import certificate, check, sign
from backups.templatetags.measures import moment
from backups.templatetags.proof import cause_words
from tests.web import factories

pytestmark = pytest.mark.django_db

DETAILS = {
    "table_rows": [["mall", 6], ["transaksi_parkir", 21480]],
    "phases": [["load", 4.2], ["prove_equal", 2.5]],
    "storage": "local",
    "server_version": "10.11.14-MariaDB",
}


def test_without_a_proof_there_is_no_certificate(superadmin: Client) -> None:
    archive = factories.archive()
    answer = superadmin.get(f"/archives/{archive.pk}/certificate/")
    assert answer.headers["Location"] == f"/archives/{archive.pk}/"
    assert certificate(archive) is None


def test_it_says_what_was_restored_when_and_how_it_went(superadmin: Client) -> None:
    archive = factories.archive(seal_digest="ab" * 32)
    factories.proof(archive, **DETAILS)
    shown = superadmin.get(f"/archives/{archive.pk}/certificate/").content.decode()
    for told in (
        archive.pk,
        "ab" * 32,
        "10.11.14-MariaDB",
        "transaksi_parkir",
        "21.480",
        "terbukti",
        "Memuat baris",
    ):
        assert told in shown
    assert (
        f"/archives/{archive.pk}/certificate/" in superadmin.get(f"/archives/{archive.pk}/").content.decode()
    )


def test_one_that_is_not_proven_says_so(superadmin: Client) -> None:
    archive = factories.archive()
    factories.proof(archive, proven=False, equal=False, differences=["table mall is missing"], **DETAILS)
    shown = superadmin.get(f"/archives/{archive.pk}/certificate/").content.decode()
    assert "tidak terbukti" in shown
    assert "mall" in shown


def test_an_older_proof_without_details_can_be_printed_too(superadmin: Client) -> None:
    archive = factories.archive()
    factories.proof(archive)
    assert superadmin.get(f"/archives/{archive.pk}/certificate/").status_code == 200


@pytest.mark.parametrize(("days", "words"), [(40, "Bukti sudah usang"), (9, "Bukti mulai usang")])
def test_a_proof_grows_old_in_front_of_everybody(
    days: int, words: str, superadmin: Client, mall_admin: Client
) -> None:
    archive = factories.archive()
    factories.proof(archive, made_at=timezone.now() - timedelta(days=days))
    for client in (superadmin, mall_admin):
        assert words in client.get("/archives/").content.decode()
        assert words in client.get("/").content.decode()


def test_a_fresh_proof_worries_nobody(superadmin: Client, mall_admin: Client) -> None:
    factories.proof(factories.archive(), made_at=timezone.now() - timedelta(days=6))
    for client in (superadmin, mall_admin):
        shown = client.get("/archives/").content.decode() + client.get("/").content.decode()
        assert "Terbukti" in shown
        assert "usang" not in shown
        assert "terlalu lama" not in shown


def test_a_table_spelled_otherwise_is_named_as_it_is_called() -> None:
    finding = {
        "cause": "missing_table",
        "detail": "Notifikasi, hilang",
        "meant": [["Notifikasi", "notifikasi"]],
    }
    assert "`Notifikasi`" in cause_words(finding)
    assert "`notifikasi`" in cause_words(finding)
    assert "hilang" in cause_words(finding)
    assert "Notifikasi" in cause_words({"cause": "missing_table", "detail": "Notifikasi"})


def test_it_names_seal_storage_who_asked_and_how_long_it_counts(superadmin: Client, rani: User) -> None:
    archive = factories.archive(seal_digest="ab" * 32)
    archive.copies.update(sha256="cd" * 32)
    drill = factories.job("drill", "done", archive=archive, requested_by=rani)
    made = factories.proof(archive, job=drill, **DETAILS)
    Proof.objects.filter(pk=made.pk).update(statement=sign(made))
    shown = superadmin.get(f"/archives/{archive.pk}/certificate/").content.decode()
    until = moment(made.made_at + timedelta(days=30))
    for told in ("cd" * 32, "Disk lokal", "oleh seseorang", "Rani Wulandari", until, "Tanda tangannya sah"):
        assert told in shown
    file = superadmin.get(f"/archives/{archive.pk}/certificate/file")
    assert file.headers["Content-Disposition"] == f'attachment; filename="certificate-{archive.pk}.json"'
    assert check(file.content)["archive"] == archive.pk


def test_a_changed_record_and_an_unsigned_one_are_told_apart(superadmin: Client) -> None:
    archive = factories.archive()
    made = factories.proof(archive, **DETAILS)
    address = f"/archives/{archive.pk}/certificate/"
    assert "Tidak ditandatangani" in superadmin.get(address).content.decode()
    assert superadmin.get(f"{address}file").status_code == 302
    Proof.objects.filter(pk=made.pk).update(statement=sign(made), rows=1)
    assert "Jangan andalkan lembar ini" in superadmin.get(address).content.decode()


def test_one_that_is_past_its_limit_says_so(superadmin: Client) -> None:
    archive = factories.archive()
    factories.proof(archive, made_at=timezone.now() - timedelta(days=31))
    shown = superadmin.get(f"/archives/{archive.pk}/certificate/").content.decode()
    assert "Sudah lewat" in shown
