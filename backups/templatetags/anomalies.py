"""What is strange about a backup, in words and with both figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import gettext, gettext_lazy

from backups.templatetags.measures import duration, number, size

register = template.Library()

WORDS = {
    "table_vanished": gettext_lazy("%(table)s is gone; it had %(usual)s rows."),
    "rows_lost": gettext_lazy("%(table)s lost rows: it has %(value)s, and had %(usual)s."),
    "rows_jumped": gettext_lazy("%(table)s grew in one leap: it has %(value)s rows, and had %(usual)s."),
    "size": gettext_lazy("The backup is %(value)s; usually it is about %(usual)s."),
    "duration": gettext_lazy("It took %(value)s; usually it takes about %(usual)s."),
    "incompressible": gettext_lazy(
        "The rows can hardly be compressed any more (%(value)s of their size; usually %(usual)s). Data that "
        "somebody encrypted looks like that. If nobody knows why, take QParkIn off the network and ask for "
        "help before you restore."
    ),
}


@register.filter
def anomaly_words(anomaly: Mapping[str, Any]) -> str:
    kind = str(anomaly["kind"])
    told = {name: _figure(kind, float(anomaly[name])) for name in ("value", "usual")}
    return str(WORDS[kind]) % {"table": anomaly["table"], **told}


def _figure(kind: str, value: float) -> str:
    if kind == "size":
        return size(round(value))
    if kind == "duration":
        return duration(value)
    if kind == "incompressible":
        return gettext("%(number)s%%") % {"number": number(round(100 * value))}
    return number(round(value))
