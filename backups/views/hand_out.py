"""Fetching by a link: what is no longer theirs is not there, whoever asks for it and why ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar, Protocol

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from backups.models import Archive
from backups.services import download_links
from backups.services.refusals import BackupError
from backups.views.access import SignedInRequest

# By which browsers say that nobody has pressed anything yet.
AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
WHOLE = {"", "bytes=0-"}


class Opened(Protocol):
    name: str
    media: ClassVar[str]

    @property
    def size(self) -> int | None: ...

    def __iter__(self) -> Iterator[bytes]: ...


def hand_out(
    request: SignedInRequest, *, token: str, archive: str, what: str, opener: Callable[[Archive], Opened]
) -> HttpResponseBase:
    """Streamed, from its first byte; the service records both its ends."""
    if any("prefetch" in request.headers.get(name, "").lower() for name in AHEAD):
        return HttpResponse(status=503)
    if request.headers.get("Range", "").replace(" ", "").lower() not in WHOLE:
        return render(request, "archives/link_spent.html", {"in_parts": True}, status=416)
    link = None
    if request.user.is_superadmin:
        link = download_links.use(token, archive=archive, what=what, by=request.user)
    if link is None:
        return render(request, "archives/link_spent.html", status=404)
    try:
        opened = opener(link.archive)
    except BackupError:
        download_links.give_back(link)
        raise
    return _streamed(opened)


def _streamed(opened: Opened) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(opened, content_type=opened.media)
    if opened.size is not None:
        answer["Content-Length"] = str(opened.size)
    answer["Accept-Ranges"] = "none"
    disposition = content_disposition_header(as_attachment=True, filename=opened.name)
    answer["Content-Disposition"] = disposition or "attachment"
    return answer
