"""Jadwal: the list, one to be made or changed, and its next runs while somebody chooses."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backups import queries, runs
from backups.models import Schedule
from backups.schedule_form import PRESETS, ScheduleForm, TimesForm, preset, values_of
from backups.services import heartbeat, schedules
from backups.services.connections import protected_database
from backups.services.refusals import Busy
from backups.views.access import SignedInRequest, address_of, superadmin_required
from backups.views.step_up import surely_you


@superadmin_required
@require_GET
def schedule_list(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    last = runs.last_slots(now)
    unwell = {run.schedule.pk: run for run in runs.unwell(protected_database(), now)}
    # What is wrong first, what is paused last.
    ordered = sorted(runs.schedules(), key=lambda each: (each.pk not in unwell, not each.enabled))
    cards = [{"schedule": each, "last": last.get(each.pk), "unwell": unwell.get(each.pk)} for each in ordered]
    return render(request, "schedules/list.html", {"cards": cards, "presets": _presets()})


@superadmin_required
@require_GET
def schedule_old(request: SignedInRequest) -> HttpResponse:
    """Where the only one there was had its page."""
    del request
    return redirect("schedules", permanent=True)


@superadmin_required
@surely_you
@require_http_methods(["GET", "POST"])
def schedule_new(request: SignedInRequest) -> HttpResponse:
    chosen = request.GET.get("preset", "night")
    form = ScheduleForm(request.POST or None, initial=preset(chosen))
    if _is_to_be_kept(request) and form.is_valid():
        schedules.add(form.plan, by=request.user)
        messages.success(request, _("Saved. The times count from now on."))
        return redirect("schedules")
    return _form_page(request, form)


@superadmin_required
@surely_you
@require_http_methods(["GET", "POST"])
def schedule_change(request: SignedInRequest, schedule_id: int) -> HttpResponse:
    schedule = _found(schedule_id)
    form = ScheduleForm(request.POST or None, schedule=schedule, initial=values_of(schedule))
    if _is_to_be_kept(request) and form.is_valid():
        schedules.change(schedule, form.plan, by=request.user)
        messages.success(request, _("Saved. The times count from now on."))
        return redirect("schedules")
    return _form_page(request, form)


@superadmin_required
@require_POST
def schedule_preview(request: SignedInRequest) -> HttpResponse:
    """The next runs of what is being chosen; nothing is kept, and no secret is sent here."""
    form = TimesForm(request.POST)
    form.is_valid()
    return render(request, "schedules/_runs.html", {"form": form})


@superadmin_required
@surely_you
@require_POST
def schedule_switch(request: SignedInRequest, schedule_id: int) -> HttpResponse:
    schedule = _found(schedule_id)
    if "pause" in request.POST:
        schedules.pause(schedule, by=request.user)
        messages.info(request, _("Paused: “%(name)s” makes no backup by itself.") % {"name": schedule.name})
    else:
        schedules.resume(schedule, by=request.user)
        messages.success(request, _("“%(name)s” is on again.") % {"name": schedule.name})
    return redirect("schedules")


@superadmin_required
@require_POST
def schedule_run(request: SignedInRequest, schedule_id: int) -> HttpResponse:
    try:
        job = schedules.run_now(_found(schedule_id), by=request.user, address=address_of(request))
    except Busy:
        running = queries.running_jobs().filter(writes=True).first()
        if running is None:
            raise
        messages.info(request, _("This is running now. A backup can begin when it has ended."))
        return redirect("job", running.pk)
    return redirect("job", job.pk)


@superadmin_required
@surely_you
@require_http_methods(["GET", "POST"])
def schedule_delete(request: SignedInRequest, schedule_id: int) -> HttpResponse:
    schedule = _found(schedule_id)
    if request.method == "POST":
        schedules.delete(schedule, by=request.user)
        messages.info(request, _("“%(name)s” is gone; its archives stay.") % {"name": schedule.name})
        return redirect("schedules")
    others = runs.schedules().filter(enabled=True).exclude(pk=schedule.pk).exists()
    return render(request, "schedules/delete.html", {"schedule": schedule, "others": others})


def _form_page(request: SignedInRequest, form: ScheduleForm) -> HttpResponse:
    schedule = form.schedule
    times = TimesForm({**form.initial}) if not form.is_bound else form
    times.is_valid()
    shown = {
        "form": form,
        "times": times,
        "schedule": schedule,
        "kept_heartbeat": heartbeat.masked(schedule) if schedule else "",
        "lost_heartbeat": bool(schedule and schedule.heartbeat and not heartbeat.masked(schedule)),
        "presets": _presets(),
        # A look at the next runs without a script is no mistake in the rest of the form.
        "looking": request.method == "POST" and not _is_to_be_kept(request),
    }
    return render(request, "schedules/form.html", shown)


def _is_to_be_kept(request: SignedInRequest) -> bool:
    return request.method == "POST" and "look" not in request.POST


def _presets() -> list[tuple[str, str]]:
    return [(slug, str(words)) for slug, (words, _values) in PRESETS.items()]


def _found(schedule_id: int) -> Schedule:
    schedule = runs.schedules().filter(pk=schedule_id).first()
    if schedule is None:
        raise Http404
    return schedule
