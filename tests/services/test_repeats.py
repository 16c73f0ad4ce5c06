"""What anybody may cause without end: told at once, counted, and told again with its number."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from backups.models import AuditEvent, Repeat, User
from backups.services import audit, audit_origin, repeats
from tests.web import factories

pytestmark = pytest.mark.django_db

NIGHT = timezone.now()


def refused(address: str = "10.0.0.1", actor: User | None = None, **details: Any) -> None:
    with audit_origin.coming_from(address):
        repeats.note("denied", actor=actor, outcome="refused", details={"why": "csrf", **details})


def told() -> list[tuple[str, str, Any]]:
    events = AuditEvent.objects.order_by("pk")
    return [(event.address, event.outcome, event.details.get("times")) for event in events]


def test_the_first_is_told_at_once_and_the_others_with_their_number() -> None:
    for _ in range(50):
        refused()
    assert told() == [("10.0.0.1", "refused", None)]
    repeats.close_windows(timezone.now())
    assert len(told()) == 1
    repeats.close_windows(timezone.now() + repeats.WINDOW)
    assert told()[1:] == [("10.0.0.1", "refused", 49)]
    assert not Repeat.objects.exists()
    assert audit.verify_chain().holds


def test_a_single_one_is_told_once() -> None:
    refused()
    repeats.close_windows(timezone.now() + repeats.WINDOW)
    assert len(told()) == 1


def test_person_place_and_page_are_told_apart() -> None:
    rani = factories.superadmin()
    for _ in range(3):
        refused()
        refused("10.0.0.2")
        refused(actor=rani)
        refused(route="audit")
    assert len(told()) == 4


def test_after_its_window_the_next_one_is_told_again_even_when_no_clock_ran() -> None:
    refused()
    refused()
    with time_machine.travel(timezone.now() + repeats.WINDOW + timedelta(seconds=1)):
        refused()
    assert [times for _, _, times in told()] == [None, 1, None]


def test_strangers_with_many_addresses_do_not_fill_the_record() -> None:
    for number in range(repeats.MOST_STRANGERS + 40):
        refused(f"2001:db8::{number:x}")
    assert len(told()) == repeats.MOST_STRANGERS + 1
    assert AuditEvent.objects.latest("pk").details == {"many": True}
    # Nor do they hide what somebody does who is signed in.
    refused(actor=factories.superadmin())
    assert len(told()) == repeats.MOST_STRANGERS + 2


def test_a_clock_that_ran_ahead_leaves_no_window_open_for_ever() -> None:
    with time_machine.travel(timezone.now() + timedelta(days=900)):
        refused()
        refused()
    repeats.close_windows(timezone.now())
    assert [times for _, _, times in told()] == [None, 1]
