"""Dari tempat lain: a dump or an archive that somebody brings."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from backups.forms import ElsewhereForm
from backups.models import Archive, Job
from backups.services import uploads
from backups.services.refusals import BackupError
from backups.services.wording import sentence_of
from backups.views.access import SignedInRequest, address_of, superadmin_required
from backups.views.step_up import surely_you


@superadmin_required
@surely_you
@require_http_methods(["GET", "POST"])
def elsewhere(request: SignedInRequest) -> HttpResponse:
    form = ElsewhereForm(request.POST or None, request.FILES or None)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = uploads.take_upload(
                file.chunks(), name=file.name, by=request.user, address=address_of(request)
            )
            return redirect("archive" if isinstance(made, Archive) else "job", made.pk)
        except BackupError as refusal:
            # Beside the field: another file is the way on.
            form.add_error("file", sentence_of(refusal))
            status = 409
    looked = Job.objects.filter(kind__in=[Job.Kind.INSPECT, Job.Kind.ADOPT])[:5]
    return render(request, "elsewhere/new.html", {"form": form, "looked": looked}, status=status)


@superadmin_required
@surely_you
@require_POST
def adopt(request: SignedInRequest, job_id: UUID) -> HttpResponse:
    job = get_object_or_404(Job, pk=job_id)
    asked = uploads.request_adoption(job, by=request.user, address=address_of(request))
    return redirect("job", asked.pk)
