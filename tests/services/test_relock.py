"""A new SECRET_KEY: nothing that the old one locked is lost, and the old one may go."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from backups.models import Channel
from backups.services import relock, secret_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel() -> Channel:
    return Channel.objects.create(
        name="Jaga", kind="slack", locked_address=secret_text.lock("slack://rahasia")
    )


def test_an_address_of_notices_outlives_the_key_that_locked_it(channel: Channel, settings: Settings) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a-new-key-for-the-same-panel-as-before"
    relock.lock_anew()
    settings.SECRET_KEY_FALLBACKS = []
    channel.refresh_from_db()
    assert secret_text.unlock(channel.locked_address) == "slack://rahasia"


def test_what_no_key_opens_is_left_as_it_is(channel: Channel, settings: Settings) -> None:
    settings.SECRET_KEY = "a-key-that-has-nothing-to-do-with-it"
    relock.lock_anew()
    assert Channel.objects.get().locked_address == channel.locked_address
