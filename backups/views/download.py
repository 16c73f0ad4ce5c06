"""The encrypted archive as it lies in the storage, streamed; the service records both its ends."""

from __future__ import annotations

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from backups.services.archives import find_archive
from backups.services.download import open_download
from backups.views.access import SignedInRequest, address_of, superadmin_required
from backups.views.step_up import surely_you


@superadmin_required
@surely_you
@require_GET
def download(request: SignedInRequest, archive_id: str) -> HttpResponseBase:
    opened = open_download(find_archive(archive_id), by=request.user, address=address_of(request))
    answer = StreamingHttpResponse(opened, content_type="application/octet-stream")
    answer["Content-Length"] = str(opened.size)
    disposition = content_disposition_header(as_attachment=True, filename=opened.name)
    answer["Content-Disposition"] = disposition or "attachment"
    return answer
