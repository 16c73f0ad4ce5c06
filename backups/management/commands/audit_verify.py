"""`manage.py audit_verify`: whether the record of who did what is whole, and what the seals say of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from backups.services import audit, catalogue
from backups.services.audit import ChainState
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

    def answer(self, *, sealed_since: str | None, **_: Any) -> Answer:
        catalogue.sync()
        state = audit.verify_chain(sealed_since=_time(sealed_since) if sealed_since else None)
        values = {
            "events": state.events,
            "holds": state.holds,
            "broken_at": state.broken_at,
            "contradicted_by": list(state.contradicted_by),
            "head": audit.mark(),
        }
        return Answer(values, _text(state, audit.mark()), _error(state))


def _text(state: ChainState, head: str) -> str:
    if state.holds:
        return f"The audit is whole: {state.events} events. It ends at {head or 'nothing yet'}."
    return f"The audit is NOT whole. {state.events} events were read."


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


def _time(text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(
            "--sealed-since is not a time; write e.g. 2026-11-23 or 2026-11-23T14:05"
        ) from None
    return given if given.tzinfo else timezone.make_aware(given)
