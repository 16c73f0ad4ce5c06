"""Work in progress: watched without a reload, cancelled with its consequence in view."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from backups import queries
from backups.models import Job
from backups.services import jobs
from backups.views.access import SignedInRequest, address_of, superadmin_required

# htmx stops polling at this status and still shows what came with it.
STOP_POLLING = 286


@superadmin_required
@require_GET
def job_detail(request: SignedInRequest, job_id: UUID) -> HttpResponse:
    return render(request, "jobs/detail.html", _shown(_job(job_id)))


@superadmin_required
@require_GET
def job_progress(request: SignedInRequest, job_id: UUID) -> HttpResponse:
    job = _job(job_id)
    if not request.htmx:
        return redirect("job", job.pk)
    status = STOP_POLLING if job.is_finished else 200
    return render(request, "jobs/_work.html", _shown(job), status=status)


@superadmin_required
@require_POST
def job_cancel(request: SignedInRequest, job_id: UUID) -> HttpResponse:
    job = _job(job_id)
    jobs.cancel(job, by=request.user, address=address_of(request))
    return redirect("job", job.pk)


def _job(job_id: UUID) -> Job:
    return get_object_or_404(Job.objects.select_related("archive", "requested_by"), pk=job_id)


def _shown(job: Job) -> dict[str, object]:
    """With the job that proves the backup, which the backup asks for when it is done."""
    follow_up = queries.running_jobs().filter(kind=Job.Kind.DRILL, archive=job.archive).first()
    return {
        "job": job,
        "follow_up": follow_up if job.kind == Job.Kind.BACKUP and job.archive else None,
        "look_again": job.is_finished,
    }
