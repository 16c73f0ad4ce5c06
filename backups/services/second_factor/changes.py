"""Adding, removing and renaming second factors: each is on record, and notices tell of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.db import transaction

from backups.models import User
from backups.models.visit import Ended
from backups.services import audit, visits
from backups.services.people_refusals import FactorKnown, LastFactor

from . import codes, factors, paper
from .factors import APP, CODES, PASSKEY


def add_app(person: User, *, secret: str, counter: int, at: str, visit: int | None = None) -> None:
    """`counter` is that of the code which proved it: it is used up. `visit` is the session that goes on."""
    with _alone(person):
        _end_others_if_first(person, visit)
        if Authenticator.objects.filter(user=person, type=APP).exists():
            raise FactorKnown
        made = TOTP.activate(person, secret).instance
        codes.use_up(made, counter)
        _make_codes(person)
        audit.record("add_factor", actor=person, about=person, address=at, details={"factor": APP})


def add_passkey(
    person: User, *, name: str, credential: dict[str, Any], at: str, visit: int | None = None
) -> None:
    with _alone(person):
        _end_others_if_first(person, visit)
        WebAuthn.add(person, name, credential)
        _make_codes(person)
        told = {"factor": PASSKEY, "name": name}
        audit.record("add_factor", actor=person, about=person, address=at, details=told)


def rename_passkey(person: User, passkey: Authenticator, *, name: str, at: str) -> None:
    passkey.wrap().name = name
    passkey.save(update_fields=["data"])
    told = {"factor": PASSKEY, "name": name}
    audit.record("rename_factor", actor=person, about=person, address=at, details=told)


def remove(person: User, factor: Authenticator, *, at: str, visit: int | None = None) -> None:
    """With the last one its recovery codes go: they would open nothing.

    What was lost or stolen may have opened other sessions: they end.
    """
    with _alone(person):
        left = Authenticator.objects.filter(user=person).exclude(pk=factor.pk).exclude(type=CODES)
        if not left.exists():
            if factors.is_demanded_of(person):
                raise LastFactor
            Authenticator.objects.filter(user=person, type=CODES).delete()
        told = {"factor": factor.type, "name": str(factor.data.get("name", ""))}
        factor.delete()
        visits.end_all(person, Ended.TAKEN_BACK, but=visit)
        audit.record("remove_factor", actor=person, about=person, address=at, details=told)


def new_codes(person: User, *, at: str) -> None:
    """The old ones are worth nothing from now on."""
    with _alone(person):
        Authenticator.objects.filter(user=person, type=CODES).delete()
        _make_codes(person)
        audit.record("new_codes", actor=person, about=person, address=at)


def _end_others_if_first(person: User, visit: int | None) -> None:
    """They were opened by the password alone."""
    if not factors.has_one(person):
        visits.end_all(person, Ended.TAKEN_BACK, but=visit)


def _make_codes(person: User) -> None:
    """Those of the first factor stay good with the second one."""
    if factors.has_one(person) and not Authenticator.objects.filter(user=person, type=CODES).exists():
        paper.make(person)


@contextmanager
def _alone(person: User) -> Iterator[None]:
    """One change to a person's factors at a time."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)
        yield
