"""Notifikasi: who hears of what, by which way, and whether it arrived."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backups import queries
from backups.channel_form import FORMS, ChannelForm
from backups.models import Channel
from backups.services import audit
from backups.services.notices import channels, deliver
from backups.views.access import SignedInRequest, address_of, superadmin_required
from backups.views.personal import shows_people
from backups.views.step_up import surely_you


@superadmin_required
@require_GET
@shows_people
def notices(request: SignedInRequest) -> HttpResponse:
    shown = {
        "channels": queries.channels(),
        "deliveries": queries.deliveries(),
        "kinds": Channel.Kind.choices,
    }
    return render(request, "notices/list.html", shown)


@sensitive_post_parameters()
@superadmin_required
@surely_you
@require_http_methods(["GET", "POST"])
def channel_new(request: SignedInRequest, kind: str) -> HttpResponse:
    if kind not in FORMS:
        raise Http404
    name = str(Channel.Kind(kind).label)
    # Of two of a kind the second one needs a name that tells it from the first.
    proposed = "" if queries.channels().filter(name=name).exists() else name
    return _edited(request, Channel(kind=kind, name=proposed, language=request.user.language))


@sensitive_post_parameters()
@superadmin_required
@surely_you
@require_http_methods(["GET", "POST"])
@shows_people
def channel_edit(request: SignedInRequest, channel_id: int) -> HttpResponse:
    return _edited(request, get_object_or_404(queries.channels(), pk=channel_id))


@superadmin_required
@surely_you
@require_POST
def channel_delete(request: SignedInRequest, channel_id: int) -> HttpResponse:
    channel = get_object_or_404(queries.channels(), pk=channel_id)
    channels.remove(channel, by=request.user, at=address_of(request))
    messages.success(request, _("Removed. Nothing is sent there any more."))
    return redirect("notices")


@superadmin_required
@surely_you
@require_POST
def channel_test(request: SignedInRequest, channel_id: int) -> HttpResponse:
    channel = get_object_or_404(queries.channels(), pk=channel_id)
    arrived = deliver.send_test(channel)
    outcome = "ok" if arrived else "failed"
    audit.record(
        "test_channel", actor=request.user, about=channel, outcome=outcome, address=address_of(request)
    )
    if arrived:
        messages.success(request, _("The test was sent. Look whether it has arrived."))
    else:
        messages.error(
            request,
            _(
                "The test could not be sent. Press “Change” and check what is filled in; "
                "if that is right, the panel's server does not reach it."
            ),
        )
    return redirect("notices")


def _edited(request: SignedInRequest, channel: Channel) -> HttpResponse:
    form: ChannelForm = FORMS[channel.kind](request.POST or None, instance=channel)
    if form.is_valid():
        channels.save(form.channel, address=form.address, by=request.user, at=address_of(request))
        messages.success(request, _("Saved. Send a test to see whether it arrives."))
        return redirect("notices")
    return render(
        request, "notices/edit.html", {"form": form, "channel": channel}, status=422 if form.is_bound else 200
    )
