"""A form that htmx sends in the browser's stead: the page stays, and what comes of it is put in its place.

The browser shows where a redirect led only without the part behind the #, so it is told, not followed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

# A file is the browser's to save; and whoever has to sign in finds nothing of the page before it.
LOADED_WHOLE = frozenset({"sign-in", "download-link", "export-link"})
ASKED, BOOSTED = "HTTP_HX_REQUEST", "HTTP_HX_BOOSTED"


class InPlaceMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if ASKED not in request.META:
            return self.get_response(request)
        if BOOSTED in request.META:
            # It wants a page: nobody behind this may take it for one that wants a part.
            del request.META[ASKED]
            request.__dict__.pop("headers", None)
        answer = self.get_response(request)
        return _told(request, answer) if answer.has_header("Location") else answer


def _told(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """With all else that it carries: cookies, and what the browser is to forget."""
    onward = urljoin(request.get_full_path(), answer["Location"])
    del answer["Location"]
    answer.status_code, answer.content = 204, b""
    if _is_loaded_whole(onward):
        answer["HX-Redirect"] = onward
    else:
        answer["HX-Location"] = json.dumps({"path": onward, "headers": {"HX-Boosted": "true"}})
    return answer


def _is_loaded_whole(address: str) -> bool:
    try:
        return resolve(urlsplit(address).path).url_name in LOADED_WHOLE
    except Resolver404:
        return False
