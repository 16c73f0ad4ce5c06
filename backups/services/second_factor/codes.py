"""Codes that are typed: those of an app, and those on paper. Each is good for once."""

from __future__ import annotations

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt

from backups.models import LastCode, User

from . import paper
from .factors import APP, CODES


def accepted(person: User, typed: str) -> Authenticator | None:
    """The factor that this code is of, now used up; None where it is of none."""
    for authenticator in Authenticator.objects.filter(user=person, type__in=(APP, CODES)):
        fits = _is_of_app if authenticator.type == APP else paper.use_up
        if fits(authenticator, typed):
            return authenticator
    return None


def counter_of(secret: str, typed: str) -> int | None:
    """For which half minute around now an app with this secret shows this code."""
    for counter in totp.yield_hotp_counters_from_time():
        shown = totp.format_hotp_value(totp.hotp_value(secret, counter))
        if compare_user_code(actual=typed, expected=shown):
            return int(counter)
    return None


def use_up(authenticator: Authenticator, counter: int) -> bool:
    """One statement decides between two who send the same code at once."""
    newest, _ = LastCode.objects.get_or_create(authenticator=authenticator)
    return bool(LastCode.objects.filter(pk=newest.pk, counter__lt=counter).update(counter=counter))


def _is_of_app(authenticator: Authenticator, typed: str) -> bool:
    counter = counter_of(decrypt(authenticator.data["secret"]), typed)
    return counter is not None and use_up(authenticator, counter)
