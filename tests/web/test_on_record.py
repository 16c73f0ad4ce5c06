"""Whatever a form changes is on the record: who, from where, what. A new form without a line here fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backups.engine.errors import BackupError, KeyUnreadable
from backups.models import Approval, AuditEvent, Job, User
from backups.services import jobs, lease, work
from backups.services.finished import Finished
from backups.services.refusals import Unexpected
from tests.web import factories
from tests.web.test_matrix import arguments_of, there
from tests.web.test_roles import RULES, Visitor

__all__ = ["there"]

pytestmark = pytest.mark.django_db

PLACE = "10.20.30.40"
TOMORROW = (timezone.localdate() + timedelta(days=1)).isoformat()
NIGHT = {"name": "Malam lain", "every": "daily", "at": "02:40", "content": "everything"}
SECOND = "dewi@qparkin.id"
MAIL = {"name": "Jaga malam", "recipients": "jaga@qparkin.id", "language": "id", "enabled": "on"}
GUEST = {"email": "baru@mall.id", "name": "Baru", "role": "admin_mall", "mall": "2", "language": "id"}
ME = {"name": "Rani", "language": "en", "theme": "dark", "time_zone": "Asia/Jayapura"}
NEW = "Tiga-kata-yang-panjang-7"
POLICY = {"storage": "local", "all_days": 2, "daily": 0, "weekly": 0, "monthly": 0, "yearly": 0, "max_gb": ""}
NOW = timezone.localtime().strftime("%Y-%m-%dT%H:%M")

# What is sent, and the event that must follow.
SENT: dict[str, tuple[Mapping[str, Any], str]] = {
    "sign-out": ({}, "sign_out"),
    "step-up": ({"password": factories.PASSWORD}, "step_up"),
    "factor-remove": ({}, "remove_factor"),
    "recovery-codes-new": ({}, "new_codes"),
    "backup": ({}, "request_backup"),
    "backup-new": ({"content": "everything", "keep_days": "0"}, "request_backup"),
    "verify": ({}, "request_verify"),
    "drill": ({}, "request_drill"),
    "download": ({}, "download_link"),
    "export": ({}, "download_link"),
    "copy-check": ({}, "request_verify"),
    "copy-make": ({}, "request_copy"),
    "anomaly-seen": ({}, "anomaly_seen"),
    "pin": ({"until": TOMORROW, "reason": "Sengketa"}, "pin_archive"),
    "unpin": ({}, "unpin_archive"),
    "job-cancel": ({}, "cancel_job"),
    "undo": ({}, "request_undo"),
    "let-go": ({"sure": "on"}, "close_undo_window"),
    "schedule-new": (NIGHT, "add_schedule"),
    "schedule": (NIGHT, "change_schedule"),
    "schedule-switch": ({"pause": ""}, "pause_schedule"),
    "schedule-run": ({}, "request_backup"),
    "schedule-delete": ({}, "delete_schedule"),
    "retention-save": (POLICY, "change_retention"),
    "storage-test": ({}, "test_storage"),
    "approve": ({}, "approve"),
    "approval-refuse": ({"reason": "Belum perlu"}, "refuse_approval"),
    "approval-withdraw": ({}, "withdraw_approval"),
    "audit-export": ({"format": "csv"}, "export_audit"),
    "channel-new": (MAIL, "add_channel"),
    "channel": (MAIL, "change_channel"),
    "channel-test": ({}, "test_channel"),
    "channel-delete": ({}, "remove_channel"),
    "invite": (GUEST, "invite_person"),
    "invited": ({"revoke": "1"}, "revoke_invitation"),
    "person": ({"do": "switch-off"}, "switch_off_person"),
    "me": (ME, "change_profile"),
    "own-notices": ({"unsafe": "on"}, "change_own_notices"),
    "own-password": ({"old": factories.PASSWORD, "password": NEW, "again": NEW}, "change_password"),
    "sessions-end": ({}, "end_sessions"),
    "session-end": ({}, "end_session"),
    "incident-new": ({"what": "Server hilang", "noticed_at": NOW}, "open_incident"),
    "incident-step": ({"state": "done"}, "incident_step"),
    "incident-note": ({"text": "Ditelepon", "at": NOW}, "incident_note"),
    "incident-facts": ({"how": "Dicuri"}, "incident_facts"),
    "incident-malls": ({"on": "on", "do": "Tunggu"}, "incident_malls"),
    "incident-close": ({"lessons": "Simpan di kantor"}, "close_incident"),
}

# Whose event is that of the job which they ask for.
ASKS_FOR = {
    "restore-check": "restore",
    "restore-again": "restore",
    "elsewhere": "inspect",
    "elsewhere-adopt": "adopt",
}
# What needs a browser, a key or an alarm first: the test that sends it, and the event that it looks for.
SENT_BY: dict[str, tuple[str, str]] = {
    "sign-in": ("test_door.py", "sign_in"),
    "second-step": ("test_second_factor.py", "sign_in"),
    "passkey-sign-in": ("test_passkey.py", "sign_in"),
    "factor-app": ("test_second_factor.py", "add_factor"),
    "passkey-new": ("test_second_factor.py", "add_factor"),
    "passkey": ("test_passkey.py", "rename_factor"),
    "storage-lost": ("test_storages.py", "storage_seen"),
    "break-glass": ("test_approvals.py", "break_glass"),
    "approval-noted": ("test_approvals.py", "note_break_glass"),
    "invitation": ("test_people.py", "accept_invitation"),
}
NOTHING = {
    "language": "a cookie, and how the panel speaks to its reader",
    "theme": "a cookie",
    "schedule-preview": "shows what is being chosen, and keeps nothing",
    "storages-look": "reads the lists of the storages",
}


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
    wish.until = timezone.now() + timedelta(hours=1)
    wish.save()
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


@contextmanager
def undone() -> Iterator[Client]:
    with transaction.atomic():
        yield Client()
        transaction.set_rollback(True)


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
