"""Cadangan: the list, and one archive with all that is known of it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from backups import archive_queries, queries, runs
from backups.archive_form import ArchiveSearchForm
from backups.mall_queries import as_mall_sees, mall_archives, mall_story
from backups.services import archive_copies, policies, shelves
from backups.services.connections import protected_database
from backups.services.refusals import ArchiveUnknown
from backups.views.access import SignedInRequest, signed_in, superadmin_required

ON_A_PAGE = 30


@signed_in
@require_GET
def archive_list(request: SignedInRequest) -> HttpResponse:
    if not request.user.is_superadmin:
        return _list_for_malls(request)
    form = ArchiveSearchForm(request.GET)
    page = Paginator(archive_queries.found(form.search), ON_A_PAGE).get_page(request.GET.get("page"))
    shown = {
        "page": page,
        "form": form,
        "asked": urlencode(form.asked),
        "drilling": queries.drilling(),
        "copy_counts": archive_copies.counts(page.object_list),
    }
    return render(request, "archives/list.html", shown)


@superadmin_required
@require_GET
def archive_detail(request: SignedInRequest, archive_id: str) -> HttpResponse:
    # Not the service's: a missing or damaged archive must be seen, with what is wrong with it.
    archive = queries.archives().filter(pk=archive_id).first()
    if archive is None:
        raise ArchiveUnknown(archive=archive_id[:80])
    running = queries.running_jobs().filter(archive=archive).first()
    vanished = queries.vanished_tables(archive)
    shown = {
        "archive": archive,
        "before": archive_queries.before_it(archive),
        "deeds": archive_queries.done_with(archive),
        "running": running,
        "copies": archive_copies.lines(archive),
        "vanished": vanished,
        "held_before": shelves.held_before(archive),
        "complete": queries.last_archive_with(vanished, archive) if vanished else None,
    }
    return render(request, "archives/detail.html", shown)


def _list_for_malls(request: SignedInRequest) -> HttpResponse:
    page = Paginator(mall_archives(protected_database()), ON_A_PAGE).get_page(request.GET.get("page"))
    shown = {
        "page": page,
        "archives": [as_mall_sees(archive) for archive in page],
        "reach": policies.reach(),
        "schedules": [each for each in runs.schedules() if each.enabled],
    }
    return render(request, "archives/list_mall.html", shown)


@signed_in
@require_GET
def archive_story(request: SignedInRequest, stamp: str) -> HttpResponse:
    """For mall admins: what became of one backup, and nothing that they may not see."""
    story = mall_story(request.user, protected_database(), stamp)
    if story is None:
        raise Http404
    return render(request, "archives/story.html", {"story": story, "archive": story.archive})
