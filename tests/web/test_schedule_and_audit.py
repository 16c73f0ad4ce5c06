from __future__ import annotations

import re
from datetime import time

import pytest
from django.conf import settings
from django.test import Client

from backups.models import AuditEvent, Job, Schedule, User
from backups.services import audit
from backups.templatetags.events import ACTIONS
from tests.web import factories

pytestmark = pytest.mark.django_db

RECORDED = re.compile(r'audit\.record\(\s*"(\w+)"')


@pytest.fixture
def daily() -> Schedule:
    Schedule.objects.all().delete()
    return Schedule.objects.create(name="daily")


def test_a_new_time_is_kept_and_on_the_record(superadmin: Client, daily: Schedule, rani: User) -> None:
    answer = superadmin.post("/schedule/", {"enabled": "on", "at": "03:30"}, follow=True)
    daily.refresh_from_db()
    assert (daily.at, daily.enabled) == (time(3, 30), True)
    assert daily.next_run is not None
    assert "Tersimpan" in answer.content.decode()
    assert AuditEvent.objects.get(action="change_schedule").actor == rani


def test_switching_off_leaves_no_next_run(superadmin: Client, daily: Schedule) -> None:
    superadmin.post("/schedule/", {"at": "02:00"})
    daily.refresh_from_db()
    assert (daily.enabled, daily.next_run) == (False, None)
    assert "Nonaktif" in superadmin.get("/schedule/").content.decode()


def test_no_time_at_all_is_not_kept(superadmin: Client, daily: Schedule) -> None:
    answer = superadmin.post("/schedule/", {"enabled": "on", "at": "kapan-kapan"})
    assert answer.status_code == 200
    assert "form-error" in answer.content.decode()
    daily.refresh_from_db()
    assert daily.at == time(2, 0)


def test_the_trail_says_who_did_what(superadmin: Client, rani: User) -> None:
    factories.a_good_week(rani)
    shown = superadmin.get("/audit/").content.decode()
    for told in ("Meminta pencadangan", "Rani Wulandari", "10.20.1.99", "Ditolak", "x@y.id"):
        assert told in shown


def test_a_whole_chain_holds(superadmin: Client, rani: User) -> None:
    factories.a_good_week(rani)
    assert "Rantainya utuh: 4 catatan" in superadmin.get("/audit/?check=1").content.decode()


def test_a_changed_event_is_found(superadmin: Client, rani: User) -> None:
    factories.a_good_week(rani)
    changed = audit.record("backup", actor=rani)
    # As somebody with the file of the database in hand would.
    super(type(AuditEvent.objects.all()), AuditEvent.objects.all()).update(actor_label="orang lain")
    assert changed.pk
    assert "Rantainya putus" in superadmin.get("/audit/?check=1").content.decode()


def test_every_action_that_services_record_has_words() -> None:
    folder = settings.BASE_DIR / "backups"
    written = {name for file in folder.rglob("*.py") for name in RECORDED.findall(file.read_text())}
    asked = {f"request_{kind}" for kind in Job.Kind.values}
    assert written | asked | set(Job.Kind.values) == set(ACTIONS)
