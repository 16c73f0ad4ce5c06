"""After the password: the second factor, by whichever way is at hand."""

from __future__ import annotations

from typing import Any

from allauth.account.stages import LoginStage, LoginStageController
from allauth.mfa.base.internal.flows import post_authentication
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from backups.factor_forms import CodeForm, PasskeyForm
from backups.models import AuditEvent, User
from backups.services import audit, sign_in
from backups.services.second_factor import factors, passkeys
from backups.services.second_factor.adapters import SecondStep
from backups.views import entering, known_device
from backups.views.access import address_of
from backups.views.errors import too_often


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    stage = _stage(request)
    if stage is None:
        return redirect("sign-in")
    person: User = stage.login.user
    counted = known_device.counted_as(request, person.email), address_of(request)
    if request.method == "POST" and (seconds := sign_in.reserve(*counted)):
        return too_often(request, seconds=seconds)
    form = form_of(request, person)
    if form.is_valid() and form.factor:
        sign_in.give_back(*counted)
        post_authentication(request, form.factor)
        answer = entering.entered(request, person, stage.exit(), by=form.factor.type)
        mention_codes_left(request, person, form)
        return answer
    if form.is_bound:
        _record_refusal(request, person)
    return render(
        request, "second_step.html", ways(request, person, form), status=422 if form.is_bound else 200
    )


def form_of(request: HttpRequest, person: User) -> CodeForm | PasskeyForm:
    """A code, or what a passkey answered: whichever was sent."""
    if "credential" in request.POST:
        return PasskeyForm(request.POST, person=person)
    return CodeForm(request.POST or None, person=person)


def ways(request: HttpRequest, person: User, form: CodeForm | PasskeyForm) -> dict[str, Any]:
    """What a page shows that asks for a second factor."""
    mine = factors.of(person)
    asked = passkeys.to_ask(person) if mine.passkeys and passkeys.is_possible(request.get_host()) else None
    by_code = form if isinstance(form, CodeForm) else CodeForm(person=person)
    return {"factors": mine, "form": by_code, "asked": asked, "refused": form.errors.get("credential")}


def mention_codes_left(request: HttpRequest, person: User, form: CodeForm | PasskeyForm) -> None:
    """Whoever has just used one up should know before the last is gone."""
    left = factors.of(person).codes_left if form.factor and form.factor.type == factors.CODES else None
    if left is not None:
        told = ngettext(
            "That was a recovery code; %(n)d is left. Make new ones under Second factor.",
            "That was a recovery code; %(n)d are left. Make new ones under Second factor.",
            left,
        )
        messages.info(request, told % {"n": left})


def _stage(request: HttpRequest) -> LoginStage | None:
    """None where nobody gave a password just now, or it is too long ago."""
    if request.user.is_authenticated:
        return None
    stage = LoginStageController.enter(request, SecondStep.key)
    # Switched off meanwhile, or without a factor any more: from the beginning.
    if stage is None or not stage.login.user or not stage.login.user.is_active:
        return None
    return stage


def _record_refusal(request: HttpRequest, person: User) -> None:
    audit.record(
        "second_step",
        actor=None,
        outcome=AuditEvent.Outcome.REFUSED,
        address=address_of(request),
        details={"email": person.email},
    )
