"""Codes on paper, for the day neither app nor passkey is there.

What is kept of each is its Argon2id hash, and that locked; the codes themselves lie locked until they are
shown, and no longer than an hour.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from django.db import transaction
from django.utils import timezone

from backups.models import User
from backups.services import secret_text
from backups.services.people_refusals import FactorUnreadable

from .factors import CODES

HOW_MANY, DIGITS = 10, 10
UNSEEN_FOR = timedelta(hours=1)
# What OWASP asks for at least: all of them are tried for one that is typed. A hash carries its own cost.
ROUNDS, KIBIBYTES, LANES = 2, 19 * 1024, 1
HASHER = PasswordHasher(time_cost=ROUNDS, memory_cost=KIBIBYTES, parallelism=LANES)


def make(person: User) -> None:
    codes = [f"{secrets.randbelow(10**DIGITS):0{DIGITS}}" for _ in range(HOW_MANY)]
    told = {**_kept(person.pk, map(HASHER.hash, codes)), "unseen": secret_text.lock(json.dumps(codes))}
    Authenticator.objects.create(user=person, type=CODES, data=told)


def to_show(person: User) -> list[str]:
    """Once, and soon; [] after that."""
    with transaction.atomic():
        paper = Authenticator.objects.select_for_update().filter(user=person, type=CODES).first()
        if paper is None or "unseen" not in paper.data:
            return []
        codes = secret_text.unlock(paper.data.pop("unseen"))
        paper.save(update_fields=["data"])
    return json.loads(codes or "[]") if _is_new(paper, timezone.now()) else []


def use_up(paper: Authenticator, typed: str) -> bool:
    """Of two who send the same code at once, one finds it gone."""
    typed = "".join(typed.split()).replace("-", "")
    if len(typed) != DIGITS or not typed.isascii():
        # What an app shows is shorter, and not worth ten hashes.
        return False
    hash_seed(paper.pk)
    paper.refresh_from_db()
    fits = next((one for one in _hashes(paper) if _is(one, typed)), None)
    return fits is not None and _take_out(paper.pk, fits)


def tidy(now: datetime) -> None:
    """From the clock: what nobody came to see is forgotten; what was kept otherwise before is hashed."""
    for paper in Authenticator.objects.filter(type=CODES):
        if "seed" in paper.data and secret_text.unlock(paper.data["seed"]):
            hash_seed(paper.pk)
        elif "unseen" in paper.data and not _is_new(paper, now):
            to_show(paper.user)


@transaction.atomic
def hash_seed(pk: int) -> None:
    """allauth works codes out from a seed that is kept: such ones go on being good, and the seed goes."""
    paper = Authenticator.objects.select_for_update().get(pk=pk)
    if "seed" in paper.data:
        paper.data = _kept(paper.user_id, map(HASHER.hash, paper.wrap().get_unused_codes()))
        paper.save(update_fields=["data"])


@transaction.atomic
def _take_out(pk: int, fits: str) -> bool:
    # Held meanwhile: without a transaction MariaDB refuses, and SQLite lets two in by one code.
    paper = Authenticator.objects.select_for_update().get(pk=pk)
    hashes = _hashes(paper)
    if fits not in hashes:
        return False
    left = (one for one in hashes if one != fits)
    paper.data = {**paper.data, **_kept(paper.user_id, left)}
    paper.save(update_fields=["data"])
    return True


def _kept(person: int, hashes: Iterable[str]) -> Mapping[str, Any]:
    """Whose they are lies locked with them: put into somebody else's row they open nothing."""
    told = list(hashes)
    return {"kept": secret_text.lock(json.dumps({"of": person, "hashes": told})), "left": len(told)}


def _hashes(paper: Authenticator) -> list[str]:
    kept = json.loads(secret_text.unlock(paper.data["kept"]) or "null")
    if kept is None:
        raise FactorUnreadable
    return list(kept["hashes"]) if kept["of"] == paper.user_id else []


def _is(hashed: str, typed: str) -> bool:
    try:
        return bool(HASHER.verify(hashed, typed))
    except Argon2Error:
        return False


def _is_new(paper: Authenticator, now: datetime) -> bool:
    return bool(abs(now - paper.created_at) < UNSEEN_FOR)
