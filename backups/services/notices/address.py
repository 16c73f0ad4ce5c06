"""From what a person types to the address that is sent to, and what of it may be shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings

from backups.services import ping
from backups.services.refusals import AddressRefused, BackupError
from qparkin_backup import addresses

# Connect and read: a server that takes the call and says nothing holds up no other channel for long.
PATIENCE = {"cto": "5", "rto": "10", "redirect": "no"}
TELEGRAM_TOKEN = re.compile(r"\d{5,15}:[A-Za-z0-9_-]{30,60}")
SLACK = re.compile(r"https://hooks\.slack\.com/services/(T\w+)/(B\w+)/(\w+)/?")
MAIL = re.compile(r"[^\s@,<>]+@[^\s@,<>]+\.[^\s@,<>]+")
PHONE = re.compile(r"\+?\d{8,15}")


@dataclass(frozen=True, slots=True)
class Address:
    """`url` is a secret, of mail only the recipients; `hint` may be shown."""

    hint: str
    url: str = field(repr=False)


def mail(recipients: str) -> Address:
    """`recipients` separated by commas. The server is that of the settings, whenever something is sent."""
    mail_url(recipients)
    people = ", ".join(_people(recipients))
    return Address(people, people)


def _people(recipients: str) -> list[str]:
    people = [one.strip() for one in recipients.split(",") if one.strip()]
    if not people or not all(MAIL.fullmatch(one) for one in people):
        raise AddressRefused(reason="mail")
    return people


def mail_url(recipients: str) -> str:
    """As apprise takes it, with the account of the mail server: a secret."""
    server, people = urlsplit(settings.SMTP_URL), _people(recipients)
    if server.scheme not in {"smtp", "smtps"} or not server.hostname:
        raise AddressRefused(reason="no_mail_server")
    if addresses.is_forbidden(server.hostname):
        raise AddressRefused(reason="mail_server_forbidden")
    account = ""
    if server.username:
        account = f"{server.username}:{server.password or ''}@"
    mode = "ssl" if server.scheme == "smtps" else "starttls" if server.username else "insecure"
    scheme = "mailtos" if mode != "insecure" else "mailto"
    port = f":{server.port}" if server.port else ""
    options = {
        "from": settings.MAIL_FROM or people[0],
        "to": ",".join(people),
        "mode": mode,
        "format": "text",
    }
    query = urlencode({**options, **PATIENCE})
    return f"{scheme}://{account}{server.hostname}{port}?{query}"


def refuse_strange_server() -> None:
    """Asked whenever something is sent: where a name leads may have changed since it was set."""
    server = urlsplit(settings.SMTP_URL)
    if addresses.leads_astray(server.hostname or "", server.port):
        raise AddressRefused(reason="mail_server_forbidden")


def telegram(token: str, chat: str) -> Address:
    if not TELEGRAM_TOKEN.fullmatch(token):
        raise AddressRefused(reason="bot_token")
    # A number of a chat never begins with 0; what does is somebody's telephone.
    if not re.fullmatch(r"-?[1-9]\d{2,19}|@\w{4,40}", chat):
        raise AddressRefused(reason="chat")
    return Address(chat, f"tgram://{token}/{quote(chat)}/?{urlencode({**PATIENCE, 'format': 'text'})}")


def slack(hook: str) -> Address:
    parts = SLACK.fullmatch(hook)
    if not parts:
        raise AddressRefused(reason="slack_hook")
    return Address("hooks.slack.com", f"slack://{'/'.join(parts.groups())}/?{urlencode(PATIENCE)}")


def whatsapp(token: str, sender: str, phone: str) -> Address:
    """Of WhatsApp's own Cloud API: an access token, the id of the sending number, and who receives."""
    if not re.fullmatch(r"[A-Za-z0-9]{20,400}", token) or not re.fullmatch(r"\d{5,25}", sender):
        raise AddressRefused(reason="whatsapp_sender")
    number = phone.replace(" ", "").replace("-", "")
    if not PHONE.fullmatch(number):
        raise AddressRefused(reason="phone")
    hint = f"…{number[-4:]}"
    return Address(hint, f"whatsapp://{token}@{sender}/{number.lstrip('+')}/?{urlencode(PATIENCE)}")


def webhook(url: str) -> Address:
    """A POST of JSON. Its path may hold a token, so only the host is shown."""
    try:
        wanted = ping.goal(url.strip(), private=settings.HEARTBEAT_PRIVATE)
    except BackupError:
        raise AddressRefused(reason="webhook") from None
    return Address(wanted.host, url.strip())
