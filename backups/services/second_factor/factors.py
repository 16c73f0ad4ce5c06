"""Which second factors somebody has, and who must have one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.app_settings import _app_settings as mfa
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser

from backups.models import User

APP, PASSKEY, CODES = (
    str(kind)
    for kind in (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES)
)
# Fewer than this, and a person should make new ones before the last is gone.
FEW_CODES = 4


@dataclass(frozen=True, slots=True)
class Factor:
    pk: int
    kind: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """`codes_left` is None where no recovery codes were made."""

    app: Factor | None = None
    passkeys: tuple[Factor, ...] = ()
    codes_left: int | None = None

    @property
    def count(self) -> int:
        return len(self.passkeys) + (1 if self.app else 0)

    @property
    def few_codes(self) -> bool:
        return self.codes_left is not None and self.codes_left < FEW_CODES


def of(person: User) -> Factors:
    rows = list(Authenticator.objects.filter(user=person).order_by("pk"))
    apps = [_factor(row) for row in rows if row.type == APP]
    codes = [_left(row.data) for row in rows if row.type == CODES]
    return Factors(
        app=apps[0] if apps else None,
        passkeys=tuple(_factor(row) for row in rows if row.type == PASSKEY),
        codes_left=codes[0] if codes else None,
    )


def has_one(person: AbstractBaseUser) -> bool:
    """Codes on paper are a way back in, not a factor of their own."""
    return bool(Authenticator.objects.filter(user_id=person.pk, type__in=(APP, PASSKEY)).exists())


def is_demanded_of(person: User) -> bool:
    return bool(settings.REQUIRE_MFA) and person.is_superadmin


def _factor(row: Authenticator) -> Factor:
    return Factor(row.pk, row.type, str(row.data.get("name", "")), row.created_at, row.last_used_at)


def _left(told: dict[str, Any]) -> int:
    if "left" in told:
        return int(told["left"])
    # As allauth keeps them, until the clock comes by.
    return int(mfa.RECOVERY_CODE_COUNT) - int(told["used_mask"]).bit_count()
