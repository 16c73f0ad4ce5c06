"""What a proof found, for people who do not know error numbers by heart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext, gettext_lazy, ngettext

from backups.services.restore import PreviewRow
from backups.templatetags.measures import number

register = template.Library()

CAUSES = {
    1054: gettext_lazy("it names a column that does not exist"),
    1146: gettext_lazy("it names a table that does not exist in this spelling"),
    1305: gettext_lazy("it calls a procedure or function that does not exist"),
    1442: gettext_lazy("it changes the very table that its own statement is working on"),
    1449: gettext_lazy("the account it is to run as does not exist"),
}

KINDS = {
    "trigger": gettext_lazy("Trigger"),
    "view": gettext_lazy("View"),
    "procedure": gettext_lazy("Procedure"),
    "function": gettext_lazy("Function"),
    "event": gettext_lazy("Event"),
    "table": gettext_lazy("Table"),
}


@register.filter
def kind_words(finding: Mapping[str, Any]) -> str:
    kind = str(finding.get("kind", ""))
    return str(KINDS.get(kind.lower(), kind))


@register.filter
def cause_words(finding: Mapping[str, Any]) -> str:
    """In plain words where we have them, with the server's own number for whoever mends it."""
    errno = finding.get("errno")
    plain = CAUSES.get(errno) if isinstance(errno, int) else None
    words = str(plain or finding.get("detail") or finding.get("cause") or "")
    return f"{words} ({errno})" if errno else words


@register.filter
def code_words(counts: Mapping[str, int]) -> str:
    """`34 triggers, 19 foreign keys, 2 views`, leaving out what there is none of."""
    triggers, keys, views, routines, events = (
        int(counts.get(kind, 0)) for kind in ("triggers", "foreign_keys", "views", "routines", "events")
    )
    parts = (
        (triggers, ngettext("%(n)d trigger", "%(n)d triggers", triggers)),
        (keys, ngettext("%(n)d foreign key", "%(n)d foreign keys", keys)),
        (views, ngettext("%(n)d view", "%(n)d views", views)),
        (routines, ngettext("%(n)d routine", "%(n)d routines", routines)),
        (events, ngettext("%(n)d event", "%(n)d events", events)),
    )
    return ", ".join(text % {"n": count} for count, text in parts if count) or gettext("tables only")


@register.filter
def difference(row: PreviewRow) -> str:
    """Signed, so that a loss is read at a glance; a table that comes or goes is named so."""
    if row.now is None:
        return gettext("comes back")
    if row.after is None:
        return gettext("is not in the archive")
    change = row.after - row.now
    return f"+{number(change)}" if change > 0 else f"−{number(-change)}"
