"""What a restore of a few tables touches besides them, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.translation import gettext, gettext_lazy, ngettext

from backups.services.preview import Dangling, Dependent
from backups.templatetags.measures import number

register = template.Library()

HOW = {
    "refers_here": gettext_lazy("refers to %(tables)s; from then on to the restored rows"),
    "refers_there": gettext_lazy("is referred to by %(tables)s; it stays as it is"),
}


@register.filter
def tied(dependents: Iterable[Dependent]) -> list[Dependent]:
    """Tables with foreign keys to the chosen ones, or from them."""
    return [dependent for dependent in dependents if dependent.how in HOW]


@register.filter
def naming(dependents: Iterable[Dependent]) -> list[Dependent]:
    """Code that only names them."""
    return [dependent for dependent in dependents if dependent.how not in HOW]


@register.filter
def dependent_words(dependent: Dependent) -> str:
    return str(HOW[dependent.how]) % {"tables": ", ".join(dependent.tables)}


@register.filter
def dangling_words(dangling: Dangling) -> str:
    if dangling.rows is None:
        text = gettext(
            "rows of %(child)s, nobody can say how many, refer to rows of %(parent)s that would not be there"
        )
    else:
        text = ngettext(
            "%(rows)s row of %(child)s refers to a row of %(parent)s that would not be there",
            "%(rows)s rows of %(child)s refer to rows of %(parent)s that would not be there",
            dangling.rows,
        )
    return text % {"rows": number(dangling.rows), "child": dangling.child, "parent": dangling.parent}


@register.filter
def named(names: Mapping[str, str], table: str) -> str:
    """What a table is called beside the live one."""
    return names.get(table, "")


@register.filter
def dangling_after(dangling: Mapping[str, Any]) -> str:
    """The same once it is done, as the job keeps it."""
    text = ngettext(
        "Accepted: %(rows)s row of %(child)s refers to no row of %(parent)s.",
        "Accepted: %(rows)s rows of %(child)s refer to no row of %(parent)s.",
        dangling["rows"],
    )
    return text % {**dangling, "rows": number(dangling["rows"])}
