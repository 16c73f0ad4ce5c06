"""The certificate of a drill, to be printed and filed."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from backups import queries
from backups.services.certificate import certificate
from backups.services.refusals import ArchiveUnknown
from backups.views.access import SignedInRequest, superadmin_required


@superadmin_required
@require_GET
def drill_certificate(request: SignedInRequest, archive_id: str) -> HttpResponse:
    archive = queries.archives().filter(pk=archive_id).first()
    if archive is None:
        raise ArchiveUnknown(archive=archive_id[:80])
    found = certificate(archive)
    if found is None:
        return redirect("archive", archive.pk)
    return render(request, "archives/certificate.html", {"certificate": found, "now": timezone.now()})
