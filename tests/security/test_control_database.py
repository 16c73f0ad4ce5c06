"""Whoever reads the panel's own database, or an old copy of it, can do nothing with what stands there."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client

from backups.models import User
from tests.security.lived_in import CHANNEL, ask, live_in, session_of
from tests.web.factories import PASSWORD

pytestmark = pytest.mark.django_db


def everything() -> str:
    """Each value of each row, as the reader of a stolen copy has it."""
    tables = [model._base_manager.values_list() for model in apps.get_models(include_auto_created=True)]
    return "\n".join(repr(list(rows)) for rows in tables)


def test_a_session_of_the_table_opens_nothing(superadmin: Client) -> None:
    for session in Session.objects.all():
        assert ask(session.session_key, "get", "/").status_code == 302
    assert session_of(superadmin) not in everything()
    assert superadmin.get("/").status_code == 200


def test_a_session_that_was_ended_is_gone_from_the_table(superadmin: Client) -> None:
    assert Session.objects.count() == 1
    superadmin.post("/sign-out/")
    assert not Session.objects.exists()


def test_no_password_and_no_address_of_a_channel_or_heartbeat_can_be_read(rani: User) -> None:
    live_in(rani)
    told = everything()
    assert CHANNEL not in told
    assert "rahasia-saluran" not in told
    assert "hc-ping.com/4f1c9a0d" not in told
    assert PASSWORD not in told
    assert re.search(r"argon2\$argon2id\$", told)
