"""Every address, every role. A route that is missing here fails the first test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, reverse

from backups.models import User
from backups.urls import urlpatterns
from tests.web import factories

pytestmark = pytest.mark.django_db

NO_JOB = UUID(int=7)
TO_THE_DOOR = 302


@dataclass(frozen=True, slots=True)
class Rule:
    """What each role gets. 404: allowed to ask, and there is no such thing in an empty panel."""

    superadmin: int
    mall_admin: int
    nobody: int = TO_THE_DOOR
    method: str = "get"
    arguments: tuple[object, ...] = ()


RULES = {
    "home": Rule(200, 200),
    "sign-in": Rule(302, 302, 200),
    "sign-out": Rule(302, 302, method="post"),
    "second-step": Rule(302, 302, 302),
    "passkey-sign-in": Rule(302, 302, 200),
    "second-factor": Rule(200, 200),
    "factor-app": Rule(200, 200),
    "passkey-new": Rule(200, 200),
    "passkey": Rule(404, 404, arguments=(7,)),
    "factor-remove": Rule(404, 404, arguments=(7,)),
    "recovery-codes": Rule(200, 200),
    "recovery-codes-new": Rule(302, 302, method="post"),
    "step-up": Rule(200, 200),
    "language": Rule(302, 302, method="post"),
    "theme": Rule(302, 302, method="post"),
    "backup": Rule(302, 403, method="post"),
    "backup-new": Rule(200, 403),
    "archives": Rule(200, 200),
    "archive": Rule(404, 403, arguments=("none",)),
    "archive-story": Rule(404, 404, arguments=("none",)),
    "verify": Rule(404, 403, method="post", arguments=("none",)),
    "drill": Rule(404, 403, method="post", arguments=("none",)),
    "certificate": Rule(404, 403, arguments=("none",)),
    "certificate-file": Rule(404, 403, arguments=("none",)),
    "download": Rule(404, 403, method="post", arguments=("none",)),
    "download-link": Rule(404, 404, arguments=("none", "nope")),
    "copy-check": Rule(404, 403, method="post", arguments=("none", "local")),
    "copy-make": Rule(404, 403, method="post", arguments=("none", "local")),
    "anomaly-seen": Rule(404, 403, method="post", arguments=("none",)),
    "export": Rule(404, 403, method="post", arguments=("none",)),
    "export-link": Rule(404, 404, arguments=("none", "nope")),
    "elsewhere": Rule(200, 403),
    "elsewhere-adopt": Rule(404, 403, method="post", arguments=(NO_JOB,)),
    "trends": Rule(200, 403),
    "system": Rule(200, 403),
    "system-protected": Rule(302, 403),
    "activity": Rule(200, 200),
    "activity-pulse": Rule(302, 302),
    "job": Rule(404, 403, arguments=(NO_JOB,)),
    "job-progress": Rule(404, 403, arguments=(NO_JOB,)),
    "job-cancel": Rule(404, 403, method="post", arguments=(NO_JOB,)),
    "restore": Rule(200, 403),
    "restore-plan": Rule(302, 403),
    "restore-check": Rule(302, 403),
    "restore-from": Rule(404, 403, arguments=("none",)),
    "restored": Rule(404, 403, arguments=(NO_JOB,)),
    "undo": Rule(404, 403, arguments=(NO_JOB,)),
    "drop-copy": Rule(404, 403, arguments=(NO_JOB,)),
    "let-go": Rule(404, 403, arguments=(NO_JOB,)),
    "restore-again": Rule(404, 403, method="post", arguments=(NO_JOB,)),
    "schedule-old": Rule(301, 403),
    "schedules": Rule(200, 403),
    "schedule-new": Rule(200, 403),
    "schedule-preview": Rule(200, 403, method="post"),
    "schedule": Rule(404, 403, arguments=(0,)),
    "schedule-switch": Rule(404, 403, method="post", arguments=(0,)),
    "schedule-run": Rule(404, 403, method="post", arguments=(0,)),
    "schedule-delete": Rule(404, 403, arguments=(0,)),
    "pin": Rule(404, 403, method="post", arguments=("none",)),
    "unpin": Rule(404, 403, method="post", arguments=("none",)),
    "retention": Rule(200, 403),
    "retention-save": Rule(409, 403, method="post"),
    "storages": Rule(200, 403),
    "storages-look": Rule(302, 403, method="post"),
    "storage-test": Rule(409, 403, method="post", arguments=("none",)),
    "storage-lost": Rule(409, 403, arguments=("none",)),
    "approvals": Rule(200, 403),
    "approval": Rule(404, 403, arguments=(NO_JOB,)),
    "approve": Rule(404, 403, method="post", arguments=(NO_JOB,)),
    "approval-refuse": Rule(404, 403, arguments=(NO_JOB,)),
    "approval-withdraw": Rule(404, 403, method="post", arguments=(NO_JOB,)),
    "break-glass": Rule(404, 403, arguments=(NO_JOB,)),
    "approval-noted": Rule(404, 403, method="post", arguments=(NO_JOB,)),
    "keys": Rule(200, 403),
    "kit-sheet": Rule(200, 403),
    "audit": Rule(200, 403),
    "audit-export": Rule(200, 403, method="post"),
    "people": Rule(200, 403),
    "invite": Rule(200, 403),
    "invited": Rule(404, 403, arguments=(7,)),
    "person": Rule(404, 403, arguments=(70_000,)),
    "invitation": Rule(404, 404, 404),
    "invitation-link": Rule(404, 404, 404, arguments=("none",)),
    "me": Rule(200, 200),
    "own-password": Rule(200, 200),
    "own-notices": Rule(200, 200),
    "own-activity": Rule(200, 200),
    "sessions-end": Rule(302, 302, method="post"),
    "session-end": Rule(404, 404, method="post", arguments=(70_000,)),
    "notices": Rule(200, 403),
    "channel-new": Rule(200, 403, arguments=("mail",)),
    "channel": Rule(404, 403, arguments=(7,)),
    "channel-test": Rule(404, 403, method="post", arguments=(7,)),
    "channel-delete": Rule(404, 403, method="post", arguments=(7,)),
    "incidents": Rule(200, 403),
    "incident-new": Rule(200, 403),
    "incident": Rule(404, 403, arguments=(7,)),
    "incident-clock": Rule(404, 403, arguments=(7,)),
    "incident-report": Rule(404, 403, arguments=(7,)),
    "incident-step": Rule(404, 403, method="post", arguments=(7, "restored")),
    "incident-note": Rule(404, 403, arguments=(7,)),
    "incident-facts": Rule(404, 403, arguments=(7,)),
    "incident-malls": Rule(404, 403, arguments=(7,)),
    "incident-close": Rule(404, 403, arguments=(7,)),
    "health": Rule(200, 200, 200),
    "metrics": Rule(404, 404, 404),
    "api-status": Rule(404, 404, 404),
    "badge": Rule(404, 404, 404, arguments=("none",)),
}


def test_the_table_knows_every_route() -> None:
    assert all(isinstance(route, URLPattern) for route in urlpatterns)
    assert set(RULES) == {str(route.name) for route in urlpatterns}


class Visitor:
    """Asks for many addresses; what one request did is taken back, so that no answer depends on another."""

    def __init__(self, person: User | None, **options: Any) -> None:
        self.client = Client(**options)
        if person:
            factories.sign_in(self.client, person)
        self.kept = {name: cookie.value for name, cookie in self.client.cookies.items()}

    def ask(self, route: str, method: str, arguments: tuple[object, ...]) -> Any:
        with transaction.atomic():
            answer = getattr(self.client, method)(reverse(route, args=arguments))
            transaction.set_rollback(True)
        self.client.cookies.clear()
        self.client.cookies.load(self.kept)
        return answer


@pytest.mark.parametrize("role", ["superadmin", "mall_admin", "nobody"])
def test_each_address_answers_each_role_as_the_table_says(role: str, rani: User, bima: User) -> None:
    visitor = Visitor({"superadmin": rani, "mall_admin": bima}.get(role))
    found = {
        route: visitor.ask(route, rule.method, rule.arguments).status_code for route, rule in RULES.items()
    }
    assert found == {route: getattr(rule, role) for route, rule in RULES.items()}


def test_what_changes_something_is_never_a_link(rani: User) -> None:
    visitor = Visitor(rani)
    posts = {route: rule for route, rule in RULES.items() if rule.method == "post"}
    found = {route: visitor.ask(route, "get", rule.arguments).status_code for route, rule in posts.items()}
    assert found == dict.fromkeys(posts, 405)


def test_a_switched_off_superadmin_is_nobody(rani: User) -> None:
    visitor = Visitor(rani)
    User.objects.filter(pk=rani.pk).update(is_active=False)
    for route, rule in RULES.items():
        assert visitor.ask(route, rule.method, rule.arguments).status_code == rule.nobody, route
