"""Pulihkan, step by step: what happened, the plan, the check, and a name to type before anything does."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from backups import queries
from backups.forms import HappeningForm, PlanForm, RestoreForm
from backups.models import Archive, Job, Restore
from backups.models.job import Trigger
from backups.services import plan
from backups.services.archives import find_archive, refuse_other
from backups.services.connections import protected_database
from backups.services.outlook import outlook
from backups.services.plan import Happening, Scope, Target
from backups.services.preflight import preflight
from backups.services.refusals import FindingsNotAccepted
from backups.services.restore import ScopePreview, request_restore, scope_preview
from backups.views.access import SignedInRequest, address_of, superadmin_required
from backups.views.comparison import compared
from backups.views.step_up import surely_you

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
        "running": queries.running_jobs().filter(writes=True).first(),
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
    chosen = _whole(request.GET.get("archive", "")) or proposal.archive
    if chosen is None:
        oldest = queries.good_archives(protected_database()).last()
        shown = {"since": asked.cleaned_data["since"], "oldest": oldest}
        return render(request, "restores/too_young.html", shown)
    first: dict[str, Any] = {
        "archive": chosen.pk,
        "scope": proposal.scope,
        "target": proposal.target,
        "database": proposal.database,
    }
    # Whoever comes back from the check finds what was chosen before.
    first |= {name: request.GET[name] for name in first if request.GET.get(name)}
    first["tables"] = request.GET.getlist("tables")
    form = PlanForm(initial=first, tables=_tables(chosen))
    return render(request, "restores/plan.html", _plan_shown(form, chosen, asked))


@superadmin_required
@surely_you
@require_http_methods(["GET", "POST"])
def restore_check(request: SignedInRequest) -> HttpResponse:
    """What was planned is in the address, so that Back and Reload harm nothing."""
    archive = _whole(request.GET.get("archive", ""))
    if archive is None:
        return redirect("restore")
    refuse_other(archive)
    planned, asked = PlanForm(request.GET, tables=_tables(archive)), HappeningForm(request.GET)
    if not planned.is_valid():
        return render(request, "restores/plan.html", _plan_shown(planned, archive, asked), status=422)
    chosen = planned.cleaned_data
    findings, scope = findings_to_accept(archive), _scope(archive, chosen)
    form = RestoreForm(
        request.POST or None,
        expected=protected_database() if chosen["target"] == Target.LIVE else "",
        findings=[str(finding["name"]) for finding in findings],
        dangling=bool(scope and scope.dangling),
    )
    if request.method == "POST" and form.is_valid():
        return redirect("job", _ask(request, archive, chosen, form.cleaned_data).pk)
    shown = {"findings": findings, "scope": scope, "form": form, **_check_shown(archive, chosen, request.GET)}
    return render(request, "restores/check.html", shown, status=422 if form.errors else 200)


@superadmin_required
@require_GET
def restored(request: SignedInRequest, restore_id: UUID) -> HttpResponse:
    restore = get_object_or_404(
        Restore.objects.select_related("archive", "safety_archive", "job"), pk=restore_id
    )
    return render(request, "restores/detail.html", {"restore": restore})


def _ask(
    request: SignedInRequest, archive: Archive, planned: dict[str, Any], confirmed: dict[str, Any]
) -> Job:
    return request_restore(
        archive,
        requested_by=request.user,
        trigger=Trigger.PERSON,
        target=planned["database"] if planned["target"] == Target.NEW else None,
        tables=_chosen_tables(planned),
        beside=planned["target"] == Target.BESIDE,
        accept_dangling=confirmed["accept_dangling"],
        reason=confirmed["reason"],
        accepted=confirmed["accepted"],
        safety_backup=confirmed["safety_backup"],
        enable_events=confirmed["enable_events"],
        address=address_of(request),
    )


def _chosen_tables(planned: dict[str, Any]) -> tuple[str, ...]:
    """Ticks that were left when another scope was chosen say nothing."""
    return tuple(planned["tables"]) if planned["scope"] == Scope.TABLES else ()


def _scope(archive: Archive, planned: dict[str, Any]) -> ScopePreview | None:
    """What chosen tables are tied to, where they take the place of live ones."""
    tables = _chosen_tables(planned)
    return scope_preview(archive, tables) if tables and planned["target"] == Target.LIVE else None


def _whole(archive_id: str) -> Archive | None:
    found = Archive.objects.filter(pk=archive_id).first()
    return found if found and found.is_whole else None


def _tables(archive: Archive) -> list[str]:
    return [str(table["name"]) for table in archive.table_rows]


def _plan_shown(form: PlanForm, archive: Archive, asked: HappeningForm) -> dict[str, Any]:
    since: datetime | None = asked.cleaned_data.get("since") if asked.is_valid() else None
    what = asked.cleaned_data["what"] if asked.is_valid() else Happening.LOOK
    missing = plan.missing_tables(archive)
    others = queries.good_archives(protected_database()).prefetch_related("proofs").exclude(pk=archive.pk)
    return {
        "form": form,
        "archive": archive,
        "others": others[:OTHERS],
        "since": since,
        "what": what,
        "scopes": plan.scopes_of(archive),
        "tables": sorted(archive.table_rows, key=lambda table: str(table["name"])),
        "missing": missing,
        "ticked": missing if what == Happening.TABLE and not form.is_bound else (),
        "live_database": protected_database(),
        "vanished": queries.vanished_tables(archive),
        "running": queries.running_jobs().filter(writes=True).first(),
    }


def _check_shown(archive: Archive, planned: dict[str, Any], address: QueryDict) -> dict[str, Any]:
    target = planned["database"] if planned["target"] == Target.NEW else None
    tables = _chosen_tables(planned)
    ahead = outlook(archive, target=target, tables=tables)
    return {
        "archive": archive,
        "planned": planned,
        "overwrites": planned["target"] == Target.LIVE,
        "ahead": ahead,
        "comparison": compared(ahead.preview),
        "looked": preflight(archive, target=target, tables=tables),
        "live_database": protected_database(),
        "undo_days": settings.UNDO_DAYS,
        "events": archive.code_counts.get("events", 0) if planned["scope"] != Scope.FILES else 0,
        "running": queries.running_jobs().filter(writes=True).first(),
        "address": address.urlencode(),
    }


def findings_to_accept(archive: Archive) -> list[dict[str, object]]:
    """What this restore would add, says the last proof, or the last restore that was stopped for it.

    Each name once: it is what is accepted.
    """
    proof = archive.latest_proof
    stopped = archive.jobs.filter(kind=Job.Kind.RESTORE, error_code=FindingsNotAccepted.code).first()
    names = str(stopped.error_params.get("names", "")).split(", ") if stopped else []
    named: dict[str, dict[str, object]] = {name: {"name": name} for name in names}
    named |= {finding["name"]: finding for finding in (proof.new_findings if proof else [])}
    return list(named.values())
