"""Aktivitas: what is under way now and what was; a mall admin learns that, and nothing besides."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from backups import activity_queries, mall_queries, runs
from backups.job_form import JobSearchForm
from backups.models import Job
from backups.services import expectation, standing
from backups.services.connections import protected_database
from backups.views.access import SignedInRequest, signed_in

ON_A_PAGE = 30
NOTHING_NEW = 204


@signed_in
@require_GET
def activity(request: SignedInRequest) -> HttpResponse:
    if not request.user.is_superadmin:
        return render(request, "activity/mall.html", _for_a_mall())
    return render(request, "activity/page.html", _shown(request))


@signed_in
@require_GET
def activity_pulse(request: SignedInRequest) -> HttpResponse:
    """Asked every few seconds: the parts that changed, or nothing."""
    if not request.htmx:
        return redirect("activity")
    if not request.user.is_superadmin:
        return render(request, "activity/_mall.html", _for_a_mall())
    if request.GET.get("seen") == activity_queries.mark():
        return HttpResponse(status=NOTHING_NEW)
    return render(request, "activity/_changed.html", _shown(request))


def _shown(request: SignedInRequest) -> dict[str, object]:
    form = JobSearchForm(request.GET)
    # First: what changes while the rest is read is told of at the next look.
    seen = activity_queries.mark()
    active = activity_queries.under_way()
    page = _page(*activity_queries.ended(form.search), request.GET.get("page"))
    return {
        "form": form,
        "asked": urlencode(form.asked),
        "seen": seen,
        "active": active,
        "waiting": activity_queries.waiting_count(),
        "standings": standing.of_each(active),
        "expected": expectation.of_each(active),
        "page": page,
        "next_run": runs.next_run(),
    }


def _page(jobs: QuerySet[Job], count: int, number: str | None) -> Page[Job]:
    pages = Paginator(jobs, ON_A_PAGE)
    pages.count = count
    return pages.get_page(number)


def _for_a_mall() -> dict[str, object]:
    database = protected_database()
    active = mall_queries.mall_running(database)
    return {
        "active": active,
        "expected": expectation.of_each(active),
        "recent": mall_queries.mall_recent(database),
        "next_run": runs.next_run(),
    }
