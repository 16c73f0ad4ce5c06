"""Jejak audit: who did what, and whether the record still holds together."""

from __future__ import annotations

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from backups import queries
from backups.models import AuditEvent, Job
from backups.services import audit
from backups.views.access import SignedInRequest, superadmin_required

ON_A_PAGE = 50


@superadmin_required
@require_GET
def audit_list(request: SignedInRequest) -> HttpResponse:
    page = Paginator(queries.audit_events(), ON_A_PAGE).get_page(request.GET.get("page"))
    chain = audit.verify_chain() if "check" in request.GET else None
    return render(request, "audit.html", {"page": page, "chain": chain, "jobs": _jobs_of(page)})


def _jobs_of(page: Page[AuditEvent]) -> dict[str, Job]:
    """The jobs that a page's events are about, by id: who asked for them, and for which archive."""
    named = [event.object_id for event in page if event.object_kind == "job"]
    return {str(pk): job for pk, job in Job.objects.in_bulk(named).items()}
