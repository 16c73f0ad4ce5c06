"""Doors, and what somebody must show there."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.urls import reverse

from backups.models import User
from tests.browser.places.place import Place, at
from tests.web import factories


def with_factors(route: str) -> Callable[[User], str]:
    """An app and a passkey, and most of the codes used up."""

    def make(by: User) -> str:
        factories.with_app(by)
        factories.with_passkey(by, "Laptop kantor")
        paper = Authenticator.objects.get(user=by, type="recovery_codes")
        paper.data["left"] = 3
        paper.save()
        return reverse(route)

    return make


def factor_gone(by: User) -> str:
    return reverse("factor-remove", args=[factories.with_passkey(by, "Laptop kantor").pk])


PLACES = (
    Place("masuk", "nobody", at("sign-in")),
    Place("langkah-kedua", "half", with_factors("second-step")),
    Place("faktor-wajib", "newcomer", at("second-factor"), demanded=True),
    Place("faktor-aplikasi", "newcomer", at("factor-app"), demanded=True),
    Place("faktor-passkey", "superadmin", at("passkey-new")),
    Place("faktor", "superadmin", with_factors("second-factor"), demanded=True),
    Place("faktor-mall", "mall", at("second-factor")),
    Place("faktor-hapus", "superadmin", factor_gone),
    Place("kode-pemulihan", "superadmin", with_factors("recovery-codes")),
    Place("masih-anda-faktor", "superadmin", with_factors("step-up"), demanded=True),
    Place("masih-anda", "superadmin", at("step-up")),
)
