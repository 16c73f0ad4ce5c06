"""Backup sekarang."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backups import queries
from backups.models import Job
from backups.models.job import Trigger
from backups.services.backup import request_backup
from backups.services.refusals import Busy
from backups.views.access import SignedInRequest, address_of, superadmin_required


@superadmin_required
@require_POST
def backup(request: SignedInRequest) -> HttpResponse:
    try:
        job = request_backup(requested_by=request.user, trigger=Trigger.PERSON, address=address_of(request))
    except Busy:
        running = queries.running_jobs().filter(writes=True).first()
        if running is None:
            raise
        messages.info(request, _already(running))
        return redirect("job", running.pk)
    return redirect("job", job.pk)


def _already(running: Job) -> str:
    if running.kind == Job.Kind.BACKUP:
        return _("A backup is running already; here it is.")
    return _("This is running now. A backup can begin when it has ended.")
