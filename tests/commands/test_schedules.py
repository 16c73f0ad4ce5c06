"""`manage.py schedules`: what will run by itself, for a person and for a script."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command

from backups.models import Schedule
from backups.services import schedules
from backups.services.refusals import Usage
from backups.services.timetable import Rule

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one() -> None:
    Schedule.objects.all().delete()
    schedules.add(schedules.Plan("Malam", Rule("daily"), heartbeat="https://hc-ping.com/rahasia"), by=None)


def listed(**options: str) -> dict[str, object]:
    out = StringIO()
    call_command("schedules", json=True, stdout=out, **options)
    assert "rahasia" not in out.getvalue()
    [schedule] = json.loads(out.getvalue())["schedules"]
    return dict(schedule)


def test_what_will_run() -> None:
    told = listed()
    assert (told["name"], told["paused"], told["last"]) == ("Malam", False, None)
    assert told["next"]


def test_pausing_and_going_on() -> None:
    assert (listed(pause="Malam")["paused"], listed()["next"]) == (True, None)
    assert listed(resume="Malam")["next"]


def test_a_name_that_is_none() -> None:
    with pytest.raises(Usage):
        listed(pause="Siang")
