"""Sistem in words: what the server's refusal means, which jobs a worker takes."""

from __future__ import annotations

from collections.abc import Sequence

from django import template

from backups.models import Job
from backups.services.protected_look import ProtectedLook
from backups.services.wording import sentence_for

register = template.Library()


@register.filter
def why_not(look: ProtectedLook) -> str:
    return sentence_for(look.error_code, look.error_params)


@register.filter
def kinds_words(kinds: Sequence[str]) -> str:
    known = dict(Job.Kind.choices)
    return ", ".join(str(known.get(kind, kind)) for kind in kinds)


@register.filter
def apart(seconds: float) -> float:
    return abs(seconds)
