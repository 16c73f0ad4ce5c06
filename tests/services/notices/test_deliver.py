"""Notices on their way: to a real mail server and a real webhook, once each, again when they failed."""

from __future__ import annotations

import json
import logging
from datetime import datetime, time, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from backups.models import Channel, Delivery, Job, Notice, User
from backups.services import audit, notices
from backups.services.notices import address, channels, deliver
from backups.services.notices.tidings import Tiding, tidings
from tests.services.listening import SECRET, Listener
from tests.services.notices.conftest import Postbox
from tests.web import factories

pytestmark = pytest.mark.django_db

FAILED = Tiding("backup_failed", "job 1 failed", "/jobs/1/", {"failures": 3})
LATE = Tiding("backup_late", "slot 1 late", "/schedules/", {"name": "Setiap malam"})
SOON = timedelta(seconds=30)


def later(after: timedelta = SOON) -> datetime:
    return timezone.now() + after


def text(box: Postbox) -> str:
    part = box.letters[-1].get_body()  # type: ignore[attr-defined]
    return str(part.get_content())


def test_what_happens_together_comes_in_one_letter(
    by_mail: Channel, postbox: Postbox, settings: Settings
) -> None:
    settings.PANEL_URL = "https://backup.qparkin.id/"
    notices.write_down([FAILED, LATE])
    assert deliver.send_due(later()) == 1
    (letter,) = postbox.letters
    assert "rani@qparkin.id" in str(letter["To"])
    assert "cadangan@qparkin.id" in str(letter["From"])
    assert letter["Subject"] == "QParkIn Backup: perlu perhatian"
    told = text(postbox)
    assert "3 kegagalan sejak" in told
    assert "https://backup.qparkin.id/jobs/1/" in told
    assert "“Setiap malam”" in told
    assert {delivery.state for delivery in Delivery.objects.all()} == {"sent"}


def test_each_of_several_people_gets_a_letter(by_mail: Channel, postbox: Postbox) -> None:
    both = address.mail("rani@qparkin.id, jaga@qparkin.id")
    channels.save(by_mail, address=both, by=User.objects.get())
    notices.write_down([FAILED])
    deliver.send_due(later())
    assert sorted(str(letter["To"]) for letter in postbox.letters) == ["jaga@qparkin.id", "rani@qparkin.id"]


def test_a_mail_server_that_changed_in_the_settings_is_the_one_that_is_used(
    by_mail: Channel, postbox: Postbox, settings: Settings
) -> None:
    there, settings.SMTP_URL = settings.SMTP_URL, "smtp://127.0.0.1:9"
    assert not deliver.send_test(by_mail)
    settings.SMTP_URL = ""
    assert not deliver.send_test(by_mail)
    settings.SMTP_URL = there
    assert deliver.send_test(by_mail)
    assert len(postbox.letters) == 1


def test_nothing_is_sent_twice(by_mail: Channel, postbox: Postbox) -> None:
    notices.write_down([FAILED])
    assert deliver.send_due(later()) == 1
    assert deliver.send_due(later()) == 0
    assert len(postbox.letters) == 1


def test_what_is_new_waits_a_moment_for_what_comes_with_it(by_mail: Channel, postbox: Postbox) -> None:
    notices.write_down([FAILED])
    assert deliver.send_due(timezone.now()) == 0
    assert postbox.letters == []


def test_in_the_language_of_the_channel(by_mail: Channel, postbox: Postbox) -> None:
    Channel.objects.update(language="en")
    notices.write_down([FAILED])
    deliver.send_due(later())
    assert "A backup failed" in text(postbox)


def test_without_the_panels_address_no_page_is_named(by_mail: Channel, postbox: Postbox) -> None:
    notices.write_down([FAILED])
    deliver.send_due(later())
    assert "http" not in text(postbox)


