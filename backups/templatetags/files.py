"""Folders of files in words: how many there are, and what a backup has to tell of them."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext, gettext_noop

register = template.Library()

# As the engine writes them, with the name that it puts in.
WARNINGS = (
    gettext_noop("The file %(name)s changed while it was read"),
    gettext_noop("The file %(name)s vanished before it was read"),
    gettext_noop("%(name)s is a socket, a pipe or a device; it is not kept"),
    gettext_noop("The link %(name)s leads out of its folder; the link is kept, not what it shows"),
    gettext_noop("The folder %(name)s is empty"),
    gettext_noop("%(name)s more files are not named here"),
)


CHANGES = {
    "comes_back": gettext_noop("comes back"),
    "changes": gettext_noop("goes back to its older version"),
    "goes": gettext_noop("is set aside"),
}


@register.filter
def change_words(what: str) -> str:
    return gettext(CHANGES[what])


def file_warning_words(warning: str) -> str | None:
    """The same in the reader's language; None where it is about something else."""
    for sentence in WARNINGS:
        before, _, after = sentence.partition("%(name)s")
        if warning.startswith(before) and warning.endswith(after):
            name = warning[len(before) : len(warning) - len(after)]
            return gettext(sentence) % {"name": name}
    return None
