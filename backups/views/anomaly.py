"""Somebody looked at a strange backup, and knows why it is as it is."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from backups.services import anomalies
from backups.services.archives import find_archive
from backups.views.access import SignedInRequest, address_of, superadmin_required
from backups.views.step_up import surely_you


# What was held because of it may be let go afterwards.
@superadmin_required
@surely_you
@require_POST
def anomaly_seen(request: SignedInRequest, archive_id: str) -> HttpResponse:
    archive = find_archive(archive_id)
    anomalies.note_seen(archive, by=request.user, address=address_of(request))
    return redirect("archive", archive.pk)
