"""What of each mall is in an archive: counted in a real restored copy, and shown to nobody else."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from backups.mall_queries import mall_home
from backups.models import Archive, Proof, User
from backups.services import mall_figures, work
from backups.services.backup import request_backup
from backups.services.drill import request_drill
from tests.scratch import ScratchDatabase
from tests.web import factories

TABLES = """
CREATE TABLE transaksi_parkir (id_transaksi BIGINT UNSIGNED PRIMARY KEY, id_mall BIGINT UNSIGNED NULL, waktu_masuk DATETIME NULL);
CREATE TABLE booking (id_transaksi BIGINT UNSIGNED PRIMARY KEY, dibooking_pada DATETIME NOT NULL);
CREATE TABLE pembayaran (id_pembayaran BIGINT UNSIGNED PRIMARY KEY, id_transaksi BIGINT UNSIGNED NULL, waktu_bayar DATETIME NULL);
ALTER TABLE mall ADD COLUMN nama_mall VARCHAR(100) NULL;
INSERT INTO mall VALUES (3, 'x', NULL);
UPDATE mall SET nama_mall = 'Mall Ciputra' WHERE id_mall = 1;
INSERT INTO transaksi_parkir VALUES (1, 1, '2026-11-22 08:00:00'), (2, 1, NULL), (3, 2, '2026-11-22 09:30:00'), (4, NULL, '2026-11-22 10:00:00');
INSERT INTO booking VALUES (1, '2026-11-22 07:45:00'), (4, '2026-11-22 07:00:00');
INSERT INTO pembayaran VALUES (10, 1, '2026-11-22 11:15:00'), (11, 3, NULL), (12, NULL, '2026-11-22 12:00:00')
"""  # noqa: E501


@pytest.mark.django_db(transaction=True)
def test_a_drill_counts_what_is_in_the_copy(parking: ScratchDatabase) -> None:
    for statement in TABLES.strip().split(";\n"):
        parking.run(statement)
    try:
        work.run_here(request_backup(requested_by=None, trigger="command"))
        # What comes in later is not in the archive.
        parking.run("INSERT INTO transaksi_parkir VALUES (5, 1, '2026-11-23 08:00:00')")
        work.run_here(request_drill(Archive.objects.get(), requested_by=None, trigger="command"))
    finally:
        parking.run("DROP TABLE pembayaran, booking, transaksi_parkir")
    assert Proof.objects.get().mall_figures == {
        "1": {
            "name": "Mall Ciputra", "transactions": 2, "bookings": 1, "payments": 1,
            "newest": "2026-11-22 11:15:00",
        },
        "2": {
            "name": "", "transactions": 1, "bookings": 0, "payments": 1,
            "newest": "2026-11-22 09:30:00",
        },
        "3": {"transactions": 0, "bookings": 0, "payments": 0, "newest": None, "name": ""},
    }  # fmt: skip


@pytest.mark.usefixtures("parking")
@pytest.mark.django_db(transaction=True)
def test_a_database_without_these_tables_is_proven_all_the_same() -> None:
    work.run_here(request_backup(requested_by=None, trigger="command"))
    work.run_here(request_drill(Archive.objects.get(), requested_by=None, trigger="command"))
    proof = Proof.objects.get()
    assert proof.proven
    assert proof.mall_figures == {}


@pytest.mark.parametrize(
    ("newest", "told"),
    [
        ("2026-11-22 08:00:00", "2026-11-22 08:00:00"),
        ("2026-11-22 08:00:00.250000", "2026-11-22 08:00:00"),
        ("0000-00-00 00:00:00", None),
        (None, None),
    ],
)
def test_dates_as_the_server_tells_them(newest: str | None, told: str | None) -> None:
    found = mall_figures.by_mall({"transactions": [("1", "3", newest)]})
    assert found["1"] == {"transactions": 3, "bookings": 0, "payments": 0, "newest": told}


@pytest.fixture
def proven(db: None, settings: Settings) -> Proof:
    figures = {
        "1": {"transactions": 21480, "bookings": 6120, "payments": 20911, "newest": "2026-11-22 21:14:00"},
        "2": {"transactions": 777, "bookings": 666, "payments": 555, "newest": "2026-11-22 20:00:00"},
    }
    return factories.proof(factories.archive(), mall_figures=figures)


def test_a_mall_admin_reads_the_figures_of_their_own_mall(proven: Proof, client: Client) -> None:
    factories.sign_in(client, factories.mall_admin())
    shown = client.get("/").content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert "21.480" in shown
    assert "22 Nov 2026 21.14 WIB" in shown
    for other in ("777", "666", "555"):
        assert other not in shown


@pytest.mark.parametrize("mall", [3, None])
def test_of_a_mall_that_is_not_in_it_nothing_is_told(proven: Proof, mall: int | None) -> None:
    person = factories.mall_admin()
    person.mall_id = mall
    assert mall_home(person, proven.archive.database).figures is None


def test_whoever_watches_from_outside_learns_no_figures(proven: Proof) -> None:
    assert mall_home(None, proven.archive.database).figures is None


def test_a_superadmin_has_no_mall(proven: Proof) -> None:
    person: User = factories.superadmin()
    person.mall_id = 1
    assert mall_home(person, proven.archive.database).figures is None
