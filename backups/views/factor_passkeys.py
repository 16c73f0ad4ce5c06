"""Passkeys, made and named."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from backups.factor_forms import NewPasskeyForm, PasskeyNameForm
from backups.services.second_factor import changes, factors, passkeys
from backups.views import gate
from backups.views.access import SignedInRequest, address_of, safe_next, signed_in
from backups.views.certainty import note_sure
from backups.views.step_up import surely_you
from backups.views.visits import VISIT


@sensitive_post_parameters()
@signed_in
@surely_you
@require_http_methods(["GET", "POST"])
def passkey_new(request: SignedInRequest) -> HttpResponse:
    form = NewPasskeyForm(request.POST or None)
    if form.is_valid():
        return _keep(request, form.cleaned_data["name"], form.made)
    possible = passkeys.is_possible(request.get_host())
    shown = {
        "form": form,
        "asked": passkeys.to_make(request.user) if possible else None,
        "refused": form.errors.get("credential"),
        "next": safe_next(request),
        "layout": "door.html" if gate.is_shut(request) else "base.html",
    }
    return render(request, "second_factor/passkey.html", shown, status=422 if form.is_bound else 200)


@signed_in
@surely_you
@require_http_methods(["GET", "POST"])
def passkey_name(request: SignedInRequest, factor_id: int) -> HttpResponse:
    mine = Authenticator.objects.filter(user=request.user, type=factors.PASSKEY)
    passkey = get_object_or_404(mine, pk=factor_id)
    form = PasskeyNameForm(request.POST or None, initial={"name": passkey.wrap().name})
    if form.is_valid():
        name = form.cleaned_data["name"]
        changes.rename_passkey(request.user, passkey, name=name, at=address_of(request))
        messages.success(request, _("Saved."))
        return redirect("second-factor")
    shown = {"form": form, "passkey": passkey}
    return render(request, "second_factor/passkey_name.html", shown, status=422 if form.is_bound else 200)


def _keep(request: SignedInRequest, name: str, made: dict[str, Any]) -> HttpResponse:
    had_codes = factors.of(request.user).codes_left is not None
    visit = request.session.get(VISIT)
    changes.add_passkey(request.user, name=name, credential=made, at=address_of(request), visit=visit)
    request.session.cycle_key()
    # It was used just now, to be made.
    note_sure(request, second_factor_of=request.user)
    if had_codes:
        messages.success(request, _("The passkey is set up."))
        return redirect("second-factor")
    return redirect(f"{reverse('recovery-codes')}?{urlencode({'next': safe_next(request)})}")
