"""A strange backup worries until somebody says that they know why."""

from __future__ import annotations

import pytest
from django.test import Client

from backups.models import Archive, User
from tests.web import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("protected")]

LOST = [{"kind": "rows_lost", "table": "pembayaran", "value": 9000, "usual": 20911}]


@pytest.fixture
def strange(rani: User) -> Archive:
    factories.a_good_week(rani)
    made = factories.archive(anomalies=LOST)
    factories.proof(made)
    return made


def test_the_home_page_leads_to_it(superadmin: Client, mall_admin: Client, strange: Archive) -> None:
    shown = superadmin.get("/").content.decode()
    assert "Perlu perhatian" in shown
    assert f"/archives/{strange.pk}/" in shown
    theirs = mall_admin.get("/").content.decode()
    assert "Perlu perhatian" in theirs
    assert "pembayaran" not in theirs


def test_the_archive_says_what_is_strange_with_both_figures(superadmin: Client, strange: Archive) -> None:
    shown = superadmin.get(f"/archives/{strange.pk}/").content.decode()
    assert "Baris pembayaran berkurang: sekarang 9.000, sebelumnya 20.911." in shown


def test_after_somebody_looked_all_is_calm_again(superadmin: Client, strange: Archive) -> None:
    superadmin.post(f"/archives/{strange.pk}/seen/")
    assert "Semua data tersimpan aman" in superadmin.get("/").content.decode()
    assert "Sudah diperiksa pada" in superadmin.get(f"/archives/{strange.pk}/").content.decode()


@pytest.mark.parametrize(
    ("kind", "value", "usual", "words"),
    [
        ("table_vanished", 0, 1512, "user tidak ada lagi; sebelumnya berisi 1.512 baris."),
        ("rows_jumped", 9000, 1512, "user melonjak: sekarang 9.000 baris, sebelumnya 1.512."),
        ("size", 9_000_000, 3_400_000, "Ukuran cadangan 9,0 MB; biasanya sekitar 3,4 MB."),
        ("duration", 300, 20, "Butuh waktu 5 menit; biasanya sekitar 20 detik."),
        ("incompressible", 0.98, 0.15, "(98 % dari ukurannya; biasanya 15 %)"),
    ],
)
def test_each_kind_has_its_words(
    superadmin: Client, rani: User, kind: str, value: float, usual: float, words: str
) -> None:
    told = {"kind": kind, "table": "user", "value": value, "usual": usual}
    made = factories.archive(anomalies=[told])
    assert words in superadmin.get(f"/archives/{made.pk}/").content.decode()
