"""How a storage is and what is wrong with it, in words for who runs it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, ngettext

from backups.models import Copy, StorageState
from backups.services.storage_overview import Overview
from backups.services.storage_test import MEANING, Step, Tested
from backups.services.wording import sentence_for
from backups.templatetags.chart import Chart, Line
from backups.templatetags.marks import mark, storage_words
from backups.templatetags.measures import size

register = template.Library()

HEALTH = {
    "lost": ("harm", "alert-triangle", gettext_lazy("Has lost backups")),
    "in_doubt": ("wait", "eye", gettext_lazy("Being looked at again")),
    "failing": ("harm", "plug-connected-x", gettext_lazy("Does not answer")),
    "damaged": ("wait", "alert-triangle", gettext_lazy("Copies are wanting")),
    "unreadable": ("wait", "alert-triangle", gettext_lazy("Copies could not be read")),
    "not_copied": ("wait", "alert-triangle", gettext_lazy("Not all is copied")),
    "full_soon": ("wait", "alert-triangle", gettext_lazy("Full soon")),
    "overdue": ("wait", "clock", gettext_lazy("Not read for too long")),
    "unlisted": ("calm", "info-circle", gettext_lazy("Works, without a list")),
    "not_seen": ("none", "circle-dashed", gettext_lazy("Not looked at yet")),
    "well": ("safe", "circle-check", gettext_lazy("All is well")),
}

STEPS = {
    "write": gettext_lazy("Write"),
    "read": gettext_lazy("Read back"),
    "list": gettext_lazy("List"),
    "delete": gettext_lazy("Delete"),
    "lock": gettext_lazy("Keep from being deleted"),
}


@register.simple_tag
def health_mark(storage: Overview) -> SafeString:
    tone, icon, words = HEALTH[storage.health]
    return mark(tone, icon, str(words))


@register.filter
def health_words(storage: Overview) -> str:
    return str(HEALTH[storage.health][2])


@register.filter
def troubled(storages: Iterable[Overview]) -> list[Overview]:
    return [storage for storage in storages if HEALTH[storage.health][0] in {"harm", "wait"}]


@register.filter
def state_problem(state: StorageState) -> str:
    return sentence_for(state.problem_code, state.problem_params)


@register.filter
def copy_problem(copy: Copy) -> str:
    return sentence_for(copy.problem_code, copy.problem_params)


@register.filter
def step_words(step: Step) -> str:
    return str(STEPS[step.name])


@register.filter
def told(tested: Tested) -> list[Step]:
    """What was not tried, since nothing could be written, is no news of its own."""
    return [step for step in tested.missing if step.tried]


@register.filter
def step_problem(step: Step) -> str:
    return sentence_for(step.problem.code, dict(step.problem.params)) if step.problem else ""


@register.filter
def step_meaning(step: Step) -> str:
    return gettext(MEANING[step.name])


@register.filter
def full_words(storage: Overview) -> str:
    """When its disk is full, as far as anybody can say."""
    days = storage.days_until_full
    if storage.growth.free is None:
        return ""
    if not storage.growth.ahead:
        return gettext("too early to say when it is full")
    if days is None:
        return gettext("enough for more than a year")
    if days > 60:
        months = round(days / 30.4)
        return ngettext("full in about %(n)d month", "full in about %(n)d months", months) % {"n": months}
    return ngettext("full in about %(n)d day", "full in about %(n)d days", days) % {"n": days}


@register.filter
def wanting(storage: Overview) -> list[tuple[str, str]]:
    """(tone, words) of each number that is not nothing."""
    lying = storage.lying
    counted: Iterable[tuple[int, str, str]] = (
        (
            storage.waiting,
            "calm",
            ngettext(
                "%(n)d is still to be copied here", "%(n)d are still to be copied here", storage.waiting
            ),
        ),
        (
            lying.failed,
            "wait",
            ngettext("%(n)d could not be copied", "%(n)d could not be copied", lying.failed),
        ),
        (
            lying.unreadable,
            "wait",
            ngettext("%(n)d could not be read", "%(n)d could not be read", lying.unreadable),
        ),
        (
            lying.overdue,
            "wait",
            ngettext("%(n)d was not read for too long", "%(n)d were not read for too long", lying.overdue),
        ),
        (lying.damaged, "harm", ngettext("%(n)d is damaged", "%(n)d are damaged", lying.damaged)),
        (lying.missing, "harm", ngettext("%(n)d is missing", "%(n)d are missing", lying.missing)),
    )
    return [(tone, words % {"n": count}) for count, tone, words in counted if count]


@register.filter
def growth_chart(storage: Overview) -> Chart:
    """What it held, and what it will hold; its disk's end where that is near enough to be drawn."""
    grown = storage.growth
    lines = [Line(gettext("Was there"), [(dot.day, dot.bytes) for dot in grown.past])]
    # A year would press what was into a corner.
    ahead = grown.ahead[: max(14, min(183, 3 * len(grown.past)))]
    if ahead:
        lines.append(Line(gettext("Expected"), [(dot.day, dot.bytes) for dot in ahead], "ahead"))
    whole = grown.bytes + grown.free if grown.free is not None else None
    label = gettext("How much lies at “%(storage)s”, day by day; the table below has the figures.")
    return Chart(
        label % {"storage": storage_words(storage.name)},
        lines,
        limit=(whole, gettext("full at %(size)s") % {"size": size(whole)}) if whole is not None else None,
    )


@register.filter
def is_ahead(until: datetime | None) -> bool:
    return until is not None and until > timezone.now()
