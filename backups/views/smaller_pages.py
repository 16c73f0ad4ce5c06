"""Large pages go out compressed: on a mall's mobile line a first load stays under 150 KB."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

LARGE = 32_000
# What stands in an address stands in a page too, so whoever makes somebody follow links and sees how long the
# answers are could guess at what stands beside it: where there are secrets, nothing is compressed.
SECRET = ("/me/", "/people/", "/invitation/", "/sign-in/", "/still-you/", "/approvals/", "/notices/")


class SmallerPagesMiddleware(GZipMiddleware):
    """Pages alone: an archive is compressed already, and what is streamed keeps its length and its order."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if response.streaming or not is_page or request.path_info.startswith(SECRET):
            return response
        if len(response.content) < LARGE:  # type: ignore[attr-defined]
            return response
        return super().process_response(request, response)
