"""The reason that somebody typed before they were asked who they are: it stands in its form again."""

from __future__ import annotations

from django.http import HttpRequest

UNSENT = "unsent"
# Words that were thought about, and no secret; a mark that says "I am sure" is set again by hand.
KEPT, LONGEST = "reason", 500


def keep(request: HttpRequest) -> None:
    if typed := request.POST.get(KEPT, "")[:LONGEST]:
        request.session[UNSENT] = {"to": request.path, "typed": {KEPT: typed}}


def again(request: HttpRequest, to: str) -> dict[str, str]:
    """Once, on the page whose form is sent there."""
    kept = request.session.get(UNSENT, {})
    if kept.get("to") != to:
        return {}
    del request.session[UNSENT]
    return dict(kept["typed"])
