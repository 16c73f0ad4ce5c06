"""What people do with a wish: ask, agree, refuse, take back, go on alone, take note."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from backups.models import Approval, User
from backups.models.approval import OPEN, State

from . import approval_mark, audit, secret_text
from .acts import Act
from .approvals import superadmins, told, until
from .unapproved import ApprovalGone, ApproverUnfit

Sent = Iterable[tuple[str, str]]


@transaction.atomic
def ask(act: Act, *, by: User, path: str, sent: Sent, address: str = "") -> Approval:
    """Asked twice it is one wish; `sent` is what the page will send again when it is agreed to."""
    for known in Approval.objects.filter(digest=act.digest, asked_by=by, state=State.WANTED):
        if known.in_time and approval_mark.holds(known):
            return known
    wish = Approval(
        kind=act.kind, digest=act.digest, archive=act.archive, seal=act.seal, about=dict(act.about),
        path=path, locked_sent=secret_text.lock(json.dumps(list(sent))), asked_by=by,
        until=until(State.WANTED),
    )  # fmt: skip
    wish.mark = approval_mark.marked(wish)["mark"]
    wish.save(force_insert=True)
    audit.record("ask_approval", actor=by, about=wish, address=address, details=told(wish))
    return wish


def sent(approval: Approval) -> list[tuple[str, str]]:
    """For the asker's own page alone."""
    return [(name, value) for name, value in json.loads(secret_text.unlock(approval.locked_sent) or "[]")]


def refusal(approval: Approval, by: User) -> str:
    """Why this person may not decide about it; '' where they may."""
    if approval.asked_by_id == by.pk:
        return "own"
    if not superadmins().filter(pk=by.pk).exists():
        return "role"
    # Whoever has taken over one superadmin could make another one for this.
    return "young" if by.created_at > approval.asked_at else ""


@transaction.atomic
def approve(approval: Approval, *, by: User, address: str = "") -> None:
    _refuse_unfit(approval, by)
    now = timezone.now()
    _decide(approval, State.APPROVED, decided_by_id=by.pk, decided_at=now, until=until(State.APPROVED))
    audit.record("approve", actor=by, about=approval, address=address, details=told(approval))


@transaction.atomic
def refuse(approval: Approval, *, by: User, reason: str, address: str = "") -> None:
    _refuse_unfit(approval, by)
    _decide(
        approval,
        State.REFUSED,
        decided_by_id=by.pk,
        decided_at=timezone.now(),
        reason=reason[:500],
        locked_sent="",
    )
    details = {**told(approval), "reason": reason[:500]}
    audit.record("refuse_approval", actor=by, about=approval, address=address, details=details)


@transaction.atomic
def withdraw(approval: Approval, *, by: User, address: str = "") -> None:
    _refuse_other(approval, by)
    changed = Approval.objects.filter(pk=approval.pk, state__in=OPEN)
    if not changed.update(state=State.WITHDRAWN, locked_sent=""):
        raise ApprovalGone
    audit.record("withdraw_approval", actor=by, about=approval, address=address, details=told(approval))


@transaction.atomic
def go_alone(approval: Approval, *, by: User, reason: str, address: str = "") -> None:
    """Nobody can be reached: it goes on, everybody hears of it, and it stays until somebody has looked."""
    _refuse_other(approval, by)
    now = timezone.now()
    _decide(approval, State.ALONE, alone_at=now, alone_reason=reason[:500], until=until(State.ALONE))
    details = {**told(approval), "alone": True, "reason": reason[:500]}
    audit.record("break_glass", actor=by, about=approval, address=address, details=details)


@transaction.atomic
def take_note(approval: Approval, *, by: User, address: str = "") -> None:
    """Another superadmin has read what was done alone."""
    if approval.asked_by_id == by.pk:
        raise ApproverUnfit(why="it is your own")
    unseen = Approval.objects.filter(pk=approval.pk, alone_at__isnull=False, noted_at=None)
    if unseen.update(noted_at=timezone.now(), noted_by=by):
        audit.record("note_break_glass", actor=by, about=approval, address=address, details=told(approval))


def lapse(now: datetime) -> None:
    """From the clock: what was sent is forgotten, and that nobody came is on record."""
    for approval in Approval.objects.filter(state__in=OPEN, until__lte=now).select_related("asked_by"):
        with transaction.atomic():
            still = Approval.objects.filter(pk=approval.pk, state=approval.state)
            if still.update(state=State.LAPSED, locked_sent=""):
                audit.record("approval_lapsed", actor=None, about=approval, details=told(approval))


def _decide(approval: Approval, state: str, **values: Any) -> None:
    """Only what nobody has decided yet, and in time."""
    if not approval_mark.holds(approval):
        raise ApproverUnfit(why="it was altered since it was asked for")
    wanted = Approval.objects.filter(pk=approval.pk, state=State.WANTED)
    values = dict(approval_mark.marked(approval, state=state, **values))
    if not approval.in_time or not wanted.update(**values):
        raise ApprovalGone
    approval.refresh_from_db()


def _refuse_unfit(approval: Approval, by: User) -> None:
    words = {
        "own": "it is your own",
        "role": "only another superadmin may",
        "young": "your account is younger than the request",
    }
    if why := refusal(approval, by):
        raise ApproverUnfit(why=words[why])


def _refuse_other(approval: Approval, by: User) -> None:
    if approval.asked_by_id != by.pk:
        raise ApproverUnfit(why="it is somebody else's")
