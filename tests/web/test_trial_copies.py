"""What a first step left beside QParkIn: the pages say whether it is there, and one removes it."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.db import DatabaseError
from django.test import Client

from backups.models import AuditEvent, Restore, User
from backups.services import trial_copies
from backups.views.certainty import WHEN
from tests.scratch import ScratchDatabase
from tests.web import factories
from tests.web.protected import protect

pytestmark = pytest.mark.django_db
APART = {"state": "elsewhere", "before_schema": "", "undo_until": None, "swap_ms": None}


@pytest.fixture
def copy(database: ScratchDatabase, settings: Any) -> Restore:
    protect(database, settings)
    name = f"{database.name}__look_20261123_134000"
    database.run(f"CREATE DATABASE `{name}`", f"CREATE TABLE `{name}`.booking (id INT)")
    return factories.restore(factories.archive(), target=name, **APART)


def read(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_it_is_removed_from_its_page_and_on_record(superadmin: Client, copy: Restore, rani: User) -> None:
    address = f"/restore/{copy.pk}/drop-copy/"
    assert address in read(superadmin, f"/restore/{copy.pk}/")
    assert copy.target in read(superadmin, address)
    assert Restore.objects.filter(pk=copy.pk).exists()
    superadmin.post(address)
    assert AuditEvent.objects.get(action="drop_trial_copy").actor == rani
    page = read(superadmin, f"/restore/{copy.pk}/")
    assert "sudah tidak ada" in page
    assert "Data sudah dipulihkan ke database baru" not in page
    assert address not in page


def test_the_restore_after_it_names_it_while_it_is_there(superadmin: Client, copy: Restore) -> None:
    after = factories.restore(copy.archive)
    assert copy.target in read(superadmin, f"/restore/{after.pk}/")
    superadmin.post(f"/restore/{copy.pk}/drop-copy/")
    assert copy.target not in read(superadmin, f"/restore/{after.pk}/")


def test_what_went_live_is_not_removed(superadmin: Client) -> None:
    live = factories.restore(factories.archive())
    assert "btn-danger" not in read(superadmin, f"/restore/{live.pk}/drop-copy/")
    assert superadmin.post(f"/restore/{live.pk}/drop-copy/").status_code == 409
    assert not AuditEvent.objects.filter(action="drop_trial_copy").exists()


def test_somebody_who_signed_in_long_ago_is_asked_again(superadmin: Client, copy: Restore) -> None:
    session = superadmin.session
    session[WHEN] = 0
    session.save()
    answer = superadmin.post(f"/restore/{copy.pk}/drop-copy/")
    assert answer["Location"].startswith("/still-you/")
    assert not AuditEvent.objects.filter(action="drop_trial_copy").exists()


def test_what_cannot_be_written_down_is_not_done(superadmin: Client, copy: Restore, rani: User) -> None:
    broken = patch("backups.services.audit.record", side_effect=DatabaseError)
    with broken, pytest.raises(DatabaseError):
        trial_copies.drop(copy, by=rani)
    assert not trial_copies.gone([copy])
