"""An archive as plain SQL: not encrypted, so the person is asked once more; fetched by a link of its own."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from backups.models import Archive, DownloadLink
from backups.services import download_links
from backups.services.archives import find_archive
from backups.services.export import Export, open_export
from backups.views.access import SignedInRequest, address_of, signed_in, superadmin_required
from backups.views.approval import second_person
from backups.views.hand_out import hand_out
from backups.views.step_up import surely_you

WHAT = DownloadLink.What.SQL


@superadmin_required
@require_POST
@surely_you
@second_person
def export(request: SignedInRequest, archive_id: str) -> HttpResponse:
    archive = find_archive(archive_id)
    return redirect("export-link", archive.pk, download_links.make(archive, WHAT, by=request.user))


@signed_in
@require_GET
def export_link(request: SignedInRequest, archive_id: str, token: str) -> HttpResponseBase:
    def opener(archive: Archive) -> Export:
        return open_export(archive, tables=None, by=request.user, address=address_of(request))

    return hand_out(request, token=token, archive=archive_id, what=WHAT, opener=opener)
