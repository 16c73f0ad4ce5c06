"""The steps of setting up, in words and with the way to each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext_lazy

from backups.checklist import Step

register = template.Library()

WORDS = {
    "backup": (gettext_lazy("Make the first backup"), "backup-new"),
    "schedule": (gettext_lazy("Let backups be made by themselves"), "schedules"),
    "proof": (gettext_lazy("Prove that a backup can be restored"), "archives"),
    "elsewhere": (gettext_lazy("Keep a copy at a second place, away from this machine"), "storages"),
    # Handed out at the machine itself, never by a browser; the page says how.
    "kit": (gettext_lazy("Make the recovery kit, and lock it away far from this machine"), "keys"),
    "tried": (gettext_lazy("Try the recovery key once, so that you know it opens a backup"), "keys"),
    "notices": (gettext_lazy("Say who is told when something fails"), "notices"),
}


@register.inclusion_tag("_checklist.html")
def checklist(steps: Sequence[Step]) -> dict[str, Any]:
    lines = [(step, *_told(step)) for step in steps]
    done = sum(step.done for step in steps)
    return {"lines": lines, "done": done, "all": len(lines), "complete": done == len(lines)}


def _told(step: Step) -> tuple[str, str]:
    """(words, where the page leads)."""
    words, route = WORDS[step.name]
    return str(words), reverse(route)
