"""Back up now, as it stands or with what somebody chose."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from backups import queries
from backups.backup_form import BackupForm
from backups.models import Job
from backups.models.job import Trigger
from backups.services.backup import request_backup
from backups.services.connections import protected_database, protected_state
from backups.services.folders import EVERYTHING, FILES, configured
from backups.services.refusals import Busy
from backups.views.access import SignedInRequest, address_of, superadmin_required


@superadmin_required
@require_POST
def backup(request: SignedInRequest) -> HttpResponse:
    return _begun(request)


@superadmin_required
@require_http_methods(["GET", "POST"])
def backup_new(request: SignedInRequest) -> HttpResponse:
    protected = protected_state()
    # On the day on which the database is lost, the files are still there to be saved.
    content = EVERYTHING if protected.is_up else FILES
    form = BackupForm(request.POST or None, initial={"content": content, "keep_days": 0})
    if request.method == "POST" and form.is_valid():
        return _begun(request, **form.order)
    shown = {
        "form": form,
        "last": queries.last_good_archive(protected_database()),
        "protected": protected,
        "possible": protected.is_up or bool(configured()),
    }
    return render(request, "backup.html", shown)


def _begun(request: SignedInRequest, **order: Any) -> HttpResponse:
    try:
        job = request_backup(
            requested_by=request.user, trigger=Trigger.PERSON, address=address_of(request), **order
        )
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
