"""One message to one channel, now."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone

from backups.models import Channel, Notice
from backups.services import audit, ping, secret_text
from backups.services.refusals import AddressRefused

from . import wording
from .address import mail_url, refuse_strange_server

log = logging.getLogger(__name__)


def push(channel: Channel, notices: Sequence[Notice]) -> bool:
    """Whether it was taken. Why not is said in the log, and never with the address, which is a secret."""
    url = secret_text.unlock(channel.locked_address)
    if not url:
        log.warning("the address of channel %s cannot be unlocked: SECRET_KEY was changed", channel.pk)
        return False
    send = _post if channel.kind == Channel.Kind.WEBHOOK else _send
    return send(url, channel, notices)


def _post(url: str, channel: Channel, notices: Sequence[Notice]) -> bool:
    """By our own hand: the address that was looked at is the one that is connected to."""
    told = {
        "title": wording.title(notices, channel.language),
        "message": wording.body(notices, channel.language),
        "urgent": wording.is_urgent(notices),
        "kinds": [notice.kind for notice in notices],
        "audit": audit.short_mark(),
    }
    try:
        body = json.dumps(told, ensure_ascii=False)
        ping.ping(url, "", body, private=settings.HEARTBEAT_PRIVATE, media="application/json")
    except ping.NotReached as error:
        log.warning("the webhook of channel %s was not reached: %s", channel.pk, error.why)
        return False
    return True


def _send(url: str, channel: Channel, notices: Sequence[Notice]) -> bool:
    # Late: apprise brings two hundred services along, of which one is used.
    import apprise

    target = apprise.Apprise()
    if not target.add(_whole(url, channel)):
        log.warning("the address of channel %s cannot be used", channel.pk)
        return False
    sent = target.notify(
        title=wording.title(notices, channel.language),
        body=_body(channel, notices),
        body_format=apprise.NotifyFormat.TEXT,
    )
    if not sent:
        log.warning("channel %s was not reached", channel.pk)
    return bool(sent)


def _body(channel: Channel, notices: Sequence[Notice]) -> str:
    """A person's own letter has their own times, and nothing of what others did."""
    if channel.person is None:
        return _with_head(wording.body(notices, channel.language), channel.language)
    with timezone.override(channel.person.zone):
        return wording.body(notices, channel.language)


def _with_head(body: str, language: str) -> str:
    """Where the record of who did what stands: it contradicts an older one that is put in its place."""
    head = audit.short_mark()
    return f"{body}\n\n{wording.audit_line(head, language)}" if head else body


def _whole(url: str, channel: Channel) -> str:
    """Of mail only the recipients are kept: the server and its password may change in the settings."""
    if channel.kind != Channel.Kind.MAIL:
        return url
    try:
        refuse_strange_server()
        return mail_url(url)
    except AddressRefused as error:
        log.warning("mail of channel %s: %s", channel.pk, error)
        return ""
