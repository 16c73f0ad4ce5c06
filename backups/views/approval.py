"""Where a second person is asked for, what was sent becomes a wish with a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpResponseBase
from django.shortcuts import redirect

from backups.models import Approval
from backups.services import approving
from backups.services.acts import Act
from backups.services.unapproved import SecondPersonWanted
from backups.views.access import SignedInRequest, address_of

P = ParamSpec("P")
View = Callable[Concatenate[SignedInRequest, P], HttpResponseBase]
# Sent along by the button of a wish's page, and no part of what was wished.
WISH = "wish"
NOT_SENT = {"csrfmiddlewaretoken", WISH}


def second_person(view: View[P]) -> View[P]:
    """Under `surely_you`. The service that the view calls names the act (`approvals.used`) and refuses."""

    @wraps(view)
    def guarded(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except SecondPersonWanted as wanted:
            # What only looks asks for nothing: a link in a mail must not make wishes in somebody's name.
            if request.method != "POST":
                raise
            return _asked(request, wanted.act)

    return guarded


def _asked(request: SignedInRequest, act: Act) -> HttpResponseBase:
    """The button pressed twice, or too late, is no second wish."""
    before = Approval.objects.filter(asked_by=request.user, digest=act.digest)
    if request.POST.get(WISH) and (known := before.first()):
        return redirect("approval", known.pk)
    wish = approving.ask(
        act, by=request.user, path=request.get_full_path(), sent=_sent(request), address=address_of(request)
    )
    return redirect("approval", wish.pk)


def _sent(request: SignedInRequest) -> list[tuple[str, str]]:
    return [
        (name, str(value))
        for name, values in request.POST.lists()
        if name not in NOT_SENT
        for value in values
    ]
