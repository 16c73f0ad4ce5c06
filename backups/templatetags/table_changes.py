"""An archive's tables beside those of the one before it: what came, what went, what grew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext

from backups.models import Archive
from backups.templatetags.measures import rows_words

register = template.Library()


@dataclass(frozen=True, slots=True)
class Line:
    """`rows` and `bytes` are None of a table that is gone, `change` where there is nothing to compare."""

    name: str
    rows: int | None
    bytes: int | None
    change: str
    tone: str


@register.filter
def lines_since(archive: Archive, before: Archive | None) -> list[Line]:
    """What is gone first: it is what somebody has to see."""
    then = _rows(before) if before else None
    now = [_line(str(it["name"]), int(it["rows"]), int(it["bytes"]), then) for it in archive.table_rows]
    return [*_gone(archive, then or {}), *now]


def _rows(archive: Archive) -> dict[str, int]:
    return {str(table["name"]): int(table["rows"]) for table in archive.table_rows}


def _gone(archive: Archive, then: dict[str, int]) -> Iterator[Line]:
    for name in sorted(set(then) - set(_rows(archive))):
        told = gettext("gone; it had %(rows)s") % {"rows": rows_words(then[name])}
        yield Line(name, None, None, told, "harm")


def _line(name: str, rows: int, size: int, then: dict[str, int] | None) -> Line:
    if then is None:
        return Line(name, rows, size, "", "")
    if name not in then:
        return Line(name, rows, size, gettext("new"), "safe")
    return Line(name, rows, size, signed(rows - then[name]), "less" if rows < then[name] else "")


@register.filter
def signed(change: int) -> str:
    """With its sign, which is a minus and no hyphen; nothing changed is a quiet dash."""
    if not change:
        return "–"
    return f"{'+' if change > 0 else '−'}{number_format(abs(change), force_grouping=True)}"


@register.filter
def size_since(archive: Archive, before: Archive) -> int:
    return archive.bytes - before.bytes


@register.filter
def rows_since(archive: Archive, before: Archive) -> str:
    return signed(archive.rows - before.rows)
