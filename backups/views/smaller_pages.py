"""Large pages go out compressed: on a mall's mobile line a first load stays under 150 KB."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# Pages that show a secret are smaller than this: how long one is when compressed tells nobody anything.
LARGE = 32_000


class SmallerPagesMiddleware(GZipMiddleware):
    """Pages alone: an archive is compressed already, and what is streamed keeps its length and its order."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if response.streaming or not is_page or len(response.content) < LARGE:  # type: ignore[attr-defined]
            return response
        return super().process_response(request, response)
