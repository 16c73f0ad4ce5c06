"""Whoever may write the control database, but has no SECRET_KEY: their hand is no second person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from backups.models import Approval, AuditEvent, Job, Restore, User
from backups.models.approval import State
from backups.services import approval_mark, approvals
from backups.services.unapproved import SecondPersonMissing
from tests.web import factories
from tests.web.sent import undone
from tests.web.test_approvals import (
    _no_queue,
    _on,
    agreed,
    asked,
    dewi,
    page,
    restore,
    second,
    undo,
    wish,
)

__all__ = ["_no_queue", "_on", "agreed", "asked", "dewi", "restore", "second"]

pytestmark = pytest.mark.django_db

# Of no matter to what is done: the note of whoever looked later, why it was refused, what lies locked.
FREE = {"noted_by_id", "noted_at", "reason", "locked_sent", "mark"}
FIELDS = sorted(set(approval_mark.BOUND) - {"id", "state"})


def forged(field: str, approval: Approval) -> Any:
    """Something else that the column takes."""
    if field == "job_id":
        return factories.job("backup", "done").pk
    if field == "archive_id":
        return factories.archive().pk
    if field in {"asked_by_id", "decided_by_id"}:
        return factories.superadmin("rangga@qparkin.id", "Rangga").pk
    now = getattr(approval, field)
    if field.endswith("_at") or field == "until":
        # Later by one second only, and still in time.
        return (now or timezone.now() - timedelta(minutes=1)) + timedelta(seconds=1)
    return (
        {"safety_backup": False}
        if field == "about"
        else ("0" * 64)[: Approval._meta.get_field(field).max_length]
    )


def test_every_column_is_bound_or_known_to_be_free() -> None:
    assert set(approval_mark.BOUND) | FREE == {field.attname for field in Approval._meta.concrete_fields}


def test_a_wish_that_was_changed_is_agreed_to_by_nobody(second: Client, asked: Approval) -> None:
    for field in FIELDS:
        with undone():
            Approval.objects.filter(pk=asked.pk).update(**{field: forged(field, asked)})
            assert second.post(page(asked, "approve/")).status_code == 409, field
            assert wish().state == State.WANTED, field


def test_what_was_agreed_to_and_changed_is_not_asked_for(
    superadmin: Client, agreed: Approval, restore: Restore
) -> None:
    for field in FIELDS:
        with undone():
            Approval.objects.filter(pk=agreed.pk).update(**{field: forged(field, agreed)})
            undo(superadmin, restore)
            assert not Job.objects.filter(kind="undo").exists(), field


def test_what_was_asked_for_and_changed_is_not_begun(
    superadmin: Client, agreed: Approval, restore: Restore
) -> None:
    undo(superadmin, restore)
    job, used = Job.objects.get(kind="undo"), wish()
    for field in FIELDS:
        with undone():
            Approval.objects.filter(pk=used.pk).update(**{field: forged(field, used)})
            with pytest.raises(SecondPersonMissing):
                approvals.confirm(job)
    approvals.confirm(job)


def test_a_no_becomes_no_yes(superadmin: Client, dewi: User, asked: Approval, restore: Restore) -> None:
    now = timezone.now()
    for said in (
        {"state": State.APPROVED, "decided_by": dewi, "decided_at": now},
        {"state": State.ALONE, "alone_at": now, "alone_reason": "x"},
    ):
        Approval.objects.filter(pk=asked.pk).update(**said)
        undo(superadmin, restore)
    assert not Job.objects.filter(kind="undo").exists()


def test_the_mark_of_one_is_worth_nothing_on_another(
    superadmin: Client, agreed: Approval, restore: Restore
) -> None:
    mark = agreed.mark
    undo(superadmin, restore)
    Job.objects.update(state="failed")
    agreed.pk, agreed.mark = uuid4(), mark
    agreed.save(force_insert=True)
    undo(superadmin, restore)
    assert Job.objects.filter(kind="undo").count() == 1


def test_a_used_one_that_is_put_back_whole_is_used_up_all_the_same(
    superadmin: Client, agreed: Approval, restore: Restore
) -> None:
    undo(superadmin, restore)
    Job.objects.update(state="failed")
    agreed.save()
    assert approval_mark.holds(wish())
    undo(superadmin, restore)
    assert Job.objects.filter(kind="undo").count() == 1


def test_a_job_that_is_put_back_days_later_is_not_begun(
    superadmin: Client, agreed: Approval, restore: Restore
) -> None:
    undo(superadmin, restore)
    with (
        time_machine.travel(timezone.now() + timedelta(hours=13)),
        pytest.raises(SecondPersonMissing, match="too long"),
    ):
        approvals.confirm(Job.objects.get(kind="undo"))


def test_a_new_secret_key_takes_nothing_back_while_the_old_one_is_kept(
    superadmin: Client, agreed: Approval, restore: Restore, settings: Any
) -> None:
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = (
        [settings.SECRET_KEY],
        "sebuah-kunci-yang-lain-sama-sekali",
    )
    assert approval_mark.holds(agreed)
    settings.SECRET_KEY_FALLBACKS = []
    assert not approval_mark.holds(agreed)


def test_what_was_altered_is_asked_for_anew(
    superadmin: Client, second: Client, asked: Approval, restore: Restore
) -> None:
    """An attacker's line in the table bars nobody from asking properly."""
    Approval.objects.filter(pk=asked.pk).update(about={})
    undo(superadmin, restore)
    anew = Approval.objects.exclude(pk=asked.pk).get()
    second.post(page(anew, "approve/"))
    undo(superadmin, restore)
    approvals.confirm(Job.objects.get(kind="undo"))
    assert AuditEvent.objects.filter(action="use_approval").count() == 1
