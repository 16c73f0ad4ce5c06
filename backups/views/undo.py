"""Urungkan: swapping back."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from backups.models import Restore
from backups.models.job import Trigger
from backups.services.undo import request_undo
from backups.views.access import SignedInRequest, address_of, superadmin_required


@superadmin_required
@require_http_methods(["GET", "POST"])
def undo(request: SignedInRequest, restore_id: UUID) -> HttpResponse:
    restore = get_object_or_404(Restore, pk=restore_id)
    if request.method == "POST":
        job = request_undo(
            restore, requested_by=request.user, trigger=Trigger.PERSON, address=address_of(request)
        )
        return redirect("job", job.pk)
    return render(request, "restores/undo.html", {"restore": restore})
