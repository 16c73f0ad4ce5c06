"""Urungkan: swapping back, giving up the way back, and removing what was only tried."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from backups.forms import LetGoForm
from backups.models import Restore
from backups.models.job import Trigger
from backups.services import trial_copies
from backups.services.undo import close_window, request_undo
from backups.services.undo_ahead import undo_outlook
from backups.templatetags.way_on import lies_under
from backups.views.access import SignedInRequest, address_of, superadmin_required
from backups.views.approval import second_person
from backups.views.step_up import surely_you


@superadmin_required
@surely_you
@second_person
@require_http_methods(["GET", "POST"])
def undo(request: SignedInRequest, restore_id: UUID) -> HttpResponse:
    restore = get_object_or_404(Restore, pk=restore_id)
    if request.method == "POST":
        job = request_undo(
            restore, requested_by=request.user, trigger=Trigger.PERSON, address=address_of(request)
        )
        return redirect("job", job.pk)
    return render(request, "restores/undo.html", _shown(restore, LetGoForm()))


@superadmin_required
@surely_you
@second_person
@require_http_methods(["GET", "POST"])
def let_go(request: SignedInRequest, restore_id: UUID) -> HttpResponse:
    restore = get_object_or_404(Restore, pk=restore_id)
    if request.method == "GET":
        # Whoever left out the mark and is then asked who they are comes back to this address.
        return redirect("undo", restore.pk)
    form = LetGoForm(request.POST)
    if not form.is_valid():
        return render(request, "restores/undo.html", _shown(restore, form), status=422)
    close_window(restore, by=request.user, address=address_of(request))
    return redirect("restored", restore.pk)


@superadmin_required
@surely_you
@require_http_methods(["GET", "POST"])
def drop_copy(request: SignedInRequest, restore_id: UUID) -> HttpResponse:
    """What a first step left beside QParkIn."""
    restore = get_object_or_404(Restore, pk=restore_id)
    if request.method == "POST":
        trial_copies.drop(restore, by=request.user, address=address_of(request))
        messages.success(request, _("The trial copy is removed. QParkIn and the backup are as they were."))
        return redirect("restored", restore.pk)
    return render(request, "restores/drop_copy.html", {"restore": restore})


def _shown(restore: Restore, form: LetGoForm) -> dict[str, object]:
    above = lies_under(restore)
    ahead = undo_outlook(restore) if restore.can_undo and above is None else None
    return {"restore": restore, "above": above, "ahead": ahead, "form": form}
