"""Figures and findings for people at a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.template.defaultfilters import filesizeformat

from backups.templatetags.application import note_words
from backups.templatetags.work import NO_SAFETY


def size(count: int) -> str:
    return filesizeformat(count).replace("\xa0", " ")


def findings(title: str, found: Sequence[Mapping[str, Any]]) -> list[str]:
    if not found:
        return []
    return [f"{title}:", *(f"  {item['kind']} {item['name']}: {item['detail']}" for item in found)]


def rewritten(told: Sequence[Mapping[str, Any]]) -> list[str]:
    """In what the restored code does not equal the archive."""
    if not told:
        return []
    lines = [f"Equal to the archive except for {len(told)} statements, whose tables were spelled anew:"]
    for one in told:
        lines.append(f"  {one['kind']} {one['name']}")
        lines += [line for old, new in one["lines"] for line in (f"    - {old}", f"    + {new}")]
    return lines


def safety(result: Mapping[str, Any]) -> list[str]:
    """What was kept of what had been there; nothing to say where nothing was replaced."""
    if result["safety_archive"]:
        return [f"Safety backup of what was there: {result['safety_archive']}"]
    why = NO_SAFETY.get(result["safety_skipped"])
    return [f"No safety backup was made: {why}."] if why else []


def application(notes: Sequence[Mapping[str, Any]]) -> list[str]:
    """What was done to the application around a change-over."""
    return [note_words(note) for note in notes]
