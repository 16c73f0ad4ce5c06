"""Looking something up in the audit trail, and taking it along."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.test import Client

from backups.models import AuditEvent, User
from backups.services import audit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def trail(rani: User, bima: User) -> None:
    audit.record("sign_in", actor=rani, address="10.20.1.44")
    audit.record("download", actor=rani, details={"archive": "20261123T031500Z-ab12cd34"})
    audit.record(
        "sign_in", actor=None, outcome="refused", details={"email": '=HYPERLINK("x")'}, address="10.9.9.9"
    )


def shown(client: Client, **asked: str) -> int:
    return len(client.get("/audit/", asked).context["page"].object_list)


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({}, 3),
        ({"action": "sign_in"}, 2),
        ({"outcome": "refused"}, 1),
        ({"q": "rani"}, 2),
        ({"q": "Wulandari"}, 2),
        ({"q": "ab12cd34"}, 1),
        ({"q": "10.9.9"}, 1),
        ({"since": "2020-01-01", "until": "2020-12-31"}, 0),
        ({"since": "2020-01-01"}, 3),
        ({"q": "rani", "action": "download"}, 1),
        ({"q": "' OR 1=1 --"}, 0),
        ({"since": "kemarin", "action": "no-such", "outcome": "x"}, 3),
    ],
)
def test_what_is_asked_for_is_found(superadmin: Client, asked: dict[str, str], count: int) -> None:
    assert shown(superadmin, **asked) == count


def test_the_pages_of_a_search_stay_within_it(superadmin: Client) -> None:
    for _ in range(60):
        audit.record("verify", actor=None)
    text = superadmin.get("/audit/", {"action": "verify"}).content.decode()
    assert "?action=verify&amp;page=2" in text


def test_an_export_holds_what_the_search_shows_and_is_on_the_record(superadmin: Client, rani: User) -> None:
    answer = superadmin.post("/audit/export/", {"format": "json", "action": "sign_in"})
    lines = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    assert [line.get("outcome") for line in lines] == ["refused", "ok", None]
    assert lines[-1]["signed"]["events"] == 2
    assert {"previous", "digest", "at", "actor"} <= set(lines[0])
    noted = AuditEvent.objects.get(action="export_audit")
    assert (noted.actor, noted.details) == (rani, {"format": "json", "action": "sign_in"})


def test_no_cell_of_a_spreadsheet_is_a_formula(superadmin: Client) -> None:
    audit.record("sign_in", actor=None, address="@SUM(A1)")
    answer = superadmin.post("/audit/export/", {"format": "csv"})
    assert "attachment" in answer["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert rows[0][:4] == ["number", "at", "actor", "action"]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert any("'@SUM(A1)" in row for row in rows)
