"""Is it still you? Asked again before what harms most in the wrong hands: a tablet left open is enough.

Whoever has a second factor gives that; the password alone, where there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from backups.factor_forms import CodeForm, PasskeyForm
from backups.forms import StepUpForm
from backups.models import AuditEvent
from backups.services import audit, sign_in
from backups.services.second_factor import factors
from backups.views import gate, unsent
from backups.views.access import SignedInRequest, address_of, safe_next, signed_in
from backups.views.certainty import FRESH, WHEN, is_sure, note_opened, note_sure
from backups.views.errors import too_often
from backups.views.second_step import form_of, mention_codes_left, ways

__all__ = ["FRESH", "WHEN", "note_sure", "step_up", "surely_you"]

P = ParamSpec("P")

View = Callable[Concatenate[SignedInRequest, P], HttpResponseBase]
Form = StepUpForm | CodeForm | PasskeyForm


def surely_you(view: View[P]) -> View[P]:
    """Under `superadmin_required`: it was you within the last minutes, or you are asked now."""

    @wraps(view)
    def guarded(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not is_sure(request, request.user):
            unsent.keep(request)
            return redirect(f"{reverse('step-up')}?{urlencode({'next': _back_to(request)})}")
        if request.method == "GET":
            note_opened(request)
        return view(request, *args, **kwargs)

    return guarded


def _back_to(request: HttpRequest) -> str:
    """Nothing was done; the page that it was sent from is there, its own address perhaps not."""
    return request.get_full_path() if request.method == "GET" else request.headers.get("Referer", "/")


@sensitive_post_parameters()
@signed_in
@require_http_methods(["GET", "POST"])
def step_up(request: SignedInRequest) -> HttpResponse:
    onward, person = safe_next(request), request.user
    address = address_of(request)
    if request.method == "POST" and (seconds := sign_in.reserve(sign_in.inside(person))):
        return too_often(request, seconds=seconds)
    form = _form(request)
    if form.is_valid():
        return _believe(request, form, onward)
    if form.is_bound:
        audit.record("step_up", actor=person, outcome=AuditEvent.Outcome.REFUSED, address=address)
    shown = _shown(request, form)
    return render(request, "step_up.html", {**shown, "next": onward}, status=422 if form.is_bound else 200)


def _form(request: SignedInRequest) -> Form:
    if factors.has_one(request.user):
        return form_of(request, request.user)
    return StepUpForm(request.POST or None, person=request.user)


def _shown(request: SignedInRequest, form: Form) -> dict[str, Any]:
    shown = {"form": form} if isinstance(form, StepUpForm) else ways(request, request.user, form)
    # Before the second factor there is no menu: it would show what is not open yet.
    return {**shown, "layout": "door.html" if gate.is_shut(request) else "base.html"}


def _believe(request: SignedInRequest, form: Form, onward: str) -> HttpResponse:
    person = request.user
    by = "password" if isinstance(form, StepUpForm) else getattr(form.factor, "type", "")
    # A new session key: one that was seen before is worth nothing after it.
    update_session_auth_hash(request, person)
    note_sure(request, second_factor_of=None if by == "password" else person)
    if not isinstance(form, StepUpForm) and form.factor:
        form.factor.record_usage()
        mention_codes_left(request, person, form)
    sign_in.forget_failures(sign_in.inside(person))
    audit.record("step_up", actor=person, address=address_of(request), details={"by": by})
    return redirect(onward)
