"""The big choices of a restore, each with its picture and a sentence in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from backups.services.plan import Happening, Scope, Target

register = template.Library()

HAPPENINGS = {
    Happening.ROWS: ("eraser", _("Some data is wrong"), _("Rows were changed or deleted by mistake.")),
    Happening.TABLE: (
        "table-off",
        _("A table is gone"),
        _("QParkIn complains about a table that is missing."),
    ),
    Happening.DATABASE: (
        "database-off",
        _("The whole database is gone"),
        _("It was dropped, or it is empty."),
    ),
    Happening.FILES: (
        "folder-off",
        _("Files are gone"),
        _("Photos, receipts or other uploads were deleted."),
    ),
    Happening.SERVER: (
        "server-off",
        _("The server was lost"),
        _("This is a new one, and it is still empty."),
    ),
    Happening.LOOK: (
        "eye",
        _("Nothing, I only want to look"),
        _("The data of an earlier day, beside today's."),
    ),
}

SCOPES = {
    Scope.DATABASE: (
        "database",
        _("The whole database"),
        _("All tables, with triggers, views and routines."),
    ),
    Scope.TABLES: ("table", _("Only some tables"), _("The others stay as they are now.")),
    Scope.FILES: ("folder", _("Only the files"), _("The database stays as it is now.")),
    Scope.BOTH: ("stack-2", _("Database and files"), _("Both as they were, as one act with one undo.")),
}

TARGETS = {
    Target.NEW: (
        "database-plus",
        _("Into a new place"),
        _(
            "Safest: a new database or folder. QParkIn does not notice; you look at everything in peace and "
            "decide then."
        ),
    ),
    Target.BESIDE: (
        "columns-2",
        _("Beside the live tables"),
        _("Under another name; nothing is replaced. Good for copying single rows back by hand."),
    ),
    Target.LIVE: (
        "database-export",
        _("In place of the live data"),
        _("QParkIn works with the restored data at once. It can be undone."),
    ),
}

PICTURES: dict[str, Mapping[Any, tuple[Any, ...]]] = {"what": HAPPENINGS, "scope": SCOPES, "target": TARGETS}


@register.inclusion_tag("restores/_cards.html")
def cards(name: str, chosen: str | None, only: Iterable[str] | None = None) -> dict[str, Any]:
    """Radio buttons for `what`, `scope` or `target`; `only` those where not all are possible."""
    shown = PICTURES[name]
    allowed = set(shown) if only is None else set(only)
    return {
        "name": name,
        "chosen": chosen,
        "cards": [(value, *words) for value, words in shown.items() if value in allowed],
    }


@register.filter
def scope_words(scope: str) -> str:
    return str(SCOPES[Scope(scope)][1])
