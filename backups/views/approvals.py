"""Persetujuan: what waits for a second person, and what each of the two may do about it."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backups import approval_queries
from backups.approval_form import AloneForm, ReasonForm
from backups.models import Approval
from backups.services import approving
from backups.views import unsent
from backups.views.access import SignedInRequest, address_of, superadmin_required
from backups.views.approval import WISH
from backups.views.step_up import surely_you

ON_A_PAGE = 20


@superadmin_required
@require_GET
def approval_list(request: SignedInRequest) -> HttpResponse:
    shown = {
        "waiting": approval_queries.waiting_for(request.user),
        "mine": approval_queries.open_of(request.user),
        "page": Paginator(approval_queries.past(), ON_A_PAGE).get_page(request.GET.get("page")),
        "on": settings.SECOND_PERSON,
        "alone": settings.SECOND_PERSON and approval_queries.superadmins().count() < 2,
        "hours": settings.SECOND_PERSON_HOURS,
    }
    return render(request, "approvals/list.html", shown)


@superadmin_required
@require_GET
def approval(request: SignedInRequest, approval_id: UUID) -> HttpResponse:
    return _page(request, _found(approval_id))


@superadmin_required
@require_POST
@surely_you
def approve(request: SignedInRequest, approval_id: UUID) -> HttpResponse:
    wish = _found(approval_id)
    approving.approve(wish, by=request.user, address=address_of(request))
    messages.success(request, _("You agreed. Whoever asked can do it now, once."))
    return redirect("approval", wish.pk)


@superadmin_required
@require_http_methods(["GET", "POST"])
@surely_you
def refuse(request: SignedInRequest, approval_id: UUID) -> HttpResponse:
    wish, form = _found(approval_id), ReasonForm(request.POST)
    if request.method == "GET":
        # A form with a mistake stands at this address; whoever is asked who they are comes back to it.
        return redirect("approval", wish.pk)
    if not form.is_valid():
        return _page(request, wish, refusing=form)
    given = form.cleaned_data["reason"]
    approving.refuse(wish, by=request.user, reason=given, address=address_of(request))
    messages.info(request, _("Refused. Nothing was done, and whoever asked can read why."))
    return redirect("approval", wish.pk)


@superadmin_required
@require_POST
@surely_you
def withdraw(request: SignedInRequest, approval_id: UUID) -> HttpResponse:
    wish = _found(approval_id)
    approving.withdraw(wish, by=request.user, address=address_of(request))
    messages.info(request, _("Withdrawn. Nothing was done."))
    return redirect("approvals")


@superadmin_required
@require_http_methods(["GET", "POST"])
@surely_you
def break_glass(request: SignedInRequest, approval_id: UUID) -> HttpResponse:
    wish, form = _found(approval_id), AloneForm(request.POST)
    if request.method == "GET":
        # A form with a mistake stands at this address; whoever is asked who they are comes back to it.
        return redirect("approval", wish.pk)
    if not form.is_valid():
        return _page(request, wish, breaking=form)
    given = form.cleaned_data["reason"]
    approving.go_alone(wish, by=request.user, reason=given, address=address_of(request))
    return redirect("approval", wish.pk)


@superadmin_required
@require_POST
@surely_you
def take_note(request: SignedInRequest, approval_id: UUID) -> HttpResponse:
    wish = _found(approval_id)
    approving.take_note(wish, by=request.user, address=address_of(request))
    messages.success(request, _("Noted. It stays in the audit."))
    return redirect("approval", wish.pk)


def _page(
    request: SignedInRequest, wish: Approval, *, refusing: Form | None = None, breaking: Form | None = None
) -> HttpResponse:
    own = wish.asked_by_id == request.user.pk
    shown = {
        "wish": wish,
        "own": own,
        "why_not": approving.refusal(wish, request.user),
        # What was sent is the asker's, and only theirs to send again.
        "sent": approving.sent(wish) if own and wish.is_good else [],
        "wish_field": WISH,
        "refusing": refusing
        or ReasonForm(initial=unsent.again(request, reverse("approval-refuse", args=[wish.pk]))),
        "breaking": breaking
        or AloneForm(initial=unsent.again(request, reverse("break-glass", args=[wish.pk]))),
        "others": approval_queries.superadmins().exclude(pk=wish.asked_by_id),
        "minutes": settings.SECOND_PERSON_USE_MINUTES,
    }
    status = 422 if refusing or breaking else 200
    return render(request, "approvals/detail.html", shown, status=status)


def _typed(request: SignedInRequest, route: str, wish: Approval) -> dict[str, str]:
    return unsent.again(request, reverse(route, args=[wish.pk]))


def _found(approval_id: UUID) -> Approval:
    related = Approval.objects.select_related("asked_by", "decided_by", "noted_by", "archive", "job")
    return get_object_or_404(related, pk=approval_id)
