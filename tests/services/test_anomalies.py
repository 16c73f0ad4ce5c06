"""What is strange stands out, what is usual does not, and one odd day changes neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backups.models import Archive, AuditEvent, User
from backups.services import anomalies as service
from backups.services.anomalies import Facts, anomalies, facts_of
from tests.web import factories

ROWS = {"transaksi_parkir": 20_000, "sessions": 900, "tarif": 24}
QUIET = Facts(rows=ROWS, raw=10_000_000, stored=1_500_000, size=1_600_000, seconds=12)


def days(count: int = 14, growth: float = 1.01) -> list[Facts]:
    """A system that grows, newest first; its sessions come and go."""
    made = []
    for day in range(count):
        by = growth**day
        rows = {"transaksi_parkir": round(20_000 * by), "sessions": 900 - 400 * (day % 3), "tarif": 24}
        made.append(
            replace(
                QUIET,
                rows=rows,
                raw=round(QUIET.raw * by),
                stored=round(QUIET.stored * by),
                size=round(QUIET.size * by),
            )
        )
    return made[::-1]


def kinds(now: Facts, before: Sequence[Facts]) -> list[tuple[str, str]]:
    return [(found.kind, found.table) for found in anomalies(now, before)]


def with_rows(**rows: int) -> Facts:
    return replace(days()[0], rows={**days()[0].rows, **rows})


@pytest.fixture
def rani(db: None) -> User:
    return factories.superadmin()


def test_a_usual_day_is_not_strange() -> None:
    history = days(15)
    assert kinds(history[0], history[1:]) == []


@given(st.floats(0.995, 1.04), st.integers(6, 40))
def test_steady_growth_is_never_strange(growth: float, count: int) -> None:
    history = days(count, growth)
    assert kinds(history[0], history[1:]) == []


def test_the_first_backup_has_nothing_to_be_compared_with() -> None:
    assert kinds(QUIET, []) == []


@pytest.mark.parametrize("count", [1, 14])
def test_lost_rows_of_a_main_table(count: int) -> None:
    assert kinds(with_rows(transaksi_parkir=15_000), days()[:count]) == [("rows_lost", "transaksi_parkir")]


def test_a_table_that_is_cleared_by_habit_may_lose_rows() -> None:
    assert kinds(with_rows(sessions=100), days()) == []
    assert kinds(with_rows(sessions=0), [replace(d, rows={**d.rows, "sessions": 900}) for d in days()]) == [
        ("rows_lost", "sessions")
    ]


def test_small_tables_come_and_go() -> None:
    now = days()[0]
    assert kinds(replace(now, rows={k: v for k, v in now.rows.items() if k != "tarif"}), days()) == []


def test_a_main_table_that_vanished() -> None:
    now = days()[0]
    without = replace(now, rows={k: v for k, v in now.rows.items() if k != "transaksi_parkir"})
    assert kinds(without, days()) == [("table_vanished", "transaksi_parkir")]


def test_a_leap_of_rows() -> None:
    assert kinds(with_rows(transaksi_parkir=60_000), days()) == [("rows_jumped", "transaksi_parkir")]


def test_rows_that_no_longer_compress() -> None:
    now = days()[0]
    encrypted = replace(now, stored=round(now.raw * 0.98), size=round(now.raw * 0.99))
    assert [kind for kind, _ in kinds(encrypted, days())] == ["size", "incompressible"]


def test_a_backup_that_took_very_long() -> None:
    assert kinds(replace(days()[0], seconds=90), days()) == [("duration", "")]
    assert kinds(replace(days()[0], seconds=2), days()) == []


def test_one_odd_day_hides_nothing_and_makes_no_day_after_it_strange() -> None:
    odd = replace(days()[0], size=9_000_000, stored=9_000_000, seconds=400)
    history = [days()[0], odd, *days()[1:]]
    assert kinds(days()[0], history) == []
    assert ("size", "") in kinds(odd, history)


@pytest.mark.django_db
def test_what_is_strange_is_kept_until_somebody_looked(rani: User) -> None:
    factories.a_good_week(rani)
    newest = Archive.objects.first()
    assert newest is not None
    rows = [{**table, "rows": table["rows"] // 2} for table in newest.table_rows]
    bad = factories.archive(table_rows=rows)
    found = service.note(bad)
    bad.refresh_from_db()
    assert {anomaly.kind for anomaly in found} == {"rows_lost"}
    assert [told["table"] for told in bad.anomalies] == [a.table for a in found]
    service.note_seen(bad, by=rani)
    bad.refresh_from_db()
    assert bad.anomalies_seen_at is not None
    assert AuditEvent.objects.get(action="anomaly_seen").object_id == bad.pk


@pytest.mark.django_db
def test_a_safety_backup_is_compared_with_nothing(rani: User) -> None:
    factories.a_good_week(rani)
    assert service.note(factories.archive(table_rows=[], purpose="safety")) == ()


@pytest.mark.django_db
def test_facts_are_those_of_the_archive(rani: User) -> None:
    made = factories.archive(
        table_rows=[{"name": "a", "rows": 3, "bytes": 40}], stored_rows=12, bytes=99, seconds=4
    )
    assert facts_of(made) == Facts({"a": 3}, 40, 12, 99, 4)
