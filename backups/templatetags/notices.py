"""Ways to be notified and what went by them, as signs and sentences."""

from __future__ import annotations

from django import template
from django.utils.dateformat import time_format
from django.utils.translation import gettext, pgettext

from backups.models import Channel, Notice
from backups.models.notice import DeliveryState
from backups.services.notices import wording

register = template.Library()

ICONS = {
    "mail": "mail",
    "telegram": "brand-telegram",
    "whatsapp": "brand-whatsapp",
    "slack": "brand-slack",
    "webhook": "webhook",
}
MARKS = {
    DeliveryState.WAITING: ("calm", "hourglass"),
    DeliveryState.SENT: ("safe", "circle-check"),
    DeliveryState.FAILED: ("harm", "circle-x"),
}


@register.filter
def channel_icon(kind: str) -> str:
    return ICONS[kind]


@register.filter
def notice_words(notice: Notice) -> str:
    return wording.sentence(notice)


@register.filter
def delivery_mark(state: str) -> tuple[str, str, str]:
    known = DeliveryState(state)
    return (*MARKS[known], str(known.label))


@register.filter
def hears(channel: Channel) -> str:
    """What comes this way, and when it does not."""
    if not channel.enabled:
        return gettext("Switched off")
    what = gettext("Only what is urgent") if channel.urgent_only else gettext("Everything worth knowing")
    if not channel.quiet_from or not channel.quiet_until:
        return what
    shape = pgettext("date format", "H:i")
    told = gettext("quiet from %(begin)s to %(end)s") % {
        "begin": time_format(channel.quiet_from, shape),
        "end": time_format(channel.quiet_until, shape),
    }
    return f"{what} · {told}"
