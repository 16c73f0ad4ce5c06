"""What an archive holds less surely than the rest, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import template
from django.utils.translation import gettext, gettext_lazy

from backups.templatetags.files import file_warning_words

register = template.Library()

# More names than these nobody reads in one sentence.
NAMED = 20

WORDS = {
    "locked": gettext_lazy(
        "These tables know no transactions; nobody could write to them while they were read, so they agree "
        "with all the others: %(names)s."
    ),
    "view_broken": gettext_lazy(
        "These views do not work in the database itself; their text is kept, and they come back wherever "
        "they work: %(names)s."
    ),
    "own_folder": gettext_lazy(
        "These tables lie in a folder of their own; after a restore they lie in the server's: %(names)s."
    ),
    "emoji_forgotten": gettext_lazy(
        "The definitions of these columns show a ? where there may have been an emoji that the server "
        "forgot: %(names)s."
    ),
    "few_connections": gettext_lazy(
        "The server had fewer connections free than a backup uses, so it took longer; it is as whole as any."
    ),
}

ADOPTED = {
    "adopted": gettext_lazy(
        "Taken over from the file %(name)s: it is not a backup of the database that is protected here."
    ),
    "adopted_lost": gettext_lazy("%(name)s statements of the file were lost, the first at line %(why)s."),
    "adopted_cut": gettext_lazy("The file was cut off; what came after is not here."),
}

NOT_LOCKED = gettext_lazy(
    "These tables know no transactions and were read without a lock (%(why)s); what was written to them "
    "during the backup may be in it only in part: %(names)s."
)
REASONS = {
    "busy": gettext_lazy("somebody held them all the time"),
    "off": gettext_lazy("locking is switched off by DUMP_LOCK_TABLES"),
    "refused": gettext_lazy("the server refused to lock them"),
    "full": gettext_lazy("the server had no connection free for it"),
    "late": gettext_lazy("they were made while the backup began"),
}


@register.filter
def warning_lines(warnings: Iterable[Mapping[str, Any] | str]) -> list[str]:
    return list(_lines(warnings))


def _lines(warnings: Iterable[Mapping[str, Any] | str]) -> Iterator[str]:
    for warned in warnings:
        if isinstance(warned, str):
            yield _of_before(warned)
        elif warned["code"] == "not_locked":
            why = REASONS.get(warned["why"], REASONS["refused"])
            yield str(NOT_LOCKED) % {"why": why, "names": _listed(warned["names"])}
        elif warned["code"] in ADOPTED:
            name = "".join(warned["names"][:1])
            yield str(ADOPTED[warned["code"]]) % {"name": name, "why": warned["why"]}
        elif warned["code"] in WORDS:
            yield str(WORDS[warned["code"]]) % {"names": _listed(warned["names"])}


def _of_before(sentence: str) -> str:
    """Of files, or of an older panel: a sentence, or a table and its engine as in `sessions: MyISAM`."""
    if (of_files := file_warning_words(sentence)) is not None:
        return of_files
    table, found, engine = sentence.partition(": ")
    if not found:
        return sentence
    told = gettext("The table %(table)s uses %(engine)s, which knows no transactions.")
    return told % {"table": table, "engine": engine}


def _listed(names: list[str]) -> str:
    more = len(names) - NAMED
    shown = ", ".join(names[:NAMED])
    return shown + (gettext(" and %(count)d more") % {"count": more} if more > 0 else "")
