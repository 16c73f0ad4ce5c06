"""The second person: who wishes what, who agrees, and that nothing else is done with it, and only once.

The service that does the act asks here, at the moment of doing; no page can forget to.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from backups.models import Approval, AuditEvent, Job, User
from backups.models.approval import GOOD, State

from . import acts, approval_mark, audit
from .acts import Act
from .unapproved import SecondPersonMissing, SecondPersonWanted

USES = ("use_approval", "use_alone")
# In a queue, at most: what was agreed to is about the data of that day.
WAITS = timedelta(hours=12)


def superadmins() -> models.QuerySet[User]:
    return User.objects.filter(is_active=True, role=User.Role.SUPERADMIN)


@contextmanager
def used(act: Act | None, *, by: User | None, address: str = "") -> Iterator[dict[str, str]]:
    """Around the moment of doing. What fails has used nothing up.

    Gives what a job carries along, so that its worker can look again. Nobody (`by` is None) is whoever sits
    at the host: they need no panel, and may be the last one who can help. That it was alone is written down.
    """
    if act is None or not settings.SECOND_PERSON:
        yield {}
        return
    if by is None:
        yield {}
        audit.record("operator_alone", actor=None, about=act.archive, address=address, details=_said(act))
        return
    approval = _taken(act, by)
    try:
        yield {acts.TICKET: str(approval.pk)}
    except BaseException:
        unused = {"state": approval.state, "used_at": None, "mark": approval.mark}
        Approval.objects.filter(pk=approval.pk, state=State.USED).update(**unused)
        raise
    Approval.objects.filter(pk=approval.pk).update(locked_sent="")
    _record(approval, by, address)


def _record(approval: Approval, by: User, address: str) -> None:
    said: dict[str, Any] = {"actor": by, "about": approval, "address": address, "details": told(approval)}
    if approval.went_alone:
        audit.record("use_alone", **said)
    else:
        audit.record("use_approval", **said)


def _taken(act: Act, by: User) -> Approval:
    """One conditional update: of two presses at the same moment one finds nothing left."""
    now = timezone.now()
    found = Approval.objects.filter(digest=act.digest, asked_by=by, state__in=GOOD, until__gt=now)
    for approval in found.select_related("decided_by"):
        fits = approval.in_time and approval_mark.holds(approval) and _stands(approval) and _unused(approval)
        used_now = approval_mark.marked(approval, state=State.USED, used_at=now)
        if fits and found.filter(pk=approval.pk).update(**used_now):
            return approval
    raise SecondPersonWanted(act)


def _unused(approval: Approval) -> bool:
    """Whoever puts a used row back as it was has its old mark too, but cannot take the use off the record."""
    used = AuditEvent.objects.filter(action__in=USES, object_kind="approval", object_id=str(approval.pk))
    return not used.exists()


def _stands(approval: Approval) -> bool:
    """Both are still who they were: whoever was switched off or demoted since has agreed to nothing."""
    agreed = approval.asked_by_id if approval.went_alone else approval.decided_by_id
    if agreed is None or (agreed == approval.asked_by_id and not approval.went_alone):
        return False
    people = {approval.asked_by_id, agreed}
    return superadmins().filter(pk__in=people).count() == len(people)


def confirm(job: Job) -> None:
    """In the worker, before it begins: the job is the one that was agreed to, and runs for the first time."""
    act = acts.of_job(job) if settings.SECOND_PERSON else None
    if act is None:
        return
    approval = _of(job)
    if approval is None or approval.state != State.USED or approval.used_at is None:
        raise SecondPersonMissing(why="nobody agreed to it")
    if approval.digest != act.digest or approval.asked_by_id != job.requested_by_id:
        raise SecondPersonMissing(why="it is not what was agreed to")
    if not approval_mark.holds(approval):
        raise SecondPersonMissing(why="what was agreed to was altered")
    if abs(timezone.now() - approval.used_at) > WAITS:
        raise SecondPersonMissing(why="it waited for too long")
    if not _stands(approval):
        raise SecondPersonMissing(why="one of the two is no superadmin any more")
    if approval.job_id or not _begun(approval, job):
        raise SecondPersonMissing(why="it was done once already")


def _begun(approval: Approval, job: Job) -> int:
    unbegun = Approval.objects.filter(pk=approval.pk, job=None)
    return unbegun.update(**approval_mark.marked(approval, job_id=job.pk))


def _of(job: Job) -> Approval | None:
    try:
        return Approval.objects.filter(pk=job.options.get(acts.TICKET)).first()
    except ValidationError:
        return None


def until(state: str) -> Any:
    """From now on: how long somebody may approve, or the asker may do it."""
    spans = {State.WANTED: timedelta(hours=settings.SECOND_PERSON_HOURS)}
    return timezone.now() + spans.get(State(state), timedelta(minutes=settings.SECOND_PERSON_USE_MINUTES))


def _said(act: Act) -> dict[str, str]:
    return {"kind": act.kind, "digest": act.digest}


def told(approval: Approval) -> dict[str, Any]:
    """For the record: what exactly, by its digest."""
    said = {"kind": approval.kind, "archive": approval.archive_id, "digest": approval.digest}
    return {**said, "asked_by": approval.asked_by.email, "alone": approval.went_alone}
