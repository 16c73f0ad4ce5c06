"""In by a passkey alone: the device, and the finger, face or PIN that it asked for, are two factors."""

from __future__ import annotations

from allauth.account.models import Login
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from backups.factor_forms import PasskeyForm
from backups.forms import SignInForm
from backups.models import AuditEvent, User
from backups.services import repeats, sign_in
from backups.services.second_factor import factors, passkeys
from backups.views import entering
from backups.views.access import address_of, safe_next
from backups.views.errors import too_often

# Nobody is known yet: only the place is counted.
NOBODY = ""


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    onward = safe_next(request)
    if request.user.is_authenticated:
        return redirect(onward)
    may_try = sign_in.reserve if request.method == "POST" else sign_in.seconds_barred
    if seconds := may_try(NOBODY, address_of(request)):
        return too_often(request, seconds=seconds)
    if request.method == "GET":
        if request.session.session_key is None:
            # Anybody can have as many as they like: each is forgotten when its answer would be too late.
            request.session.set_expiry(passkeys.SECONDS_TO_ANSWER)
        return JsonResponse(passkeys.to_ask(None), encoder=DjangoJSONEncoder)
    form = PasskeyForm(request.POST, person=None)
    if form.is_valid() and form.factor:
        sign_in.give_back(NOBODY, address_of(request))
        person: User = form.factor.user
        answer = perform_passwordless_login(request, form.factor, Login(user=person, redirect_url=onward))
        return entering.entered(request, person, answer, by=factors.PASSKEY)
    return _turned_away(request, form, onward)


def _turned_away(request: HttpRequest, form: PasskeyForm, onward: str) -> HttpResponse:
    told = {"email": "", "by": factors.PASSKEY}
    refused = AuditEvent.Outcome.REFUSED
    repeats.note("sign_in", actor=None, outcome=refused, details=told)
    shown = {"form": SignInForm(request), "next": onward, "refused": form.errors.get("credential")}
    return render(request, "sign_in.html", shown, status=422)
