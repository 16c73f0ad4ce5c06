"""However much there is, a page asks the control database the same number of questions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from backups.models import Archive, Job, User
from tests.web import factories
from tests.web.test_roles import RULES

pytestmark = pytest.mark.django_db
FEW, MANY = 3, 40
ABOUT_ONE = ("archive", "job")
PAGES = sorted(
    route
    for route, rule in RULES.items()
    if rule.method == "get" and rule.superadmin == 200 and not rule.arguments
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
    cache.clear()
    Archive.objects.update(verified_at=now)


def _questions(client: Client, address: str) -> int:
    # Asked once before: what the first visitor reckons is remembered for the others.
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.parametrize("route", [*PAGES, *ABOUT_ONE])
def test_for_a_superadmin(route: str, superadmin: Client, rani: User) -> None:
    counted = []
    for count in (FEW, MANY):
        _leave(count, rani)
        told = {"archive": Archive.objects.all(), "job": Job.objects.all()}
        address = reverse(route, args=[told[route][0].pk] if route in told else [])
        counted.append(_questions(superadmin, address))
    assert counted[0] == counted[1]


@pytest.mark.parametrize("route", ["home", "archives"])
def test_for_a_mall_admin(route: str, mall_admin: Client, rani: User) -> None:
    counted = []
    for count in (FEW, MANY):
        _leave(count, rani)
        counted.append(_questions(mall_admin, reverse(route)))
    assert counted[0] == counted[1]
