"""One letter to one person, now: what is in it is for nobody else, and is kept nowhere."""

from __future__ import annotations

import logging

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from backups.models import Invitation
from backups.services.refusals import AddressRefused

from .address import mail_url

log = logging.getLogger(__name__)


def can_be_sent() -> bool:
    """A link in a letter needs the panel's own address: that of a request may be anybody's."""
    return bool(settings.SMTP_URL and settings.PANEL_URL)


def send_link(invitation: Invitation, link: str) -> bool:
    """Whether a mail server took it."""
    with translation.override(invitation.language):
        return _send(invitation.email, gettext("QParkIn Backup: your link"), _words(invitation, link))


def _words(invitation: Invitation, link: str) -> str:
    if invitation.person_id:
        what = gettext("With this link you choose a new password for QParkIn Backup:")
    else:
        what = gettext(
            "You are invited to QParkIn Backup. With this link you choose your password and come in:"
        )
    ends = gettext("It works once and for three days. If you did not expect it, throw this letter away.")
    return f"{what}\n\n{link}\n\n{ends}"


def _send(to: str, title: str, body: str) -> bool:
    # Late: apprise brings two hundred services along, of which one is used.
    import apprise

    target = apprise.Apprise()
    try:
        if not target.add(mail_url(to)):
            return False
    except AddressRefused as error:
        log.warning("a letter could not be sent: %s", error)
        return False
    return bool(target.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT))
