"""`manage.py audit_verify`: whether the record of who did what is whole, and what lies outside says of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from backups.services import audit, audit_export_check, audit_guard, catalogue
from backups.services.audit import ChainState
from backups.services.audit_export_check import ExportState
from backups.services.refusals import AuditBroken, BackupError

from ._base import Answer, PanelCommand


class Command(PanelCommand):
    help = "Check the chain of the audit, against itself, its signed head and the seals of all archives."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--sealed-since",
            metavar="TIME",
            help="look only at seals made since then, e.g. 2026-11-23: after a loss of the panel's database",
        )
        parser.add_argument(
            "--head",
            action="append",
            metavar="COUNT:DIGEST",
            help="the record must have stood there: what the last line of a notice or an earlier check said",
        )
        parser.add_argument("--export", metavar="FILE", help="check an export of the audit instead")

    def answer(self, *, sealed_since: str | None, head: list[str] | None, **options: Any) -> Answer:
        if options["export"]:
            return _of_export(audit_export_check.check(Path(options["export"])))
        catalogue.sync()
        state = audit.verify_chain(sealed_since=_time(sealed_since) if sealed_since else None)
        unknown = [told for told in head or [] if not _knows(told)]
        values = {
            "events": state.events,
            "holds": state.holds and not unknown,
            "broken_at": state.broken_at,
            "contradicted_by": list(state.contradicted_by),
            "unknown_heads": unknown,
            "guarded": audit_guard.stands(),
            "head": audit.mark(),
        }
        error = _error(state) or _contradicted(unknown)
        return Answer(values, _text(state.events, error, guarded=bool(values["guarded"])), error)


def _text(events: int, error: BackupError | None, *, guarded: bool) -> str:
    if error:
        return f"The audit is NOT whole. {events} events were read."
    told = f"The audit is whole: {events} events. It ends at {audit.mark() or 'nothing yet'}."
    return told if guarded else f"{told} Its database does not refuse changes; see manage.py migrate."


def _error(state: ChainState) -> BackupError | None:
    if state.broken_at is not None:
        return AuditBroken(reason=f"it was changed or cut at event {state.broken_at}")
    if state.contradicted_by:
        count, oldest = len(state.contradicted_by), state.contradicted_by[0]
        return AuditBroken(
            reason=f"the seals of {count} archives, the oldest {oldest}, name events that it does not have; "
            "after a loss of the panel's own database give --sealed-since the day of that loss"
        )
    return None


def _contradicted(unknown: list[str]) -> BackupError | None:
    if not unknown:
        return None
    return AuditBroken(reason=f"it never stood at {', '.join(unknown)}: it was cut, rewritten or begun anew")


def _knows(head: str) -> bool:
    try:
        return audit.knows(head)
    except ValueError:
        raise CommandError("--head is not a head; write e.g. 1204:9f86d081884c7d65") from None


def _of_export(state: ExportState) -> Answer:
    values = {
        "events": state.events,
        "holds": state.holds,
        "changed_at": state.changed_at,
        "gaps": state.gaps,
        "signed": state.signed,
        "unknown": state.unknown,
    }
    if state.holds:
        told = f"The export is as it was made: {state.events} events, {state.gaps} gaps between them."
        return Answer(values, told)
    return Answer(values, f"The export does NOT hold. {state.events} events were read.", _export_error(state))


def _export_error(state: ExportState) -> BackupError:
    if state.changed_at is not None:
        return AuditBroken(reason=f"event {state.changed_at} of the export does not say what it said")
    if not state.signed:
        return AuditBroken(
            reason="lines of the export are missing, added or changed, or no trusted key signed it"
        )
    return AuditBroken(reason=f"the panel's own record lacks {state.unknown} events of the export")


def _time(text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(
            "--sealed-since is not a time; write e.g. 2026-11-23 or 2026-11-23T14:05"
        ) from None
    return given if given.tzinfo else timezone.make_aware(given)
