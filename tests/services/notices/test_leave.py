"""Whoever takes a way to be told away is seen: by it, once more, and by the others."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from backups.models import Channel, Delivery, User
from backups.services import notices
from backups.services.notices import address, channels, deliver
from tests.services.listening import Listener
from tests.services.notices.conftest import Postbox

pytestmark = pytest.mark.django_db


def worked(channel: Channel) -> Channel:
    Channel.objects.filter(pk=channel.pk).update(last_sent_at=timezone.now())
    return Channel.objects.get(pk=channel.pk)


def told_to(channel: Channel) -> list[str]:
    cache.clear()
    notices.gather()
    return [delivery.notice.kind for delivery in Delivery.objects.filter(channel=channel)]


def test_what_is_removed_hears_of_it_and_so_do_the_others(
    by_mail: Channel, by_hook: Channel, listener: Listener, postbox: Postbox, rani: User
) -> None:
    channels.remove(worked(by_hook), by=rani)
    assert '"kinds": ["channel_gone"]' in listener.heard[-1][1]
    assert not postbox.letters
    assert told_to(by_mail) == ["channel_changed"]


@pytest.mark.parametrize("how", ["switched off", "led elsewhere"])
def test_what_is_silenced_another_way_hears_of_it_too(
    how: str, by_mail: Channel, by_hook: Channel, postbox: Postbox, rani: User
) -> None:
    channel, found = worked(by_mail), None
    if how == "switched off":
        channel.enabled = False
    else:
        found = address.mail("pencuri@example.com")
    channels.save(channel, address=found, by=rani)
    (letter,) = postbox.letters
    assert "rani@qparkin.id" in str(letter["To"])
    assert told_to(by_hook) == ["channel_changed"]


def test_a_change_that_silences_nobody_is_no_news(
    by_mail: Channel, by_hook: Channel, postbox: Postbox, rani: User
) -> None:
    channel = worked(by_mail)
    channel.name = "Grup jaga"
    channels.save(channel, address=address.mail("rani@qparkin.id"), by=rani)
    assert not postbox.letters
    assert told_to(by_hook) == []


def test_what_never_worked_is_not_waited_for(by_mail: Channel, postbox: Postbox, rani: User) -> None:
    channels.remove(by_mail, by=rani)
    assert not postbox.letters
    assert not Channel.objects.filter(pk=by_mail.pk)


def test_quiet_hours_around_the_clock_do_not_keep_it_from_the_others(
    by_mail: Channel, by_hook: Channel, listener: Listener, rani: User
) -> None:
    Channel.objects.filter(pk=by_hook.pk).update(
        quiet_from=time(0), quiet_until=time(23, 59), urgent_rings=False
    )
    channels.remove(worked(by_mail), by=rani)
    told_to(by_hook)
    noon = timezone.localtime().replace(hour=12)
    assert deliver.send_due(noon + timedelta(days=1))
    assert "channel_changed" in listener.heard[-1][1]
