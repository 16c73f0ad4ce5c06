"""A restore that stopped at its safety backup, once more without one."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from backups.models import Job
from backups.models.job import Trigger
from backups.services.restore_request import request_without_safety
from backups.views.access import SignedInRequest, address_of, superadmin_required
from backups.views.approval import second_person
from backups.views.step_up import surely_you


@superadmin_required
@surely_you
@second_person
@require_POST
def restore_again(request: SignedInRequest, job_id: UUID) -> HttpResponse:
    """The plan, and the name that was typed for it, are those of the job that stopped."""
    stopped = get_object_or_404(Job.objects.select_related("archive"), pk=job_id)
    asked = request_without_safety(
        stopped, requested_by=request.user, trigger=Trigger.PERSON, address=address_of(request)
    )
    return redirect("job", asked.pk)
