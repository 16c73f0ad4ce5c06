"""The clock and the timeline of an incident in words, and what is to be filled in by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from backups.incident_form import QUESTIONS
from backups.models import Incident, IncidentEntry, Job
from backups.services.incident_timeline import Happened
from backups.services.incidents import Clock
from backups.templatetags.events import action_words, actor_words, detail_words
from backups.templatetags.measures import duration
from backups.templatetags.response_plan import step_said

register = template.Library()

Kind = IncidentEntry.Kind

FAMILIES = {
    "": gettext_lazy("All"),
    "written": gettext_lazy("Written down"),
    "backups": gettext_lazy("Backups"),
    "strange": gettext_lazy("Strange backups"),
    "restores": gettext_lazy("Restores"),
    "given_out": gettext_lazy("Data given out"),
    "signed_in": gettext_lazy("Sign-ins"),
    "changed": gettext_lazy("Changes"),
}

KINDS = {
    "name": gettext_lazy("names"),
    "contact": gettext_lazy("telephone numbers and e-mail addresses"),
    "identity": gettext_lazy("identity numbers and dates of birth"),
    "address": gettext_lazy("addresses"),
    "password": gettext_lazy("passwords (as digests)"),
    "role": gettext_lazy("who works for QParkIn or a mall"),
    "plate": gettext_lazy("number plates and vehicles"),
    "movement": gettext_lazy("when and where somebody parked"),
    "payment": gettext_lazy("payments"),
    "points": gettext_lazy("points and how they came about"),
    "message": gettext_lazy("messages to people"),
    "device": gettext_lazy("IP addresses and browsers"),
    "access": gettext_lazy("tokens with which somebody is signed in"),
}


@register.filter
def incident_kind(incident: Incident) -> str:
    return str(incident.get_kind_display()) if incident.kind else gettext("Not known yet")


@register.filter
def family_words(family: str) -> str:
    return str(FAMILIES[family])


@register.filter
def kinds_words(kinds: tuple[str, ...]) -> str:
    return ", ".join(str(KINDS[kind]) for kind in kinds)


@register.filter
def question(name: str) -> str:
    return str(QUESTIONS[name][0])


@register.filter
def left_words(clock: Clock) -> str:
    """By the minute only in the last hours: who looks at 61 hours needs none."""
    left = abs(clock.left)
    step = timedelta(minutes=1) if left < timedelta(hours=24) else timedelta(hours=1)
    seconds = max(step, left // step * step).total_seconds()
    return duration(seconds)


@register.filter
def happened_words(happened: Happened) -> str:
    if happened.event:
        return action_words(happened.event)
    if happened.entry:
        return _entry_words(happened.entry)
    return gettext("A backup was unlike those before it")


def _entry_words(entry: IncidentEntry) -> str:
    if entry.kind == Kind.STEP:
        return step_said(entry.name, entry.text)
    if entry.kind == Kind.FACT:
        return gettext("Filled in for the report: %(what)s") % {"what": question(entry.name)}
    if entry.kind == Kind.MALLS:
        return gettext("Told the malls") if entry.name == "on" else gettext("Took the malls' banner down")
    return entry.text if entry.kind == Kind.NOTE else gettext("Closed the incident")


@register.filter
def happened_details(happened: Happened, jobs: Mapping[str, Job]) -> str:
    if happened.event:
        return detail_words(happened.event, jobs)
    entry = happened.entry
    told = entry and entry.kind in (
        IncidentEntry.Kind.FACT,
        IncidentEntry.Kind.MALLS,
        IncidentEntry.Kind.CLOSED,
    )
    return entry.text if entry and told else ""


@register.filter
def happened_who(happened: Happened, jobs: Mapping[str, Job]) -> str:
    if happened.event:
        return actor_words(happened.event, jobs)
    return happened.entry.author.display_name if happened.entry else gettext("The panel itself")


@register.simple_tag
def blank(name: str) -> SafeString:
    """A line to fill in by hand, said to be one."""
    return format_html(
        '<span class="blank">{}</span>',
        gettext("To be filled in by hand: %(what)s") % {"what": question(name)},
    )
