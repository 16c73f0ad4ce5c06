"""What is asked for in the browser says from where; the language that is chosen is kept with the person."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from backups.models import AuditEvent, User
from tests.sealed import sealed_file
from tests.web import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("action", ["verify", "drill"])
def test_work_on_an_archive_says_from_where(superadmin: Client, action: str) -> None:
    made = factories.archive()
    superadmin.post(f"/archives/{made.pk}/{action}/", REMOTE_ADDR="10.20.1.14")
    assert AuditEvent.objects.get(action=f"request_{action}").address == "10.20.1.14"


def test_a_backup_and_its_cancel_say_from_where(superadmin: Client) -> None:
    job = superadmin.post("/backup/", REMOTE_ADDR="10.20.1.14").headers["Location"]
    superadmin.post(f"{job}cancel/", REMOTE_ADDR="10.20.1.15")
    assert AuditEvent.objects.get(action="request_backup").address == "10.20.1.14"
    assert AuditEvent.objects.get(action="cancel_job").address == "10.20.1.15"


def test_an_undo_says_from_where(superadmin: Client) -> None:
    restore = factories.restore(factories.archive())
    superadmin.post(f"/restore/{restore.pk}/undo/", REMOTE_ADDR="10.20.1.14")
    assert AuditEvent.objects.get(action="request_undo").address == "10.20.1.14"


def test_the_chosen_language_comes_along_to_another_machine(superadmin: Client, rani: User) -> None:
    superadmin.post("/language/", {"language": "en"})
    rani.refresh_from_db()
    assert rani.language == "en"
    superadmin.post("/language/", {"language": "tlh"})
    rani.refresh_from_db()
    assert rani.language == "en"


def test_a_download_says_how_much_was_handed_out(
    superadmin: Client, settings: Settings, tmp_path: Path
) -> None:
    made = factories.archive()
    settings.BACKUP_LOCAL_ROOT = str(tmp_path)
    sealed_file(made, tmp_path / made.copies.get().name)
    answer = factories.fetched(superadmin, made)
    # What a server does when the browser has gone; `close` would close the test's database too.
    for let_go in answer._resource_closers:
        let_go()
    event = AuditEvent.objects.get(action="download_end")
    assert (event.outcome, event.details["bytes"]) == ("failed", 0)
