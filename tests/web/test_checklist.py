"""The steps of setting up: each turns green by what is so, and the list goes when all are done."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as panel
from django.test import Client
from django.utils import timezone

from backups.checklist import steps
from backups.models import Archive, Channel, Copy, KeyEvent, Schedule
from backups.services import audit
from qparkin_backup.storages import Folder
from tests.web import factories

pytestmark = pytest.mark.django_db


def done() -> set[str]:
    return {step.name for step in steps(panel.QPARKIN_DB_DATABASE) if step.done}


def copy_of(archive: Archive, state: str = "whole") -> Copy:
    return Copy.objects.create(
        archive=archive, storage="nas", name="a.zip", location="/srv/nas/a.zip", state=state,
        checked_at=timezone.now(),
    )  # fmt: skip


def event(what: str, fingerprint: str) -> KeyEvent:
    return KeyEvent.objects.create(what=what, kind="recovery", fingerprint=fingerprint)


def test_a_new_panel_has_nothing_but_its_schedule(superadmin: Client) -> None:
    Schedule.objects.all().delete()
    assert done() == set()
    shown = superadmin.get("/").content.decode()
    for address in ("/backup/new/", "/schedules/", "/archives/", "/storages/", "/notices/"):
        assert f'href="{address}"' in shown
    # No browser hands out keys: what to type stands there instead.
    assert '<a href="/keys/">' in shown


def test_each_step_is_done_by_what_is_so(settings: Any) -> None:
    Schedule.objects.all().delete()
    archive = factories.archive()
    assert done() == {"backup"}
    factories.proof(archive, proven=False)
    assert done() == {"backup"}
    factories.proof(archive)
    assert done() == {"backup", "proof"}
    Schedule.objects.create(name="malam", enabled=False)
    channel = Channel.objects.create(name="Jaga", kind="mail", locked_address="x", enabled=False)
    assert done() == {"backup", "proof"}
    Schedule.objects.update(enabled=True)
    Channel.objects.filter(pk=channel.pk).update(enabled=True)
    settings.BACKUP_STORAGES = (*settings.BACKUP_STORAGES, Folder("nas", "/srv/nas"))
    assert "elsewhere" not in done()
    on_its_way = copy_of(archive, state="pending")
    assert "elsewhere" not in done()
    Copy.objects.filter(pk=on_its_way.pk).update(state="whole")
    assert done() == {"backup", "proof", "schedule", "notices", "elsewhere"}
    audit.record("recovery_kit", actor=None)
    assert done() == {"backup", "proof", "schedule", "notices", "elsewhere", "kit"}
    event("kit", "aaaa")
    assert "tried" not in done()
    event("proved", "aaaa")
    assert "tried" in done()
    event("replaced", "aaaa")
    event("made", "bbbb")
    # Of the key of now nobody knows it yet.
    assert not done() & {"kit", "tried"}
    event("kit", "bbbb")
    event("proved", "bbbb")
    assert {"kit", "tried"} <= done()


def test_a_damaged_backup_is_none() -> None:
    factories.archive(state="damaged")
    assert "backup" not in done()


def test_when_all_is_in_place_the_list_goes(superadmin: Client, settings: Any) -> None:
    assert "Penyiapan" in superadmin.get("/").content.decode()
    archive = factories.archive()
    factories.proof(archive)
    copy_of(archive)
    Schedule.objects.update_or_create(name="malam", defaults={"enabled": True})
    Channel.objects.create(name="Jaga", kind="mail", locked_address="x")
    settings.BACKUP_STORAGES = (*settings.BACKUP_STORAGES, Folder("nas", "/srv/nas"))
    event("kit", "aaaa")
    assert "Penyiapan" in superadmin.get("/").content.decode()
    event("proved", "aaaa")
    assert "Penyiapan" not in superadmin.get("/").content.decode()


def test_a_mall_admin_sets_nothing_up(mall_admin: Client) -> None:
    assert "Penyiapan" not in mall_admin.get("/").content.decode()
