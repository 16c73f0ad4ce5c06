"""Pemberitahuan untuk saya: what somebody hears by mail to their own address."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from backups.person_forms import OwnNoticesForm
from backups.services.notices import own
from backups.views.access import SignedInRequest, signed_in


@signed_in
@require_http_methods(["GET", "POST"])
def own_notices(request: SignedInRequest) -> HttpResponse:
    if request.user.source:
        # No address of theirs is known here.
        raise Http404
    first = OwnNoticesForm.showing(own.wishes_of(request.user))
    form = OwnNoticesForm(request.POST or None, initial=first)
    if form.is_valid():
        own.set_wishes(request.user, form.wishes)
        messages.success(request, _("Saved."))
        return redirect("me")
    shown = {"form": form, "can_mail": bool(settings.SMTP_URL)}
    return render(request, "me/notices.html", shown, status=422 if form.is_bound else 200)
