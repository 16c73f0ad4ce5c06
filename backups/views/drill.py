"""A restore tried out beside the live database."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from backups.models.job import Trigger
from backups.services.archives import find_archive
from backups.services.drill import request_drill
from backups.views.access import SignedInRequest, address_of, superadmin_required


@superadmin_required
@require_POST
def drill(request: SignedInRequest, archive_id: str) -> HttpResponse:
    job = request_drill(
        find_archive(archive_id),
        requested_by=request.user,
        trigger=Trigger.PERSON,
        address=address_of(request),
    )
    return redirect("job", job.pk)