def test_a_letter_that_was_refused_is_tried_again_after_a_pause(by_mail: Channel, postbox: Postbox) -> None:
    postbox.refuse = True
    notices.write_down([FAILED])
    assert deliver.send_due(later()) == 0
    by_mail.refresh_from_db()
    assert by_mail.failures == 1
    postbox.refuse = False
    assert deliver.send_due(later()) == 0
    assert deliver.send_due(later(timedelta(minutes=2))) == 1
    by_mail.refresh_from_db()
    assert by_mail.failures == 0


def test_in_the_end_it_is_given_up(by_mail: Channel, postbox: Postbox) -> None:
    postbox.refuse = True
    notices.write_down([FAILED])
    for days in range(8):
        deliver.send_due(later(timedelta(days=days, seconds=30)))
    assert Delivery.objects.get().state == "failed"
    postbox.refuse = False
    assert deliver.send_due(later(timedelta(days=30))) == 0


def test_one_channel_that_fails_holds_up_no_other(
    by_mail: Channel, by_hook: Channel, postbox: Postbox, listener: Listener
) -> None:
    postbox.refuse = True
    notices.write_down([FAILED])
    assert deliver.send_due(later()) == 1
    assert len(listener.heard) == 1


def test_a_webhook_gets_json(by_hook: Channel, listener: Listener) -> None:
    notices.write_down([FAILED])
    deliver.send_due(later())
    ((path, body, _),) = listener.heard
    assert path == f"/ping/{SECRET}"
    told = json.loads(body)
    assert (told["urgent"], told["kinds"]) == (True, ["backup_failed"])
    assert audit.knows(told["audit"])
    assert "3 kegagalan" in told["message"]


def test_a_webhook_that_leads_elsewhere_is_not_followed(by_hook: Channel, listener: Listener) -> None:
    listener.status = 302
    notices.write_down([FAILED])
    assert deliver.send_due(later()) == 0
    assert len(listener.heard) == 1


def test_a_webhook_of_the_panels_own_network_is_never_called(
    by_hook: Channel, listener: Listener, settings: Settings
) -> None:
    settings.HEARTBEAT_PRIVATE = False
    notices.write_down([FAILED])
    assert deliver.send_due(later()) == 0
    assert listener.heard == []


@pytest.mark.parametrize(
    ("begin", "end", "at", "quiet"),
    [
        (time(22), time(6), time(23), True),
        (time(22), time(6), time(5, 59), True),
        (time(22), time(6), time(6), False),
        (time(22), time(6), time(12), False),
        (time(12), time(14), time(13), True),
        (time(12), time(14), time(14), False),
        (time(12), time(12), time(12), False),
    ],
)
def test_quiet_hours(
    by_mail: Channel, postbox: Postbox, begin: time, end: time, at: time, quiet: bool
) -> None:
    Channel.objects.update(quiet_from=begin, quiet_until=end)
    notices.write_down([LATE])
    tomorrow = timezone.localdate() + timedelta(days=1)
    now = timezone.make_aware(datetime.combine(tomorrow, at))
    assert deliver.send_due(now) == (0 if quiet else 1)


def test_after_the_quiet_hours_it_is_told(by_mail: Channel, postbox: Postbox) -> None:
    Channel.objects.update(quiet_from=time(22), quiet_until=time(6))
    notices.write_down([LATE])
    night = timezone.make_aware(datetime.combine(timezone.localdate() + timedelta(days=1), time(23)))
    assert deliver.send_due(night) == 0
    assert deliver.send_due(night + timedelta(hours=7)) == 1


def test_what_is_urgent_rings_at_any_hour_unless_it_may_not(by_mail: Channel, postbox: Postbox) -> None:
    Channel.objects.update(quiet_from=time(22), quiet_until=time(6), urgent_rings=False)
    notices.write_down([FAILED])
    night = timezone.make_aware(datetime.combine(timezone.localdate() + timedelta(days=1), time(23)))
    assert deliver.send_due(night) == 0
    Channel.objects.update(urgent_rings=True)
    assert deliver.send_due(night) == 1


