"""Whatever a form changes is on the record: who, from where, what. A new form without a line here fails."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backups.engine.errors import BackupError, KeyUnreadable
from backups.models import Approval, AuditEvent, Job, User
from backups.services import approval_mark, jobs, lease, work
from backups.services.finished import Finished
from backups.services.refusals import Unexpected
from tests.web import factories
from tests.web.sent import ASKS_FOR, NOTHING, PLACE, SECOND, SENT, SENT_BY, undone
from tests.web.test_matrix import arguments_of, there
from tests.web.test_roles import RULES, Visitor

__all__ = ["there"]

pytestmark = pytest.mark.django_db


def test_every_form_has_a_line_here(there: dict[str, object], rani: User) -> None:
    visitor = Visitor(rani)
    taking = {
        route for route in RULES if visitor.ask(route, "post", arguments_of(route, there)).status_code != 405
    }
    listed = [*SENT, *ASKS_FOR, *SENT_BY, *NOTHING]
    assert sorted(listed) == sorted(taking)


@pytest.fixture
def ready(there: dict[str, object], rani: User, settings: Any) -> dict[str, object]:
    """Where a form wants something to be so first."""
    settings.SMTP_URL = "smtp://localhost"
    wish = Approval.objects.get(pk=there["approval_id"])
    dewi = factories.superadmin(SECOND, "Dewi")
    User.objects.filter(pk=dewi.pk).update(created_at=wish.asked_at - timedelta(days=1))
    until = timezone.now() + timedelta(hours=1)
    Approval.objects.filter(pk=wish.pk).update(**approval_mark.marked(wish, until=until))
    factories.sign_in(Client(), rani)
    return there


def test_each_form_leaves_its_event(ready: dict[str, object], rani: User) -> None:
    dewi, silent = User.objects.get(email=SECOND), {}
    for route, (sent, action) in SENT.items():
        person = dewi if route in {"approve", "approval-refuse"} else rani
        with undone() as client:
            factories.sign_in(client, person)
            before = AuditEvent.objects.count()
            address = reverse(route, args=arguments_of(route, ready))
            answer = client.post(address, sent, REMOTE_ADDR=PLACE)
            new = AuditEvent.objects.order_by("pk")[before:]
            left = {(event.action, event.actor, event.address) for event in new}
        if (action, person, PLACE) not in left:
            silent[route] = (answer.status_code, left)
    assert silent == {}


@pytest.mark.parametrize("route", SENT_BY)
def test_what_is_sent_by_a_test_of_its_own_is_looked_for_there(route: str) -> None:
    file, action = SENT_BY[route]
    assert f'"{action}"' in Path(__file__).with_name(file).read_text()


@pytest.mark.parametrize("kind", Job.Kind.values)
def test_every_job_is_on_record_when_it_is_asked_for(kind: str, rani: User) -> None:
    """By whatever form, command or clock: there is one way to ask."""
    job = jobs.request(kind, requested_by=rani, trigger="person", address=PLACE)
    event = AuditEvent.objects.get()
    told = (event.action, event.actor, event.object_id, event.address, event.outcome)
    assert told == (f"request_{kind}", rani, str(job.pk), PLACE, "ok")


@pytest.mark.parametrize("kind", Job.Kind.values)
@pytest.mark.parametrize("error", [None, KeyUnreadable(path="x", reason="y"), ZeroDivisionError()])
def test_every_job_is_on_record_however_it_ends(
    kind: str, error: Exception | None, rani: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ending(*_: Any) -> Finished:
        if error:
            raise error
        return Finished(result={}, audited={"bytes": 1})

    monkeypatch.setattr(work, "RUNNERS", dict.fromkeys(Job.Kind.values, ending))
    asked = jobs.request(kind, requested_by=rani, trigger="schedule")
    job = lease.claim(asked.pk, lease.new_worker_name())
    assert job is not None
    with suppress(BackupError) if error else nullcontext():
        work.perform(job)
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.actor, event.object_id) == (kind, rani, str(job.pk))
    assert (event.outcome, event.details) == (
        ("ok", {"bytes": 1})
        if error is None
        else ("failed", {"code": getattr(error, "code", Unexpected.code)})
    )
