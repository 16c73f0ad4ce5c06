"""An authenticator app, set up: the secret as a picture and as text, and the first code as the proof."""

from __future__ import annotations

import base64
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from backups.factor_forms import AppForm
from backups.services import secret_text, sign_in
from backups.services.second_factor import changes
from backups.views import gate
from backups.views.access import SignedInRequest, address_of, safe_next, signed_in
from backups.views.certainty import note_sure
from backups.views.errors import too_often
from backups.views.step_up import surely_you
from backups.views.visits import VISIT

# Locked like what is kept: sessions lie in the panel's own database.
SET_UP = "app_in_the_making"


@sensitive_post_parameters()
@signed_in
@surely_you
@require_http_methods(["GET", "POST"])
def factor_app(request: SignedInRequest) -> HttpResponse:
    trying = sign_in.inside(request.user)
    if request.method == "POST" and (seconds := sign_in.reserve(trying)):
        return too_often(request, seconds=seconds)
    secret = _secret(request)
    form = AppForm(request.POST or None, secret=secret)
    if form.is_valid():
        sign_in.give_back(trying)
        return _set_up(request, secret, form.counter)
    shown = {"form": form, "next": safe_next(request), **_to_scan(request, secret)}
    return render(request, "second_factor/app.html", shown, status=422 if form.is_bound else 200)


def _secret(request: SignedInRequest) -> str:
    """The same one until it is used: whoever reloads the page has scanned it already."""
    secret = secret_text.unlock(request.session.get(SET_UP, ""))
    if not secret:
        secret = generate_totp_secret()
        request.session[SET_UP] = secret_text.lock(secret)
    return secret


def _set_up(request: SignedInRequest, secret: str, counter: int) -> HttpResponse:
    visit = request.session.get(VISIT)
    changes.add_app(request.user, secret=secret, counter=counter, at=address_of(request), visit=visit)
    del request.session[SET_UP]
    request.session.cycle_key()
    # Its first code was just given.
    note_sure(request, second_factor_of=request.user)
    return redirect(f"{reverse('recovery-codes')}?{urlencode({'next': safe_next(request)})}")


def _to_scan(request: SignedInRequest, secret: str) -> dict[str, Any]:
    adapter = get_adapter()
    picture = adapter.build_totp_svg(adapter.build_totp_url(request.user, secret)).encode()
    return {
        "picture": f"data:image/svg+xml;base64,{base64.b64encode(picture).decode()}",
        # In groups: it is typed from one screen into another.
        "groups": [secret[at : at + 4] for at in range(0, len(secret), 4)],
        "layout": "door.html" if gate.is_shut(request) else "base.html",
    }
