"""Who may come in. Every view wears one of these; a test knows every route and every role."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django_htmx.middleware import HtmxDetails

from backups import queries
from backups.models import User
from backups.services.refusals import BackupError, Busy
from backups.services.wording import sentence_for

P = ParamSpec("P")


class SignedInRequest(HttpRequest):
    """What a view behind these doors may count on."""

    user: User
    htmx: HtmxDetails


View = Callable[Concatenate[SignedInRequest, P], HttpResponseBase]
Opened = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def signed_in(view: View[P]) -> Opened[P]:
    """Either role. What is shown is never kept by a browser or a proxy."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_the_door(request)
        try:
            return view(request, *args, **kwargs)  # type: ignore[arg-type]
        except BackupError as refusal:
            return refused(request, refusal)

    return guarded


def superadmin_required(view: View[P]) -> Opened[P]:
    @signed_in
    @wraps(view)
    def guarded(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_superadmin:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def refused(request: HttpRequest, refusal: BackupError) -> HttpResponse:
    """A service said no: its sentence, and the way back."""
    sentence = sentence_for(refusal.code, dict(refusal.params))
    missing = refusal.code in {"archive_unknown", "restore_unknown"}
    busy = queries.running_jobs().filter(writes=True).first() if isinstance(refusal, Busy) else None
    shown = {"sentence": sentence, "running": busy, "list": refusal.code == "archive_unknown"}
    return render(request, "refused.html", shown, status=404 if missing else 409)


def _to_the_door(request: HttpRequest) -> HttpResponse:
    """A fragment asked for by htmx would put the sign-in page into the middle of another page."""
    if getattr(request, "htmx", False):
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    return redirect_to_login(request.get_full_path() if request.method == "GET" else page_before(request))


def page_before(request: HttpRequest) -> str:
    """Where a form was sent from: its own address may only take POST, and would answer 405 to a visit."""
    sent_from = request.headers.get("Referer", "")
    return sent_from[len(_own(request)) :] if sent_from.startswith(f"{_own(request)}/") else "/"


def _own(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def safe_next(request: HttpRequest) -> str:
    """Where to go on, and never to another host."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # `redirect` takes a bare word for the name of a route.
    return wanted if allowed and wanted.startswith(("/", "http://", "https://")) else reverse("home")


def address_of(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
