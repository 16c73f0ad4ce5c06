"""A person's own second factors: what there is, and codes on paper for the day it is lost."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backups.services.second_factor import changes, factors, paper
from backups.views import gate
from backups.views.access import SignedInRequest, address_of, safe_next, signed_in
from backups.views.step_up import surely_you
from backups.views.visits import VISIT


@signed_in
@require_GET
def second_factor(request: SignedInRequest) -> HttpResponse:
    shown = {
        "factors": factors.of(request.user),
        "demanded": factors.is_demanded_of(request.user),
        "layout": "door.html" if gate.is_shut(request) else "base.html",
        "next": safe_next(request),
    }
    return render(request, "second_factor/page.html", shown)


@signed_in
@surely_you
@require_http_methods(["GET", "POST"])
def factor_remove(request: SignedInRequest, factor_id: int) -> HttpResponse:
    factor = _own(request, factor_id)
    if request.method == "POST":
        visit = request.session.get(VISIT)
        changes.remove(request.user, factor, at=address_of(request), visit=visit)
        messages.success(
            request, _("Removed. It opens nothing here any more, and your sessions elsewhere have ended.")
        )
        return redirect("second-factor")
    mine = factors.of(request.user)
    is_last = mine.count == 1
    shown = {"factor": factor, "is_last": is_last, "kept": is_last and factors.is_demanded_of(request.user)}
    return render(request, "second_factor/remove.html", shown)


@signed_in
@surely_you
@require_GET
def recovery_codes(request: SignedInRequest) -> HttpResponse:
    """Shown once: whoever opens this page later finds out how many are left, and can make new ones."""
    shown = {
        "codes": paper.to_show(request.user),
        "factors": factors.of(request.user),
        "next": safe_next(request),
    }
    return render(request, "second_factor/codes.html", shown)


@signed_in
@surely_you
@require_POST
def recovery_codes_new(request: SignedInRequest) -> HttpResponse:
    changes.new_codes(request.user, at=address_of(request))
    return redirect("recovery-codes")


def _own(request: SignedInRequest, factor_id: int) -> Authenticator:
    """Nobody's but one's own, and not the codes: they go with the last factor."""
    mine = Authenticator.objects.filter(user=request.user, type__in=(factors.APP, factors.PASSKEY))
    return get_object_or_404(mine, pk=factor_id)
