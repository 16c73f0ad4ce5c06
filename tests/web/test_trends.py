"""Tren and the changes since the archive before: what grew, what came, what went."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from backups.models import User
from backups.trend_queries import trends
from tests.web import factories

pytestmark = pytest.mark.django_db


def shown(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def with_rows(days: float, rows: dict[str, int], **values: Any) -> Any:
    told = [{"name": name, "rows": count, "bytes": count * 10} for name, count in rows.items()]
    at = timezone.now() - timedelta(days=days)
    return factories.archive(at, table_rows=told, rows=sum(rows.values()), **values)


def test_a_table_shows_what_came_what_went_and_what_it_lost(superadmin: Client) -> None:
    before = with_rows(1, {"booking": 500, "mall": 6, "user": 1200})
    archive = with_rows(0.1, {"booking": 480, "user": 1350, "voucher": 7})
    page = shown(superadmin, f"/archives/{archive.pk}/")
    for told in ("hilang; tadinya 6 baris", "−20", "+150", "baru", f'href="/archives/{before.pk}/"'):
        assert told in page


def test_what_holds_something_else_or_is_no_backup_of_its_own_is_no_measure(superadmin: Client) -> None:
    with_rows(3, {"booking": 500}, content=["database", "files"])
    with_rows(2, {"booking": 400}, purpose="safety")
    with_rows(1, {"booking": 300}, state="damaged")
    archive = with_rows(0.1, {"booking": 480})
    assert "jumlah baris seluruhnya" not in shown(superadmin, f"/archives/{archive.pk}/")


def test_the_page_tells_how_it_was_made_what_was_done_since_and_the_commands(
    superadmin: Client, rani: User
) -> None:
    archive = factories.archive()
    archive.job = factories.past_job(archive.created, archive=archive, requested_by=rani)
    archive.save()
    factories.past_job(timezone.now(), "verify", archive=archive, trigger="command")
    page = shown(superadmin, f"/archives/{archive.pk}/")
    for told in (
        "Cara pembuatannya", "Menyegel cadangan", "Baris perintah", f"restore {archive.pk} --dry-run",
        f"verify {archive.pk} --deep", f"download {archive.pk} --output",
    ):  # fmt: skip
        assert told in strip_tags(page)


@pytest.mark.parametrize(
    ("asked", "count"),
    [("state=damaged", 1), ("state=unproven", 3), ("state=pinned", 1), ("state=strange", 1),
     ("purpose=manual", 1), ("content=files", 1), ("until=2020-01-01", 0), ("state=x&since=gestern", 4)],
)  # fmt: skip
def test_the_list_is_narrowed_down(asked: str, count: int, superadmin: Client) -> None:
    factories.proof(factories.archive(content=["files"]))
    factories.archive(state="damaged")
    factories.archive(pinned_until=timezone.now() + timedelta(days=3), purpose="manual")
    factories.archive(anomalies=[{"kind": "size", "table": "", "value": 9, "usual": 5}])
    page = superadmin.get(f"/archives/?{asked}")
    assert len(page.context["page"].object_list) == count


def test_a_strange_day_is_marked_in_its_own_chart_and_in_the_table_beside_it(superadmin: Client) -> None:
    for days in (4, 3, 1):
        with_rows(days, {"booking": 500 - days})
    lost = {"kind": "rows_lost", "table": "booking", "value": 90, "usual": 497}
    slow = {"kind": "duration", "table": "", "value": 400, "usual": 6}
    strange = with_rows(2, {"booking": 90}, anomalies=[lost, slow], seconds=400)
    page = shown(superadmin, "/trends/")
    assert page.count('class="chart-flag"') == 2
    assert page.count("Baris booking berkurang") == 3
    assert f'href="/archives/{strange.pk}/"' in page
    assert page.count("<table") == 3


def test_a_day_shows_its_strange_backup_also_when_a_good_one_followed() -> None:
    # At noon and after it, so that both are of one day wherever the clock stands.
    noon = timezone.localtime().replace(hour=12, minute=0) - timedelta(days=2)
    odd = [{"kind": "size", "table": "", "value": 9, "usual": 5}]
    strange = factories.archive(noon, anomalies=odd)
    factories.archive(noon + timedelta(hours=2))
    assert [point.archive for point in trends(strange.database).points] == [strange.pk]


def test_the_number_of_questions_is_the_same_for_three_months(superadmin: Client) -> None:
    counts = []
    for days in ((1, 2), range(3, 90, 3)):
        for day in days:
            factories.proof(with_rows(day, {"booking": day}))
        superadmin.get("/trends/")
        with CaptureQueriesContext(connection) as asked:
            superadmin.get("/trends/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
