"""What people do in an incident: tick, write down, tell the malls, close."""

from __future__ import annotations

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from backups.incident_form import CloseForm, FactsForm, MallsForm, NoteForm
from backups.models import Incident
from backups.services import incident_timeline, incidents
from backups.views.access import SignedInRequest, address_of, superadmin_required
from backups.views.incidents import as_malls_see, worked
from backups.views.step_up import surely_you

STATES = (incidents.DONE, incidents.SKIPPED, incidents.OPEN)


@superadmin_required
@require_POST
def incident_step(request: SignedInRequest, incident_id: int, step: str) -> HttpResponse:
    incident, state = get_object_or_404(Incident, pk=incident_id), request.POST.get("state", "")
    if step not in incidents.STEPS or state not in STATES:
        raise Http404
    incidents.mark_step(incident, step, state, by=request.user, address=address_of(request))
    if request.htmx:
        shown = {**worked(incident, incident_timeline.known(incident)), "just": step, "state": state}
        return render(request, "incidents/_worked.html", shown)
    # Without scripts its phase would be folded again, where it is not the one that is at work.
    return redirect(f"{reverse('incident', args=[incident.pk])}?open={step}#step-{step}")


@superadmin_required
@require_http_methods(["GET", "POST"])
def incident_note(request: SignedInRequest, incident_id: int) -> HttpResponse:
    incident, form = get_object_or_404(Incident, pk=incident_id), NoteForm(request.POST or None)
    if not form.is_valid():
        return _again(request, incident, form, _("Write down what happened"))
    told = form.cleaned_data
    incidents.note(incident, told["text"], at=told["at"], by=request.user, address=address_of(request))
    return _back(incident, "timeline")


@superadmin_required
@require_http_methods(["GET", "POST"])
def incident_facts(request: SignedInRequest, incident_id: int) -> HttpResponse:
    incident = get_object_or_404(Incident, pk=incident_id)
    form = FactsForm(request.POST or None, initial=incidents.facts(incident))
    if not form.is_valid():
        return _again(request, incident, form, _("What only people know"))
    incidents.state_facts(incident, form.cleaned_data, by=request.user, address=address_of(request))
    messages.success(request, _("Saved. It stands in the report."))
    return _back(incident, "facts")


@superadmin_required
@surely_you
@require_http_methods(["GET", "POST"])
def incident_malls(request: SignedInRequest, incident_id: int) -> HttpResponse:
    """Asked on a page of its own: whoever is asked first who they are has not typed anything yet."""
    incident = get_object_or_404(Incident, pk=incident_id)
    form = MallsForm(request.POST or None, initial=as_malls_see(incident))
    if not form.is_valid():
        return _again(request, incident, form, _("What the malls see"))
    incidents.tell_malls(incident, **form.cleaned_data, by=request.user, address=address_of(request))
    if incident.tells_malls:
        messages.success(request, _("Mall admins now see it on every page."))
    else:
        messages.success(request, _("Mall admins see no banner of this incident."))
    return _back(incident, "malls")


@superadmin_required
@surely_you
@require_http_methods(["GET", "POST"])
def incident_close(request: SignedInRequest, incident_id: int) -> HttpResponse:
    incident, form = get_object_or_404(Incident, pk=incident_id), CloseForm(request.POST or None)
    if not form.is_valid():
        shown = {"form": form, "incident": incident, "left": _left_open(incident)}
        return render(request, "incidents/close.html", shown, status=422 if form.is_bound else 200)
    incidents.close(incident, form.cleaned_data["lessons"], by=request.user, address=address_of(request))
    messages.success(request, _("Closed. What was written down stays; the report can be printed any time."))
    return redirect("incident", incident.pk)


def _left_open(incident: Incident) -> list[str]:
    states = incidents.states(incident)
    return [step for step in incidents.STEPS if states.get(step, incidents.OPEN) == incidents.OPEN]


def _again(request: SignedInRequest, incident: Incident, form: Form, title: str) -> HttpResponse:
    shown = {"form": form, "incident": incident, "title": title}
    return render(request, "incidents/edit.html", shown, status=422 if form.is_bound else 200)


def _back(incident: Incident, part: str) -> HttpResponse:
    return redirect(f"{reverse('incident', args=[incident.pk])}?open={part}#{part}")
