"""Pulihkan: what will happen, what would be lost, and a name to type before anything does."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from backups import queries
from backups.forms import RestoreForm
from backups.models import Archive, Job, Restore
from backups.models.job import Trigger
from backups.services.archives import find_archive, refuse_other
from backups.services.connections import protected_database
from backups.services.refusals import FindingsNotAccepted
from backups.services.restore import PreviewRow, RestorePreview, preview_restore, request_restore
from backups.views.access import SignedInRequest, address_of, superadmin_required
from backups.views.step_up import surely_you

OTHERS = 12


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rows now and after; those of a table that loses rows come first, the greatest loss before."""

    live: str
    changed: tuple[PreviewRow, ...]
    same: tuple[PreviewRow, ...]


@superadmin_required
@require_GET
def restore_choice(request: SignedInRequest) -> HttpResponse:
    """The newest proven archive is the one that most people need."""
    best = _best()
    if best is None:
        return render(request, "restores/empty.html")
    return redirect("restore-from", best.pk)


@superadmin_required
@surely_you
@require_http_methods(["GET", "POST"])
def restore_from(request: SignedInRequest, archive_id: str) -> HttpResponse:
    archive = find_archive(archive_id)
    refuse_other(archive)
    if not archive.is_whole:
        return render(request, "restores/unfit.html", {"archive": archive, "best": _best()}, status=409)
    findings = findings_to_accept(archive)
    form = RestoreForm(
        request.POST or None, expected=protected_database(), findings=[str(f["name"]) for f in findings]
    )
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        job = request_restore(
            archive,
            requested_by=request.user,
            trigger=Trigger.PERSON,
            accepted=chosen["accepted"],
            safety_backup=chosen["safety_backup"],
            enable_events=chosen["enable_events"],
            address=address_of(request),
        )
        return redirect("job", job.pk)
    return render(request, "restores/new.html", {**_shown(archive), "findings": findings, "form": form})


@superadmin_required
@require_GET
def restored(request: SignedInRequest, restore_id: UUID) -> HttpResponse:
    restore = get_object_or_404(
        Restore.objects.select_related("archive", "safety_archive", "job"), pk=restore_id
    )
    return render(request, "restores/detail.html", {"restore": restore})


def _shown(archive: Archive) -> dict[str, object]:
    database, vanished = protected_database(), queries.vanished_tables(archive)
    others = queries.good_archives(database).prefetch_related("proofs").exclude(pk=archive.pk)
    return {
        "archive": archive,
        "others": others[:OTHERS],
        "comparison": compared(preview_restore(archive)),
        "database": database,
        "undo_days": settings.UNDO_DAYS,
        "events": archive.code_counts.get("events", 0),
        "vanished": vanished,
        "complete": queries.last_archive_with(vanished, archive) if vanished else None,
        "running": queries.running_jobs().filter(writes=True).first(),
    }


def _best() -> Archive | None:
    database = protected_database()
    return queries.newest_proven_archive(database) or queries.last_good_archive(database)


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


def compared(preview: RestorePreview) -> Comparison:
    changed = sorted(preview.changed, key=lambda row: (-row.lost, row.table))
    same = tuple(row for row in preview.rows if not row.differs)
    return Comparison(preview.live, tuple(changed), same)
