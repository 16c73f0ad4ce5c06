"""In and out."""

from __future__ import annotations

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from backups.forms import SignInForm
from backups.models import AuditEvent, User
from backups.services import audit, repeats
from backups.services.backends import turned_away
from backups.services.qparkin_sign_in import TOO_OFTEN
from backups.services.sign_in import WINDOW
from backups.views import entering, throttle
from backups.views.access import address_of, safe_next
from backups.views.errors import too_often


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    onward = safe_next(request)
    if request.user.is_authenticated:
        return redirect(onward)
    if request.method == "POST" and (seconds := throttle.reserve(request)):
        return too_often(request, seconds=seconds)
    form = SignInForm(request, data=request.POST if request.method == "POST" else None)
    if form.is_valid():
        throttle.give_back(request)
        typed = form.cleaned_data["username"]
        return entering.begin(request, form.get_user(), onward, typed=typed)
    if form.is_bound:
        _turn_away(request)
        if turned_away(request) == TOO_OFTEN:
            return too_often(request, seconds=int(WINDOW.total_seconds()))
    return render(request, "sign_in.html", {"form": form, "next": onward})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        audit.record("sign_out", actor=request.user, address=address_of(request))
    logout(request)
    answer = redirect("sign-in")
    # Whoever sits down here next goes back to no page of the one before.
    answer["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _turn_away(request: HttpRequest) -> None:
    # No database but SQLite and MariaDB keeps the letter of nothing.
    tried = request.POST.get("username", "").replace("\0", "")[:254]
    # Counted, not each written down: whoever tries from everywhere would fill the record.
    repeats.note(
        "sign_in",
        actor=None,
        outcome=AuditEvent.Outcome.REFUSED,
        details={"email": tried} | ({"code": code} if (code := turned_away(request)) else {}),
    )
