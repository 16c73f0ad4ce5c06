"""Masa simpan: a policy tried out on the archives that there are, and kept only when somebody says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from backups import storage_queries
from backups.forms import RetentionForm
from backups.services import policies
from backups.services.refusals import StorageUnknown
from backups.services.retention import PRESET
from backups.services.simulator import simulate
from backups.views.access import SignedInRequest, address_of, superadmin_required
from backups.views.approval import second_person
from backups.views.step_up import surely_you


@superadmin_required
@require_GET
def retention(request: SignedInRequest) -> HttpResponse:
    known = policies.every()
    storage = request.GET.get("storage", "")
    storage = storage if storage in known else next(iter(known))
    tried = "all_days" in request.GET
    opened = {"older": "1"} if "older" in request.GET else {}
    form = RetentionForm(request.GET if tried else RetentionForm.values_of(known[storage]))
    valid = form.is_valid()
    simulation = simulate(storage, form.policy if valid else known[storage], timezone.now())
    shown = {
        "form": form,
        "valid": valid,
        "storage": storage,
        "storages": list(known),
        "refused_at": policies.refusals().get(storage),
        "not_to_list": storage in storage_queries.not_to_list(),
        "simulation": simulation,
        "day": _day(request.GET.get("day", "")),
        "older": bool(opened),
        "address": f"?{urlencode({'storage': storage, **_plain(form.data), **opened})}",
        "preset": urlencode({"storage": storage, **_plain(RetentionForm.values_of(PRESET))}),
        "is_preset": simulation.policy == PRESET,
    }
    return render(request, "retention/_outcome.html" if request.htmx else "retention/page.html", shown)


@superadmin_required
@require_POST
@surely_you
@second_person
def retention_save(request: SignedInRequest) -> HttpResponse:
    storage = request.POST.get("storage", "")
    form = RetentionForm(request.POST)
    if storage not in policies.every():
        raise StorageUnknown(storage=storage[:50], known=", ".join(policies.every()))
    if not form.is_valid():
        messages.error(request, _("Not saved: one of the numbers is not right."))
        asked = {name: request.POST.get(name, "") for name in form.fields}
        return redirect(f"{reverse('retention')}?{urlencode({'storage': storage, **asked})}")
    policies.change(storage, form.policy, by=request.user, address=address_of(request))
    messages.success(request, _("Saved. It counts from the next clearing on."))
    return redirect(f"{reverse('retention')}?{urlencode({'storage': storage})}")


def _day(told: str) -> date | None:
    try:
        return datetime.fromisoformat(told).date()
    except ValueError:
        return None


def _plain(values: Mapping[str, object]) -> dict[str, str]:
    """As they stand in an address."""
    told = {name: values.get(name) for name in RetentionForm.base_fields}
    return {name: "" if value is None else str(value) for name, value in told.items()}
