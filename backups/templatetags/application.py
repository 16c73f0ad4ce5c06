"""What was done to the application around a change-over, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.translation import gettext, gettext_lazy

register = template.Library()

# By step and outcome: the words, and whether somebody has to do something.
WORDS = {
    ("maintenance", "done"): gettext_lazy(
        "While the data changed over, QParkIn showed its maintenance page; now it is open again."
    ),
    ("maintenance", "kept"): gettext_lazy(
        "QParkIn was in maintenance mode before, and still is: whoever switched it on switches it off."
    ),
    ("maintenance", "not_done"): gettext_lazy("QParkIn stayed open during the change-over: %(why)s."),
    ("maintenance", "stuck"): gettext_lazy(
        "QParkIn is still in maintenance mode: %(why)s. Run php artisan up there."
    ),
    ("caches", "done"): gettext_lazy("What QParkIn had cached of the data was cleared."),
    ("caches", "not_done"): gettext_lazy(
        "QParkIn's caches were not cleared: %(why)s. Run php artisan cache:clear there."
    ),
    ("workers", "done"): gettext_lazy("Queue workers were told to start anew."),
    ("workers", "not_done"): gettext_lazy(
        "Queue workers were not told to start anew: %(why)s. Run php artisan queue:restart there."
    ),
    ("smoke", "done"): gettext_lazy("QParkIn answers (%(why)s)."),
    ("smoke", "kept"): gettext_lazy(
        "Whether QParkIn answers was not looked at, since it is in maintenance mode."
    ),
    ("smoke", "failed"): gettext_lazy(
        "QParkIn does not answer as it should (%(why)s). Look before others do."
    ),
}
TO_DO = {"not_done", "stuck", "failed"}
REASONS = {
    "no_application": gettext_lazy("QPARKIN_LARAVEL_PATH is not the folder of a Laravel application"),
    "in_the_cache": gettext_lazy("it keeps its maintenance mode in its cache"),
    "not_writable": gettext_lazy("the panel may not write in its folder"),
    "no_php": gettext_lazy("there is no PHP on this machine"),
    "artisan_failed": gettext_lazy("php artisan ended with an error"),
    "unreachable": gettext_lazy("nobody answers at its address"),
    "slow": gettext_lazy("it took too long"),
    "certificate": gettext_lazy("its certificate is not valid"),
    "not_an_address": gettext_lazy("QPARKIN_SMOKE_URL is not an address"),
    "forbidden": gettext_lazy("QPARKIN_SMOKE_URL leads where no application is"),
}


@register.filter
def note_words(note: Mapping[str, Any]) -> str:
    why = str(note.get("why", ""))
    words = WORDS.get((note["step"], note["outcome"]))
    if words is None:
        return ""
    return str(words) % {"why": REASONS.get(why) or gettext("status %(status)s") % {"status": why}}


@register.filter
def to_do(notes: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The notes after which somebody has to do something."""
    return [note for note in notes or () if note["outcome"] in TO_DO]


@register.filter
def went_well(notes: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [note for note in notes or () if note["outcome"] not in TO_DO]


@register.filter
def not_answering(notes: Iterable[Mapping[str, Any]]) -> bool:
    return any(note["step"] == "smoke" and note["outcome"] == "failed" for note in notes or ())
