"""From what a person types to an address: what is accepted, what is not, and what apprise makes of it."""

from __future__ import annotations

from typing import Any

import apprise
import pytest
from pytest_django import Settings

from backups.models import Channel
from backups.services.notices import address, channels
from backups.services.refusals import AddressRefused
from tests.web.factories import superadmin

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


def plugin(url: str) -> Any:
    made = apprise.Apprise.instantiate(url)
    assert made is not None
    return made


def test_a_mail_server_with_a_password_of_any_characters(settings: Settings) -> None:
    settings.SMTP_URL = "smtps://panel%40qparkin.id:%27%22%5C%24%23%25%20x@mail.qparkin.id:465"
    settings.MAIL_FROM = "cadangan@qparkin.id"
    made = plugin(address.mail_url("rani@qparkin.id"))
    assert (made.user, made.password) == ("panel@qparkin.id", "'\"\\$#% x")
    assert (made.smtp_host, made.port, made.secure_mode) == ("mail.qparkin.id", 465, "ssl")
    assert made.from_addr[1] == "cadangan@qparkin.id"
    assert {to[1] for to in made.targets} == {"rani@qparkin.id"}


def test_without_tls_a_password_is_never_sent(settings: Settings) -> None:
    settings.SMTP_URL = "smtp://panel:x@mail.qparkin.id:587"
    assert plugin(address.mail_url("rani@qparkin.id")).secure_mode == "starttls"


def test_telegram_slack_and_whatsapp_are_understood_by_apprise() -> None:
    telegram = plugin(address.telegram(TOKEN, "-1001234567").url)
    assert telegram.bot_token == TOKEN
    hook = "https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB/cccccccccccccccccccccccc"
    assert plugin(address.slack(hook).url).token_a == "T0AAAAAAA"
    whatsapp = plugin(address.whatsapp("a" * 40, "123456789012345", "+62 812-3456-7890").url)
    assert [target.lstrip("+") for target in whatsapp.targets] == ["6281234567890"]


def test_what_may_be_shown_holds_no_secret() -> None:
    hook = "https://hooks.slack.com/services/T0AAAAAAA/B0BBBBBBB/cccccccccccccccccccccccc"
    found = [
        address.telegram(TOKEN, "@qparkin_jaga"),
        address.slack(hook),
        address.whatsapp("a" * 40, "123456789012345", "+6281234567890"),
        address.webhook("https://hooks.qparkin.id/rahasia?token=rahasia"),
    ]
    shown = str(found) + " ".join(each.hint for each in found)
    for secret in (TOKEN, "cccccc", "a" * 40, "rahasia", "6281234567890"):
        assert secret not in shown


@pytest.mark.parametrize("wrong", ["", "rani", "rani@", "a@b.id; rm", "a@b.id\nBcc: x@y.id", "<a@b.id>"])
def test_what_is_no_mail_address_is_refused(settings: Settings, wrong: str) -> None:
    settings.SMTP_URL = "smtp://127.0.0.1:25"
    with pytest.raises(AddressRefused):
        address.mail(wrong)


@pytest.mark.parametrize("url", ["", "http://127.0.0.1", "imap://mail.id", "smtp://"])
def test_without_a_mail_server_there_is_no_mail(settings: Settings, url: str) -> None:
    settings.SMTP_URL = url
    with pytest.raises(AddressRefused):
        address.mail("rani@qparkin.id")


@pytest.mark.parametrize("token", ["", "abc", TOKEN + "/../x", TOKEN + "?x=1"])
def test_what_is_no_bots_token_is_refused(token: str) -> None:
    with pytest.raises(AddressRefused):
        address.telegram(token, "123456")


@pytest.mark.parametrize("chat", ["", "12", "@a", "1/2", "@nama?x=1", "081234567890", "+6281234567890"])
def test_what_is_no_chat_is_refused(chat: str) -> None:
    with pytest.raises(AddressRefused):
        address.telegram(TOKEN, chat)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://hooks.qparkin.id/",
        "http://127.0.0.1:8000/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.5/",
        "https://user:pass@hooks.qparkin.id/",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_webhook_or_lies_inside_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        address.webhook(url)


@pytest.mark.parametrize(
    "hook", ["", "https://hooks.slack.com.evil.id/services/T/B/c", "http://hooks.slack.com/services/T/B/c"]
)
def test_what_is_no_slack_webhook_is_refused(hook: str) -> None:
    with pytest.raises(AddressRefused):
        address.slack(hook)


@pytest.mark.django_db
def test_a_letter_to_many_fits_its_column(settings: Settings) -> None:
    settings.SMTP_URL = "smtp://127.0.0.1"
    people = ", ".join(f"jaga-malam-{number}@qparkin.id" for number in range(15))
    made = channels.save(Channel(name="Jaga", kind="mail"), address=address.mail(people), by=superadmin())
    assert len(made.hint) <= 200
    assert made.hint.startswith("jaga-malam-0@qparkin.id, ")
