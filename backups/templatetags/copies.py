"""How many copies an archive has of those that it should have, for a list."""

from __future__ import annotations

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from backups.models import Archive
from backups.services.archive_copies import Count
from backups.templatetags.marks import mark
from backups.templatetags.measures import number

register = template.Library()


def _counted(context: Context, archive: Archive) -> Count | None:
    """`copy_counts` in the context; without it nothing is told."""
    counts: dict[str, Count] = context.get("copy_counts") or {}
    return counts.get(archive.pk)


def _words(count: Count) -> str:
    told = {"whole": number(count.whole), "wanted": number(count.wanted)}
    return gettext("%(whole)s of %(wanted)s") % told


@register.simple_tag(takes_context=True)
def copies_mark(context: Context, archive: Archive) -> SafeString:
    """Plain where all is as it should be: only what is wanting catches the eye."""
    count = _counted(context, archive)
    if count is None:
        return SafeString("")
    if count.tone == "well":
        return format_html('<span class="soft">{}</span>', _words(count))
    tone, icon = ("calm", "hourglass") if count.tone == "coming" else ("wait", "alert-triangle")
    return mark(tone, icon, _words(count))


@register.simple_tag(takes_context=True)
def copies_words(context: Context, archive: Archive) -> str:
    """For a phone, where there is room only for what is wanting."""
    count = _counted(context, archive)
    if count is None or count.tone == "well":
        return ""
    told = {"whole": number(count.whole), "wanted": number(count.wanted)}
    return "· " + gettext("copies: %(whole)s of %(wanted)s") % told
