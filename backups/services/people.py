"""Who may sign in, and as what."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from backups.models import Channel, User
from backups.models.visit import Ended

from . import acts, approvals, audit, invitations, visits
from .people_refusals import (
    LastSuperadmin,
    NotOneself,
    NotPermitted,
    PersonKnown,
    PersonOfQparkin,
    PersonUnknown,
)

# 20 bytes are about 27 characters: out of reach for guessing, still typed from paper.
PASSWORD_BYTES = 20


def create_superadmin(email: str) -> str:
    """Make the person and return the password, which is shown once and kept nowhere."""
    return _create(email, role=User.Role.SUPERADMIN, mall_id=None)


def create_mall_admin(email: str, *, mall_id: int) -> str:
    return _create(email, role=User.Role.ADMIN_MALL, mall_id=mall_id)


def change_role(person: User, *, role: str, mall_id: int | None, by: User, at: str = "") -> None:
    """What they had open as somebody else ends: no page of the old role stays on a screen."""
    before = {"role": person.role, "mall": person.mall_id}
    after = {"role": role, "mall": mall_id}
    if before == after:
        return
    if person.source:
        # QParkIn says at each sign-in whose mall it is.
        raise PersonOfQparkin(name=person.display_name)
    act = acts.empowering(person.email, role, "role")
    with approvals.used(act, by=by, address=at), _somebody_left(person, by) as ours:
        ours.role, ours.mall_id = role, mall_id
        ours.save(update_fields=["role", "mall_id"])
        visits.end_all(ours, Ended.TAKEN_BACK)
        invitations.take_back(ours, by=by, at=at)
        told = {"email": ours.email, "before": before, "after": after}
        audit.record("change_person", actor=by, about=ours, address=at, details=told)


def switch_off(person: User, *, by: User, at: str = "") -> None:
    """Out at once; what they did stays on the record."""
    with _somebody_left(person, by) as ours:
        ours.is_active = False
        ours.save(update_fields=["is_active"])
        visits.end_all(ours, Ended.SWITCHED_OFF)
        Channel.objects.filter(person=ours).update(enabled=False)
        invitations.take_back(ours, by=by, at=at)
        audit.record("switch_off_person", actor=by, about=ours, address=at, details={"email": ours.email})


def switch_on(person: User, *, by: User, at: str = "") -> None:
    act = None if person.is_active else acts.empowering(person.email, person.role, "switch_on")
    with approvals.used(act, by=by, address=at):
        _switch_on(person, by, at)


def _switch_on(person: User, by: User, at: str) -> None:
    if User.objects.filter(pk=person.pk, is_active=False).update(is_active=True):
        Channel.objects.filter(person=person).update(enabled=True)
        audit.record("switch_on_person", actor=by, about=person, address=at, details={"email": person.email})


def sign_out(person: User, *, by: User, at: str = "") -> int:
    """Everywhere."""
    ended = visits.end_all(person, Ended.TAKEN_BACK)
    told = {"email": person.email, "count": ended}
    audit.record("sign_out_person", actor=by, about=person, address=at, details=told)
    return ended


def sign_out_at_the_server(email: str) -> int:
    """Of one person, or of everybody where nobody is named."""
    person = User.objects.filter(email=email.strip().lower()).first() if email else None
    if email and person is None:
        raise PersonUnknown(email=email)
    open_ones = visits.open_visits().filter(person=person) if person else visits.open_visits()
    ended = visits.end(open_ones, Ended.TAKEN_BACK)
    told = {"email": person.email if person else "", "count": ended, "trigger": "command"}
    audit.record("sign_out_person", actor=None, about=person, details=told)
    return ended


@contextmanager
def _somebody_left(person: User, by: User) -> Iterator[User]:
    """What happens inside leaves a superadmin who can sign in, however many do such things at once."""
    if person.pk == by.pk:
        raise NotOneself
    with transaction.atomic():
        # All of them are held: of two who switch each other off, the second one finds the first one gone.
        superadmins = User.objects.filter(role=User.Role.SUPERADMIN, is_active=True)
        held = {one.pk for one in superadmins.select_for_update().order_by("pk")}
        if by.pk not in held:
            raise LastSuperadmin
        ours = User.objects.select_for_update().get(pk=person.pk)
        yield ours


def _create(email: str, *, role: str, mall_id: int | None) -> str:
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    person = User(email=email.strip().lower(), role=role, mall_id=mall_id)
    try:
        validate_email(person.email)
    except ValidationError:
        raise NotPermitted(email=person.email) from None
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:
        raise PersonKnown(email=person.email) from None
    audit.record("create_person", actor=None, about=person, details={"email": person.email, "role": role})
    return password
