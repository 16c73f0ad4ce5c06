"""Jadwal: one time a day, on or off."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from backups import queries
from backups.forms import ScheduleForm
from backups.services.schedule import change_schedule
from backups.views.access import SignedInRequest, superadmin_required


@superadmin_required
@require_http_methods(["GET", "POST"])
def schedule(request: SignedInRequest) -> HttpResponse:
    current = queries.schedules().first()
    if current is None:
        return render(request, "schedule_missing.html")
    shown = {"schedule": current, "zone": timezone.localtime().tzname()}
    form = ScheduleForm(request.POST or None, initial={"enabled": current.enabled, "at": current.at})
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        change_schedule(
            current, every=current.every, at=chosen["at"], enabled=chosen["enabled"], by=request.user
        )
        messages.success(request, _("Saved. The new time counts from now on."))
        return redirect("schedule")
    return render(request, "schedule.html", {**shown, "form": form})
