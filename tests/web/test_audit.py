from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client

from backups.models import Job, User
from backups.services import audit
from backups.templatetags.events import ACTIONS
from tests.tampering import by_hand
from tests.web import factories

pytestmark = pytest.mark.django_db

RECORDS = re.compile(r"audit\.record\(\s*action\b")
NAMED = re.compile(r'"([a-z]+(?:_[a-z]+)+)"')
RECORDED = re.compile(r'(?:audit\.record|repeats\.note)\(\s*"(\w+)"')


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
    by_hand("UPDATE backups_auditevent SET actor_label = 'orang lain'")
    assert changed.pk
    assert "Rantainya putus" in superadmin.get("/audit/?check=1").content.decode()


def test_every_action_that_services_record_has_words() -> None:
    sources = [file.read_text() for file in (settings.BASE_DIR / "backups").rglob("*.py")]
    written = {name for source in sources for name in RECORDED.findall(source)}
    # What is handed on to a function that records it stands somewhere by its name.
    handed_on = {name for source in sources if RECORDS.search(source) for name in NAMED.findall(source)}
    asked = {f"request_{kind}" for kind in Job.Kind.values} | set(Job.Kind.values)
    assert written <= set(ACTIONS)
    assert set(ACTIONS) <= written | handed_on | asked
