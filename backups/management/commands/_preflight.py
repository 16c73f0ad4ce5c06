"""A preflight and its outlook for people at a terminal, and for scripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.utils import timezone

from backups.services.outlook import Outlook
from backups.services.preflight import Check, Preflight
from backups.templatetags.preflight import check_mend, check_title, check_words

MARKS = {"pass": "ok   ", "warn": "warn ", "block": "BLOCK"}  # nosec B105 # it passes


def preflight_lines(looked: Preflight) -> Iterator[str]:
    for check in looked.checks:
        yield f"{MARKS[check.level]} {check_title(check)}: {check_words(check)}"
        yield from (f"        - {name}" for name in check.names)
        if check_mend(check):
            yield f"        > {check_mend(check)}"
    blocking = len(looked.blocking)
    yield f"{blocking} of these would stop it." if blocking else "Nothing here would stop it."


def rewrite_lines(looked: Preflight) -> Iterator[str]:
    """What --fix-case would change, statement by statement."""
    if not looked.rewrites:
        return
    yield ""
    yield f"With --fix-case {len(looked.rewrites)} statements would be spelled as their tables are called:"
    for one in looked.rewrites:
        yield f"  {one.kind} {one.name}"
        for before, after in one.lines:
            yield f"    - {before}"
            yield f"    + {after}"


def rewrite_values(looked: Preflight) -> list[dict[str, Any]]:
    return [asdict(one) for one in looked.rewrites]


def check_values(check: Check) -> dict[str, Any]:
    return {
        "name": check.name,
        "level": check.level,
        "code": check.code,
        "params": dict(check.params),
        "names": list(check.names),
        "text": check_words(check),
        "mend": check_mend(check),
    }


def outlook_values(ahead: Outlook) -> dict[str, Any]:
    return {
        "newest_row_at": ahead.newest_at.isoformat() if ahead.newest_at else None,
        "newest_row_table": ahead.newest_table or None,
        "expected_seconds": round(ahead.seconds, 1) if ahead.seconds is not None else None,
        "expected_from": ahead.learnt_from,
        "expected_interruption_ms": ahead.interruption_ms,
    }


def outlook_lines(ahead: Outlook) -> Iterator[str]:
    since = timezone.localtime(ahead.since)
    if ahead.newest_at:
        if ahead.newest_at > ahead.since:
            yield f"What was written after {since:%Y-%m-%d %H:%M %Z} would be gone from live."
        newest = timezone.localtime(ahead.newest_at)
        yield f"The newest row that live has is of {newest:%Y-%m-%d %H:%M %Z} ({ahead.newest_table})."
    if ahead.seconds is None:
        yield "How long it takes is not known before the first drill."
    else:
        yield f"It takes about {ahead.seconds:.0f} s, going by earlier drills ({ahead.learnt_from})."
    if ahead.interruption_ms is not None:
        yield f"QParkIn would stand still for about {ahead.interruption_ms} ms, as in earlier change-overs."
