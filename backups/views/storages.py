"""Penyimpanan: how each storage is, tested and looked at on request, and what one has lost."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backups.services import copies, storage_needs, storage_overview, storages
from backups.services.storage_test import Tested
from backups.storage_form import TakeNoteForm
from backups.views.access import SignedInRequest, address_of, superadmin_required
from backups.views.approval import second_person
from backups.views.step_up import surely_you


@superadmin_required
@require_GET
def storage_list(request: SignedInRequest) -> HttpResponse:
    return _page(request)


@superadmin_required
@require_POST
def storage_look(request: SignedInRequest) -> HttpResponse:
    storage_overview.look_now()
    return _page(request, "storages/_cards.html") if request.htmx else redirect("storages")


@superadmin_required
@require_POST
def storage_test(request: SignedInRequest, name: str) -> HttpResponse:
    tested = storage_needs.try_out(name, by=request.user, address=address_of(request))
    storage_overview.look_after(tested)
    if request.htmx:
        known = storage_overview.every(timezone.now())
        now = {"storages": known, "storage": next((one for one in known if one.name == name), None)}
        return render(request, "storages/_tested_now.html", {**_shown(tested), **now})
    return _page(request, tested=tested)


@superadmin_required
@require_http_methods(["GET", "POST"])
@surely_you
@second_person
def storage_lost(request: SignedInRequest, name: str) -> HttpResponse:
    """The alarm goes when somebody has seen what it is about."""
    found = storage_overview.of(name, timezone.now())
    if found is None:
        raise storages.unknown(name)
    if found.state.lost_at is None:
        return redirect("storages")
    form = TakeNoteForm(request.POST or None, expected=name)
    if request.method == "POST" and form.is_valid():
        copies.take_note(name, by=request.user, address=address_of(request))
        messages.success(request, _("Noted. If more is lost, the alarm comes back."))
        return redirect("storages")
    shown = {"storage": found, "lost": storage_overview.lost(name), "form": form}
    return render(request, "storages/lost.html", shown, status=422 if form.is_bound else 200)


def _page(
    request: SignedInRequest, template: str = "storages/list.html", *, tested: Tested | None = None
) -> HttpResponse:
    known, forgotten = storage_overview.all_there_are(timezone.now())
    shown: dict[str, object] = {"storages": known, "forgotten": forgotten, "settings_file": settings.ENV_FILE}
    return render(request, template, {**shown, **(_shown(tested) if tested else {})})


def _shown(tested: Tested) -> dict[str, object]:
    return {"tested": tested, "needs": storage_needs.needs(tested)}
