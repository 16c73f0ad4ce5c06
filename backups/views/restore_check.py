"""A restore's last step: what was checked, what would change, and a name to type before anything does."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from backups import queries
from backups.forms import HappeningForm, PlanForm, RestoreForm
from backups.models import Archive, Job
from backups.models.job import Trigger
from backups.services import folders
from backups.services.archives import refuse_other
from backups.services.connections import protected_database
from backups.services.outlook import outlook
from backups.services.plan import Scope, Target
from backups.services.preflight import Preflight, preflight
from backups.services.preview import FilesPreview, ScopePreview, preview_files, scope_preview
from backups.services.refusals import FindingsNotAccepted
from backups.services.restore_request import request_restore
from backups.views.access import SignedInRequest, address_of, superadmin_required
from backups.views.approval import second_person
from backups.views.comparison import compared
from backups.views.restore import plan_shown, tables_of, whole
from backups.views.step_up import surely_you

# What the service calls them.
WITH_FILES = {Scope.FILES: folders.FILES, Scope.BOTH: folders.EVERYTHING}


@superadmin_required
@surely_you
@second_person
@require_http_methods(["GET", "POST"])
def restore_check(request: SignedInRequest) -> HttpResponse:
    """What was planned is in the address, so that Back and Reload harm nothing."""
    archive = whole(request.GET.get("archive", ""))
    if archive is None:
        return redirect("restore")
    refuse_other(archive)
    planned, asked = PlanForm(request.GET, tables=tables_of(archive)), HappeningForm(request.GET)
    if not planned.is_valid():
        return render(request, "restores/plan.html", plan_shown(planned, archive, asked), status=422)
    chosen = planned.cleaned_data
    findings = findings_of(archive, chosen)
    looked = _looked(archive, chosen)
    # What stands in the way may be the archive itself, and then nothing more can be read from it.
    scope = _scope(archive, chosen) if looked.may_go else None
    form = RestoreForm(
        request.POST or None,
        expected=protected_database() if _overwrites_database(chosen) else "",
        findings=[str(finding["name"]) for finding in findings],
        dangling=bool(scope and scope.dangling),
        mended=looked.mended,
    )
    if request.method == "POST" and form.is_valid():
        return redirect("job", _ask(request, archive, chosen, form.cleaned_data).pk)
    shown = {"findings": findings, "scope": scope, "form": form, "looked": looked}
    shown |= _check_shown(archive, chosen, request.GET)
    return render(request, "restores/check.html", shown, status=422 if form.errors else 200)


def _overwrites_database(planned: dict[str, Any]) -> bool:
    return bool(planned["target"] == Target.LIVE and planned["scope"] != Scope.FILES)


def _ask(
    request: SignedInRequest, archive: Archive, planned: dict[str, Any], confirmed: dict[str, Any]
) -> Job:
    """Ticks of what was not asked for, since the page did not show them, are left out by the form."""
    switches = ("accepted", "accept_dangling", "fix_case", "safety_backup", "enable_events", "reason")
    return request_restore(
        archive,
        requested_by=request.user,
        trigger=Trigger.PERSON,
        address=address_of(request),
        scope=_content(planned),
        target=_target(planned),
        into=_into(planned),
        tables=_chosen_tables(planned),
        beside=planned["target"] == Target.BESIDE,
        **{name: confirmed[name] for name in switches},
    )


def _content(planned: dict[str, Any]) -> str:
    return WITH_FILES.get(planned["scope"], folders.DATABASE)


def _target(planned: dict[str, Any]) -> str | None:
    """The new database, where that is what was chosen."""
    elsewhere = planned["target"] == Target.NEW and planned["scope"] not in WITH_FILES
    return str(planned["database"]) if elsewhere else None


def _into(planned: dict[str, Any]) -> str:
    """The new folder, likewise."""
    elsewhere = planned["target"] == Target.NEW and planned["scope"] == Scope.FILES
    return str(planned["folder"]) if elsewhere else ""


def _chosen_tables(planned: dict[str, Any]) -> tuple[str, ...]:
    """Ticks that were left when another scope was chosen say nothing."""
    return tuple(planned["tables"]) if planned["scope"] == Scope.TABLES else ()


def _scope(archive: Archive, planned: dict[str, Any]) -> ScopePreview | None:
    """What chosen tables are tied to, where they take the place of live ones."""
    tables = _chosen_tables(planned)
    return scope_preview(archive, tables) if tables and planned["target"] == Target.LIVE else None


def _check_shown(archive: Archive, planned: dict[str, Any], address: QueryDict) -> dict[str, Any]:
    return {
        "archive": archive,
        "planned": planned,
        "overwrites": planned["target"] == Target.LIVE,
        "overwrites_database": _overwrites_database(planned),
        "with_files": planned["scope"] in WITH_FILES,
        "live_database": protected_database(),
        "undo_days": settings.UNDO_DAYS,
        "running": queries.holding_up_a_restore(),
        "address": address.urlencode(),
        "files": _files(archive, planned),
        **({} if planned["scope"] == Scope.FILES else _database_shown(archive, planned)),
    }


def _looked(archive: Archive, planned: dict[str, Any]) -> Preflight:
    return preflight(
        archive,
        target=_target(planned),
        tables=_chosen_tables(planned),
        beside=planned["target"] == Target.BESIDE,
        scope=_content(planned),
        into=_into(planned),
    )


def _files(archive: Archive, planned: dict[str, Any]) -> FilesPreview | None:
    """What would change in the live folders, where they are what changes."""
    live = planned["scope"] in WITH_FILES and planned["target"] == Target.LIVE
    return preview_files(archive) if live else None


def _database_shown(archive: Archive, planned: dict[str, Any]) -> dict[str, Any]:
    ahead = outlook(archive, target=_target(planned), tables=_chosen_tables(planned))
    return {
        "ahead": ahead,
        "comparison": compared(ahead.preview),
        "events": events_to_wake(archive, planned),
    }


def events_to_wake(archive: Archive, planned: dict[str, Any]) -> int:
    """Some tables come without them, and the live ones stay awake."""
    return 0 if planned["scope"] == Scope.TABLES else int(archive.code_counts.get("events", 0))


def findings_of(archive: Archive, planned: dict[str, Any]) -> list[dict[str, object]]:
    """Files are no code, and tables beside the live ones come without any."""
    without_code = planned["scope"] == Scope.FILES or planned["target"] == Target.BESIDE
    return [] if without_code else findings_to_accept(archive)


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
