"""A mall admin signs in as in QParkIn. Never a superadmin: that database must not open its own backups."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime, timedelta

import bcrypt
from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone

from backups.models import User
from backups.models.visit import Ended

from . import audit, qparkin_accounts, sign_in, visits
from .qparkin_accounts import Account, QparkinAway

__all__ = ["NotAdmitted", "QparkinAway", "admitted", "is_password_of", "still_admitted"]

# As PHP does: what comes after is not looked at.
LOOKED_AT = 72
# A salt of 16 bytes ends with one of four letters; PHP takes no other either.
HASH = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")
# One more doubles the time; whoever writes 31 into the table would hold a process for days.
COSTS = range(4, 16)
# A name that is not there takes as long as the last one that was: Laravel's cost has changed over the years.
NOBODY = "R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"
LAST_COST, FIRST_COST = "qparkin-bcrypt-cost", 12

# Whoever is no longer aktif is out within so long; while the database is away, within a working day.
LOOKED_AFTER = timedelta(minutes=5)
TOLERATED = timedelta(hours=12)
PAUSE_SECONDS = 60
TOO_OFTEN = "too_often"


class NotAdmitted(Exception):
    """`code` is for the record alone: whoever stands at the door learns no more than that it was wrong."""

    def __init__(self, code: str = "") -> None:
        super().__init__(code)
        self.code = code


def admitted(typed: str, password: str) -> User:
    """The person, made or brought up to date; NotAdmitted or QparkinAway where nobody is."""
    found = qparkin_accounts.named(typed)
    account = found[0] if len(found) == 1 else None
    # Whether by name or by address: the tries at one account are one count.
    barred = sign_in.reserve(_address_of(account)) if account else 0
    right = _is_right(password, account)
    if barred:
        raise NotAdmitted(TOO_OFTEN)
    if len(found) > 1:
        raise NotAdmitted("qparkin_twice")
    if account is None or not right or not account.may_enter:
        raise NotAdmitted
    if _belongs_here(typed, account):
        raise NotAdmitted("qparkin_taken")
    person = _person(account)
    sign_in.give_back(person.email)
    return person


def is_password_of(person: User, password: str) -> bool:
    """Once more, of somebody who is in."""
    account = qparkin_accounts.of_id(person.source_id or 0)
    right = _is_right(password, account)
    return bool(account and right and account.may_enter and account.mall == person.mall_id)


def still_admitted(person: User, now: datetime | None = None) -> bool:
    """Asked with each page; QParkIn itself is asked every few minutes.

    While it is away mall admins still see whether their data is safe: that is when they need it.
    """
    if not settings.QPARKIN_SIGN_IN or person.source_seen_at is None:
        return False
    age = (now or timezone.now()) - person.source_seen_at
    if timedelta() <= age < LOOKED_AFTER:
        return True
    if cache.add(f"qparkin-looked-{person.pk}", "", PAUSE_SECONDS):
        try:
            return _looked(person)
        except QparkinAway:
            pass
    return timedelta() <= age < TOLERATED


def _looked(person: User) -> bool:
    account = qparkin_accounts.of_id(person.source_id or 0)
    same = account and account.may_enter and account.mall == person.mall_id
    if account and same and hmac.compare_digest(_mark(account), person.password):
        User.objects.filter(pk=person.pk).update(source_seen_at=timezone.now())
        return True
    if User.objects.filter(pk=person.pk, source_seen_at__isnull=False).update(source_seen_at=None):
        visits.end_all(person, Ended.TAKEN_BACK)
        audit.record("qparkin_sign_out", actor=None, about=person, details={"email": person.email})
    return False


def _is_right(password: str, account: Account | None) -> bool:
    """Always one bcrypt, whatever is stored."""
    cost = _cost(account.password) if account else None
    if cost:
        cache.set(LAST_COST, cost, None)
    usable = cost is not None and bool(password) and "\0" not in password
    typed = password.encode("utf-8", "surrogatepass").replace(b"\0", b"")[:LOOKED_AT]
    stored = (
        account.password if account and usable else f"$2y${cache.get(LAST_COST) or FIRST_COST:02}${NOBODY}"
    )
    return bcrypt.checkpw(typed, stored.encode()) and usable


def _cost(stored: str) -> int | None:
    """None where it is no hash that is taken here."""
    found = HASH.fullmatch(stored)
    return int(found[1]) if found and int(found[1]) in COSTS else None


def _belongs_here(typed: str, account: Account) -> bool:
    """Nobody becomes somebody of this panel by a name or an address that is written into that database."""
    names = {name.strip().lower() for name in (typed, account.name, account.email)}
    return User.objects.filter(source="", email__in=names).exists()


@transaction.atomic
def _person(account: Account) -> User:
    known = User.objects.filter(source=User.Source.QPARKIN, source_id=account.id)
    person = known.select_for_update().first() or User(
        source=User.Source.QPARKIN, source_id=account.id, email=_address_of(account)
    )
    if not person.is_active:
        raise NotAdmitted("qparkin_off")
    person.role, person.mall_id = User.Role.ADMIN_MALL, account.mall
    person.name = account.name.encode("utf-8", "replace").decode()[:150]
    person.password, person.source_seen_at = _mark(account), timezone.now()
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:
        raise NotAdmitted("qparkin_taken") from None
    return person


def _address_of(account: Account) -> str:
    """One that nobody has: what stands in that database names nobody here."""
    return f"{account.id}@qparkin.invalid"


def _mark(account: Account) -> str:
    """In the place of a password, and none: it changes with theirs, and with it every session ends."""
    told = f"qparkin {account.id} {account.password}".encode("utf-8", "surrogatepass")
    return "!" + hmac.new(settings.SECRET_KEY.encode(), told, hashlib.sha256).hexdigest()
