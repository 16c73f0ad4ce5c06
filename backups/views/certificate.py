"""The certificate of a drill, to be printed and filed."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from backups.services.archives import find_archive
from backups.services.certificate import certificate
from backups.views.access import SignedInRequest, superadmin_required


@superadmin_required
@require_GET
def drill_certificate(request: SignedInRequest, archive_id: str) -> HttpResponse:
    archive = find_archive(archive_id)
    found = certificate(archive)
    if found is None:
        return redirect("archive", archive.pk)
    return render(request, "archives/certificate.html", {"certificate": found, "now": timezone.now()})


@superadmin_required
@require_GET
def certificate_file(request: SignedInRequest, archive_id: str) -> HttpResponse:
    """The signed statement alone, byte for byte: what `manage.py check_certificate` reads."""
    del request
    archive = find_archive(archive_id)
    proof = archive.latest_proof
    if proof is None or not proof.statement:
        return redirect("archive", archive.pk)
    answer = HttpResponse(proof.statement.encode(), content_type="application/json")
    name = f"certificate-{archive.pk}.json"
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return answer
