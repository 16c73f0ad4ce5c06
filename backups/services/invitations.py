"""Links by which people come in: one person each, once, for three days. Only a digest of each is kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from backups.models import Invitation, User
from backups.models.visit import Ended

from . import acts, approvals, audit, visits
from .people_refusals import InvitationVoid, InvitedAlready, NotPermitted, PersonKnown, PersonOfQparkin

GOOD_FOR = timedelta(hours=72)
# 256 bits: nothing that somebody guesses, so a plain digest keeps it.
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is to come in, and as what."""

    email: str
    name: str
    role: str
    mall_id: int | None
    language: str


@dataclass(frozen=True, slots=True)
class Issued:
    """The token is shown once, and then known only to whoever has the link."""

    invitation: Invitation
    token: str = field(repr=False)


def still_open() -> QuerySet[Invitation]:
    now = timezone.now()
    waiting = Invitation.objects.filter(used_at=None, revoked_at=None)
    # One from a future that is not there was made by a clock that was wrong.
    return waiting.filter(expires_at__gt=now, expires_at__lte=now + GOOD_FOR + visits.ASKEW)


def invite(guest: Guest, *, by: User, at: str = "") -> Issued:
    try:
        validate_email(guest.email)
    except ValidationError:
        raise NotPermitted(email=guest.email) from None
    if User.objects.filter(email=guest.email).exists():
        raise PersonKnown(email=guest.email)
    if still_open().filter(email=guest.email, person=None).exists():
        raise InvitedAlready(email=guest.email)
    invitation = Invitation(
        email=guest.email, name=guest.name, role=guest.role, mall_id=guest.mall_id,
        language=guest.language, invited_by=by,
    )  # fmt: skip
    with approvals.used(acts.empowering(guest.email, guest.role, "invite"), by=by, address=at):
        return _issue(invitation, "invite_person", by=by, at=at)


def offer_password(person: User, *, by: User, at: str = "") -> Issued:
    """For whoever forgot theirs. Earlier links of this kind are void from now on."""
    if person.source:
        raise PersonOfQparkin(name=person.display_name)
    act = acts.empowering(person.email, person.role, "password")
    with approvals.used(act, by=by, address=at), transaction.atomic():
        still_open().filter(person=person).update(revoked_at=timezone.now())
        invitation = Invitation(
            email=person.email, name=person.name, role=person.role, mall_id=person.mall_id,
            language=person.language, person=person, invited_by=by,
        )  # fmt: skip
        return _issue(invitation, "offer_password", by=by, at=at)


def renew(invitation: Invitation, *, by: User, at: str = "") -> Issued:
    """A new link; the old one is worth nothing any more."""
    act = acts.empowering(invitation.email, invitation.role, "renew")
    with approvals.used(act, by=by, address=at), transaction.atomic():
        # As it is now, not as it was when the page was opened.
        held = Invitation.objects.select_for_update()
        waiting = held.filter(pk=invitation.pk, used_at=None, revoked_at=None).first()
        if waiting is None:
            raise InvitationVoid
        waiting.invited_by = by
        return _issue(waiting, "renew_invitation", by=by, at=at)


def revoke(invitation: Invitation, *, by: User, at: str = "") -> None:
    if Invitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None).update(
        revoked_at=timezone.now()
    ):
        audit.record("revoke_invitation", actor=by, address=at, details={"email": invitation.email})


def take_back(person: User, *, by: User, at: str = "") -> None:
    """Links for them and links that they made: whoever reads those was trusted by somebody else than now."""
    for invitation in still_open().filter(Q(person=person) | Q(invited_by=person)):
        revoke(invitation, by=by, at=at)


def find(token: str) -> Invitation | None:
    """Only one that still opens: a wrong, a used and an expired one are the same to whoever asks."""
    return find_followed(_digest(token))


def find_followed(digest: str) -> Invitation | None:
    """One whose link was followed in this session; a link that was made anew since has another digest."""
    return still_open().select_related("person").filter(token_digest=digest).first()


def accept(invitation: Invitation, *, name: str, password: str, at: str = "") -> User:
    """The person, with the password that they chose. Of two who press at once, one is too late."""
    with transaction.atomic():
        if (
            not still_open()
            .filter(pk=invitation.pk, token_digest=invitation.token_digest)
            .update(used_at=timezone.now())
        ):
            raise InvitationVoid
        person = invitation.person or _newcomer(invitation, name)
        person.set_password(password)
        _save(person)
        if invitation.person:
            visits.end_all(person, Ended.PASSWORD)
        action = "set_password" if invitation.person else "accept_invitation"
        told = {"email": person.email, "role": person.role}
        audit.record(action, actor=person, about=person, address=at, details=told)
    return person


def _newcomer(invitation: Invitation, name: str) -> User:
    return User(
        email=invitation.email, name=name, role=invitation.role, mall_id=invitation.mall_id,
        language=invitation.language,
    )  # fmt: skip


def _save(person: User) -> None:
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:
        # Somebody made the person at the terminal since.
        raise InvitationVoid from None


def _issue(invitation: Invitation, action: str, *, by: User, at: str) -> Issued:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation.token_digest = _digest(token)
    invitation.expires_at = timezone.now() + GOOD_FOR
    invitation.save()
    told = {"email": invitation.email, "role": invitation.role, "mall": invitation.mall_id}
    audit.record(action, actor=by, address=at, details=told)
    return Issued(invitation, token)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
