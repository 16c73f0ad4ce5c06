"""One copy of an archive: read whole now, or made anew now."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from backups.models.job import Trigger
from backups.services.archives import find_archive
from backups.services.copies import request_copy
from backups.services.verify import request_verify
from backups.views.access import SignedInRequest, address_of, superadmin_required


@superadmin_required
@require_POST
def copy_check(request: SignedInRequest, archive_id: str, storage: str) -> HttpResponse:
    job = request_verify(
        find_archive(archive_id),
        requested_by=request.user,
        trigger=Trigger.PERSON,
        storage=storage,
        address=address_of(request),
    )
    return redirect("job", job.pk)


@superadmin_required
@require_POST
def copy_make(request: SignedInRequest, archive_id: str, storage: str) -> HttpResponse:
    job = request_copy(
        find_archive(archive_id),
        storage,
        requested_by=request.user,
        trigger=Trigger.PERSON,
        address=address_of(request),
    )
    return redirect("job", job.pk)
