"""Work in progress: watched without a reload, cancelled with its consequence in view."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from backups.models import Job
from backups.models.job import Trigger
from backups.services import expectation, jobs, standing
from backups.views.access import SignedInRequest, address_of, superadmin_required
from backups.views.step_up import surely_you

# htmx stops polling at this status and still shows what came with it.
STOP_POLLING = 286
# What htmx may ask for: the whole work, or a part of it that stands on another page.
WHOLE = "jobs/_work.html"
PARTS = {
    "card": "jobs/_card.html",
    "line": "activity/_line.html",
    "proof": "jobs/_proof_notice.html",
}
# So long after a backup its drill may still have to be asked for.
SOON = timedelta(seconds=20)


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
    part = next((template for asked, template in PARTS.items() if asked in request.GET), WHOLE)
    status = STOP_POLLING if job.is_finished and part != PARTS["proof"] else 200
    return render(request, part, _shown(job), status=status)


@superadmin_required
@require_POST
def job_cancel(request: SignedInRequest, job_id: UUID) -> HttpResponseBase:
    job = _job(job_id)
    # One's own backup ends at a press; what would be missed by others is a thief's way to a quiet end.
    cancel = surely_you(_cancel) if job.trigger != Trigger.PERSON or job.kind in jobs.URGENT else _cancel
    return cancel(request, job)


def _cancel(request: SignedInRequest, job: Job) -> HttpResponseBase:
    jobs.cancel(job, by=request.user, address=address_of(request))
    return redirect("job", job.pk)


def _job(job_id: UUID) -> Job:
    return get_object_or_404(Job.objects.select_related("archive", "requested_by"), pk=job_id)


def _shown(job: Job) -> dict[str, object]:
    shown = {
        "job": job,
        "look_again": job.is_finished,
        "expectation": expectation.of(job),
        "standing": standing.of(job),
    }
    return {**shown, **(_proving(job) if _is_stored(job) else {})}


def _is_stored(job: Job) -> bool:
    return job.kind == Job.Kind.BACKUP and job.state == Job.State.DONE and job.archive is not None


def _proving(job: Job) -> dict[str, object]:
    """What became of the drill that a backup asks for, which at first may not be there yet."""
    drill = Job.objects.filter(
        kind=Job.Kind.DRILL, archive=job.archive, created_at__gte=job.created_at
    ).first()
    proof = job.archive.latest_proof if job.archive else None
    fresh = job.finished_at is not None and timezone.now() - job.finished_at < SOON
    return {
        "follow_up": drill if drill and drill.is_active else None,
        "ended": drill if drill and drill.is_finished else None,
        "proof": proof,
        "awaited": fresh and drill is None and proof is None,
    }
