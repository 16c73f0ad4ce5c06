"""A line to type, as a narrow page shows it."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def whole_options(line: str) -> SafeString:
    """A browser may end a line after any hyphen, and `--` at its end looks like an option of its own."""
    return format_html_join(" ", "{}", ((_unbroken(word),) for word in line.split(" ")))


def _unbroken(word: str) -> str:
    return format_html('<span class="whole">{}</span>', word) if word.startswith("-") else word
