"""The record of who did what, to take along: a line for each event, with its place in the chain."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from django.db.models import QuerySet

from backups.models import AuditEvent

FIELDS = (
    "number", "at", "actor", "action", "object_kind", "object_id", "outcome", "address", "details",
    "previous", "digest",
)  # fmt: skip
# A spreadsheet takes a cell that begins so for a formula, and runs it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """What `csv` writes to: it gives each line back instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def as_csv(events: QuerySet[AuditEvent]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(FIELDS)
    for event in events.iterator():
        told = _values(event)
        details = json.dumps(told["details"], ensure_ascii=False, sort_keys=True)
        yield writer.writerow(_harmless(str(value)) for value in {**told, "details": details}.values())


def as_json(events: QuerySet[AuditEvent]) -> Iterator[str]:
    """One object a line."""
    for event in events.iterator():
        yield json.dumps(_values(event), ensure_ascii=False) + "\n"


def _values(event: AuditEvent) -> dict[str, Any]:
    return {
        "number": event.pk,
        "at": event.at.astimezone(UTC).isoformat(),
        "actor": event.actor_label,
        "action": event.action,
        "object_kind": event.object_kind,
        "object_id": event.object_id,
        "outcome": event.outcome,
        "address": event.address,
        "details": event.details,
        "previous": event.previous,
        "digest": event.digest,
    }


def _harmless(cell: str) -> str:
    return "'" + cell if cell.startswith(FORMULA) else cell
