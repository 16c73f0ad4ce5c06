"""Pulihkan, step by step: what happened, the plan, the check, and a name to type before anything does."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from backups import queries
from backups.forms import HappeningForm, PlanForm
from backups.models import Archive, Restore
from backups.services import plan
from backups.services.archives import find_archive, refuse_other
from backups.services.connections import protected_database
from backups.services.plan import Happening
from backups.views.access import SignedInRequest, superadmin_required

OTHERS = 30


@superadmin_required
@require_GET
def restore_choice(request: SignedInRequest) -> HttpResponse:
    """The first question. Whoever comes from an archive's page has answered it by coming."""
    if queries.best_archive(protected_database()) is None:
        return render(request, "restores/empty.html")
    form = HappeningForm(request.GET or None)
    if request.GET and form.is_valid():
        return redirect(f"{reverse('restore-plan')}?{request.GET.urlencode()}")
    shown = {
        "form": form,
        "zone": timezone.localtime().tzname(),
        "running": queries.holding_up_a_restore(),
    }
    return render(request, "restores/happening.html", shown, status=422 if form.errors else 200)


@superadmin_required
@require_GET
def restore_from(request: SignedInRequest, archive_id: str) -> HttpResponse:
    """From one archive's page: the same plan, with that archive chosen."""
    archive = find_archive(archive_id)
    refuse_other(archive)
    if not archive.is_whole:
        best = queries.best_archive(protected_database())
        return render(request, "restores/unfit.html", {"archive": archive, "best": best}, status=409)
    return redirect(f"{reverse('restore-plan')}?what={Happening.LOOK}&archive={archive.pk}")


@superadmin_required
@require_GET
def restore_plan(request: SignedInRequest) -> HttpResponse:
    asked = HappeningForm(request.GET)
    if not asked.is_valid():
        return redirect("restore")
    proposal = plan.proposed(Happening(asked.cleaned_data["what"]), asked.cleaned_data["since"])
    chosen = whole(request.GET.get("archive", "")) or proposal.archive
    if chosen is None:
        oldest = queries.good_archives(protected_database()).last()
        shown = {"since": asked.cleaned_data["since"], "oldest": oldest}
        return render(request, "restores/too_young.html", shown)
    first: dict[str, Any] = {
        "archive": chosen.pk,
        "scope": proposal.scope,
        "target": proposal.target,
        "database": proposal.database,
        "folder": proposal.folder,
    }
    # Whoever comes back from the check finds what was chosen before; a name that we made is made anew.
    before = {name: request.GET[name] for name in first if request.GET.get(name)}
    first |= {name: value for name, value in before.items() if not plan.was_proposed(value)}
    first["tables"] = request.GET.getlist("tables")
    form = PlanForm(initial=first, tables=tables_of(chosen))
    return render(request, "restores/plan.html", plan_shown(form, chosen, asked))


@superadmin_required
@require_GET
def restored(request: SignedInRequest, restore_id: UUID) -> HttpResponse:
    restore = get_object_or_404(
        Restore.objects.select_related("archive", "safety_archive", "job"), pk=restore_id
    )
    return render(request, "restores/detail.html", {"restore": restore})


def whole(archive_id: str) -> Archive | None:
    found = Archive.objects.filter(pk=archive_id).first()
    return found if found and found.is_whole else None


def tables_of(archive: Archive) -> list[str]:
    return [str(table["name"]) for table in archive.table_rows]


def plan_shown(form: PlanForm, archive: Archive, asked: HappeningForm) -> dict[str, Any]:
    since: datetime | None = asked.cleaned_data.get("since") if asked.is_valid() else None
    what = asked.cleaned_data["what"] if asked.is_valid() else Happening.LOOK
    missing, vanished = plan.missing_tables(archive), queries.vanished_tables(archive)
    others = queries.good_archives(protected_database()).prefetch_related("proofs").exclude(pk=archive.pk)
    return {
        "form": form,
        "archive": archive,
        "others": others[:OTHERS],
        "since": since,
        "what": what,
        "scopes": plan.scopes_of(archive),
        # What is missing first: on a phone the list is long.
        "tables": sorted(archive.table_rows, key=lambda t: (t["name"] not in missing, str(t["name"]))),
        "missing": missing,
        "ticked": missing if what == Happening.TABLE and not form.is_bound else (),
        "live_database": protected_database(),
        "vanished": vanished,
        "complete": queries.last_archive_with(vanished, archive) if vanished else None,
        "running": queries.holding_up_a_restore(),
    }
