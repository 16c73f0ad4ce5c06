"""What a backup cost the server, in words: who else was at work, and whether it waited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.utils.dateparse import parse_datetime
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from backups.templatetags.measures import duration, number

register = template.Library()

Burden = Mapping[str, Any]
# Shorter waits are nothing that a person would notice.
WORTH_SAYING = 1.0


@register.filter
def busiest_words(burden: Burden) -> str:
    most = burden.get("most_running")
    if most is None:
        return gettext("The server would not tell")
    if most == 0:
        return gettext("Nobody else at work")
    return ngettext("%(n)s other session at work", "%(n)s other sessions at work", most) % {"n": number(most)}


@register.filter
def busiest_at(burden: Burden) -> datetime | None:
    """When it was, where somebody else was at work at all."""
    return parse_datetime(burden["most_running_at"]) if burden.get("most_running") else None


@register.filter
def waiting_words(burden: Burden) -> str:
    waited = float(burden["paused_seconds"]) + float(burden["held_seconds"])
    return duration(waited) if waited >= WORTH_SAYING else gettext("Not at all")


@register.filter
def waiting_reasons(burden: Burden) -> list[str]:
    reasons = []
    if burden["paused_seconds"] >= WORTH_SAYING:
        reasons.append(gettext("because the server was busy"))
    if burden["patience_ended"]:
        reasons.append(gettext("then it went on: the server stayed busy for too long"))
    if burden["held_seconds"] >= WORTH_SAYING:
        reasons.append(gettext("to keep to the limit on its speed"))
    return reasons


@register.filter
def processor_words(burden: Burden) -> str:
    seconds = float(burden["cpu_seconds"])
    return gettext("%(seconds)s seconds") % {"seconds": number_format(seconds, 1 if seconds < 100 else 0)}


@register.filter
def replica_words(burden: Burden) -> str:
    """Empty where the backup was read from a primary, or from a replica that was up to date."""
    replica = burden.get("replica")
    if not replica:
        return ""
    if replica["broken"]:
        return gettext(
            "It was read from a replica whose replication had stopped. "
            "What QParkIn wrote since then is not in it."
        )
    if not replica["too_far"]:
        return ""
    return gettext("It was read from a replica and is %(time)s behind the primary server.") % {
        "time": duration(replica["behind"])
    }
