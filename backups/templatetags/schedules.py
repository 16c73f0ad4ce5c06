"""Schedules as sentences: every day at 02.00 WIB, database and files."""

from __future__ import annotations

from datetime import datetime, time

from django import template
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format, time_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, pgettext

from backups.models import Schedule, Slot
from backups.services.schedules import rule_of
from backups.services.timetable import LAST_DAY, Rule
from backups.templatetags.marks import mark

register = template.Library()

CONTENTS = {
    "everything": gettext_lazy("database and files"),
    "database": gettext_lazy("database only"),
    "files": gettext_lazy("files only"),
}

RUNS = {
    "claimed": ("calm", "hourglass", gettext_lazy("Waiting")),
    "started": ("calm", "refresh", gettext_lazy("Running")),
    "done": ("safe", "circle-check", gettext_lazy("Went well")),
    "failed": ("harm", "circle-x", gettext_lazy("Failed")),
}
LATE = ("wait", "clock", gettext_lazy("Late, but went well"))

# Why the outside heartbeat was not reached: never its address, which is a secret.
HEARTBEATS = {
    "timeout": gettext_lazy("it did not answer in time"),
    "name": gettext_lazy("its name is not known"),
    "no_connection": gettext_lazy("no connection could be made"),
    "certificate": gettext_lazy("its certificate does not hold"),
    "redirect": gettext_lazy("it pointed to another address, and that is not followed"),
    "answer": gettext_lazy("it answered with an error"),
    "key": gettext_lazy("its address can no longer be read; give it again"),
    "heartbeat_forbidden": gettext_lazy("it lies inside the panel's own network"),
    "heartbeat_invalid": gettext_lazy("its address is not right"),
}


@register.simple_tag
def zone_name(at: datetime | None = None) -> str:
    """WIB, WITA or WIT; a zone without a name of letters by its place."""
    # The panel's, whoever looks: schedules run by it.
    named = timezone.localtime(at, timezone.get_default_timezone()).tzname() or ""
    return named if named.isalpha() else timezone.get_default_timezone_name()


@register.filter
def times_words(schedule: Schedule) -> str:
    return rule_words(rule_of(schedule))


@register.filter
def rule_words(rule: Rule) -> str:
    if rule.every == "cron":
        return gettext("By the line of cron %(line)s (%(zone)s)") % {"line": rule.cron, "zone": zone_name()}
    if rule.every == "hours":
        return _hours_words(rule)
    return _days_words(rule) % {"time": f"{_time(rule.at)} {zone_name()}", **_day(rule)}


def _hours_words(rule: Rule) -> str:
    if rule.hours == 1:
        return gettext("Every hour, %(minute)d minutes past") % {"minute": rule.at.minute}
    times = ", ".join(_time(at) for at in rule.times)
    return gettext("Every %(hours)d hours: %(times)s %(zone)s") % {
        "hours": rule.hours, "times": times, "zone": zone_name(),
    }  # fmt: skip


def _days_words(rule: Rule) -> str:
    if rule.every == "daily" or (rule.every == "weekly" and len(rule.weekdays) == len(WEEKDAYS)):
        return gettext("Every day at %(time)s")
    if rule.every == "weekly":
        return gettext("Every %(days)s at %(time)s")
    if rule.day == LAST_DAY:
        return gettext("On the last day of each month at %(time)s")
    if rule.day > 28:
        return gettext("On day %(day)d of each month at %(time)s, in shorter months on the last day")
    return gettext("On day %(day)d of each month at %(time)s")


def _day(rule: Rule) -> dict[str, object]:
    days = ", ".join(str(WEEKDAYS[day]) for day in sorted(rule.weekdays))
    return {"days": days, "day": rule.day}


def _time(at: time) -> str:
    return time_format(at, pgettext("date format", "H:i"))


@register.filter
def run_day(at: datetime) -> str:
    """With the day of the week, by which people check a rhythm."""
    # Translators: Django's date format of a weekday with day and time.
    shape = pgettext("date format", "l, j M Y, H:i")
    return f"{date_format(timezone.localtime(at, timezone.get_default_timezone()), shape)} {zone_name(at)}"


@register.filter
def content_words(schedule: Schedule) -> str:
    return str(CONTENTS.get(schedule.content, schedule.content))


@register.filter
def content_name(content: str) -> str:
    return str(CONTENTS.get(content, content)).capitalize()


@register.simple_tag
def run_mark(slot: Slot) -> SafeString:
    tone, picture, words = LATE if slot.late and slot.state == "done" else RUNS[slot.state]
    return mark(tone, picture, str(words))


@register.filter
def heartbeat_words(problem: str) -> str:
    return str(HEARTBEATS.get(problem, problem))
