"""Giving up the way back, and going on without a safety backup: each only by whoever says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from backups.models import AuditEvent, Job, Restore
from tests.web import factories

pytestmark = pytest.mark.django_db


def test_the_way_back_is_not_given_up_without_the_tick(superadmin: Client) -> None:
    restore = factories.restore(factories.archive())
    assert superadmin.post(f"/restore/{restore.pk}/let-go/").status_code == 422
    assert Restore.objects.get(pk=restore.pk).can_undo


def test_the_way_back_is_given_up_with_the_tick_and_on_record(superadmin: Client) -> None:
    restore = factories.restore(factories.archive())
    superadmin.post(f"/restore/{restore.pk}/let-go/", {"sure": "on"})
    assert not Restore.objects.get(pk=restore.pk).can_undo
    assert AuditEvent.objects.filter(action="close_undo_window").count() == 1


def test_the_way_back_is_not_given_up_twice(superadmin: Client) -> None:
    restore = factories.restore(factories.archive(), undo_until=timezone.now() - timedelta(minutes=1))
    assert superadmin.post(f"/restore/{restore.pk}/let-go/", {"sure": "on"}).status_code == 409
    assert not AuditEvent.objects.filter(action="close_undo_window").exists()


@pytest.mark.parametrize("code", ["storage_full", "proof_failed"])
def test_what_did_not_stop_at_its_safety_backup_is_not_done_without_one(
    superadmin: Client, code: str
) -> None:
    failed = factories.job("restore", "failed", archive=factories.archive(), error_code=code)
    assert superadmin.post(f"/jobs/{failed.pk}/without-safety/").status_code == 409
    assert Job.objects.filter(kind="restore").count() == 1


def test_what_stopped_at_its_safety_backup_goes_on_without_one_and_once(superadmin: Client) -> None:
    options = {"scope": "database", "target": None, "tables": ["mall"], "safety_backup": True}
    failed = factories.job(
        "restore", "failed", archive=factories.archive(), error_code="safety_backup_failed", options=options
    )
    for _ in range(2):
        superadmin.post(f"/jobs/{failed.pk}/without-safety/")
    again = Job.objects.filter(kind="restore").exclude(pk=failed.pk).get()
    assert again.options == {**options, "safety_backup": False}
