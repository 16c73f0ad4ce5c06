"""What one person hears of by mail: whether all is well and what concerns their account, no more."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from backups.models import Channel, Delivery, Job, Notice, User
from backups.services import audit, notices, people, visits
from backups.services.notices import deliver, own
from tests.services.notices.conftest import Postbox
from tests.services.notices.test_deliver import FAILED, later, text
from tests.web import factories

pytestmark = pytest.mark.django_db

ALL = own.Wishes(own.CHOICES, None, None)


@pytest.fixture
def bima(db: None) -> User:
    return factories.mall_admin()


def heard(person: User) -> list[str]:
    cache.clear()
    notices.gather()
    found = Delivery.objects.filter(channel__person=person).order_by("pk")
    return list(found.values_list("notice__kind", flat=True))


def test_a_mall_admin_hears_once_that_something_is_amiss_and_once_that_it_is_over(
    bima: User, postbox: Postbox
) -> None:
    own.set_wishes(bima, ALL)
    assert heard(bima) == []
    broken = factories.job(state=Job.State.FAILED, error_code="connection_lost")
    assert heard(bima) == ["data_unsafe"]
    assert heard(bima) == ["data_unsafe"]
    Job.objects.filter(pk=broken.pk).delete()
    factories.proof(factories.archive())
    assert heard(bima) == ["data_unsafe", "data_safe"]
    factories.job(state=Job.State.FAILED, created_at=timezone.now())
    assert heard(bima) == ["data_unsafe", "data_safe", "data_unsafe"]


def test_the_letter_names_nobody_no_figure_and_no_error(bima: User, rani: User, postbox: Postbox) -> None:
    own.set_wishes(bima, ALL)
    audit.record("sign_in", actor=rani, address="10.20.1.14")
    factories.job(state=Job.State.FAILED, error_code="storage_full", error_params={"storage": "nas-3"})
    factories.job("restore", state=Job.State.RUNNING, requested_by=rani, archive=factories.archive())
    heard(bima)
    deliver.send_due(later())
    (letter,) = postbox.letters
    assert str(letter["To"]) == bima.email
    told = text(postbox)
    for secret in ("nas-3", "Rani", "10.20.1.14", "Audit", "storage_full"):
        assert secret not in told
    assert "sedang dipulihkan" in told


def test_it_hears_of_a_restore_of_live_data_and_of_its_end_and_of_none_beside_it(
    bima: User, postbox: Postbox
) -> None:
    own.set_wishes(bima, own.Wishes((own.RESTORING,), None, None))
    factories.job("restore", options={"target": "qparkin__look_1"})
    assert heard(bima) == []
    job = factories.job("restore", options={"safety_backup": True})
    assert heard(bima) == ["data_restored_now"]
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED)
    assert heard(bima) == ["data_restored_now", "data_restored"]


def test_what_is_for_malls_goes_to_no_channel_of_the_panel_and_the_other_way_round(
    bima: User, by_mail: Channel
) -> None:
    own.set_wishes(bima, ALL)
    notices.write_down([FAILED])
    factories.job(state=Job.State.FAILED)
    heard(bima)
    kinds = set(by_mail.deliveries.values_list("notice__kind", flat=True))
    assert kinds == {"backup_failed"}
    assert heard(bima) == ["data_unsafe"]


def test_a_new_place_is_told_to_the_person_unasked_and_to_the_panels_channels(
    bima: User, by_mail: Channel, postbox: Postbox
) -> None:
    visits.begin(bima, address="10.20.1.14", agent="")
    visits.begin(bima, address="203.0.113.9", agent="")
    assert heard(bima) == ["own_new_place"]
    assert list(by_mail.deliveries.values_list("notice__kind", flat=True)) == ["sign_in_new_place"]
    deliver.send_due(later())
    assert sorted(str(letter["To"]) for letter in postbox.letters) == [bima.email, "rani@qparkin.id"]


def test_without_a_mail_server_nothing_waits_to_be_told_later(bima: User, settings: Settings) -> None:
    settings.SMTP_URL = ""
    own.set_wishes(bima, ALL)
    factories.job(state=Job.State.FAILED)
    assert heard(bima) == []
    assert Notice.objects.filter(kind="data_unsafe").exists()


def test_whoever_is_switched_off_hears_nothing_more(bima: User, rani: User, postbox: Postbox) -> None:
    own.set_wishes(bima, ALL)
    people.switch_off(bima, by=rani)
    factories.job(state=Job.State.FAILED)
    assert heard(bima) == []
    people.switch_on(bima, by=rani)
    assert heard(bima) == ["data_unsafe"]


def test_quiet_hours_are_those_of_where_the_person_is(bima: User, postbox: Postbox) -> None:
    bima.time_zone = "Asia/Jayapura"
    bima.save()
    own.set_wishes(bima, own.Wishes(own.CHOICES, time(22), time(6)))
    notice = Notice.objects.create(kind="data_unsafe", urgency="urgent")
    mine = Delivery.objects.create(notice=notice, channel=Channel.objects.get(), due_at=timezone.now())
    # 22.30 in Jayapura is 20.30 in Jakarta.
    evening = datetime(2030, 1, 1, 13, 30, tzinfo=UTC)
    assert deliver.send_due(evening) == 0
    assert deliver.send_due(evening + timedelta(hours=8)) == 1
    mine.refresh_from_db()
    assert mine.state == "sent"


def test_nobody_reaches_the_channel_of_another_person(bima: User, rani: User) -> None:
    own.set_wishes(bima, ALL)
    channel = Channel.objects.get(person=bima)
    client = Client()
    factories.sign_in(client, rani)
    assert bima.email not in client.get("/notices/").content.decode()
    for path in (f"/notices/{channel.pk}/", f"/notices/{channel.pk}/test/", f"/notices/{channel.pk}/delete/"):
        assert client.post(path).status_code == 404


def test_the_form_keeps_what_was_ticked_and_what_was_not(bima: User) -> None:
    client = Client()
    factories.sign_in(client, bima)
    told = {"asked": "1", "unsafe": "on", "quiet_from": "22:00", "quiet_until": "06:00"}
    assert client.post("/me/notices/", told).status_code == 302
    assert own.wishes_of(bima) == own.Wishes((own.UNSAFE,), time(22), time(6))
    assert client.post("/me/notices/", {**told, "quiet_until": ""}).status_code == 422
    assert client.post("/me/notices/", {"asked": "1"}).status_code == 302
    assert own.wishes_of(bima) == own.Wishes((), None, None)
