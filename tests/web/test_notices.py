"""Ways to be notified, in the panel: what is secret goes in and never comes out."""

from __future__ import annotations

import pytest
from django.test import Client

from backups.models import AuditEvent, Channel, User
from backups.services import notices, secret_text
from backups.services.notices.tidings import Tiding
from backups.views.step_up import WHEN

pytestmark = pytest.mark.django_db

HOOK = "https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB/rahasia-sekali-rahasia"
SLACK = {"name": "Jaga malam", "hook": HOOK.replace("-", ""), "language": "id", "enabled": "on"}


def add(client: Client, **changed: str) -> Channel:
    client.post("/notices/new/slack/", {**SLACK, **changed})
    return Channel.objects.get()


def test_as_long_as_nobody_is_told_the_page_says_so(superadmin: Client) -> None:
    assert "Belum ada yang diberi tahu" in superadmin.get("/notices/").content.decode()


def test_a_way_is_added_and_its_secret_is_locked_away(superadmin: Client, rani: User) -> None:
    channel = add(superadmin)
    assert secret_text.unlock(channel.locked_address).startswith("slack://")
    assert "rahasia" not in channel.locked_address + channel.hint
    event = AuditEvent.objects.get(action="add_channel")
    assert event.actor == rani
    assert "rahasia" not in str(event.details)
    for page in ("/notices/", f"/notices/{channel.pk}/", "/audit/"):
        assert "rahasia" not in superadmin.get(page).content.decode()


@pytest.mark.parametrize("hook", ["", "https://evil.id/services/T/B/c"])
def test_a_wrong_address_is_refused_and_not_shown_again(superadmin: Client, hook: str) -> None:
    answer = superadmin.post("/notices/new/slack/", {**SLACK, "hook": hook})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "Webhook Slack diawali" in shown
    assert "evil.id" not in shown
    assert not Channel.objects.exists()


def test_a_wrong_token_is_told_at_the_token(superadmin: Client) -> None:
    typed = {"name": "Tim IT", "token": "abc123", "chat": "12345678", "language": "id"}
    form = superadmin.post("/notices/new/telegram/", typed).context["form"]
    assert list(form.errors) == ["token"]


def test_a_name_is_proposed_that_is_not_taken(superadmin: Client) -> None:
    assert superadmin.get("/notices/new/slack/").context["form"]["name"].value() == "Slack"
    add(superadmin, name="Slack")
    assert superadmin.get("/notices/new/slack/").context["form"]["name"].value() == ""


def test_changed_without_an_address_it_keeps_its_own(superadmin: Client) -> None:
    channel = add(superadmin)
    superadmin.post(
        f"/notices/{channel.pk}/", {**SLACK, "hook": "", "name": "Grup jaga", "urgent_only": "on"}
    )
    kept = Channel.objects.get()
    assert (kept.name, kept.urgent_only) == ("Grup jaga", True)
    assert kept.locked_address == channel.locked_address


def test_an_unknown_kind_is_not_found(superadmin: Client) -> None:
    assert superadmin.get("/notices/new/fax/").status_code == 404


def test_without_a_mail_server_the_form_says_what_is_missing(superadmin: Client) -> None:
    wanted = {"name": "Surel", "recipients": "rani@qparkin.id", "language": "id", "enabled": "on"}
    answer = superadmin.post("/notices/new/mail/", wanted)
    assert "SMTP_URL" in answer.content.decode()


def test_who_signed_in_long_ago_is_asked_again(superadmin: Client) -> None:
    session = superadmin.session
    session[WHEN] = 0
    session.save()
    assert superadmin.get("/notices/new/slack/").status_code == 302
    answer = superadmin.post("/notices/new/slack/", SLACK)
    assert "/still-you/" in answer.headers["Location"]
    assert not Channel.objects.exists()


def test_a_way_is_removed_and_nothing_goes_there_any_more(superadmin: Client) -> None:
    channel = add(superadmin)
    superadmin.post(f"/notices/{channel.pk}/delete/")
    assert not Channel.objects.exists()
    assert AuditEvent.objects.filter(action="remove_channel").exists()


def test_a_test_that_does_not_arrive_says_so(superadmin: Client) -> None:
    channel = add(superadmin)
    Channel.objects.update(
        locked_address=secret_text.lock("mailto://127.0.0.1:9?from=a@b.id&to=c@d.id&cto=1")
    )
    answer = superadmin.post(f"/notices/{channel.pk}/test/", follow=True)
    assert "Uji coba tidak terkirim" in answer.content.decode()
    assert AuditEvent.objects.get(action="test_channel").outcome == "failed"
    assert "1 kali gagal berturut-turut" in superadmin.get("/notices/").content.decode()


def test_what_was_told_is_listed_in_words(superadmin: Client) -> None:
    add(superadmin)
    notices.write_down([Tiding("backup_failed", "job 1 failed", "/jobs/1/", {"failures": 3})])
    shown = superadmin.get("/notices/").content.decode()
    assert "Satu cadangan gagal dibuat" in shown
    assert "3 kegagalan" in shown
    assert 'href="/jobs/1/"' in shown


def test_the_list_asks_a_constant_number_of_questions(
    superadmin: Client, django_assert_max_num_queries: object
) -> None:
    add(superadmin)
    for number in range(20):
        notices.write_down([Tiding("backup_failed", f"job {number} failed", "/jobs/1/", {"failures": 3})])
    # The first look of somebody goes into the record.
    superadmin.get("/notices/")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        superadmin.get("/notices/")


def test_a_mall_admin_sees_none_of_it(mall_admin: Client) -> None:
    assert mall_admin.get("/notices/").status_code == 403
    assert 'href="/notices/"' not in mall_admin.get("/").content.decode()
