"""Every address, method and role, with things that are there: who may not see learns nothing of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from backups.models import (
    Approval,
    AuditEvent,
    Channel,
    DownloadLink,
    Incident,
    Invitation,
    Job,
    Schedule,
    User,
    Visit,
)
from backups.services import download_links
from backups.urls import urlpatterns
from tests.web import factories
from tests.web.test_roles import RULES, TO_THE_DOOR, Visitor

pytestmark = pytest.mark.django_db

ALL = ("get", "head", "post", "put", "patch", "delete", "options")
# Of the plain ones: what a view of ours never takes.
NEVER = ("put", "patch", "delete", "options")
# What says nothing and changes nothing of the panel, for whoever asks.
OPEN_TO_ALL = {route for route, rule in RULES.items() if rule.nobody != TO_THE_DOOR} | {
    "sign-out", "language", "theme", "second-step", "passkey-sign-in",
}  # fmt: skip
# The door is told where to lead back to, pages where their forms do; both are looked at below.
NOT_COMPARED = {"Location", "Content-Length", "Expires"}
MARK = re.compile(r'(name="csrfmiddlewaretoken" value=")\w+')


@pytest.fixture
def there(rani: User) -> dict[str, object]:
    """One of each thing that an address can name, by the name that it has there."""
    archive = factories.a_good_week(rani)[-1]
    approval = Approval.objects.create(
        kind="restore", digest="0" * 64, path="/", asked_by=rani, until=timezone.now(), archive=archive
    )
    incident = Incident.objects.create(what="Server hilang", noticed_at=timezone.now(), opened_by=rani)
    factories.with_app(rani)
    factories.sign_in(Client(), rani)
    return {
        "archive_id": archive.pk,
        "stamp": archive.pk.partition("-")[0],
        "token": download_links.make(archive, DownloadLink.What.ARCHIVE, by=rani),
        "storage": "local",
        "name": "local",
        "job_id": factories.job("restore", "failed", archive=archive).pk,
        "restore_id": factories.restore(archive).pk,
        "schedule_id": Schedule.objects.get(name="Setiap malam").pk,
        "approval_id": approval.pk,
        "incident_id": incident.pk,
        "step": "restored",
        "kind": "mail",
        "channel_id": Channel.objects.create(kind="mail", name="Jaga", language="id").pk,
        "factor_id": Authenticator.objects.filter(user=rani).earliest("pk").pk,
        "key": "none",
        "person_id": factories.mall_admin("sinta@mall.id", "Sinta").pk,
        "invitation_id": Invitation.objects.create(
            email="tamu@mall.id",
            role="admin_mall",
            mall_id=1,
            token_digest="0" * 64,
            expires_at=timezone.now(),
        ).pk,
        "visit_id": Visit.objects.filter(person=rani).latest("pk").pk,
    }


def arguments_of(route: str, there: dict[str, object]) -> tuple[object, ...]:
    (found,) = [pattern for pattern in urlpatterns if pattern.name == route]
    # A new kind of thing is added above: without one of them nothing is proven of its pages.
    return tuple(there[name] for name in found.pattern.converters)


def test_no_method_lets_anybody_in_who_is_not_of_that_role(there: dict[str, object], bima: User) -> None:
    jobs = set(Job.objects.values_list("pk", flat=True))
    closed = [route for route, rule in RULES.items() if rule.mall_admin == 403]
    for person, status in ((bima, 403), (None, TO_THE_DOOR)):
        visitor = Visitor(person)
        for route in closed:
            arguments = arguments_of(route, there)
            found = {method: visitor.ask(route, method, arguments).status_code for method in ALL}
            assert found == dict.fromkeys(ALL, status), route
    assert set(Job.objects.values_list("pk", flat=True)) == jobs


def test_what_a_mall_admin_is_refused_leaves_nothing_but_the_refusal(
    there: dict[str, object], mall_admin: Client
) -> None:
    before = AuditEvent.objects.count()
    closed = [route for route, rule in RULES.items() if rule.mall_admin == 403]
    with CaptureQueriesContext(connection) as asked_for:
        for route in closed:
            getattr(mall_admin, RULES[route].method)(reverse(route, args=arguments_of(route, there)))
    assert written(asked_for) <= {"backups_auditevent", "backups_audithead", "backups_repeat"}
    new = AuditEvent.objects.order_by("pk")[before:]
    assert {(event.action, event.outcome) for event in new} == {("denied", "refused")}


@pytest.mark.parametrize("role", ["mall_admin", "nobody"])
def test_what_is_there_and_what_is_not_look_the_same(role: str, there: dict[str, object], bima: User) -> None:
    """Status, headers and every byte; and the panel asked its database the same, so it took as long."""
    visitor = Visitor(bima if role == "mall_admin" else None)
    for route, rule in RULES.items():
        if not rule.arguments or route in {"archive-story", "badge"}:
            continue
        missing, missing_asked = told(visitor, route, rule.arguments)
        known, known_asked = told(visitor, route, arguments_of(route, there))
        assert missing == known, route
        assert missing_asked == known_asked, route


def told(visitor: Visitor, route: str, arguments: tuple[object, ...]) -> tuple[Any, int]:
    with CaptureQueriesContext(connection) as asked_for:
        answer = visitor.ask(route, RULES[route].method, arguments)
    headers = {name: value for name, value in answer.headers.items() if name not in NOT_COMPARED}
    way = re.sub(r"next=.*", "", answer.headers.get("Location", ""))
    shown = MARK.sub(r"\1", answer.content.decode()).replace(reverse(route, args=arguments), "")
    return (answer.status_code, headers, way, shown), len(asked_for)


def test_another_malls_figures_are_on_no_page(there: dict[str, object], bima: User) -> None:
    """Of each mall a number that no other has (factories.FIGURES)."""
    other = factories.mall_admin("sari@mall.id", "Sari")
    User.objects.filter(pk=other.pk).update(mall_id=2)
    other.refresh_from_db()
    own = {bima: "8.214", other: "5.120"}
    pages = [route for route, rule in RULES.items() if rule.mall_admin != 403 and rule.method == "get"]
    shown = {person: read(Visitor(person), pages, there) for person in own}
    for person, number in own.items():
        assert number in shown[person]
        assert not [figure for figure in own.values() if figure != number and figure in shown[person]]


def read(visitor: Visitor, pages: list[str], there: dict[str, object]) -> str:
    return "".join(visitor.ask(route, "get", arguments_of(route, there)).content.decode() for route in pages)


def test_looking_changes_nothing(there: dict[str, object], rani: User) -> None:
    """Only that somebody looked may be on the record, and what the panel remembers of its own looks."""
    allowed = {
        "backups_auditevent", "backups_audithead", "backups_repeat", "backups_user",
        # A link is used up, recovery codes are shown once.
        "backups_downloadlink", "mfa_authenticator", "backups_visit", "django_session",
        # Links that were never made are counted, like wrong passwords.
        "backups_signintries",
        # That a copy was not there when it was to be read, and that the storages were looked at.
        "backups_copy", "backups_storagestate",
    }  # fmt: skip
    visitor = Visitor(rani)
    for route in RULES:
        with CaptureQueriesContext(connection) as asked_for:
            visitor.ask(route, "get", arguments_of(route, there))
        assert written(asked_for) <= allowed, route


def written(asked_for: CaptureQueriesContext) -> set[str]:
    found = (
        re.match(r'(?:INSERT INTO|UPDATE|DELETE FROM) ["`](\w+)', query["sql"])
        for query in asked_for.captured_queries
    )
    return {match[1] for match in found if match}


def test_every_form_needs_its_mark(there: dict[str, object], rani: User) -> None:
    visitor = Visitor(rani, enforce_csrf_checks=True)
    for route in RULES:
        answer = visitor.ask(route, "post", arguments_of(route, there))
        assert answer.status_code == 403, route
        assert "403_csrf.html" in {template.name for template in answer.templates}, route


def test_no_other_method_does_anything(there: dict[str, object], rani: User) -> None:
    visitor = Visitor(rani)
    for route in RULES:
        for method in NEVER:
            answer = visitor.ask(route, method, arguments_of(route, there))
            assert answer.status_code in {404, 405}, (route, method)
