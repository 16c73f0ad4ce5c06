"""Pages that show who people are. Rows of the protected database are on none: they leave by download only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpResponseBase

from backups.services import repeats
from backups.views.access import SignedInRequest

P = ParamSpec("P")
# Whoever reads for an hour is told of once, with how often.
A_LOOK = timedelta(hours=1)

View = Callable[Concatenate[SignedInRequest, P], HttpResponseBase]


def shows_people(view: View[P]) -> View[P]:
    """Under the door: who looked at names, addresses and what people did is on the record itself."""

    @wraps(view)
    def recorded(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        answer = view(request, *args, **kwargs)
        if request.method == "GET" and answer.status_code == 200 and request.resolver_match:
            page = str(request.resolver_match.url_name)
            repeats.note("view_people", actor=request.user, details={"page": page}, window=A_LOOK)
        return answer

    return recorded
