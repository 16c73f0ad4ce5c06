"""A pin on an archive, and off again."""

from __future__ import annotations

from datetime import datetime, time

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backups.forms import PinForm
from backups.models import Archive
from backups.services import pins
from backups.services.archives import find_archive
from backups.views.access import SignedInRequest, address_of, superadmin_required
from backups.views.approval import second_person
from backups.views.step_up import surely_you


@superadmin_required
@require_POST
@second_person
def pin(request: SignedInRequest, archive_id: str) -> HttpResponseBase:
    archive = find_archive(archive_id)
    form = PinForm(request.POST)
    last = form.cleaned_data["until"] if form.is_valid() else None
    if last is None or last < timezone.localdate():
        messages.error(request, _("Not pinned: give a day that is still to come, and a reason."))
        return redirect("archive", archive.pk)
    until = timezone.make_aware(datetime.combine(last, time(23, 59, 59)))
    # To keep something longer harms nobody; shorter is as good as taking the pin off.
    keep = surely_you(_keep) if pins.gives_up(archive, until) else _keep
    return keep(request, archive, until, form.cleaned_data["reason"])


def _keep(request: SignedInRequest, archive: Archive, until: datetime, reason: str) -> HttpResponseBase:
    pins.pin(archive, until=until, reason=reason, by=request.user, address=address_of(request))
    messages.success(request, _("Pinned. Retention leaves it alone until then."))
    return redirect("archive", archive.pk)


@superadmin_required
@require_POST
@surely_you
@second_person
def unpin(request: SignedInRequest, archive_id: str) -> HttpResponse:
    archive = find_archive(archive_id)
    pins.unpin(archive, by=request.user, address=address_of(request))
    messages.success(request, _("The pin is off. Retention treats it like any other."))
    return redirect("archive", archive.pk)
