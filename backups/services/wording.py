"""A stored error, in the language of whoever looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext

from . import refusals
from .refusals import BackupError


def sentence_for(code: str, params: Mapping[str, Any]) -> str:
    """The sentence of an error's code with its parameters, translated."""
    if not code:
        return ""
    for kind in _kinds(BackupError):
        if kind.code == code:
            try:
                return gettext(kind.sentence) % params
            except (KeyError, TypeError, ValueError):
                continue
    return gettext(refusals.Unexpected.sentence) % {"reason": code}


def sentence_of(error: BackupError) -> str:
    return gettext(error.sentence) % error.params


def _kinds(kind: type[BackupError]) -> Iterator[type[BackupError]]:
    for below in kind.__subclasses__():
        yield from _kinds(below)
    yield kind
