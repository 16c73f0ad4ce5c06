"""Tries at passwords, codes and passkeys are counted, for account and place, in windows whose end is fixed.

Each is counted before it is looked at, and given back where it was right: of many that arrive at one moment
no more get through than of those that come one by one.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import IPv6Address, ip_network

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from backups.models import SignInTries, User
from qparkin_backup import addresses

WINDOW = timedelta(minutes=15)
# Of two who look at the clock, on two hosts or in two threads, one is a little ahead. An end further off than
# that, a clock that was wrong has set.
FURTHEST = WINDOW + timedelta(minutes=5)
# One account is guessed at from many places, one place guesses at many accounts: both are counted.
TRIES_FOR_ACCOUNT = 8
TRIES_FROM_ADDRESS = 30
# What a provider gives to one household: whoever has one such address has them all.
HOUSEHOLD = 64
# No account is called by more; a letter of a long text may become eighteen before it is looked at.
LONGEST = 400


class _Ours(str):
    """A name that we gave, and nobody typed: however it reads, it is another count."""

    __slots__ = ()


def inside(person: User) -> str:
    """What somebody who is signed in tries is counted by itself, wherever from: nobody who guesses at the
    door keeps them from restoring."""
    return _Ours(f"inside {person.pk}")


def with_links(address: str) -> str:
    """Links that open nothing, from one place: there is no account yet."""
    return _Ours(f"invitation {address}")


def on_device(device: str) -> str:
    """Of a browser in which the account's owner signed in before."""
    return _Ours(f"device {device}")


def seconds_barred(account: str, address: str | None = None) -> int:
    """How long nobody may try, for the account or from the place; 0 when they may."""
    now = timezone.now()
    ends = [
        tries.until
        for key, most in _counters(account, address)
        for tries in SignInTries.objects.filter(
            key=key, until__gt=now, until__lte=now + FURTHEST, failures__gte=most
        )
    ]
    return max((int((end - now).total_seconds()) + 1 for end in ends), default=0)


def reserve(account: str, address: str | None = None) -> int:
    """Counts a try that is about to be looked at; where it may not be made, how long nobody may."""
    taken: list[str] = []
    for key, most in _counters(account, address):
        if not _take(key, most):
            _return(taken)
            return seconds_barred(account, address) or 1
        taken.append(key)
    return 0


def give_back(account: str, address: str | None = None) -> None:
    """It was right."""
    _return([key for key, _ in _counters(account, address)])


def forget_failures(account: str) -> None:
    """After the last step of a sign-in: the password alone must not buy tries at the second one."""
    SignInTries.objects.filter(key=digest_of(account)).delete()


def _take(key: str, most: int) -> bool:
    """Whether there was one left: a single statement decides."""
    now = timezone.now()
    tries = SignInTries.objects.filter(key=key)
    over = Q(until__lte=now) | Q(until__gt=now + FURTHEST)
    left = tries.exclude(over).filter(failures__lt=most)
    if left.update(failures=F("failures") + 1):
        return True
    if tries.exclude(over).exists():
        return False
    if tries.filter(over).update(failures=1, until=now + WINDOW):
        return True
    try:
        with transaction.atomic():
            SignInTries.objects.create(key=key, failures=1, until=now + WINDOW)
    except IntegrityError:
        # The same key was tried at the same moment elsewhere.
        return bool(left.update(failures=F("failures") + 1))
    SignInTries.objects.filter(until__lte=now).delete()
    return True


def _return(keys: list[str]) -> None:
    SignInTries.objects.filter(key__in=keys, failures__gt=0).update(failures=F("failures") - 1)


def _counters(account: str, address: str | None) -> Iterator[tuple[str, int]]:
    """Where nobody was named, e.g. with a passkey that is of no one here, the place alone."""
    if account:
        yield digest_of(account), TRIES_FOR_ACCOUNT
    if address is not None:
        yield _digest("address", _place(address)), TRIES_FROM_ADDRESS


def _place(address: str) -> str:
    found = addresses.of(address)
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped or ip_network((int(found), HOUSEHOLD), strict=False))


def digest_of(account: str) -> str:
    if isinstance(account, _Ours):
        return _digest("ours", account)
    # As signing in itself reads it: however it is typed, one account is one.
    typed = account.strip()[:LONGEST]
    return _digest("account", unicodedata.normalize("NFKC", typed).strip().lower())


def _digest(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind} {value}".encode("utf-8", "surrogatepass")).hexdigest()
