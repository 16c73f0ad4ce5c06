"""The cookie of a superadmin and the source at hand: each form filled in whole, as its owner would.

`test_on_record` sends the very same forms with a fresh factor, and each does what it says; without one, what
gives data out or touches keys, people, retention, schedules or where notices go asks who is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backups.models import (
    Approval,
    AuditEvent,
    Channel,
    DownloadLink,
    Invitation,
    KeyEvent,
    Restore,
    RetentionPolicy,
    Schedule,
    User,
)
from backups.models.job import Kind
from backups.views.step_up import WHEN
from tests.security.test_stolen_session import MAY_ASK
from tests.web import factories
from tests.web.sent import ALSO_SENT, SECOND, SENT, undone
from tests.web.test_matrix import arguments_of, there
from tests.web.test_on_record import ready

__all__ = ["ready", "there"]

pytestmark = pytest.mark.django_db

FORMS: Mapping[str, Mapping[str, Any]] = {
    **{route: sent for route, (sent, _) in SENT.items()},
    **ALSO_SENT,
    # The cookie knows no password.
    "own-password": {**SENT["own-password"][0], "old": "tebakan-orang-lain"},
    "step-up": {"password": "tebakan-orang-lain", "code": "123456"},
}
# What it is all about: who may come in, what is kept and for how long, who hears of it, what was agreed to.
MATTERS: tuple[type[Model], ...] = (
    Authenticator, Invitation, DownloadLink, KeyEvent, RetentionPolicy, Schedule, Approval, Restore,
)  # fmt: skip
HARMFUL = {Kind.RESTORE, Kind.UNDO, Kind.PRUNE, Kind.INSPECT, Kind.ADOPT}
# One's own backup is called off at a press; a restore is not, and it is one here.
OF_A_RESTORE = {"job-cancel"}
# The thief holds the cookie of whoever may decide about it.
OF_THE_OTHER = {"approve", "approval-refuse", "approval-noted"}


def what_matters() -> list[list[tuple[Any, ...]]]:
    people = User.objects.values_list("pk", "email", "password", "role", "mall_id", "is_active")
    # Somebody's own notices go to their own address, whatever is chosen there.
    channels = Channel.objects.filter(person=None).values_list()
    rows = [model._base_manager.values_list().order_by("pk") for model in MATTERS]
    return [list(found) for found in (people.order_by("pk"), channels.order_by("pk"), *rows)]


def test_whole_forms_change_nothing_that_matters_without_a_fresh_factor(
    ready: dict[str, object], rani: User
) -> None:
    dewi = User.objects.get(email=SECOND)
    went_through: dict[str, object] = {}
    for route, sent in FORMS.items():
        with undone() as client:
            _steal(client, dewi if route in OF_THE_OTHER else rani)
            before = what_matters(), AuditEvent.objects.count()
            answer = client.post(reverse(route, args=arguments_of(route, ready)), sent)
            asked = answer.headers.get("Location", "").startswith("/still-you/")
            done = {event.action for event in AuditEvent.objects.order_by("pk")[before[1] :]}
            changed = what_matters() != before[0]
        harm = done & {f"request_{kind}" for kind in HARMFUL}
        if changed or harm or asked is (route in MAY_ASK - OF_A_RESTORE) or (asked and done):
            went_through[route] = (answer.status_code, asked, changed, done)
    assert went_through == {}


def _steal(client: Client, person: User) -> None:
    """Of a browser in which the second factor was given this morning."""
    factories.sign_in(client, person)
    session = client.session
    session[WHEN] = (timezone.now() - timedelta(hours=2)).timestamp()
    session.save()


def test_the_owner_is_asked_nothing_more_while_it_is_fresh(ready: dict[str, object], rani: User) -> None:
    """Else the test above would prove no more than that everybody is asked."""
    asked_too = []
    for route in set(FORMS) - MAY_ASK:
        with undone() as client:
            factories.sign_in(client, rani)
            answer = client.post(reverse(route, args=arguments_of(route, ready)), FORMS[route])
        if answer.headers.get("Location", "").startswith("/still-you/"):
            asked_too.append(route)
    assert asked_too == []
