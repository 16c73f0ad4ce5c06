"""The lost phone: its owner's factors and sessions go, and everybody hears of it."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from backups.models import AuditEvent, Channel, Delivery, Notice
from backups.services import audit, notices
from backups.services.notices.tidings import tidings
from backups.services.notices.wording import sentence
from backups.services.people_refusals import PersonUnknown
from backups.services.second_factor.reset import reset
from tests.web import factories

pytestmark = pytest.mark.django_db


def test_factors_and_sessions_of_that_person_go_and_of_nobody_else(settings: Settings) -> None:
    settings.REQUIRE_MFA = True
    rani, siti = factories.superadmin(), factories.superadmin("siti@qparkin.id", "Siti")
    browsers = {}
    for person in (rani, siti):
        factories.with_app(person)
        browsers[person.email] = Client()
        factories.sign_in(browsers[person.email], person)
    assert reset(" RANI@qparkin.id") == (2, 1)
    assert set(Authenticator.objects.values_list("user__email", flat=True)) == {siti.email}
    assert browsers[rani.email].get("/audit/").headers["Location"].startswith("/sign-in/")
    assert browsers[siti.email].get("/audit/").status_code == 200
    event = AuditEvent.objects.get(action="reset_mfa")
    assert (event.actor, event.details["email"], event.details["sessions"]) == (None, rani.email, 1)
    # The password alone opens nothing but the set-up.
    again = Client()
    again.post("/sign-in/", {"username": rani.email, "password": factories.PASSWORD})
    assert again.get("/audit/").headers["Location"].startswith("/me/second-factor/")


def test_every_channel_hears_of_it_also_those_that_want_little() -> None:
    rani = factories.superadmin()
    Channel.objects.create(name="Jaga", kind="mail", locked_address="x", language="id", urgent_only=True)
    reset(rani.email)
    notices.write_down(tidings(timezone.now() + timedelta(seconds=1)))
    notice = Notice.objects.get(kind="mfa_reset")
    assert (notice.urgency, notice.params) == ("urgent", {"who": rani.email})
    assert rani.email in sentence(notice)
    assert Delivery.objects.filter(notice=notice).count() == 1


def test_a_change_by_the_person_is_told_too() -> None:
    factories.with_app(factories.superadmin())
    notices.write_down(tidings(timezone.now()))
    assert Notice.objects.get().kind == "factor_changed"


def test_right_passwords_with_wrong_codes_are_told_once_a_day() -> None:
    rani = factories.superadmin()
    for times in range(1, 8):
        told = {"email": rani.email}
        audit.record("second_step", actor=None, outcome="refused", details=told)
        notices.write_down(tidings(timezone.now()))
        assert Notice.objects.filter(kind="codes_guessed").count() == (times >= 5)


def test_the_command_says_what_is_gone() -> None:
    factories.with_app(factories.superadmin())
    told = StringIO()
    call_command("reset_mfa", "rani@qparkin.id", stdout=told)
    assert "2 second factors taken away, 0 sessions ended" in told.getvalue()
    with pytest.raises(PersonUnknown):
        reset("siapa@qparkin.id")
