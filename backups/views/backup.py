"""Backup sekarang."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from backups.models.job import Trigger
from backups.services.backup import request_backup
from backups.views.access import SignedInRequest, address_of, superadmin_required


@superadmin_required
@require_POST
def backup(request: SignedInRequest) -> HttpResponse:
    job = request_backup(
        requested_by=request.user, trigger=Trigger.PERSON, address=address_of(request)
    )
    return redirect("job", job.pk)
