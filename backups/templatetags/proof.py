"""What a proof found, for people who do not know error numbers by heart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from django import template
from django.utils.translation import gettext, gettext_lazy, gettext_noop, ngettext

from backups.services.restore import PreviewRow
from backups.templatetags.measures import number

register = template.Library()

CAUSES = {
    1048: gettext_lazy("it leaves a column empty that must be filled"),
    1054: gettext_lazy("it names a column that does not exist"),
    1146: gettext_lazy("it names a table that does not exist"),
    1305: gettext_lazy("it calls a procedure or function that does not exist"),
    1442: gettext_lazy("it changes the very table that its own statement is working on"),
    1449: gettext_lazy("the account it is to run as does not exist"),
}

# Of these the server names the column, quoted, and whoever mends it has to know which.
NAMING = {1048, 1054}
QUOTED = re.compile(r"'([^']+)'")

OBSTACLES = {
    "changes_server": gettext_lazy("it would change the server itself"),
    "names_database": gettext_lazy("it names another database, which must not be touched"),
    "no_right": gettext_lazy("the account that tries it out lacks a right"),
    "not_reached": gettext_lazy("no made-up row reached it"),
    "routine_not_made": gettext_lazy("a procedure that it calls could not be made"),
    "runs_programs": gettext_lazy("it would run a program"),
    "server_busy": gettext_lazy("the server was too busy"),
    "table_not_made": gettext_lazy("its table could not be made"),
    "too_slow": gettext_lazy("it took too long"),
    "touches_files": gettext_lazy("it would read or write files"),
    "waits": gettext_lazy("it would wait for something"),
}

UNEQUAL = {
    "has other rows": gettext_lazy("has other rows"),
    "has other bytes in": gettext_lazy("has other bytes in"),
    "is missing": gettext_lazy("is missing"),
    "is not in the archive": gettext_lazy("is not in the archive"),
    "is defined otherwise": gettext_lazy("is defined otherwise"),
}
# The one difference that has no name of its own.
CHARACTER_SET = gettext_noop("the character set of the database")

KINDS = {
    "trigger": gettext_lazy("Trigger"),
    "view": gettext_lazy("View"),
    "routine": gettext_lazy("Routine"),
    "procedure": gettext_lazy("Procedure"),
    "function": gettext_lazy("Function"),
    "event": gettext_lazy("Event"),
    "table": gettext_lazy("Table"),
}


@register.filter
def signed(count: int) -> str:
    """A number that came or went; nothing for none."""
    if not count:
        return ""
    return ("+" if count > 0 else "−") + str(number(abs(count)))


PHASES = {
    "files_unpack": gettext_lazy("Unpack the files"),
    "files_prove": gettext_lazy("Compare every file"),
    "load": gettext_lazy("Load the rows"),
    "keys": gettext_lazy("Make the keys"),
    "code": gettext_lazy("Make triggers, views and procedures"),
    "prove_works": gettext_lazy("Try out triggers and views"),
    "prove_equal": gettext_lazy("Compare every byte"),
    "drop": gettext_lazy("Remove the copy"),
}


class Kinded(Protocol):
    @property
    def kind(self) -> str: ...


@register.filter
def kind_words(finding: Mapping[str, Any] | Kinded) -> str:
    """Of a finding as it is stored, or of a rewrite that is only offered yet."""
    kind = str(finding.get("kind", "") if isinstance(finding, Mapping) else finding.kind)
    return str(KINDS.get(kind.lower(), kind))


@register.filter
def cause_words(finding: Mapping[str, Any]) -> str:
    """In plain words where we have them, with the server's own number for whoever mends it."""
    errno, detail = finding.get("errno"), str(finding.get("detail", ""))
    if finding.get("cause") == "missing_table":
        return "; ".join(_missing(detail.split(", "), dict(finding.get("meant", ()))))
    if finding.get("cause") == "missing_definer":
        return gettext("the account it is to run as, %(account)s, does not exist") % {"account": detail}
    plain = str(CAUSES.get(errno, detail)) if isinstance(errno, int) else detail
    named = QUOTED.search(detail) if errno in NAMING else None
    return f"{plain}{f': `{named.group(1)}`' if named else ''} ({errno})" if errno else plain


def _missing(names: list[str], meant: Mapping[str, str]) -> Iterator[str]:
    """Where only the spelling differs, the table that is meant; the rest together."""
    for named in (name for name in names if name in meant):
        yield gettext("it names `%(named)s`, the table is `%(table)s`") % {
            "named": named,
            "table": meant[named],
        }
    if gone := ", ".join(name for name in names if name not in meant):
        yield gettext("it names what is not there: %(names)s") % {"names": gone}


@register.filter
def drill_phase(slug: str) -> str:
    return str(PHASES.get(slug, slug))


@register.filter
def obstacle_words(part: Mapping[str, Any]) -> str:
    return str(OBSTACLES.get(str(part.get("why", "")), part.get("why", "")))


@register.filter
def unequal_words(told: str) -> str:
    """`table booking is missing`, said in the reader's language."""
    for ending, words in UNEQUAL.items():
        kind, _, rest = told.partition(" ")
        name, found, what = rest.partition(f" {ending}")
        if found and kind in KINDS:
            return f"{KINDS[kind]} {name} {words}{what}"
    return gettext(told)


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
    if row.unreadable:
        return gettext("not known")
    if row.now is None:
        return gettext("comes back")
    if row.after is None:
        return gettext("goes away")
    change = row.after - row.now
    return f"+{number(change)}" if change > 0 else f"−{number(-change)}"
