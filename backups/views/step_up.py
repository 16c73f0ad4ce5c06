"""Is it still you? Asked again before what harms most in the wrong hands: a tablet left open is enough."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from backups.forms import StepUpForm
from backups.models import AuditEvent
from backups.services import audit, sign_in
from backups.views.access import SignedInRequest, address_of, safe_next, superadmin_required
from backups.views.errors import too_often

P = ParamSpec("P")
FRESH = timedelta(minutes=5)
# Whoever opened a page of these in time may read it in peace and send it; anything else is asked for anew.
FRESH_TO_SEND = timedelta(minutes=30)
WHEN, OPENED = "was_sure_at", "opened_by_the_sure"
MOST_OPENED = 10

View = Callable[Concatenate[SignedInRequest, P], HttpResponseBase]


def note_sure(request: HttpRequest) -> None:
    """The password was given just now."""
    request.session[WHEN] = timezone.now().timestamp()
    request.session[OPENED] = []


def surely_you(view: View[P]) -> View[P]:
    """Under `superadmin_required`: the password was given within the last minutes, or is asked for now."""

    @wraps(view)
    def guarded(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not _is_sure(request):
            return redirect(f"{reverse('step-up')}?{urlencode({'next': _back_to(request)})}")
        if request.method == "GET":
            _note_opened(request)
        return view(request, *args, **kwargs)

    return guarded


def _back_to(request: HttpRequest) -> str:
    """What was being sent is gone; the page that it was sent from is there, its address perhaps not."""
    return request.get_full_path() if request.method == "GET" else request.headers.get("Referer", "/")


def _note_opened(request: HttpRequest) -> None:
    opened = [path for path in request.session.get(OPENED, []) if path != request.path]
    request.session[OPENED] = [*opened, request.path][-MOST_OPENED:]


def _is_sure(request: HttpRequest) -> bool:
    # A large file takes longer to arrive than anybody stays sure: it counts when it began to.
    now = getattr(request, "upload_began", None) or timezone.now()
    was_opened = request.method != "GET" and request.path in request.session.get(OPENED, [])
    allowed = FRESH_TO_SEND if was_opened else FRESH
    age = now.timestamp() - float(request.session.get(WHEN, 0))
    return 0 <= age <= allowed.total_seconds()


@sensitive_post_parameters("password")
@superadmin_required
@require_http_methods(["GET", "POST"])
def step_up(request: SignedInRequest) -> HttpResponse:
    onward, person = safe_next(request), request.user
    address = address_of(request)
    if request.method == "POST" and (seconds := sign_in.seconds_barred(person.email, address)):
        return too_often(request, seconds=seconds)
    form = StepUpForm(request.POST or None, person=person)
    if form.is_valid():
        # A new session key: one that was seen before the password is worth nothing after it.
        update_session_auth_hash(request, person)
        note_sure(request)
        sign_in.forget_failures(person.email)
        audit.record("step_up", actor=person, address=address)
        return redirect(onward)
    if form.is_bound:
        sign_in.count_failure(person.email, address)
        audit.record("step_up", actor=person, outcome=AuditEvent.Outcome.REFUSED, address=address)
    return render(
        request,
        "step_up.html",
        {"form": form, "next": onward},
        status=422 if form.is_bound else 200,
    )
