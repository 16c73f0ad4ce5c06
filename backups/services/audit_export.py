"""The record of who did what, to take along: a line for each event, with its place in the chain, and signed.

The last line says how many lines there are, their SHA-256, where the record stood, and the panel's signature
under it: `audit_verify --export FILE` checks all of it, also when only what a search found was taken along.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db.models import QuerySet

from backups.engine.errors import BackupError
from backups.models import AuditEvent

from . import audit, keys

DOMAIN = b"qparkin-backup audit export 1\n"
SIGNED = "signed"
FIELDS = (
    "number", "at", "actor", "action", "object_kind", "object_id", "outcome", "address", "details",
    "previous", "digest", "actor_id",
)  # fmt: skip
# A spreadsheet takes a cell that begins so for a formula, and runs it. And our own quote, to undo it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")


@dataclass(frozen=True, slots=True)
class Ending:
    """What the last line says of those before it."""

    sha256: str
    events: int
    head: str
    signature: str

    @property
    def statement(self) -> bytes:
        return DOMAIN + f"{self.sha256} {self.events} {self.head}".encode()


class _Line:
    """What `csv` writes to: it gives each line back instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def as_csv(events: QuerySet[AuditEvent]) -> Iterator[str]:
    writer = csv.writer(_Line())
    lines = (writer.writerow(cells(event)) for event in events.iterator())
    for line in _signed(writer.writerow(FIELDS), lines):
        yield line if isinstance(line, str) else writer.writerow((SIGNED, *_told(line).values()))


def as_json(events: QuerySet[AuditEvent]) -> Iterator[str]:
    """One object a line."""
    lines = (json.dumps(_values(event), ensure_ascii=False) + "\n" for event in events.iterator())
    for line in _signed("", lines):
        yield line if isinstance(line, str) else json.dumps({SIGNED: _told(line)}) + "\n"


def _signed(first: str, lines: Iterator[str]) -> Iterator[str | Ending]:
    """Where the record stands is asked last: it knows every event that was taken along."""
    running, count = hashlib.sha256(first.encode()), 0
    if first:
        yield first
    for line in lines:
        count += 1
        running.update(line.encode())
        yield line
    unsigned = Ending(running.hexdigest(), count, audit.mark(), "")
    yield Ending(unsigned.sha256, count, unsigned.head, _signature(unsigned.statement))


def _signature(statement: bytes) -> str:
    """'' where this host has no signing key: the lines still hang together."""
    try:
        key = keys.signing()
    except BackupError:
        return ""
    return key.signature(statement) if key else ""


def _told(ending: Ending) -> dict[str, str | int]:
    return {
        "sha256": ending.sha256,
        "events": ending.events,
        "head": ending.head,
        "signature": ending.signature,
    }


def cells(event: AuditEvent) -> list[str]:
    told = _values(event)
    told["details"] = json.dumps(told["details"], ensure_ascii=False, sort_keys=True)
    return [_harmless("" if value is None else str(value)) for value in told.values()]


def _values(event: AuditEvent) -> dict[str, Any]:
    return {
        "number": event.pk,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": event.actor_label,
        "action": event.action,
        "object_kind": event.object_kind,
        "object_id": event.object_id,
        "outcome": event.outcome,
        "address": event.address,
        "details": event.details,
        "previous": event.previous,
        "digest": event.digest,
        "actor_id": event.actor_id,
    }


def _harmless(cell: str) -> str:
    return "'" + cell if cell.startswith(FORMULA) else cell


def meant(cell: str) -> str:
    """The inverse."""
    return cell.removeprefix("'")
