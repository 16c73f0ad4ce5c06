"""Insiden: the one place to go by when something terrible has happened."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.views.decorators.http import require_GET, require_http_methods

from backups.incident_form import FactsForm, IncidentForm, NoteForm
from backups.models import Incident, IncidentEntry, Job
from backups.services import incident_timeline, incidents, personal_data
from backups.services.incident_timeline import Happened, Known
from backups.views.access import SignedInRequest, address_of, superadmin_required

ON_A_PAGE, OF_THE_STORY = 30, 12
LANGUAGES = ("id", "en")


@superadmin_required
@require_GET
def incident_list(request: SignedInRequest) -> HttpResponse:
    found = Incident.objects.select_related("opened_by")
    shown = {
        "open": incidents.clocks(list(found.filter(closed_at=None))),
        "page": Paginator(found.exclude(closed_at=None), ON_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "incidents/list.html", shown)


@superadmin_required
@require_http_methods(["GET", "POST"])
def incident_new(request: SignedInRequest) -> HttpResponse:
    form = IncidentForm(request.POST or None, initial={"noticed_at": timezone.localtime()})
    if form.is_valid():
        made = incidents.begin(form.opening, by=request.user, address=address_of(request))
        return redirect("incident", made.pk)
    return render(request, "incidents/new.html", {"form": form}, status=422 if form.is_bound else 200)


@superadmin_required
@require_GET
def incident_detail(request: SignedInRequest, incident_id: int) -> HttpResponse:
    incident = _find(incident_id)
    family = request.GET.get("show", "")
    family = family if family in incident_timeline.ALL else ""
    whole = incident_timeline.timeline(incident, family)
    page = Paginator(whole, OF_THE_STORY).get_page(request.GET.get("page"))
    known = incident_timeline.known(incident)
    shown = {
        **worked(incident, known),
        "touched": personal_data.touched(known.before),
        "page": page,
        "jobs": _jobs_of(page),
        "family": family,
        "families": incident_timeline.ALL,
        "asked": f"show={family}" if family else "",
        "lessons": incidents.lessons(incident),
        "note_form": NoteForm(initial={"at": timezone.localtime()}),
        "facts_form": FactsForm(initial=incidents.facts(incident)),
        "malls": as_malls_see(incident),
        "opened": request.GET.get("open", ""),
    }
    return render(request, "incidents/detail.html", shown)


@superadmin_required
@require_GET
def incident_clock(request: SignedInRequest, incident_id: int) -> HttpResponse:
    incident = _find(incident_id)
    shown = {"incident": incident, "clock": incidents.clock(incident)}
    return render(request, "incidents/_clock.html", shown)


@superadmin_required
@require_GET
def incident_report(request: SignedInRequest, incident_id: int) -> HttpResponse:
    """In the language of whoever receives it, whatever the panel speaks to whoever prints it."""
    incident, wanted = _find(incident_id), request.GET.get("in", "")
    known = incident_timeline.known(incident)
    notes = incident.entries.filter(kind=IncidentEntry.Kind.NOTE)
    shown = {
        "touched": personal_data.touched(known.before),
        "facts": incidents.facts(incident),
        "acts": incident_timeline.timeline(incident, "restores")[:ON_A_PAGE],
        "notes": notes.select_related("author").order_by("at"),
        "lessons": incidents.lessons(incident),
        "now": timezone.now(),
        **worked(incident, known),
    }
    with translation.override(wanted if wanted in LANGUAGES else translation.get_language()):
        return render(request, "incidents/report.html", shown)


def as_malls_see(incident: Incident) -> dict[str, object]:
    call = incident.malls_call or settings.SUPPORT_CONTACT
    return {"on": incident.tells_malls, "do": incident.malls_do, "call": call}


def worked(incident: Incident, known: Known) -> dict[str, object]:
    """The clock and the plan, as they stand."""
    marks = incidents.marks(incident)
    clock = incidents.clock(incident, marked=marks)
    return {"incident": incident, "clock": clock, "plan": incidents.PLAN, "marks": marks, "known": known}


def _find(incident_id: int) -> Incident:
    return get_object_or_404(Incident.objects.select_related("opened_by"), pk=incident_id)


def _jobs_of(page: Page[Happened]) -> dict[str, Job]:
    named = [one.event.object_id for one in page if one.event and one.event.object_kind == "job"]
    return {str(pk): job for pk, job in Job.objects.in_bulk(named).items()}
