"""A stored error, in the language of whoever looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext

from . import refusals
from .refusals import BackupError

BRACKETS = {"reason", "what", "why"}


def sentence_for(code: str, params: Mapping[str, Any]) -> str:
    """The sentence of an error's code with its parameters, translated."""
    if not code:
        return ""
    if cause := params.get("cause"):
        # What stopped it has a sentence of its own.
        of_it = {name: value for name, value in params.items() if name != "cause"}
        params = {**of_it, "why": sentence_for(str(cause), of_it)}
    for kind in _kinds(BackupError):
        if kind.code == code:
            try:
                return gettext(kind.sentence) % _in_words(params)
            except (KeyError, TypeError, ValueError):
                continue
    return gettext(refusals.Unexpected.sentence) % {"reason": code}


def sentence_of(error: BackupError) -> str:
    return gettext(error.sentence) % _in_words(error.params)


def _in_words(params: Mapping[str, Any]) -> dict[str, Any]:
    """What we wrote into the brackets is translated; names and what others said stay as they are."""
    return {key: gettext(value) if key in BRACKETS and value else value for key, value in params.items()}


def _kinds(kind: type[BackupError]) -> Iterator[type[BackupError]]:
    for below in kind.__subclasses__():
        yield from _kinds(below)
    yield kind
