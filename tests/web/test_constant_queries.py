"""However much there is, a page asks the control database the same number of questions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from backups.models import Archive, Incident, Job, User
from backups.models.user import Role
from backups.services import audit, incidents
from backups.services.incidents import Opening
from tests.web import factories
from tests.web.incidents_of import LOST
from tests.web.test_roles import RULES

pytestmark = pytest.mark.django_db
FEW, MANY = 3, 40
# Compressed it is a tenth of that; together with what a first visitor loads beside it, it stays below 150 kB.
MOST_HTML = 100_000
# Home asks after everything; all others less.
MOST_QUESTIONS = 50
ABOUT_ONE: dict[str, Callable[[], Any]] = {
    "archive": lambda: Archive.objects.all()[0].pk,
    "job": lambda: Job.objects.all()[0].pk,
    "person": lambda: User.objects.all()[0].pk,
    "incident": lambda: Incident.objects.get(closed_at=None).pk,
    "incident-report": lambda: Incident.objects.all()[0].pk,
}
PAGES = sorted(
    route
    for route, rule in RULES.items()
    if rule.method == "get" and rule.superadmin == 200 and not rule.arguments
)
OF_A_MALL = sorted(
    route
    for route, rule in RULES.items()
    if rule.method == "get" and rule.mall_admin == 200 and not rule.arguments
)


def _leave(count: int, by: User) -> None:
    """Archives with proofs and copies, jobs of each kind, events, people."""
    now = timezone.now()
    for number in range(count):
        at = now - timedelta(hours=5 + 7 * number)
        archive = factories.archive(at, requested_by=by)
        factories.proof(archive)
        kind = Job.Kind.values[number % len(Job.Kind.values)]
        factories.job(kind, Job.State.DONE, archive=archive, requested_by=by, created_at=at, finished_at=at)
    _leave_people(count, by)
    _leave_an_incident(count, by)
    cache.clear()
    Archive.objects.update(verified_at=now)


def _leave_people(count: int, by: User) -> None:
    """People with what they did, and incidents that are over."""
    so_far, now = User.objects.count(), timezone.now()
    User.objects.bulk_create(
        User(email=f"orang{so_far + number}@mall.id", role=Role.ADMIN_MALL) for number in range(count)
    )
    for number in range(count):
        audit.record("view_people", actor=by, details={"page": f"people{number}"})
    Incident.objects.bulk_create(
        Incident(what=f"Insiden {number}", noticed_at=now, opened_by=by, closed_at=now)
        for number in range(count)
    )


def _leave_an_incident(count: int, by: User) -> None:
    """One that is open, with a story of all that a story is made of."""
    noticed = timezone.now() - timedelta(hours=1)
    incident = Incident.objects.filter(closed_at=None).first()
    incident = incident or incidents.begin(Opening("Baris hilang", noticed), by=by)
    for number in range(count):
        factories.archive(noticed - timedelta(minutes=number), anomalies=[LOST])
        audit.record("backup", actor=by, about=Job.objects.all()[0])
        incidents.note(incident, str(number), at=noticed, by=by)


def _questions(client: Client, address: str) -> int:
    # Asked once before: what the first visitor reckons is remembered for the others.
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address)
    assert answer.status_code == 200
    assert len(asked) <= MOST_QUESTIONS
    assert answer.streaming or len(answer.content) < MOST_HTML
    return len(asked)


@pytest.mark.parametrize("route", [*PAGES, *ABOUT_ONE])
def test_for_a_superadmin(route: str, superadmin: Client, rani: User) -> None:
    counted = []
    for count in (FEW, MANY):
        _leave(count, rani)
        address = reverse(route, args=[ABOUT_ONE[route]()] if route in ABOUT_ONE else [])
        counted.append(_questions(superadmin, address))
    assert counted[0] == counted[1]


@pytest.mark.parametrize("route", OF_A_MALL)
def test_for_a_mall_admin(route: str, mall_admin: Client, rani: User) -> None:
    counted = []
    for count in (FEW, MANY):
        _leave(count, rani)
        counted.append(_questions(mall_admin, reverse(route)))
    assert counted[0] == counted[1]
