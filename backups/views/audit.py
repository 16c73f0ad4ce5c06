"""Jejak audit: who did what, and whether the record still holds together."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from backups import audit_queries
from backups.audit_form import AuditSearchForm
from backups.models import AuditEvent, Job
from backups.services import audit, audit_guard
from backups.services.audit_handout import CSV, JSON, MEDIA, hand_out
from backups.templatetags.events import ACTIONS
from backups.views.access import SignedInRequest, address_of, superadmin_required
from backups.views.personal import shows_people
from backups.views.step_up import surely_you

ON_A_PAGE = 50


@superadmin_required
@require_GET
@shows_people
def audit_list(request: SignedInRequest) -> HttpResponse:
    form = AuditSearchForm(request.GET, actions=ACTIONS)
    page = Paginator(audit_queries.audit_events(form.search), ON_A_PAGE).get_page(request.GET.get("page"))
    chain = audit.verify_chain() if "check" in request.GET else None
    shown = {
        "page": page,
        "chain": chain,
        "head": audit.mark() if chain else "",
        "guarded": audit_guard.stands() if chain else True,
        "jobs": _jobs_of(page),
        "form": form,
        "asked": urlencode(form.asked),
    }
    return render(request, "audit.html", shown)


@superadmin_required
@surely_you
@require_POST
def audit_export_file(request: SignedInRequest) -> StreamingHttpResponse:
    """What the search shows, whole."""
    form = AuditSearchForm(request.POST, actions=ACTIONS)
    kind = CSV if request.POST.get("format") == CSV else JSON
    events = audit_queries.audit_events(form.search)
    handed = hand_out(events, kind=kind, asked=form.asked, by=request.user, address=address_of(request))
    answer = StreamingHttpResponse(handed, content_type=MEDIA[kind])
    name = f"qparkin-audit-{timezone.localtime():%Y%m%d-%H%M}.{kind}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _jobs_of(page: Page[AuditEvent]) -> dict[str, Job]:
    """The jobs that a page's events are about, by id: who asked for them, and for which archive."""
    named = [event.object_id for event in page if event.object_kind == "job"]
    return {str(pk): job for pk, job in Job.objects.in_bulk(named).items()}
