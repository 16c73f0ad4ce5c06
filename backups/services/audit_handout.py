"""Handing the record out: streamed, and on the record itself when it is asked for and when it ends."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from backups.models import AuditEvent, User

from . import audit, audit_export

CSV, JSON = "csv", "json"
MEDIA = {CSV: "text/csv; charset=utf-8", JSON: "application/x-ndjson"}


@dataclass(slots=True)
class Handout:
    """Whoever reads it closes it; how much was handed out is recorded once."""

    lines: Iterator[str]
    by: User
    address: str
    sent: int = 0
    whole: bool = False
    closed: bool = False

    def __iter__(self) -> Generator[bytes]:
        try:
            for line in self.lines:
                block = line.encode()
                self.sent += len(block)
                yield block
            self.whole = True
        finally:
            self.close()

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            outcome = AuditEvent.Outcome.OK if self.whole else AuditEvent.Outcome.FAILED
            told = {"bytes": self.sent}
            audit.record(
                "export_audit_end", actor=self.by, outcome=outcome, address=self.address, details=told
            )


def hand_out(
    events: QuerySet[AuditEvent], *, kind: str, asked: Mapping[str, str], by: User, address: str
) -> Handout:
    """`asked` is what was searched for."""
    audit.record("export_audit", actor=by, address=address, details={"format": kind, **asked})
    lines = audit_export.as_csv(events) if kind == CSV else audit_export.as_json(events)
    return Handout(lines, by, address)
