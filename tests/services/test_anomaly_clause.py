"""Each kind of strangeness goes all the way: on the archive, amber on the page, a notice, and a hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from backups import queries
from backups.models import Archive, User
from backups.services import anomalies, shelves
from backups.services.notices.tidings import tidings
from tests.web import factories

pytestmark = pytest.mark.django_db

ROWS = {"transaksi_parkir": 20_000, "pembayaran": 18_000, "tarif_parkir": 24}


def values_of(rows: dict[str, int], **others: Any) -> dict[str, Any]:
    told = [{"name": name, "rows": count, "bytes": count * 140} for name, count in rows.items()]
    raw = sum(table["bytes"] for table in told)
    stored = {"stored_rows": round(raw * 0.15), "bytes": round(raw * 0.16), "seconds": 12.0}
    return {"table_rows": told, "rows": sum(rows.values()), "tables": len(rows), **stored, **others}


def without(table: str) -> dict[str, int]:
    return {name: count for name, count in ROWS.items() if name != table}


STRANGE: dict[str, Callable[[], dict[str, Any]]] = {
    "rows_lost": lambda: values_of({**ROWS, "pembayaran": 17_000}),
    "table_vanished": lambda: values_of(without("pembayaran"), bytes=860_000),
    "rows_jumped": lambda: values_of({**ROWS, "pembayaran": 40_000}, bytes=900_000),
    "size": lambda: values_of(ROWS, bytes=2_400_000),
    "duration": lambda: values_of(ROWS, seconds=300.0),
    "incompressible": lambda: values_of(ROWS, stored_rows=5_200_000, bytes=850_000),
}


@pytest.fixture
def rani(db: None) -> User:
    return factories.superadmin()


@pytest.fixture
def superadmin(rani: User) -> Client:
    client = Client()
    factories.sign_in(client, rani)
    return client


@pytest.fixture
def history(rani: User) -> list[Archive]:
    """Twelve quiet days, the newest last."""
    cache.clear()
    now = timezone.now()
    return [factories.archive(now - timedelta(days=age), **values_of(ROWS)) for age in range(12, 0, -1)]


@pytest.mark.parametrize("kind", STRANGE)
def test_a_strange_backup_is_noted_amber_told_and_held(
    kind: str, history: list[Archive], superadmin: Client
) -> None:
    made = factories.archive(**STRANGE[kind]())
    assert {it.kind for it in anomalies.note(made)} == {kind}
    made.refresh_from_db()
    assert [told["kind"] for told in made.anomalies] == [kind]
    assert queries.home_state(made.database).state == "attention"
    page = superadmin.get(f"/archives/{made.pk}/").content.decode()
    assert "tone-wait" in page
    assert "Cadangan ini berbeda dari yang sebelumnya" in page
    assert [it.path for it in tidings(timezone.now()) if it.kind == "anomaly"] == [f"/archives/{made.pk}/"]
    before = shelves.held_before(history[-1])
    assert before
    assert before.pk == made.pk


def test_a_quiet_day_is_none_of_it(history: list[Archive]) -> None:
    made = factories.archive(**values_of(ROWS))
    assert anomalies.note(made) == ()
    assert not [it for it in tidings(timezone.now()) if it.kind == "anomaly"]
    assert shelves.held_before(history[-1]) is None
