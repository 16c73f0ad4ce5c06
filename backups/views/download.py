"""The encrypted archive as it lies in the storage: asked for by a press, fetched by a link of its own."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from backups.models import Archive, DownloadLink
from backups.services import download_links
from backups.services.archives import find_archive
from backups.services.download import Download, open_download
from backups.views.access import SignedInRequest, address_of, signed_in, superadmin_required
from backups.views.approval import second_person
from backups.views.hand_out import hand_out
from backups.views.step_up import surely_you

WHAT = DownloadLink.What.ARCHIVE


@superadmin_required
@require_POST
@surely_you
@second_person
def download(request: SignedInRequest, archive_id: str) -> HttpResponse:
    archive = find_archive(archive_id)
    return redirect("download-link", archive.pk, download_links.make(archive, WHAT, by=request.user))


@signed_in
@require_GET
def download_link(request: SignedInRequest, archive_id: str, token: str) -> HttpResponseBase:
    def opener(archive: Archive) -> Download:
        return open_download(archive, by=request.user, address=address_of(request))

    return hand_out(request, token=token, archive=archive_id, what=WHAT, opener=opener)
