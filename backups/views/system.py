"""Sistem: what the panel stands on. The protected server is asked apart, and holds up no page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from backups.services import protected_look, system
from backups.views.access import SignedInRequest, superadmin_required


@superadmin_required
@require_GET
def system_page(request: SignedInRequest) -> HttpResponse:
    shown: dict[str, object] = {"system": system.look()}
    if "look" in request.GET:
        # Without JavaScript.
        shown["protected"] = protected_look.look()
    return render(request, "system/page.html", shown)


@superadmin_required
@require_GET
def system_protected(request: SignedInRequest) -> HttpResponse:
    if not request.htmx:
        return redirect(f"{reverse('system')}?look=1")
    return render(request, "system/_protected.html", {"protected": protected_look.look()})