def test_who_wants_only_what_is_urgent_hears_nothing_else(by_mail: Channel) -> None:
    Channel.objects.update(urgent_only=True)
    notices.write_down([LATE, FAILED])
    assert [delivery.notice.kind for delivery in Delivery.objects.all()] == ["backup_failed"]


def test_a_channel_that_is_switched_off_hears_nothing(by_mail: Channel) -> None:
    Channel.objects.update(enabled=False)
    notices.write_down([FAILED])
    assert not Delivery.objects.exists()
    assert Notice.objects.exists()


def test_two_clocks_do_not_send_the_same(by_mail: Channel, postbox: Postbox) -> None:
    notices.write_down([FAILED])
    Channel.objects.update(busy_until=timezone.now() + timedelta(minutes=2))
    assert deliver.send_due(later()) == 0
    # The one that held it died.
    assert deliver.send_due(later(timedelta(minutes=5))) == 1


def test_a_clock_that_ran_ahead_keeps_nothing_back(by_mail: Channel, postbox: Postbox) -> None:
    notices.write_down([FAILED])
    then = timezone.now() + timedelta(days=20_000)
    Delivery.objects.update(due_at=then)
    Channel.objects.update(busy_until=then)
    assert deliver.send_due(later()) == 1


def test_what_waited_while_a_channel_was_switched_off_does_not_flood_it(
    by_mail: Channel, postbox: Postbox
) -> None:
    notices.write_down([FAILED])
    Channel.objects.update(enabled=False)
    assert deliver.send_due(later()) == 0
    cache.clear()
    notices.gather(later(timedelta(days=4)))
    Channel.objects.update(enabled=True)
    assert deliver.send_due(later(timedelta(days=4))) == 0
    assert Delivery.objects.get().state == "failed"


def test_a_name_of_several_lines_is_no_paragraph_of_ours(by_mail: Channel, postbox: Postbox) -> None:
    name = "Malam\n\nPanel pindah, masuk lewat:\r\nhttps://jahat.example/"
    notices.write_down([Tiding("backup_late", "slot 2 late", "", {"name": name})])
    deliver.send_due(later())
    told = text(postbox).strip().splitlines()
    # Only our own line follows, which says where the record of who did what stands.
    assert [line for line in told if line] == [told[0], f"Audit: {audit.short_mark()}"]
    assert "https://jahat.example/" in text(postbox)


def test_when_secret_key_was_changed_it_says_so_and_sends_nothing(
    by_mail: Channel, postbox: Postbox, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SECRET_KEY = "another-key-that-never-locked-anything"
    settings.SECRET_KEY_FALLBACKS = []
    notices.write_down([FAILED])
    assert deliver.send_due(later()) == 0
    assert "SECRET_KEY was changed" in caplog.text


def test_a_secret_never_comes_into_the_log(
    by_hook: Channel, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    listener.status = 500
    notices.write_down([FAILED])
    deliver.send_due(later())
    assert "webhook" in caplog.text
    assert SECRET not in caplog.text
    assert SECRET not in str(list(Channel.objects.values()))


def test_a_password_of_the_mail_server_never_comes_into_the_log(
    by_mail: Channel, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert deliver.send_test(by_mail)
    settings.SMTP_URL = "smtp://panel:rahasia%20%27%22%24%23%25@127.0.0.1:9"
    channels.save(by_mail, address=address.mail("rani@qparkin.id"), by=factories.superadmin("b@qparkin.id"))
    assert not deliver.send_test(by_mail)
    assert "rahasia" not in caplog.text


def test_from_a_failed_job_to_a_letter(by_mail: Channel, postbox: Postbox) -> None:
    factories.job(state=Job.State.FAILED, error_code="connection_lost", error_params={"host": "db.dalam"})
    notices.write_down(tidings(timezone.now()))
    deliver.send_due(later())
    told = text(postbox)
    assert "Satu cadangan gagal dibuat" in told
    assert "db.dalam" not in told
