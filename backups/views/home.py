"""Beranda: one sentence that reassures or worries, and the next step."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from backups import queries
from backups.services.connections import protected_database, protected_state
from backups.views.access import SignedInRequest, signed_in
from backups.views.verdict import verdict


@signed_in
@require_GET
def home(request: SignedInRequest) -> HttpResponse:
    protected = protected_state()
    shown: dict[str, object] = {
        "verdict": verdict(queries.home_state(), user=request.user, protected=protected),
        "protected": protected,
        "status": queries.mall_home(request.user),
    }
    if request.user.is_superadmin:
        restore = queries.active_restore(protected_database())
        shown["running"] = queries.running_jobs()
        shown["recent"] = queries.recent_archives()
        shown["undoable"] = restore if restore and restore.can_undo else None
    return render(request, "home.html", shown)
